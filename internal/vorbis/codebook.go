package vorbis

import (
	"cmp"
	"fmt"
	"math"
	"math/bits"
	"slices"
)

// codebook tells which entry a code is, and which vector an entry.
type codebook struct {
	dimensions int
	entries    int
	root       []uint32  // by the next bits: what code holds, 0 for longer codes
	long       []code    // those that are longer, in order
	values     []float32 // a vector for each entry, nil if it has none
}

// code is a code whose first bit is the highest of bits, and what it stands for:
// entry<<lengthBits | length.
type code struct{ bits, holds uint32 }

const (
	rootBits   = 10
	lengthBits = 6
)

// next returns the entry of the next code, -1 at the end of the packet.
func (c *codebook) next(r *bitReader) int {
	w := r.peek()
	e := c.root[w&uint64(len(c.root)-1)]
	if e == 0 {
		e = c.findLong(uint32(w))
	}
	if !r.skip(int(e & (1<<lengthBits - 1))) {
		return -1
	}
	return int(e >> lengthBits)
}

func (c *codebook) findLong(w uint32) uint32 {
	i, found := slices.BinarySearchFunc(c.long, bits.Reverse32(w), func(c code, w uint32) int {
		return cmp.Compare(c.bits, w)
	})
	if !found {
		i-- // the last code that is not above
	}
	return c.long[i].holds
}

// vector returns the vector of the next code, nil at the end of the packet.
func (c *codebook) vector(r *bitReader) []float32 {
	e := c.next(r)
	if e < 0 {
		return nil
	}
	return c.values[e*c.dimensions:][:c.dimensions]
}

// newCodebook makes a book of the lengths of its codes, 0 for entries without one. Each
// entry has the lowest code that is left. It reports whether they fill their tree.
func newCodebook(dimensions int, lengths []uint8) (c codebook, whole bool) {
	c = codebook{dimensions: dimensions, entries: len(lengths)}
	var free [33]int64 // the lowest node that is left of each depth, or -1
	for i := range free {
		free[i] = -1
	}
	free[0] = 0
	longest := slices.Max(lengths)
	c.root = make([]uint32, 1<<min(int(longest), rootBits))
	if n := longerThan(lengths, rootBits); n > 0 {
		c.long = make([]code, 0, n)
	}
	for entry, n := range lengths {
		if n == 0 {
			continue
		}
		depth := int(n)
		for depth >= 0 && free[depth] < 0 {
			depth--
		}
		if depth < 0 {
			return c, false // more codes than the tree has room for
		}
		node := free[depth]
		free[depth] = -1
		for d := int(n); d > depth; d-- {
			free[d] = node + 1<<(32-d)
		}
		c.add(uint32(node), int(n), entry)
	}
	for _, node := range free {
		if node >= 0 {
			return c, false
		}
	}
	slices.SortFunc(c.long, func(a, b code) int { return cmp.Compare(a.bits, b.bits) })
	return c, true
}

// longerThan counts lengths above n.
func longerThan(lengths []uint8, n uint8) (count int) {
	for _, l := range lengths {
		if l > n {
			count++
		}
	}
	return count
}

func (c *codebook) add(node uint32, length, entry int) {
	holds := uint32(entry<<lengthBits | length)
	if length > rootBits {
		c.long = append(c.long, code{node, holds})
		return
	}
	for i := int(bits.Reverse32(node)); i < len(c.root); i += 1 << length {
		c.root[i] = holds
	}
}

// maxValues bounds the numbers that the codebooks of a stream hold; those of the
// reference encoder hold a tenth of that.
const maxValues = 1 << 21

// codebook reads a book. It makes room for what the header claims when it has seen that
// the header is long enough, or the claim small.
func (s *setup) codebook() error {
	if s.read(24) != 0x564342 {
		return bad("codebook")
	}
	dimensions, entries := s.read(16), s.read(24)
	// Every entry takes a bit or more of the header, but those of an ordered book.
	if s.short || dimensions < 1 || entries < 2 || entries > maxValues/8 {
		return bad(fmt.Sprintf("codebook of %d entries of %d dimensions", entries, dimensions))
	}
	s.values += int64(entries)
	if s.values > maxValues {
		return bad(fmt.Sprintf("codebooks of more than %d values", maxValues))
	}
	lengths, ok := s.lengths(entries)
	if !ok {
		return bad("lengths of a codebook")
	}
	book, whole := newCodebook(dimensions, lengths)
	if !whole {
		return bad("tree of a codebook")
	}
	if err := s.vectors(&book); err != nil {
		return err
	}
	s.books = append(s.books, book)
	return nil
}

// lengths reads the lengths of codes.
func (s *setup) lengths(entries int) (lengths []uint8, ok bool) {
	lengths = make([]uint8, entries)
	if s.flag() { // ordered
		length := s.read(5) + 1
		for done := 0; done < entries; length++ {
			n := s.read(bits.Len(uint(entries - done)))
			if s.short || length > 32 || n > entries-done {
				return nil, false
			}
			for i := range n {
				lengths[done+i] = uint8(length)
			}
			done += n
		}
		return lengths, true
	}
	sparse := s.flag()
	for i := range lengths {
		if !sparse || s.flag() {
			lengths[i] = uint8(s.read(5) + 1)
		}
		if s.short {
			return nil, false
		}
	}
	return lengths, true
}

// vectors reads the vectors of a book, if it has some.
func (s *setup) vectors(c *codebook) error {
	kind := s.read(4)
	if kind == 0 {
		return nil
	}
	if kind > 2 {
		return bad("kind of codebook")
	}
	s.values += int64(c.entries) * int64(c.dimensions)
	if s.values > maxValues {
		return bad(fmt.Sprintf("codebooks of more than %d values", maxValues))
	}
	least, step := unpack(s.read(32)), unpack(s.read(32))
	width, sums, count := s.read(4)+1, s.flag(), c.entries*c.dimensions
	if kind == 1 {
		count = root(c.entries, c.dimensions)
	}
	if s.pos+width*count > s.end {
		return bad("values of a codebook")
	}
	numbers := make([]float32, count)
	for i := range numbers {
		numbers[i] = float32(s.read(width))
	}
	c.values = make([]float32, c.entries*c.dimensions)
	for entry := range c.entries {
		last, divisor := float32(0), 1
		for i := range c.dimensions {
			at := entry*c.dimensions + i
			from := at
			if kind == 1 {
				from = entry / divisor % count
				divisor *= count // at most the entries
			}
			v := numbers[from]*step + least + last
			if c.values[at] = v; sums {
				last = v
			}
		}
	}
	return nil
}

// unpack returns a number of a sign, ten bits of exponent and 21 of mantissa.
func unpack(x int) float32 {
	m := float64(x & 0x1fffff)
	if x>>31&1 == 1 {
		m = -m
	}
	return float32(math.Ldexp(m, x>>21&0x3ff-788))
}

// root returns the largest number whose power is at most n.
func root(n, power int) int {
	for r := 1; ; r++ {
		p := 1
		for range power {
			if p *= r + 1; p > n {
				return r
			}
		}
	}
}
