package onnxpb

import (
	"encoding/binary"
	"math"
	"strconv"
	"unsafe"
)

// The methods and functions of this file carry one field each. When reading they
// do nothing unless it is theirs that was just scanned; otherwise they write it
// if it is present.

// present reports whether a single field is to be written.
func (c *coder) present(num int, zero bool) bool {
	return !zero || c.keep != nil && c.keep.zeros&(1<<num) != 0
}

// note remembers whether a single field was present with its zero value.
func (c *coder) note(num int, zero bool) {
	switch {
	case c.keep == nil:
	case zero:
		c.keep.zeros |= 1 << num
	default:
		c.keep.zeros &^= 1 << num
	}
}

// forget makes single fields count as absent.
func (c *coder) forget(nums ...int) {
	for _, num := range nums {
		c.keep.zeros &^= 1 << num
	}
}

func (c *coder) int64(num int, name string, p *int64) {
	switch {
	case c.mode != reading:
		if c.present(num, *p == 0) {
			c.tag(num, wireVarint)
			c.uvarint(uint64(*p))
		}
	case c.take(num, name, wireVarint):
		*p = int64(c.f.v)
		c.note(num, *p == 0)
	}
}

// enum carries a number that fits 32 bits.
func enum[T ~int32](c *coder, num int, name string, p *T) {
	v := int64(*p)
	c.int64(num, name, &v)
	if c.mode != reading || c.f.num != num {
		return
	}
	if v != int64(int32(v)) {
		c.fail("%d does not fit 32 bits", v)
		c.err.within(name)
		return
	}
	*p = T(v)
}

func (c *coder) float32(num int, name string, p *float32) {
	bits := math.Float32bits(*p) // a negative zero is no zero
	switch {
	case c.mode != reading:
		if c.present(num, bits == 0) {
			c.tag(num, wireFixed32)
			c.fixed32(bits)
		}
	case c.take(num, name, wireFixed32):
		bits = binary.LittleEndian.Uint32(c.payload())
		*p = math.Float32frombits(bits)
		c.note(num, bits == 0)
	}
}

func (c *coder) text(num int, name string, p *string) {
	switch {
	case c.mode != reading:
		if c.present(num, *p == "") {
			c.tag(num, wireBytes)
			c.string(*p)
		}
	case c.take(num, name, wireBytes):
		if !c.charge(16 + c.f.hi - c.f.lo) {
			return
		}
		*p = string(c.payload())
		c.note(num, *p == "")
	}
}

// blob carries bytes that are absent if they are nil.
func (c *coder) blob(num int, name string, p *[]byte) {
	switch {
	case c.mode != reading:
		if *p != nil {
			c.tag(num, wireBytes)
			c.bytes(*p)
		}
	case c.take(num, name, wireBytes):
		*p = c.payload()
	}
}

// merged is blob for the bytes of a message, which if there are two become one.
func (c *coder) merged(num int, name string, p *[]byte) {
	before := *p
	c.blob(num, name, p)
	if c.mode == reading && c.f.num == num && len(before) > 0 && c.charge(c.f.hi-c.f.lo) {
		*p = append(before[:len(before):len(before)], c.payload()...)
	}
}

func (c *coder) texts(num int, name string, p *[]string) {
	switch {
	case c.mode != reading:
		for _, s := range *p {
			c.tag(num, wireBytes)
			c.string(s)
		}
	case c.take(num, name, wireBytes):
		if grow(c, p) && c.charge(16+c.f.hi-c.f.lo) {
			*p = append(*p, string(c.payload()))
		}
	}
}

func (c *coder) blobs(num int, name string, p *[][]byte) {
	switch {
	case c.mode != reading:
		for _, b := range *p {
			c.tag(num, wireBytes)
			c.bytes(b)
		}
	case c.take(num, name, wireBytes):
		if grow(c, p) {
			*p = append(*p, c.payload())
		}
	}
}

// grow makes room for the present element and those that follow it, so that a
// list is allocated once, by what was seen and not by what was announced.
func grow[T any](c *coder, p *[]T) bool {
	if len(*p) < cap(*p) {
		return true
	}
	return room(c, p, 1+c.more())
}

// room makes room for n more elements. A list that has to move, because its
// message was continued in a second one, doubles, so that moving stays linear.
func room[T any](c *coder, p *[]T, n int) bool {
	old := *p
	if len(old)+n <= cap(old) {
		return true
	}
	size := max(len(old)+n, 2*cap(old))
	if !c.charge(size * int(unsafe.Sizeof(*new(T)))) {
		return false
	}
	*p = append(make([]T, 0, size), old...)
	return true
}

// element names the list element in which reading failed, if it did.
func (c *coder) element(name string, i int) {
	if c.err != nil {
		c.err.within(name + "[" + strconv.Itoa(i) + "]")
	}
}

// pointer is a message of type *T.
type pointer[T any] interface {
	*T
	message
}

// single carries one message, absent if it is nil.
func single[T any, P pointer[T]](c *coder, num int, name string, p **T) {
	switch {
	case c.mode != reading:
		if *p != nil {
			c.put(num, P(*p))
		}
	case c.take(num, name, wireBytes):
		if *p == nil {
			if !c.charge(int(unsafe.Sizeof(**p))) {
				return
			}
			*p = new(T)
		}
		c.inside(P(*p), c.f.lo, c.f.hi)
		if c.err != nil {
			c.err.within(name)
		}
	}
}

// values carries a list of small messages.
func values[T any, P pointer[T]](c *coder, num int, name string, p *[]T) {
	switch {
	case c.mode != reading:
		for i := range *p {
			c.put(num, P(&(*p)[i]))
		}
	case c.take(num, name, wireBytes):
		if !grow(c, p) {
			return
		}
		i := len(*p)
		*p = (*p)[:i+1]
		c.inside(P(&(*p)[i]), c.f.lo, c.f.hi)
		c.element(name, i)
	}
}

// pointers carries a list of messages that other structs point to.
func pointers[T any, P pointer[T]](c *coder, num int, name string, p *[]*T) {
	switch {
	case c.mode != reading:
		for _, m := range *p {
			c.put(num, P(m))
		}
	case c.take(num, name, wireBytes):
		if !grow(c, p) || !c.charge(int(unsafe.Sizeof(*new(T)))) {
			return
		}
		m := new(T)
		*p = append(*p, m)
		c.inside(P(m), c.f.lo, c.f.hi)
		c.element(name, len(*p)-1)
	}
}

func (c *coder) string(s string) {
	c.uvarint(uint64(len(s)))
	if c.mode == sizing {
		c.size += len(s)
	} else {
		c.dst = append(c.dst, s...)
	}
}

func (c *coder) fixed32(v uint32) {
	if c.mode == sizing {
		c.size += 4
	} else {
		c.dst = binary.LittleEndian.AppendUint32(c.dst, v)
	}
}

func (c *coder) fixed64(v uint64) {
	if c.mode == sizing {
		c.size += 8
	} else {
		c.dst = binary.LittleEndian.AppendUint64(c.dst, v)
	}
}
