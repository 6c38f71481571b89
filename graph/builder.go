package graph

import (
	"fmt"
	"iter"
	"math"

	"github.com/quintet-ai/quintet"
)

// Edge is an edge between two nodes. The ends of an undirected edge have no
// order.
type Edge[K comparable] struct {
	From   K       `json:"from"`
	To     K       `json:"to"`
	Weight float32 `json:"weight"`
}

// BuilderOptions configures a [Builder]. The zero value builds an undirected
// graph in which parallel edges become one.
type BuilderOptions struct {
	// Directed makes an edge lead from its first node to its second only.
	Directed bool

	// Multi keeps parallel edges apart. Default: one edge with the sum of
	// their weights, added in float64 in the order of AddEdge.
	Multi bool

	// Unweighted gives every edge the weight 1, a merged one too. Weights
	// are still checked. Default: weights count.
	Unweighted bool
}

// Builder collects nodes and edges and builds a [Graph]. The zero value is a
// builder with zero options. It is not safe for concurrent use.
//
// A bad edge does not stop the calls that follow, which do nothing: Build
// returns the error of the first bad edge.
type Builder[K comparable] struct {
	opt      BuilderOptions
	limit    int // nodes, and edges; 0 is math.MaxInt32
	index    keyIndex[K]
	keys     []K
	from, to []int32
	weights  []float32 // nil while all are 1
	err      error
}

// NewBuilder returns an empty builder.
func NewBuilder[K comparable](o BuilderOptions) *Builder[K] { return &Builder[K]{opt: o} }

// AddNode adds a node without edges; a node that is there stays as it is. Edges
// add their nodes themselves. Nodes have the order of their first appearance.
//
// A key must equal itself, which NaN does not; if K is an interface type, the
// keys must be of comparable types, as in a map.
func (b *Builder[K]) AddNode(k K) {
	if b.err == nil {
		b.node(k)
	}
}

// AddEdge adds an edge and its nodes. Loops are kept. The weight must be finite;
// it may be 0 or negative, which some algorithms refuse. An edge that breaks a
// rule is reported by Build.
func (b *Builder[K]) AddEdge(from, to K, weight float32) {
	if b.err != nil {
		return
	}
	if w := float64(weight); math.IsNaN(w) || math.IsInf(w, 0) {
		b.err = fmt.Errorf("graph: edge %d %s has weight %v: %w",
			len(b.from), arrow(from, to), weight, quintet.ErrInput)
		return
	}
	if len(b.from) >= b.max() {
		b.err = fmt.Errorf("graph: edge %s is one more than %d: %w", arrow(from, to), b.max(), quintet.ErrInput)
		return
	}
	u, v := b.node(from), b.node(to)
	if b.err != nil {
		return
	}
	b.from, b.to = append(b.from, u), append(b.to, v)
	if b.weights == nil {
		if weight == 1 || b.opt.Unweighted {
			return
		}
		b.weights = make([]float32, len(b.from)-1, cap(b.from))
		for i := range b.weights {
			b.weights[i] = 1
		}
	}
	b.weights = append(b.weights, weight)
}

// AddEdges adds the edges of a sequence until it ends or yields an error, which
// AddEdges returns; the edges before it stay. It also stops at the first edge
// that breaks a rule of AddEdge and returns what Build will return.
func (b *Builder[K]) AddEdges(edges iter.Seq2[Edge[K], error]) error {
	if edges == nil {
		return fmt.Errorf("graph: nil sequence of edges: %w", quintet.ErrInput)
	}
	n := 0
	for e, err := range edges {
		if err != nil {
			return fmt.Errorf("graph: source of edges, after %d: %w", n, err)
		}
		if b.AddEdge(e.From, e.To, e.Weight); b.err != nil {
			break
		}
		n++
	}
	return b.err
}

// Build returns the graph of what was added, or the first error: an edge or node
// that is against the rules of AddEdge or AddNode, or merged weights whose sum is
// not finite, all with the cause [quintet.ErrInput]. No node at all is a graph
// too. It costs O(V+E).
//
// Build leaves the builder empty, whatever it returns; it may be used for
// another graph with the same options.
func (b *Builder[K]) Build() (*Graph[K], error) {
	index, keys, from, to, weights, err := b.index, b.keys, b.from, b.to, b.weights, b.err
	*b = Builder[K]{opt: b.opt, limit: b.limit} // the edge list can go as soon as it is sorted
	if err != nil {
		return nil, err
	}
	c, u, v, ok := newCSR(len(keys), from, to, weights, b.opt)
	if !ok {
		return nil, fmt.Errorf("graph: the weights of the edges %s add up beyond float32: %w",
			arrow(keys[u], keys[v]), quintet.ErrInput)
	}
	index.trim()
	return &Graph[K]{keys: exactly(keys), index: index, csr: c}, nil
}

// node returns the index of k, which it adds if it is new.
func (b *Builder[K]) node(k K) int32 {
	if i, ok := b.index.find(k); ok {
		return i
	}
	switch {
	case k != k:
		b.err = fmt.Errorf("graph: node %s does not equal itself: %w", show(k), quintet.ErrInput)
		return -1
	case len(b.keys) >= b.max():
		b.err = fmt.Errorf("graph: node %s is one more than %d: %w", show(k), b.max(), quintet.ErrInput)
		return -1
	}
	i := int32(len(b.keys))
	b.index.add(k, i)
	b.keys = append(b.keys, k)
	return i
}

func (b *Builder[K]) max() int {
	if b.limit == 0 {
		return math.MaxInt32
	}
	return b.limit
}

// show prints a key for an error message, a long string only in part.
func show[K comparable](k K) string {
	if s, ok := any(k).(string); ok {
		return fmt.Sprintf("%.64q", s)
	}
	return fmt.Sprint(k)
}

func arrow[K comparable](from, to K) string { return show(from) + " -> " + show(to) }
