package main

import "encoding/binary"

// A parent is what data is attached to. Parents come in families; data moves within a family
// only, so whatever is found attached to a parent must bear its family's number.
type parent struct {
	family uint64
	_      [3]uint64
}

// record is the tag that all attached data bears. It is written before the
// data is attached and never again: a reader that sees it change sees memory that was handed to somebody else.
type record struct {
	family      uint64
	incarnation uint64 // this variable's entry in the ledger
	sum         uint64
}

func newRecord(family, incarnation uint64) record {
	return record{family, incarnation, checksum(family, incarnation)}
}

func checksum(family, incarnation uint64) uint64 {
	return (family*0x9e3779b97f4a7c15 ^ incarnation) * 0xff51afd7ed558ccd
}

// valid is false for a half-written record and for zeroed memory.
func (r record) valid() bool { return r.family != 0 && r.sum == checksum(r.family, r.incarnation) }

// held is attached data as a reader keeps it.
type held interface{ tag() record }

// plain is data without pointers; many share one allocation.
type plain struct{ record }

func (p *plain) tag() record   { return p.record }
func (p *plain) fill(r record) { p.record = r }

// linked is data with a pointer to a copy of its own tag: should the collector free what the data points to, or the library
// let it go, the copies differ.
type linked struct {
	record
	far *record
}

func (l *linked) tag() record {
	if l.far == nil || *l.far != l.record {
		return record{}
	}
	return l.record
}

func (l *linked) fill(r record) { l.record, l.far = r, &r }

// octets is data of class Bytes: the tag, and more of no meaning.
type octets []byte

func (b octets) tag() record {
	if len(b) < 24 {
		return record{}
	}
	e := binary.LittleEndian
	return record{e.Uint64(b), e.Uint64(b[8:]), e.Uint64(b[16:])}
}

func octetsOf(r record) octets {
	e := binary.LittleEndian
	return e.AppendUint64(e.AppendUint64(e.AppendUint64(nil, r.family), r.incarnation), r.sum)
}
