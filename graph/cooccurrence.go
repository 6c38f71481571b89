package graph

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"math"
	"slices"

	"github.com/quintet-ai/quintet"
)

// Association is how the weight of two terms that stand together is made.
type Association int

// The associations. With n(x,y) the times that x and y stand together, n(x) the sum
// of n(x,y) over y, and N the sum of n(x,y) over the pairs:
const (
	// PairCount is n(x,y).
	PairCount Association = iota

	// PMI is the pointwise mutual information ln(2N·n(x,y) / (n(x)·n(y))): how much
	// more often the terms stand together than chance would have it. It is high for
	// pairs of rare terms. Church and Hanks, Computational Linguistics 16(1), 1990.
	PMI

	// NPMI is PMI divided by -ln(n(x,y)/2N), at most 1: the terms stand nowhere but
	// together. Bouma, GSCL 2009.
	NPMI
)

// CooccurrenceOptions configures [Cooccurrence]. The zero value is good.
type CooccurrenceOptions struct {
	// Window is how many terms are looked at together, 2 or more: with 2, only
	// terms that touch stand together. Default: 5.
	Window int

	// MinCount is how often a term must stand in the sequences. Default: 1.
	MinCount int

	// MinPairs is how often two terms must stand together. Default: 1.
	MinPairs int

	// Association makes the weights. Default: PairCount.
	Association Association
}

func (o CooccurrenceOptions) withDefaults() (CooccurrenceOptions, error) {
	switch {
	case o.Window < 0 || o.Window == 1:
		return o, fmt.Errorf("graph: Window is %d, want 2 or more: %w", o.Window, quintet.ErrOption)
	case o.MinCount < 0 || o.MinPairs < 0:
		return o, fmt.Errorf("graph: MinCount is %d, MinPairs %d: %w", o.MinCount, o.MinPairs, quintet.ErrOption)
	case o.Association < PairCount || o.Association > NPMI:
		return o, fmt.Errorf("graph: unknown association %d: %w", o.Association, quintet.ErrOption)
	}
	if o.Window == 0 {
		o.Window = 5
	}
	return o, nil
}

// Cooccurrence returns the undirected graph of the terms of sequences, such as the
// words of sentences, in which an edge joins two terms that stand together: with less
// than Window-1 others between them in a sequence. It counts every two places that
// are so near, but for those of one term. Terms are nodes in the order of their first
// appearance, also those without an edge; with PMI and NPMI only pairs more frequent
// than chance have one.
//
// It returns [quintet.ErrInput] for nil sequences or a term that does not equal
// itself, [quintet.ErrOption] for an option out of range, or the error of ctx. It takes
// O(Window) time for each term of a sequence, and about 50 bytes for each different
// term and pair. A sequence is not used after the next is asked for.
func Cooccurrence[K comparable](
	ctx context.Context, sequences iter.Seq[[]K], o CooccurrenceOptions,
) (*Graph[K], error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if sequences == nil {
		return nil, fmt.Errorf("graph: nil sequences: %w", quintet.ErrInput)
	}
	c := cooccurrences[K]{index: map[K]int32{}, pairs: map[termPair]int{}}
	for terms := range sequences {
		if err := c.read(ctx, terms, o.Window); err != nil {
			return nil, err
		}
	}
	b := NewBuilder[K](BuilderOptions{})
	c.build(b, o)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return b.Build()
}

// termPair is two terms by index, the smaller first.
type termPair struct{ a, b int32 }

func (p termPair) compare(q termPair) int {
	return cmp.Or(cmp.Compare(p.a, q.a), cmp.Compare(p.b, q.b))
}

// cooccurrences counts terms and pairs.
type cooccurrences[K comparable] struct {
	index map[K]int32
	terms []K
	count []int // of each term
	pairs map[termPair]int
	ids   []int32 // of the sequence that is read
	work  int     // pairs since the last look at the context
}

func (c *cooccurrences[K]) read(ctx context.Context, terms []K, window int) error {
	c.ids = c.ids[:0]
	for _, k := range terms {
		id, ok := c.index[k]
		if !ok {
			if k != k || len(c.terms) == math.MaxInt32 {
				return fmt.Errorf("graph: term %s is not equal to itself or one too many: %w", show(k), quintet.ErrInput)
			}
			id = int32(len(c.terms))
			c.index[k] = id
			c.terms, c.count = append(c.terms, k), append(c.count, 0)
		}
		c.count[id]++
		c.ids = append(c.ids, id)
		for _, other := range c.ids[max(0, len(c.ids)-window) : len(c.ids)-1] {
			if other != id {
				c.pairs[termPair{min(id, other), max(id, other)}]++
			}
		}
		if c.work += window; c.work >= blockWork {
			c.work = 0
			if err := ctx.Err(); err != nil {
				return err
			}
		}
	}
	return nil
}

// build adds what is frequent enough.
func (c *cooccurrences[K]) build(b *Builder[K], o CooccurrenceOptions) {
	for id, k := range c.terms {
		if c.count[id] >= o.MinCount {
			b.AddNode(k)
		}
	}
	maps.DeleteFunc(c.pairs, func(p termPair, _ int) bool {
		return c.count[p.a] < o.MinCount || c.count[p.b] < o.MinCount
	})
	sums, all := make([]float64, len(c.terms)), 0.0
	for p, n := range c.pairs {
		sums[p.a] += float64(n) // whole numbers: their order does not matter
		sums[p.b] += float64(n)
		all += 2 * float64(n)
	}
	for _, p := range slices.SortedFunc(maps.Keys(c.pairs), termPair.compare) {
		n := c.pairs[p]
		if n < o.MinPairs {
			continue
		}
		weight := float64(n)
		if o.Association != PairCount {
			weight = math.Log(weight * (all / sums[p.a]) / sums[p.b])
		}
		if o.Association == NPMI {
			weight = min(weight/-math.Log(float64(n)/all), 1)
		}
		if weight > 0 {
			b.AddEdge(c.terms[p.a], c.terms[p.b], float32(weight))
		}
	}
}
