package graph

import (
	"fmt"
	"math"

	"github.com/quintet-ai/quintet"
)

// WattsStrogatzOptions configures [WattsStrogatz].
type WattsStrogatzOptions struct {
	Nodes     int     // at most 2^31-1
	Neighbors int     // of a node in the ring, even and less than Nodes; less than 2^32 in all
	Rewire    float64 // probability of an edge to be moved, from 0 to 1
	Seed      uint64  // the same seed gives the same graph
}

// WattsStrogatz returns an undirected graph with short paths and many triangles: in
// a ring of nodes, each has an edge to the nearest Neighbors nodes; then each edge
// keeps its first end and, with the probability Rewire, gets a new second one, drawn
// from the nodes to which the first has no edge yet. It has Nodes·Neighbors/2 edges,
// and its nodes are the numbers from 0 around the ring. It takes O(V+E) time, more
// if a node has an edge to nearly all. Options out of range have the cause
// [quintet.ErrOption].
//
// Watts and Strogatz, Collective Dynamics of Small-World Networks, Nature 393, 1998.
func WattsStrogatz(o WattsStrogatzOptions) (*Graph[int], error) {
	n, half := o.Nodes, o.Neighbors/2
	switch {
	case n < 0 || n > math.MaxInt32 || half < 0 || o.Neighbors%2 != 0 ||
		half > 0 && (o.Neighbors >= n || n > math.MaxInt32/half):
		return nil, fmt.Errorf("graph: %d nodes with %d neighbours: %w", n, o.Neighbors, quintet.ErrOption)
	case !(o.Rewire >= 0 && o.Rewire <= 1): // so that NaN fails
		return nil, fmt.Errorf("graph: Rewire is %v: %w", o.Rewire, quintet.ErrOption)
	}
	rng := newRand(o.Seed)
	from, to := make([]int32, 0, n*half), make([]int32, 0, n*half)
	there, degree := make(map[[2]int32]bool, n*half), make([]int, n)
	for step := 1; step <= half; step++ {
		for u := range n {
			v := (u + step) % n
			from, to = append(from, int32(u)), append(to, int32(v))
			there[[2]int32{int32(min(u, v)), int32(max(u, v))}] = true
			degree[u], degree[v] = degree[u]+1, degree[v]+1
		}
	}
	for i, u := range from {
		if rng.Float64() >= o.Rewire || degree[u] == n-1 {
			continue
		}
		for {
			v := rng.Int32N(int32(n))
			if e := [2]int32{min(u, v), max(u, v)}; v != u && !there[e] {
				delete(there, [2]int32{min(u, to[i]), max(u, to[i])})
				there[e] = true
				degree[to[i]], degree[v] = degree[to[i]]-1, degree[v]+1
				to[i] = v
				break
			}
		}
	}
	return numbered(n, from, to, BuilderOptions{Unweighted: true}), nil
}
