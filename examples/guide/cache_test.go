package guide_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"fmt"

	"github.com/shadowvars/shadow"
)

// thumbprints are kept for keys that belong to the callers, as long as those keep them.
var thumbprints = shadow.MustNew[ecdsa.PublicKey, [32]byte](shadow.NameID("example.com/thumbprints"), nil)

func Thumbprint(key *ecdsa.PublicKey) (*[32]byte, error) {
	sum, _, err := thumbprints.GetOrAllocFunc(key, func(sum *[32]byte) error {
		der, err := x509.MarshalPKIXPublicKey(key)
		*sum = sha256.Sum256(der)
		return err
	})
	return sum, err
}

func Example_cacheOnKeys() {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		fmt.Println(err)
	}
	one, err := Thumbprint(&key.PublicKey)
	if err != nil {
		fmt.Println(err)
	}
	two, _ := Thumbprint(&key.PublicKey)
	fmt.Println(one == two, thumbprints.Len())
	// Output: true 1
}
