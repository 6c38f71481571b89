package vector

import (
	"encoding/binary"
	"math"
	"sync"

	"github.com/quintet-ai/quintet/internal/hnsw"
)

// maxAllowed is how many filters are remembered.
const maxAllowed = 32

// allowed remembers which nodes filters let through. The first search with a filter
// asks it about every item; later ones with an equal filter find the answer here.
// Writers add to what is remembered with the collection's mu held, so that the bits
// do not change during a search.
type allowed struct {
	mu   sync.Mutex
	sets map[string]*allowedSet // by Filter.appendKey
	time uint64                 // of the last use of any
}

type allowedSet struct {
	filter Filter
	bits   hnsw.Bits
	used   uint64
}

// find returns the bits of a filter with the given key, or nil.
func (a *allowed) find(key []byte) hnsw.Bits {
	a.mu.Lock()
	defer a.mu.Unlock()
	set := a.sets[string(key)]
	if set == nil {
		return nil
	}
	a.time++
	set.used = a.time
	return set.bits
}

// keep remembers bits in place of those used longest ago.
func (a *allowed) keep(key []byte, f Filter, bits hnsw.Bits) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.sets == nil {
		a.sets = map[string]*allowedSet{}
	}
	for len(a.sets) >= maxAllowed {
		oldest, used := "", uint64(math.MaxUint64)
		for k, set := range a.sets {
			if set.used < used {
				oldest, used = k, set.used
			}
		}
		delete(a.sets, oldest)
	}
	a.time++
	a.sets[string(key)] = &allowedSet{filter: f, bits: bits, used: a.time}
}

// add asks all filters about a new node.
func (a *allowed) add(node uint32, m Meta) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, set := range a.sets {
		if set.filter.match(m) {
			set.bits = withBit(set.bits, node)
		}
	}
}

func (a *allowed) reset() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.sets = nil
}

// withBit adds an id to a set.
func withBit(b hnsw.Bits, id uint32) hnsw.Bits {
	for int(id>>6) >= len(b) {
		b = append(b, 0)
	}
	b[id>>6] |= 1 << (id & 63)
	return b
}

// allow returns the nodes that a filter lets through, nil for all. It uses key as
// memory.
func (c *Collection[K]) allow(f Filter, key *[]byte) hnsw.Bits {
	if f.n == nil {
		return nil
	}
	*key = f.appendKey((*key)[:0])
	if bits := c.allowed.find(*key); bits != nil {
		return bits
	}
	bits := make(hnsw.Bits, (len(c.owner)+63)/64)
	for node, at := range c.owner {
		if at != nobody && f.match(c.slots[at].meta) {
			bits[node>>6] |= 1 << (node & 63)
		}
	}
	c.allowed.keep(*key, f, bits)
	return bits
}

// appendKey appends bytes that are different for filters that differ.
func (f Filter) appendKey(b []byte) []byte {
	if f.n == nil {
		return append(b, 0xff)
	}
	b = appendString(append(b, byte(f.n.op)), f.n.field)
	b = binary.AppendUvarint(b, uint64(len(f.n.values)))
	for _, v := range f.n.values {
		b = v.appendKey(b)
	}
	b = f.n.hi.appendKey(f.n.lo.appendKey(b))
	b = binary.AppendUvarint(b, uint64(len(f.n.subs)))
	for _, sub := range f.n.subs {
		b = sub.appendKey(b)
	}
	return b
}

func (v value) appendKey(b []byte) []byte {
	b = append(b, byte(v.kind))
	switch v.kind {
	case kindString:
		return appendString(b, v.s)
	case kindBool, kindInt:
		return binary.LittleEndian.AppendUint64(b, uint64(v.i))
	case kindUint:
		return binary.LittleEndian.AppendUint64(b, v.u)
	case kindFloat:
		return binary.LittleEndian.AppendUint64(b, math.Float64bits(v.f))
	case kindTime:
		b = binary.LittleEndian.AppendUint64(b, uint64(v.t.Unix()))
		return binary.LittleEndian.AppendUint32(b, uint32(v.t.Nanosecond()))
	}
	return b
}
