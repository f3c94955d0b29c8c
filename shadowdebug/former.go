package shadowdebug

import (
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"slices"
	"time"
)

// former is a look that was taken before: what the figures were then. It travels in the links of a page, so that the handler
// remembers nothing.
//
// As text it is base64 of varints: the version, the time in milliseconds, and for each space its figures, whether all its classes follow, their number,
// and each one's id, as the distance to the one before, and figures.
type former struct {
	Time   time.Time
	spaces []formerSpace
}

type formerSpace struct {
	figures
	complete bool // classes that are missing were not there
	classes  map[uint64]figures
}

// figures are what is compared.
type figures struct {
	Live, Attached, Held int64
}

const (
	formerVersion  = 1
	latestYear     = 9998 // in every time zone a year that JSON's times have
	mostRemembered = 192  // classes, the largest ones, so that a link stays shorter than what servers and proxies let through
)

var errFormer = errors.New("not a former look")

// encode writes a look as text.
func (f *former) encode() string {
	b := []byte{formerVersion}
	b = binary.AppendVarint(b, f.Time.UnixMilli())
	b = binary.AppendUvarint(b, uint64(len(f.spaces)))
	for _, s := range f.spaces {
		b = s.figures.append(b)
		complete := uint64(0)
		if s.complete {
			complete = 1
		}
		b = binary.AppendUvarint(b, complete)
		b = binary.AppendUvarint(b, uint64(len(s.classes)))
		ids := make([]uint64, 0, len(s.classes))
		for id := range s.classes {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		last := uint64(0)
		for _, id := range ids {
			b = binary.AppendUvarint(b, id-last)
			b = s.classes[id].append(b)
			last = id
		}
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func (f figures) append(b []byte) []byte {
	for _, n := range []int64{f.Live, f.Attached, f.Held} {
		b = binary.AppendVarint(b, n)
	}
	return b
}

// decodeFormer is the inverse of encode, for text from anywhere.
func decodeFormer(text string) (*former, error) {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) == 0 || b[0] != formerVersion {
		return nil, errFormer
	}
	r := &reader{b: b[1:]}
	f := &former{Time: time.UnixMilli(r.signed())}
	// Every space and every class takes a byte at least, so what is read is bounded by the text.
	for n := r.unsigned(); n > 0 && !r.failed; n-- {
		s := formerSpace{figures: r.figures(), complete: r.unsigned() == 1, classes: map[uint64]figures{}}
		id := uint64(0)
		for n := r.unsigned(); n > 0 && !r.failed; n-- {
			id += r.unsigned()
			s.classes[id] = r.figures()
		}
		f.spaces = append(f.spaces, s)
	}
	if r.failed || len(r.b) != 0 || f.Time.Before(time.Unix(0, 0)) || f.Time.Year() > latestYear {
		return nil, errFormer
	}
	return f, nil
}

// reader reads varints until one is missing.
type reader struct {
	b      []byte
	failed bool
}

func (r *reader) signed() int64 {
	v, n := binary.Varint(r.b)
	r.advance(n)
	return v
}

func (r *reader) unsigned() uint64 {
	v, n := binary.Uvarint(r.b)
	r.advance(n)
	return v
}

func (r *reader) advance(n int) {
	if n <= 0 {
		r.failed, r.b = true, nil
		return
	}
	r.b = r.b[n:]
}

func (r *reader) figures() figures {
	return figures{r.signed(), r.signed(), r.signed()}
}

// remember makes a former look of the spaces as they are shown, with the classes that hold the most.
func remember(at time.Time, spaces []spaceRow, rows [][]*classRow) *former {
	f := &former{Time: at}
	left := mostRemembered
	for i, s := range spaces {
		largest := slices.Clone(rows[i])
		slices.SortStableFunc(largest, func(a, b *classRow) int { return cmp.Compare(b.BytesHeld, a.BytesHeld) })
		n := min(left, len(largest))
		left -= n
		kept := formerSpace{figures: s.figures(), complete: n == len(largest), classes: map[uint64]figures{}}
		for _, c := range largest[:n] {
			kept.classes[uint64(c.ID)] = c.figures()
		}
		f.spaces = append(f.spaces, kept)
	}
	return f
}

// change is what has changed since a former look.
type change struct {
	New      bool // the class was not open then
	Live     int64
	Attached int64
	Ended    int64
	Held     int64
}

func changed(then, now figures) *change {
	return &change{
		Live: now.Live - then.Live, Attached: now.Attached - then.Attached,
		Ended: now.Attached - now.Live - (then.Attached - then.Live), Held: now.Held - then.Held,
	}
}

// ofSpace is what has changed in a space, nil if that is not known.
func (f *former) ofSpace(index int, now figures) *change {
	if f == nil || index >= len(f.spaces) {
		return nil
	}
	return changed(f.spaces[index].figures, now)
}

// ofClass is what has changed in a class, nil if that is not known. A class that has attached less than then is another of the same id.
func (f *former) ofClass(index int, id uint64, now figures) *change {
	if f == nil || index >= len(f.spaces) {
		return nil
	}
	then, known := f.spaces[index].classes[id]
	if !known && !f.spaces[index].complete {
		return nil
	}
	isNew := !known || now.Attached < then.Attached
	if isNew {
		then = figures{}
	}
	c := changed(then, now)
	c.New = isNew
	return c
}
