// Keycache binds a value that is expensive to compute to the lifetime of a key object that belongs to the caller. The standard
// library does the same for crypto/ecdsa and crypto/rsa (in crypto/internal/fips140cache), by weak pointers, a sync.Map and cleanups of
// its own; here it is one variable.
package main

import (
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"io"
	"math/big"
	"os"
	"runtime"

	"github.com/shadowvars/shadow"
)

// Cache holds one value per key object, for as long as the key lives.
type Cache[K, V any] struct {
	values *shadow.Var[K, *V]
}

// NewCache makes a cache in a space of its own, so that caches need no ids.
func NewCache[K, V any](name string) *Cache[K, V] {
	return &Cache[K, V]{shadow.MustNew(0, &shadow.Options[K, *V]{Space: shadow.NewSpace(nil), Name: name})}
}

// Get returns the value of a key: the cached one, if check says that it is still right, else a new one. Of concurrent callers one
// computes and the others wait for it; an error of compute is returned as it is, and nothing is cached. A value must not lead back to its key.
func (c *Cache[K, V]) Get(k *K, compute func() (*V, error), check func(*V) bool) (*V, error) {
	for {
		p, _, err := c.values.GetOrAllocFunc(k, func(p **V) (err error) {
			*p, err = compute()
			return err
		})
		if err != nil {
			return nil, err
		}
		if check(*p) {
			return *p, nil
		}
		// The key was changed. Only this outdated value is dropped, not one that somebody has computed since.
		c.values.FreeIf(k, p)
	}
}

// Len tells how many keys have a value.
func (c *Cache[K, V]) Len() int { return c.values.Len() }

// fingerprint is what this program caches: the digest of a public key's encoding, and the key it was made for.
type fingerprint struct {
	of     rsa.PublicKey
	digest [sha256.Size]byte
}

type directory struct {
	prints   *Cache[rsa.PublicKey, fingerprint]
	computed int
}

func (d *directory) fingerprint(k *rsa.PublicKey) (string, error) {
	f, err := d.prints.Get(k, func() (*fingerprint, error) {
		der, err := x509.MarshalPKIXPublicKey(k)
		if err != nil {
			return nil, err
		}
		d.computed++
		return &fingerprint{of: *k, digest: sha256.Sum256(der)}, nil
	}, func(f *fingerprint) bool { return f.of.Equal(k) })
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%x", f.digest[:4]), nil
}

// newKey makes something that looks like a public key.
func newKey(seed byte) *rsa.PublicKey {
	n := make([]byte, 256)
	for i := range n {
		n[i] = seed | 1
	}
	return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: 65537}
}

func demo(w io.Writer) error {
	d := &directory{prints: NewCache[rsa.PublicKey, fingerprint]("fingerprints")}
	keys := []*rsa.PublicKey{newKey(0xA0), newKey(0xB0), newKey(0xC0)}
	for range 100 {
		for _, k := range keys {
			if _, err := d.fingerprint(k); err != nil {
				return err
			}
		}
	}
	fmt.Fprintf(w, "%d lookups, %d computed, %d cached\n", 300, d.computed, d.prints.Len())

	before, err := d.fingerprint(keys[0])
	if err != nil {
		return err
	}
	keys[0].E = 3
	after, err := d.fingerprint(keys[0])
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "after a change of the key: the same %v, %d computed, %d cached\n", before == after, d.computed, d.prints.Len())

	runtime.KeepAlive(keys)
	keys = nil
	for i := 0; d.prints.Len() > 0 && i < 100; i++ {
		runtime.GC()
		runtime.Gosched()
	}
	fmt.Fprintf(w, "keys gone: %d cached\n", d.prints.Len())
	return nil
}

func main() {
	if err := demo(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
