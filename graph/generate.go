package graph

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/quintet-ai/quintet"
)

// RandomOptions configures [Random].
type RandomOptions struct {
	Nodes    int    // at most 2^31-1
	Edges    int    // at most as many as there are pairs of different nodes
	Directed bool   // pairs have an order
	Seed     uint64 // the same seed gives the same graph
}

// Random returns a graph with so many nodes and so many edges, drawn from all
// such graphs without loops and parallel edges with the same probability: the
// model G(n,m). Its nodes are the numbers from 0. It takes O(V+E) time. Numbers
// out of range have the cause [quintet.ErrOption].
//
// The edges are a sample by Floyd's algorithm: Bentley and Floyd, A Sample of
// Brilliance, Communications of the ACM 30(9), 1987.
func Random(o RandomOptions) (*Graph[int], error) {
	if o.Nodes < 0 || o.Nodes > math.MaxInt32 || o.Edges < 0 || o.Edges > math.MaxInt32 {
		return nil, fmt.Errorf("graph: %d nodes and %d edges: %w", o.Nodes, o.Edges, quintet.ErrOption)
	}
	n := uint64(o.Nodes)
	pairs := n * (n - 1) // 0 if n is 0
	if !o.Directed {
		pairs /= 2
	}
	if uint64(o.Edges) > pairs {
		return nil, fmt.Errorf("graph: %d nodes have %d edges at most, not %d: %w",
			n, pairs, o.Edges, quintet.ErrOption)
	}
	rng := newRand(o.Seed)
	from, to := make([]int32, 0, o.Edges), make([]int32, 0, o.Edges)
	taken := make(map[uint64]struct{}, o.Edges)
	for last := pairs - uint64(o.Edges); last < pairs; last++ {
		code := rng.Uint64N(last + 1)
		if _, ok := taken[code]; ok {
			code = last
		}
		taken[code] = struct{}{}
		u, v := pair(code, n, o.Directed)
		from, to = append(from, u), append(to, v)
	}
	return numbered(o.Nodes, from, to, BuilderOptions{Directed: o.Directed, Unweighted: true}), nil
}

// pair returns pair number code of different nodes below n.
func pair(code, n uint64, directed bool) (u, v int32) {
	if directed {
		a, b := code/(n-1), code%(n-1)
		if b >= a {
			b++ // skips the pair (a, a)
		}
		return int32(a), int32(b)
	}
	b := uint64((1 + math.Sqrt(1+8*float64(code))) / 2) // b·(b-1)/2 pairs come before those of b
	for b*(b-1)/2 > code {
		b--
	}
	for b*(b+1)/2 <= code {
		b++
	}
	return int32(code - b*(b-1)/2), int32(b)
}

// GridOptions configures [Grid].
type GridOptions struct {
	Rows, Columns int // their product is at most 2^30
}

// Grid returns the undirected graph of a rectangular grid: node
// row·Columns + column has edges to the nodes above, below, left and right of
// it. Numbers out of range have the cause [quintet.ErrOption].
func Grid(o GridOptions) (*Graph[int], error) {
	if o.Rows < 0 || o.Columns < 0 || o.Columns > 0 && o.Rows > maxGrid/o.Columns {
		return nil, fmt.Errorf("graph: a grid of %d x %d: %w", o.Rows, o.Columns, quintet.ErrOption)
	}
	n := o.Rows * o.Columns
	from, to := make([]int32, 0, 2*n), make([]int32, 0, 2*n)
	for u := range int32(n) {
		if int(u)%o.Columns < o.Columns-1 {
			from, to = append(from, u), append(to, u+1)
		}
		if below := int(u) + o.Columns; below < n {
			from, to = append(from, u), append(to, int32(below))
		}
	}
	return numbered(n, from, to, BuilderOptions{Unweighted: true}), nil
}

// maxGrid nodes have less than 2^31 edges.
const maxGrid = 1 << 30

// RMATOptions configures [RMAT]. The zero probabilities are those of the
// Graph500 and GAP benchmarks.
type RMATOptions struct {
	Scale      int     // the graph has 2^Scale nodes; at most 30
	EdgeFactor int     // edges drawn for each node, less than 2^31 in all. Default: 16
	A, B, C    float64 // probabilities of three quadrants, their sum at most 1. Default: 0.57, 0.19, 0.19
	Directed   bool    // edges have a direction
	Seed       uint64  // the same seed gives the same graph
}

// RMAT returns a graph with the skewed degrees of social networks. Each edge is
// drawn by halving the adjacency matrix Scale times in both directions and
// choosing a quadrant each time; loops and repeated edges are dropped, so the
// graph has fewer edges than were drawn. Its nodes are the numbers from 0, in
// random order. It takes O(Scale·E) time. Options out of range have the cause
// [quintet.ErrOption].
//
// Chakrabarti, Zhan, Faloutsos, R-MAT: A Recursive Model for Graph Mining, SIAM
// Data Mining 2004, §3.
func RMAT(o RMATOptions) (*Graph[int], error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	rng := newRand(o.Seed)
	n := 1 << o.Scale
	name := make([]int32, n) // hides that low numbers have high degrees
	for i := range name {
		name[i] = int32(i)
	}
	rng.Shuffle(n, func(i, j int) { name[i], name[j] = name[j], name[i] })
	var from, to []int32
	for range n * o.EdgeFactor {
		if u, v := o.draw(rng); u != v {
			from, to = append(from, name[u]), append(to, name[v])
		}
	}
	return numbered(n, from, to, BuilderOptions{Directed: o.Directed, Unweighted: true}), nil
}

func (o RMATOptions) withDefaults() (RMATOptions, error) {
	switch rest := 1 - o.A - o.B - o.C; {
	case o.Scale < 0 || o.Scale > 30 || o.EdgeFactor < 0 || o.EdgeFactor > math.MaxInt32>>o.Scale:
		return o, fmt.Errorf("graph: Scale is %d, EdgeFactor %d: %w", o.Scale, o.EdgeFactor, quintet.ErrOption)
	case !(o.A >= 0 && o.B >= 0 && o.C >= 0 && rest >= -1e-9): // so that NaN fails
		return o, fmt.Errorf("graph: probabilities %v, %v, %v: %w", o.A, o.B, o.C, quintet.ErrOption)
	}
	if o.EdgeFactor == 0 {
		o.EdgeFactor = min(16, math.MaxInt32>>o.Scale)
	}
	if o.A == 0 && o.B == 0 && o.C == 0 {
		o.A, o.B, o.C = 0.57, 0.19, 0.19
	}
	return o, nil
}

// draw chooses a quadrant for each bit of the two ends.
func (o RMATOptions) draw(rng *rand.Rand) (u, v int) {
	for range o.Scale {
		u, v = u<<1, v<<1
		switch p := rng.Float64(); {
		case p < o.A:
		case p < o.A+o.B:
			v |= 1
		case p < o.A+o.B+o.C:
			u |= 1
		default:
			u, v = u|1, v|1
		}
	}
	return u, v
}

// numbered returns the graph of the nodes 0 to n-1.
func numbered(n int, from, to []int32, o BuilderOptions) *Graph[int] {
	g := &Graph[int]{keys: make([]int, n), index: keyIndex[int]{same: n}}
	for i := range g.keys {
		g.keys[i] = i
	}
	g.csr, _, _, _ = newCSR(n, from, to, nil, o) // without weights no sum can overflow
	return g
}

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0x67726170682e676f)) }
