package onnxpb

import (
	"encoding/binary"
	"math"
)

// number is how the elements of a repeated field stand on the wire.
type number[T any] struct {
	wire int
	bits func(T) uint64
	of   func(uint64) T
}

var (
	asInt64 = number[int64]{wireVarint, func(v int64) uint64 { return uint64(v) },
		func(u uint64) int64 { return int64(u) }}
	asInt32 = number[int32]{wireVarint, func(v int32) uint64 { return uint64(int64(v)) },
		func(u uint64) int32 { return int32(u) }}
	asUint64 = number[uint64]{wireVarint, func(v uint64) uint64 { return v },
		func(u uint64) uint64 { return u }}
	asFloat32 = number[float32]{wireFixed32, func(v float32) uint64 { return uint64(math.Float32bits(v)) },
		func(u uint64) float32 { return math.Float32frombits(uint32(u)) }}
	asFloat64 = number[float64]{wireFixed64, math.Float64bits, math.Float64frombits}
)

// numbers carries a repeated field of numbers. Readers must take both forms,
// packed into one run of bytes or one field a number; usual is the one that
// onnx.proto asks writers for.
func numbers[T any](c *coder, num int, name string, p *[]T, is number[T], usual bool) {
	switch {
	case c.mode != reading:
		writeNumbers(c, num, *p, is, usual)
	case c.f.num != num || c.err != nil:
	case c.f.wire == wireBytes:
		c.known = true
		c.oddness(num, !usual)
		readPacked(c, name, p, is)
	case c.take(num, name, is.wire):
		c.oddness(num, usual)
		if grow(c, p) {
			*p = append(*p, is.of(c.number()))
		}
	}
}

// oddness remembers which of the two forms was used.
func (c *coder) oddness(num int, odd bool) {
	if odd {
		c.keep.odd |= 1 << num
	} else {
		c.keep.odd &^= 1 << num
	}
}

// number is the field just scanned as bits.
func (c *coder) number() uint64 {
	switch c.f.wire {
	case wireFixed32:
		return uint64(binary.LittleEndian.Uint32(c.payload()))
	case wireFixed64:
		return binary.LittleEndian.Uint64(c.payload())
	}
	return c.f.v
}

// readPacked adds the numbers of a run of bytes.
func readPacked[T any](c *coder, name string, p *[]T, is number[T]) {
	run := c.payload()
	n := packedLen(run, is.wire)
	if n < 0 {
		c.fail("%d bytes are no whole number of elements", len(run))
		c.err.within(name)
		return
	}
	if !room(c, p, n) {
		return
	}
	s := scanner{data: run, end: len(run)}
	for range n {
		var v uint64
		var err error
		switch is.wire {
		case wireFixed32:
			v = uint64(binary.LittleEndian.Uint32(run))
			run = run[4:]
		case wireFixed64:
			v = binary.LittleEndian.Uint64(run)
			run = run[8:]
		default:
			if v, err = s.varint(); err != nil {
				c.err = &Error{Path: name, Offset: c.f.lo + s.pos, Err: err}
				return
			}
		}
		*p = append(*p, is.of(v))
	}
}

// packedLen is the number of elements in a run, -1 if the last one is cut off.
func packedLen(run []byte, wire int) (n int) {
	switch wire {
	case wireFixed32:
		return wholes(len(run), 4)
	case wireFixed64:
		return wholes(len(run), 8)
	}
	if len(run) > 0 && run[len(run)-1] >= 0x80 {
		return -1
	}
	for _, b := range run {
		if b < 0x80 {
			n++
		}
	}
	return n
}

func wholes(n, size int) int {
	if n%size != 0 {
		return -1
	}
	return n / size
}

func writeNumbers[T any](c *coder, num int, list []T, is number[T], usual bool) {
	packed := usual != (c.keep.odd&(1<<num) != 0)
	if len(list) == 0 {
		return
	}
	if packed {
		c.tag(num, wireBytes)
		c.uvarint(uint64(runLen(list, is)))
	}
	for _, v := range list {
		if !packed {
			c.tag(num, is.wire)
		}
		switch is.wire {
		case wireFixed32:
			c.fixed32(uint32(is.bits(v)))
		case wireFixed64:
			c.fixed64(is.bits(v))
		default:
			c.uvarint(is.bits(v))
		}
	}
}

// runLen is how many bytes the numbers take.
func runLen[T any](list []T, is number[T]) (n int) {
	switch is.wire {
	case wireFixed32:
		return 4 * len(list)
	case wireFixed64:
		return 8 * len(list)
	}
	for _, v := range list {
		n += uvarintLen(is.bits(v))
	}
	return n
}
