package vision

import (
	"encoding/binary"
	"iter"
	"strings"
	"unicode"
)

// maxEntries bounds how many entries of a directory are looked at, maxText how long
// a text may be, in bytes.
const (
	maxEntries = 512
	maxText    = 128
)

// tiffBlock is a TIFF structure (TIFF 6.0, section 2) in memory. Nothing in it is
// trusted: what lies outside of it is as if it were not there.
type tiffBlock struct {
	data  []byte
	order binary.ByteOrder
}

// open reads the header and returns the offset of the first directory.
func (b *tiffBlock) open(data []byte) (first uint32, ok bool) {
	if len(data) < 8 {
		return 0, false
	}
	switch string(data[:4]) {
	case "II*\x00":
		b.order = binary.LittleEndian
	case "MM\x00*":
		b.order = binary.BigEndian
	default:
		return 0, false
	}
	b.data = data
	return b.order.Uint32(data[4:]), true
}

// directory yields the entries of the directory at an offset, none if there is none.
func (b *tiffBlock) directory(at uint32) iter.Seq[tiffEntry] {
	const header, entrySize = 8, 12
	return func(yield func(tiffEntry) bool) {
		if at < header || int64(at)+2 > int64(len(b.data)) {
			return
		}
		n := int(b.order.Uint16(b.data[at:]))
		entries := b.data[at+2:]
		for range min(n, maxEntries, len(entries)/entrySize) {
			if !yield(b.entry(entries)) {
				return
			}
			entries = entries[entrySize:]
		}
	}
}

// Types of values, TIFF 6.0 and EXIF 3.0.
const (
	tiffByte     = 1
	tiffASCII    = 2
	tiffShort    = 3
	tiffLong     = 4
	tiffRational = 5
	tiffUTF8     = 129
)

// tiffEntry is a tag with its values, nil if they lie outside of the block or have a
// type that is not known here.
type tiffEntry struct {
	tag, kind uint16
	value     []byte
	order     binary.ByteOrder
}

func (b *tiffBlock) entry(at []byte) tiffEntry {
	e := tiffEntry{tag: b.order.Uint16(at), kind: b.order.Uint16(at[2:]), order: b.order}
	size := int64(0)
	switch e.kind {
	case tiffByte, tiffASCII, tiffUTF8:
		size = 1
	case tiffShort:
		size = 2
	case tiffLong:
		size = 4
	case tiffRational:
		size = 8
	}
	n := size * int64(b.order.Uint32(at[4:]))
	if n <= 4 {
		e.value = at[8 : 8+n]
		return e
	}
	if from := int64(b.order.Uint32(at[8:])); n <= int64(len(b.data)) && from <= int64(len(b.data))-n {
		e.value = b.data[from : from+n]
	}
	return e
}

func (e tiffEntry) byte() byte {
	if e.kind != tiffByte || len(e.value) < 1 {
		return 0
	}
	return e.value[0]
}

func (e tiffEntry) short() uint16 {
	if e.kind != tiffShort || len(e.value) < 2 {
		return 0
	}
	return e.order.Uint16(e.value)
}

// integer returns the first value of 16 or 32 bits.
func (e tiffEntry) integer() uint32 {
	if e.kind == tiffLong && len(e.value) >= 4 {
		return e.order.Uint32(e.value)
	}
	return uint32(e.short())
}

// rational is a fraction; that with a denominator of 0 is no number.
type rational struct{ num, den uint32 }

// rational returns the value with the given index, or no number.
func (e tiffEntry) rational(i int) rational {
	if e.kind != tiffRational || len(e.value) < 8*i+8 {
		return rational{}
	}
	return rational{e.order.Uint32(e.value[8*i:]), e.order.Uint32(e.value[8*i+4:])}
}

// float returns 0 for what is no number.
func (r rational) float() float64 {
	if r.den == 0 {
		return 0
	}
	return float64(r.num) / float64(r.den)
}

// text returns what stands before the first NUL, cleaned so that it can be shown on a
// terminal.
func (e tiffEntry) text() string {
	if e.kind != tiffASCII && e.kind != tiffUTF8 {
		return ""
	}
	s, _, _ := strings.Cut(string(e.value[:min(len(e.value), maxText)]), "\x00")
	s = strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}
