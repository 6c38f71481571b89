package gonumgraph

import (
	"fmt"
	"math"
	"slices"

	gonum "gonum.org/v1/gonum/graph"
	"gonum.org/v1/gonum/graph/iterator"
	"gonum.org/v1/gonum/graph/simple"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
)

// Undirected is an undirected graph as gonum sees it. It is safe for concurrent use.
type Undirected struct{ view }

// Directed is the same for a directed graph, or for an undirected one whose edges
// lead both ways. Edges are followed backwards by the copy that
// [graph.CSR.In] makes on first use.
type Directed struct{ view }

var (
	_ gonum.WeightedUndirected = (*Undirected)(nil)
	_ gonum.WeightedDirected   = (*Directed)(nil)
)

// NewUndirected returns a view of an undirected graph. A graph that is nil or
// directed has the cause [quintet.ErrInput].
func NewUndirected(c *graph.CSR) (*Undirected, error) {
	if c == nil || c.Directed() {
		return nil, fmt.Errorf("gonumgraph: not an undirected graph: %w", quintet.ErrInput)
	}
	return &Undirected{view{c, parallel(c)}}, nil
}

// NewDirected returns a view of a graph. A nil graph has the cause
// [quintet.ErrInput].
func NewDirected(c *graph.CSR) (*Directed, error) {
	if c == nil {
		return nil, fmt.Errorf("gonumgraph: nil graph: %w", quintet.ErrInput)
	}
	return &Directed{view{c, parallel(c)}}, nil
}

// EdgeBetween returns the edge between two nodes, from the first to the second; nil
// if there is none.
func (g *Undirected) EdgeBetween(x, y int64) gonum.Edge { return g.Edge(x, y) }

// WeightedEdgeBetween is EdgeBetween with the weight.
func (g *Undirected) WeightedEdgeBetween(x, y int64) gonum.WeightedEdge { return g.WeightedEdge(x, y) }

// HasEdgeBetween reports whether an edge joins two nodes, in either direction.
func (g *Directed) HasEdgeBetween(x, y int64) bool { return g.has(x, y) || g.has(y, x) }

// HasEdgeFromTo reports whether an edge leads from u to v.
func (g *Directed) HasEdgeFromTo(u, v int64) bool { return g.has(u, v) }

// To returns the nodes from which edges lead to a node, by ID.
func (g *Directed) To(id int64) gonum.Nodes {
	u, ok := g.index(id)
	if !ok {
		return gonum.Empty
	}
	return g.nodes(g.c.In(u))
}

// view is what both kinds of graphs have.
type view struct {
	c        *graph.CSR
	parallel bool // there are parallel edges
}

func parallel(c *graph.CSR) bool {
	for u := range int32(c.Order()) {
		row := c.Out(u)
		for i := 1; i < len(row); i++ {
			if row[i] == row[i-1] {
				return true
			}
		}
	}
	return false
}

func (g *view) index(id int64) (int32, bool) {
	return int32(id), id >= 0 && id < int64(g.c.Order())
}

// Node returns the node of an ID, nil if there is none.
func (g *view) Node(id int64) gonum.Node {
	if _, ok := g.index(id); !ok {
		return nil
	}
	return simple.Node(id)
}

// Nodes returns all nodes, by ID.
func (g *view) Nodes() gonum.Nodes {
	if g.c.Order() == 0 {
		return gonum.Empty
	}
	return iterator.NewImplicitNodes(0, g.c.Order(), func(id int) gonum.Node { return simple.Node(id) })
}

// From returns the nodes to which the edges of a node lead, by ID.
func (g *view) From(id int64) gonum.Nodes {
	u, ok := g.index(id)
	if !ok {
		return gonum.Empty
	}
	return g.nodes(g.c.Out(u))
}

func (g *view) nodes(row []int32) gonum.Nodes {
	if len(row) == 0 {
		return gonum.Empty
	}
	if g.parallel {
		row = slices.Compact(slices.Clone(row))
	}
	return iterator.NewImplicitNodes(0, len(row), func(i int) gonum.Node { return simple.Node(row[i]) })
}

// HasEdgeBetween reports whether an edge joins two nodes.
func (g *view) HasEdgeBetween(x, y int64) bool { return g.has(x, y) }

func (g *view) has(x, y int64) bool {
	_, ok := g.weight(x, y)
	return ok
}

// weight returns the sum of the weights of the edges from one node to another, and
// whether there is one.
func (g *view) weight(x, y int64) (sum float64, ok bool) {
	u, ok := g.index(x)
	v, there := g.index(y)
	if !ok || !there {
		return 0, false
	}
	row, ws := g.c.Out(u), g.c.OutWeights(u)
	i, ok := slices.BinarySearch(row, v)
	for ; i < len(row) && row[i] == v; i++ {
		if ws == nil {
			sum++
		} else {
			sum += float64(ws[i])
		}
	}
	return sum, ok
}

// Edge returns the edge from u to v, nil if there is none.
func (g *view) Edge(u, v int64) gonum.Edge {
	if e := g.WeightedEdge(u, v); e != nil {
		return e
	}
	return nil
}

// WeightedEdge is Edge with the weight.
func (g *view) WeightedEdge(u, v int64) gonum.WeightedEdge {
	w, ok := g.weight(u, v)
	if !ok {
		return nil
	}
	return simple.WeightedEdge{F: simple.Node(u), T: simple.Node(v), W: w}
}

// Weight returns the weight of the edge from x to y, +Inf and false if there is none.
// As gonum wants it, that of a node to itself is 0 and true, also where there is a loop.
func (g *view) Weight(x, y int64) (float64, bool) {
	if x == y {
		return 0, true
	}
	if w, ok := g.weight(x, y); ok {
		return w, true
	}
	return math.Inf(1), false
}
