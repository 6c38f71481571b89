package graph_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/graph"
	"github.com/quintet-ai/quintet/internal/synth"
)

// workerCounts are held against each other in every test of a parallel kernel.
var workerCounts = []int{1, 2, 8}

// naive is a graph as maps, which is what the algorithms are held against.
type naive struct {
	n   int
	out map[int]map[int]float64
}

func newNaive(n int, edges []graph.Edge[int], directed bool) naive {
	g := naive{n: n, out: map[int]map[int]float64{}}
	add := func(u, v int, w float32) {
		if g.out[u] == nil {
			g.out[u] = map[int]float64{}
		}
		g.out[u][v] += float64(w)
	}
	for _, e := range edges {
		add(e.From, e.To, e.Weight)
		if !directed && e.From != e.To {
			add(e.To, e.From, e.Weight)
		}
	}
	return g
}

// distances is a breadth-first search with a queue.
func (g naive) distances(source int) []int {
	d := slices.Repeat([]int{-1}, g.n)
	d[source] = 0
	for queue := []int{source}; len(queue) > 0; queue = queue[1:] {
		for v := range g.out[queue[0]] {
			if d[v] < 0 {
				d[v] = d[queue[0]] + 1
				queue = append(queue, v)
			}
		}
	}
	return d
}

// components labels each node with the smallest node it is joined to.
func (g naive) components() []int {
	label := make([]int, g.n)
	for u := range label {
		label[u] = u
	}
	for changed := true; changed; {
		changed = false
		for u := range g.n {
			for v := range g.out[u] {
				if low := min(label[u], label[v]); label[u] != low || label[v] != low {
					label[u], label[v], changed = low, low, true
				}
			}
		}
	}
	return label
}

// strong labels each node with the smallest node that it reaches and that
// reaches it.
func (g naive) strong() []int {
	reach := make([][]int, g.n)
	for u := range reach {
		reach[u] = g.distances(u)
	}
	label := make([]int, g.n)
	for u := range label {
		for label[u] = 0; reach[u][label[u]] < 0 || reach[label[u]][u] < 0; label[u]++ {
		}
	}
	return label
}

// pageRank multiplies with the dense matrix of the formula until only rounding
// can move.
func (g naive) pageRank(p []float64, damping float64) []float64 {
	matrix := make([][]float64, g.n)
	for u := range matrix {
		matrix[u] = make([]float64, g.n)
		var sum float64
		for _, w := range g.out[u] {
			sum += w
		}
		for v := range matrix[u] {
			follow := p[v] // a dangling node
			if sum > 0 {
				follow = g.out[u][v] / sum
			}
			matrix[u][v] = (1-damping)*p[v] + damping*follow
		}
	}
	r := slices.Clone(p)
	for round, change := 0, 1.0; round < 250 && change > 1e-16; round++ { // 0.85²⁵⁰ is below 1e-17
		next := make([]float64, g.n)
		for u := range matrix {
			for v, m := range matrix[u] {
				next[v] += r[u] * m
			}
		}
		change = 0
		for u := range r {
			change = max(change, math.Abs(next[u]-r[u]))
		}
		r = next
	}
	return r
}

// sample is a random graph with loops, repeated edges, nodes without edges and
// weights in quarters, and its naive twin.
func sample(t testing.TB, seed uint64, nodes, edges int, directed bool) (*graph.Graph[int], naive) {
	t.Helper()
	b := graph.NewBuilder[int](graph.BuilderOptions{Directed: directed})
	for u := range nodes {
		b.AddNode(u)
	}
	rng, list := synth.Rand(seed), []graph.Edge[int]{}
	for _, e := range synth.Edges(seed, nodes, edges) {
		e := graph.Edge[int]{From: e[0], To: e[1], Weight: float32(1+rng.IntN(12)) / 4}
		list = append(list, e)
		b.AddEdge(e.From, e.To, e.Weight)
	}
	g, err := b.Build()
	require.NoError(t, err)
	return g, newNaive(nodes, list, directed)
}

// samples calls f with small random graphs of every density.
func samples(t *testing.T, f func(t *testing.T, g *graph.Graph[int], n naive)) {
	t.Helper()
	for seed := range uint64(24) {
		nodes := 1 + int(seed)*3
		edges := int(math.Pow(float64(nodes), 0.5+float64(seed%4)/3))
		for _, directed := range []bool{false, true} {
			g, n := sample(t, seed, nodes, edges, directed)
			f(t, g, n)
		}
	}
}

// same requires that two labellings divide the nodes alike.
func same(t *testing.T, want []int, got []int32) {
	t.Helper()
	require.Len(t, got, len(want))
	to, from := map[int]int32{}, map[int32]int{}
	for u := range want {
		if label, ok := to[want[u]]; ok {
			require.Equal(t, label, got[u], "node %d", u)
		}
		if label, ok := from[got[u]]; ok {
			require.Equal(t, label, want[u], "node %d", u)
		}
		to[want[u]], from[got[u]] = got[u], want[u]
	}
}

// large is a graph of many blocks, so that kernels share the work.
func large(t testing.TB, directed bool) *graph.Graph[int] {
	t.Helper()
	g, err := graph.RMAT(graph.RMATOptions{Scale: 12, EdgeFactor: 20, Directed: directed, Seed: 3})
	require.NoError(t, err)
	return g
}
