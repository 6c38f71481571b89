package graph

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/simd"
)

// Node2VecOptions configures [Node2Vec]. The zero value is good for graphs of some
// thousand nodes.
type Node2VecOptions struct {
	// Dimensions is the length of a vector, at most 4096. Default: 64.
	Dimensions int

	// Window is how many steps apart two nodes of a walk are at most to be a
	// pair that the vectors learn from. Default: 5.
	Window int

	// Negatives is how many random nodes a pair is held against, at most
	// 100. Default: 5.
	Negatives int

	// LearningRate is the size of the first steps, at most 1; it falls to
	// nearly 0 in the end. Default: 0.025.
	LearningRate float64

	// Walks configures the walks that the vectors are learnt from; its Seed
	// is that of all random numbers. More walks give better vectors.
	Walks RandomWalksOptions
}

func (o Node2VecOptions) withDefaults() (Node2VecOptions, error) {
	switch {
	case o.Dimensions < 0 || o.Dimensions > 4096 || o.Window < 0 || o.Negatives < 0 || o.Negatives > 100:
		return o, fmt.Errorf("graph: Dimensions is %d, Window %d, Negatives %d: %w",
			o.Dimensions, o.Window, o.Negatives, quintet.ErrOption)
	case math.IsNaN(o.LearningRate) || o.LearningRate < 0 || o.LearningRate > 1:
		return o, fmt.Errorf("graph: LearningRate is %v: %w", o.LearningRate, quintet.ErrOption)
	}
	if o.Dimensions == 0 {
		o.Dimensions = 64
	}
	if o.Window == 0 {
		o.Window = 5
	}
	if o.Negatives == 0 {
		o.Negatives = 5
	}
	if o.LearningRate == 0 {
		o.LearningRate = 0.025
	}
	walks, err := o.Walks.withDefaults()
	o.Walks, o.Window = walks, min(o.Window, max(walks.Length, 1))
	return o, err
}

// Embeddings gives each node of a graph a vector.
type Embeddings[K comparable] struct {
	Vectors    []float32 // one after the other, by node index
	Dimensions int       // length of a vector

	g *Graph[K]
}

// Of returns the vector of a node, nil if there is no such node. It shares the
// memory of Vectors.
func (e *Embeddings[K]) Of(k K) []float32 {
	u, ok := e.g.Index(k)
	if !ok {
		return nil
	}
	at := int(u) * e.Dimensions
	return e.Vectors[at : at+e.Dimensions : at+e.Dimensions]
}

// Cosine returns the cosine of the angle between the vectors of two nodes, 0 if
// there is no such node.
func (e *Embeddings[K]) Cosine(a, b K) float64 {
	x, y := e.Of(a), e.Of(b)
	if x == nil || y == nil {
		return 0
	}
	norms := float64(simd.Dot(x, x)) * float64(simd.Dot(y, y))
	if norms == 0 {
		return 0
	}
	return float64(simd.Dot(x, y)) / math.Sqrt(norms)
}

// Node2Vec learns vectors such that nodes that walks meet near each other have
// similar ones: it makes [RandomWalks] from all nodes and takes each pair of nodes
// at most Window steps apart, nearer ones more often, for an example, and random
// nodes for counter-examples, which it draws in proportion to the sum of the weights
// at a node to the power of 3/4 (skip-gram with negative sampling). A node that no
// walk meets beside another keeps a random vector near 0.
//
// It returns [quintet.ErrInput] for a nil graph or a negative weight,
// [quintet.ErrOption] for an option out of range or a LearningRate so large that
// vectors pass all bounds, or the error of ctx. Walks are made by all workers, vectors are learnt on one goroutine, so that the result is
// the same for every number of workers; on processors of different kinds it may
// differ by rounding. It takes
// O(V·PerNode·Length·Window·Negatives·Dimensions) time, about a minute for 10⁵
// walks of 80 nodes with the default options, and 8·Dimensions bytes a node.
//
// Grover and Leskovec, node2vec: Scalable Feature Learning for Networks, KDD 2016;
// Mikolov et al., Distributed Representations of Words and Phrases and their
// Compositionality, NIPS 2013, §2.2.
func Node2Vec[K comparable](ctx context.Context, g *Graph[K], o Node2VecOptions) (*Embeddings[K], error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	c, in, err := g.pulled(ctx)
	if err != nil {
		return nil, err
	}
	n := c.order()
	if n > 0 && (o.Walks.PerNode > math.MaxInt/n || n > math.MaxInt/4/o.Dimensions) {
		return nil, fmt.Errorf("graph: %d walks from each of %d nodes: %w", o.Walks.PerNode, n, quintet.ErrOption)
	}
	w := newWalker(c, single(n), o.Walks)
	s := newSkipGram(c, in, o)
	const batch = 1 << 12 // walks made at a time, lest all need memory at once
	for all, lo := n*o.Walks.PerNode, 0; lo < all; lo += batch {
		walks, err := w.walks(ctx, lo, min(lo+batch, all))
		if err != nil {
			return nil, err
		}
		for i, walk := range walks {
			s.rate = float32(o.LearningRate * max(1-float64(lo+i)/float64(all), 1e-4))
			if err := s.learn(ctx, walk); err != nil {
				return nil, err
			}
		}
	}
	if slices.ContainsFunc(s.in, func(x float32) bool { return !(math.Abs(float64(x)) <= math.MaxFloat32) }) {
		return nil, fmt.Errorf("graph: LearningRate is %v, too large for the vectors to stay finite: %w",
			o.LearningRate, quintet.ErrOption)
	}
	return &Embeddings[K]{Vectors: s.in, Dimensions: o.Dimensions, g: g}, ctx.Err()
}
