package graph

import (
	"context"
	"fmt"
	"iter"

	"github.com/quintet-ai/quintet"
)

// IsomorphismsOptions configures [Isomorphisms] and [SubgraphIsomorphisms]. The zero
// value looks for one match and at the shape of the graphs alone.
type IsomorphismsOptions[A, B comparable] struct {
	// NodesMatch says whether a node of the first graph may be one of the
	// second. Default: any may.
	NodesMatch func(A, B) bool

	// EdgesMatch says the same of edges. Of parallel edges the first is
	// compared with the first, and so on. Default: any may.
	EdgesMatch func(Edge[A], Edge[B]) bool

	// Monomorphism lets the nodes of a subgraph have more edges between them
	// than the pattern has. [Isomorphisms] refuses it. Default: the edges
	// between them are those of the pattern, and no others.
	Monomorphism bool

	// MaxMatches ends the search. Default: 1.
	MaxMatches int

	// MaxSteps ends the search after so many pairs of nodes. Default: 10
	// million.
	MaxSteps int
}

func (o IsomorphismsOptions[A, B]) withDefaults() (IsomorphismsOptions[A, B], error) {
	if o.MaxMatches < 0 || o.MaxSteps < 0 {
		return o, fmt.Errorf("graph: MaxMatches is %d, MaxSteps %d: %w", o.MaxMatches, o.MaxSteps, quintet.ErrOption)
	}
	if o.MaxMatches == 0 {
		o.MaxMatches = 1
	}
	if o.MaxSteps == 0 {
		o.MaxSteps = 10_000_000
	}
	return o, nil
}

// Matches is the result of [Isomorphisms] and [SubgraphIsomorphisms].
type Matches[A, B comparable] struct {
	Indices  [][]int32 // of the nodes of the second graph, by node index of the first, for each match
	Complete bool      // the search came to its end: there are no more matches
	Steps    int       // pairs of nodes that were looked at

	a *Graph[A]
	b *Graph[B]
}

// Found reports whether there is a match.
func (m *Matches[A, B]) Found() bool { return len(m.Indices) > 0 }

// All yields the matches: the node of the second graph for each node of the first.
// The map is new each time.
func (m *Matches[A, B]) All() iter.Seq[map[A]B] {
	return func(yield func(map[A]B) bool) {
		for _, match := range m.Indices {
			nodes := make(map[A]B, len(match))
			for u, v := range match {
				nodes[m.a.keys[u]] = m.b.keys[v]
			}
			if !yield(nodes) {
				return
			}
		}
	}
}

// Isomorphisms finds ways to make one graph the other by giving its nodes other
// names: each node becomes another node, and two nodes have as many edges between
// them, in each direction of a directed graph, as those that they become. Loops
// count, and weights count if EdgesMatch looks at them. Two empty graphs match once.
//
// A search that ends at a limit has found some matches, or none, and is not Complete;
// this is no error. It returns [quintet.ErrInput] for a nil graph, or a directed
// and an undirected one, [quintet.ErrOption] for an option out of range, or the
// error of ctx. It takes time exponential in V at worst, on one goroutine, a step as
// much as the degrees of its nodes; most graphs without much symmetry need hardly
// more steps than edges. Nodes without edges need as many as the square of their
// number. It takes about 100 bytes a node, and 8 an edge if there are
// directions, loops or parallel edges.
//
// Cordella, Foggia, Sansone, Vento, A (Sub)Graph Isomorphism Algorithm for Matching
// Large Graphs, IEEE Transactions on Pattern Analysis and Machine Intelligence
// 26(10), 2004, with nodes in a fixed order as in Jüttner and Madarasi, VF2++,
// Discrete Applied Mathematics 242, 2018.
func Isomorphisms[A, B comparable](
	ctx context.Context, a *Graph[A], b *Graph[B], o IsomorphismsOptions[A, B],
) (*Matches[A, B], error) {
	if o.Monomorphism {
		return nil, fmt.Errorf("graph: an isomorphism has no Monomorphism: %w", quintet.ErrOption)
	}
	return match(ctx, a, b, o, true)
}

// SubgraphIsomorphisms finds a pattern in a graph: nodes of the target between which
// there are the edges of the pattern, and no others unless Monomorphism is set.
// Every node of the pattern becomes a different node of the target. Matches that
// differ in which node becomes which are different. Everything else is as in
// [Isomorphisms]; an empty pattern is found once.
func SubgraphIsomorphisms[A, B comparable](
	ctx context.Context, pattern *Graph[A], target *Graph[B], o IsomorphismsOptions[A, B],
) (*Matches[A, B], error) {
	return match(ctx, pattern, target, o, false)
}

func match[A, B comparable](
	ctx context.Context, a *Graph[A], b *Graph[B], o IsomorphismsOptions[A, B], whole bool,
) (*Matches[A, B], error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	ca, err := view(ctx, a)
	if err != nil {
		return nil, err
	}
	cb, err := view(ctx, b)
	if err != nil {
		return nil, err
	}
	if ca.directed != cb.directed && len(ca.adj) > 0 && len(cb.adj) > 0 {
		return nil, fmt.Errorf("graph: one graph is directed, the other is not: %w", quintet.ErrInput)
	}
	out := &Matches[A, B]{Complete: true, a: a, b: b}
	if ca.order() > cb.order() || whole && (ca.order() != cb.order() || ca.Size() != cb.Size() || ca.loops != cb.loops) {
		return out, nil
	}
	m, err := newMatcher(ctx, ca, cb)
	if err != nil {
		return nil, err
	}
	m.whole, m.exact, m.maxSteps, m.maxMatches = whole, !o.Monomorphism, o.MaxSteps, o.MaxMatches
	if f := o.NodesMatch; f != nil {
		m.nodes = func(u, v int32) bool { return f(a.keys[u], b.keys[v]) }
	}
	if f := o.EdgesMatch; f != nil {
		m.edges = func(x, y arc) bool {
			return f(Edge[A]{a.keys[x.u], a.keys[x.v], x.w}, Edge[B]{b.keys[y.u], b.keys[y.v], y.w})
		}
	}
	if err := m.run(ctx); err != nil {
		return nil, err
	}
	out.Indices, out.Complete, out.Steps = m.found, m.complete, m.steps
	return out, ctx.Err()
}
