package graph

import (
	"fmt"
	"math"

	"github.com/quintet-ai/quintet"
)

// BarabasiAlbertOptions configures [BarabasiAlbert].
type BarabasiAlbertOptions struct {
	Nodes int    // at most 2^31-1
	Edges int    // of each new node, less than Nodes; less than 2^31 in all
	Seed  uint64 // the same seed gives the same graph
}

// BarabasiAlbert returns an undirected graph that has grown by preferential
// attachment: after a star of the first Edges+1 nodes, each new node gets edges to
// Edges different nodes, each chosen in proportion to the degree it has. A few nodes
// get very high degrees. It has (Nodes-Edges)·Edges edges, and its nodes are the
// numbers from 0 in the order in which they came. It takes O(V+E) time in practice.
// Numbers out of range have the cause [quintet.ErrOption].
//
// Barabási and Albert, Emergence of Scaling in Random Networks, Science 286, 1999.
func BarabasiAlbert(o BarabasiAlbertOptions) (*Graph[int], error) {
	n, m := o.Nodes, o.Edges
	if n < 0 || n > math.MaxInt32 || m < 0 || m > 0 && (m >= n || n-m > math.MaxInt32/m) {
		return nil, fmt.Errorf("graph: %d nodes with %d edges each: %w", n, m, quintet.ErrOption)
	}
	rng := newRand(o.Seed)
	from, to := make([]int32, 0, (n-m)*m), make([]int32, 0, (n-m)*m)
	for v := range m {
		from, to = append(from, 0), append(to, int32(v+1))
	}
	taken := make([]int32, n) // the last node that chose a node
	for u := m + 1; u < n && m > 0; u++ {
		ends := len(from)
		for len(from) < ends+m {
			i := rng.IntN(2 * ends) // an end of an edge: nodes have as many as their degree
			v := from[i/2]
			if i%2 == 1 {
				v = to[i/2]
			}
			if taken[v] != int32(u) {
				taken[v] = int32(u)
				from, to = append(from, int32(u)), append(to, v)
			}
		}
	}
	return numbered(n, from, to, BuilderOptions{Unweighted: true}), nil
}
