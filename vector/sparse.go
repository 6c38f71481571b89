package vector

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/postings"
)

// MaxSparse is the most dimensions that a [Sparse] has.
const MaxSparse = 1 << 16

// Sparse is a vector of very many dimensions that is zero in most of them, such as
// models of the SPLADE kind make of a text, with a dimension for each word of their
// vocabulary. Two are compared by their dot product. The zero value is no vector.
type Sparse struct {
	// Indices are the dimensions that are not zero, rising, each once, at most
	// [MaxSparse] of them.
	Indices []uint32 `json:"indices"`

	// Values has a finite number for each of the Indices. One that is 0 counts as if
	// it were not there.
	Values []float32 `json:"values"`
}

func (s Sparse) empty() bool { return len(s.Indices) == 0 && len(s.Values) == 0 }

func (s Sparse) check() error {
	switch {
	case len(s.Indices) != len(s.Values):
		return fmt.Errorf("sparse vector has %d indices and %d values: %w", len(s.Indices), len(s.Values), quintet.ErrInput)
	case len(s.Indices) > MaxSparse:
		return fmt.Errorf("sparse vector has %d indices, limit %d: %w", len(s.Indices), MaxSparse, quintet.ErrInput)
	}
	for i, index := range s.Indices {
		if i > 0 && index <= s.Indices[i-1] {
			return fmt.Errorf("sparse vector has index %d after %d: %w", index, s.Indices[i-1], quintet.ErrInput)
		}
		if x := float64(s.Values[i]); math.IsNaN(x) || math.IsInf(x, 0) {
			return fmt.Errorf("sparse vector has %v at %d: %w", x, index, quintet.ErrInput)
		}
	}
	return nil
}

// copied is nil in both if s is empty.
func (s Sparse) copied() Sparse {
	if s.empty() {
		return Sparse{}
	}
	return Sparse{Indices: slices.Clone(s.Indices), Values: slices.Clone(s.Values)}
}

func (s Sparse) equal(t Sparse) bool {
	return slices.Equal(s.Indices, t.Indices) && slices.Equal(s.Values, t.Values)
}

func (s Sparse) appendTerms(to []postings.Term) []postings.Term {
	for i, index := range s.Indices {
		to = append(to, postings.Term{ID: uint64(index), Weight: s.Values[i]})
	}
	return to
}

// putSparse makes s the sparse vector of a slot, which is its owner from then on.
func (c *Collection[K]) putSparse(at uint32, s Sparse) {
	if c.sparse == nil {
		if s.empty() {
			return
		}
		c.sparse = newInverted(ofSparse, postings.Dot)
	}
	if c.sparseOf(at).equal(s) {
		return
	}
	ix := c.sparse
	c.forgetDocument(ix, at, nil) // dot products do not ask how many have a term
	if s.empty() {
		return
	}
	l := ix.lookups.Get().(*lookup)
	defer ix.lookups.Put(l)
	l.terms = s.appendTerms(l.terms[:0])
	c.addDocument(ix, at, l.terms)
	ix.vectors = append(ix.vectors, s)
}

// sparseOf returns the sparse vector of a slot, which belongs to the collection.
func (c *Collection[K]) sparseOf(at uint32) Sparse {
	if d := c.slots[at].documents[ofSparse]; d > 0 {
		return c.sparse.vectors[d-1]
	}
	return Sparse{}
}

// searchSparse returns the k items whose sparse vectors have the highest products.
func (c *Collection[K]) searchSparse(ctx context.Context, q Query, k int) ([]Hit[K], error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if err := c.usable(ctx); err != nil || c.sparse == nil {
		return []Hit[K]{}, err
	}
	l := c.sparse.lookups.Get().(*lookup)
	defer c.sparse.lookups.Put(l)
	l.terms = q.Sparse.appendTerms(l.terms[:0])
	return c.lookUp(c.sparse, l.terms, k, q.Filter, l), nil
}

// appendSparse writes the number of dimensions, then for each how far it is from the
// one before, and its value.
func appendSparse(b []byte, s Sparse) []byte {
	b = binary.AppendUvarint(b, uint64(len(s.Indices)))
	last := uint32(0)
	for i, index := range s.Indices {
		b = binary.AppendUvarint(b, uint64(index-last))
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(s.Values[i]))
		last = index
	}
	return b
}

// sparse reads what appendSparse wrote. It is checked as Upsert does.
func (d *decoder) sparse() (s Sparse) {
	n := d.count()
	if d.err != nil || n == 0 {
		return s
	}
	if n > MaxSparse {
		d.fail("sparse vector has %d indices, limit %d", n, MaxSparse)
		return s
	}
	s = Sparse{Indices: make([]uint32, n), Values: make([]float32, n)}
	at := uint64(0)
	for i := range n {
		step := d.uvarint()
		if at += step; step > math.MaxUint32 || at > math.MaxUint32 {
			d.fail("sparse vector has index %d", at)
		}
		s.Indices[i], s.Values[i] = uint32(at), math.Float32frombits(d.uint32())
		if d.err != nil {
			return Sparse{}
		}
	}
	if err := s.check(); err != nil {
		d.fail("%w", err)
	}
	return s
}
