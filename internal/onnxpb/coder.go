package onnxpb

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// mode is what a coder is doing.
type mode uint8

const (
	reading mode = iota // fields calls set what the wire says
	sizing              // they add up how long the message gets
	writing             // they append to dst, using the lengths of sizing
)

// maxDepth is how deep messages may be nested. It is the limit of the common
// protobuf libraries, so that what we write they can read.
const maxDepth = 100

// message is a struct that knows its fields. Its method fields calls one method
// of the coder for each, in the order of the numbers; one list serves all modes.
type message interface {
	fields(c *coder)
	kept() *keep
}

// keep is what a message remembers about its encoding that its exported fields
// cannot tell.
type keep struct {
	zeros   uint32 // bit n: field n was present with its zero value
	odd     uint32 // bit n: repeated field n was packed when usually not, or reverse
	unknown []byte // fields that nobody asked for, with their tags
}

func (k *keep) kept() *keep { return k }

// coder carries one message from or to the wire.
type coder struct {
	mode mode
	keep *keep // of the present message

	scanner        // over the present message
	f       field  // the field just scanned
	known   bool   // somebody took it
	depth   int    // of nested messages
	budget  int64  // bytes that may still be allocated
	err     *Error // the first one; all stops

	size  int    // so far
	sizes []int  // of nested messages, in the order in which they begin
	dst   []byte // what is written
	rest  []byte // unknown fields of the present message yet to be written
}

// read fills m from data.
func read(data []byte, m message) error {
	c := coder{scanner: scanner{data: data}, budget: 1<<20 + 28*int64(len(data))}
	c.inside(m, 0, len(data))
	if c.err != nil {
		return c.err
	}
	return nil
}

// appendMessage appends the encoding of m to dst.
func appendMessage(dst []byte, m message) []byte {
	c := coder{mode: sizing}
	c.body(m)
	c.mode, c.dst = writing, slices.Grow(dst, c.size)
	c.body(m)
	return c.dst
}

// inside reads data[lo:hi] into m and comes back to the field that held it.
func (c *coder) inside(m message, lo, hi int) {
	if c.depth == maxDepth {
		c.fail("messages are nested deeper than %d", maxDepth)
		return
	}
	f, keep, pos, end := c.f, c.keep, c.pos, c.end
	c.keep, c.pos, c.end = m.kept(), lo, hi
	c.depth++
	for c.err == nil && c.pos < c.end {
		c.field(m)
	}
	c.depth--
	c.f, c.keep, c.pos, c.end = f, keep, pos, end
	c.known = true
}

// field reads one field of m.
func (c *coder) field(m message) {
	at := c.pos
	f, err := c.next()
	c.f = f
	if err != nil {
		c.err = &Error{Offset: at, Err: err}
		return
	}
	c.known = false
	m.fields(c)
	if c.known || c.err != nil || c.keep == nil {
		return
	}
	raw := c.data[f.at:f.hi:f.hi]
	if c.keep.unknown == nil {
		c.keep.unknown = raw
		return
	}
	c.charge(len(raw))
	c.keep.unknown = append(c.keep.unknown, raw...)
}

// fail ends the reading because of the present field.
func (c *coder) fail(format string, a ...any) {
	if c.err == nil {
		c.err = &Error{Offset: c.f.at, Err: wrong(format, a...)}
	}
}

// charge takes n bytes from the budget before they are allocated, and an eighth
// more for what the allocator rounds up.
func (c *coder) charge(n int) bool {
	c.budget -= int64(n) + int64(n)/8
	if c.budget < 0 {
		c.fail("tiny elements would take more memory than 32 times the file")
	}
	return c.err == nil
}

// take reports whether the field just scanned is num and has the given wire
// type; a contradiction is an error.
func (c *coder) take(num int, name string, wire int) bool {
	return c.f.num == num && c.taken(name, wire) // small enough to be inlined: most fields are not it
}

func (c *coder) taken(name string, wire int) bool {
	if c.err != nil {
		return false
	}
	c.known = true
	if c.f.wire != wire {
		c.fail("wire type %d, want %d", c.f.wire, wire)
		c.err.within(name)
		return false
	}
	return true
}

// payload is the content of the field just scanned.
func (c *coder) payload() []byte { return c.data[c.f.lo:c.f.hi:c.f.hi] }

// more counts the fields like the present one that follow in its message.
func (c *coder) more() (n int) {
	s := c.scanner
	for s.pos < s.end {
		f, err := s.next()
		if err != nil {
			break // reported when reading gets there
		}
		if f.num == c.f.num {
			n++
		}
	}
	return n
}

// body sizes or writes m without its length.
func (c *coder) body(m message) {
	keep, rest := c.keep, c.rest
	c.keep = m.kept()
	c.rest = c.keep.unknown
	if c.mode == sizing {
		c.size += len(c.rest)
	}
	m.fields(c)
	if c.mode == writing {
		c.dst = append(c.dst, c.rest...)
	}
	c.keep, c.rest = keep, rest
}

// put sizes or writes m as field num. Lengths come before contents, so sizing
// notes them in the order in which writing will ask.
func (c *coder) put(num int, m message) {
	c.tag(num, wireBytes)
	if c.mode == writing {
		n := c.sizes[0]
		c.sizes = c.sizes[1:]
		c.uvarint(uint64(n))
		c.body(m)
		return
	}
	i, before := len(c.sizes), c.size
	c.sizes = append(c.sizes, 0)
	c.body(m)
	c.sizes[i] = c.size - before
	c.uvarint(uint64(c.sizes[i]))
}

// tag begins field num, after the unknown fields with smaller numbers.
func (c *coder) tag(num, wire int) {
	for c.mode == writing && len(c.rest) > 0 {
		s := scanner{data: c.rest, end: len(c.rest)}
		f, err := s.next()
		if err != nil || f.num > num {
			break
		}
		c.dst = append(c.dst, c.rest[:f.hi]...)
		c.rest = c.rest[f.hi:]
	}
	c.uvarint(uint64(num<<3 | wire))
}

func (c *coder) uvarint(v uint64) {
	if c.mode == sizing {
		c.size += uvarintLen(v)
	} else {
		c.dst = binary.AppendUvarint(c.dst, v)
	}
}

func (c *coder) bytes(b []byte) {
	c.uvarint(uint64(len(b)))
	if c.mode == sizing {
		c.size += len(b)
	} else {
		c.dst = append(c.dst, b...)
	}
}

// uvarintLen is the number of bytes that v takes.
func uvarintLen(v uint64) int { return (bits.Len64(v|1) + 6) / 7 }
