package graph

import "context"

// ClusteringOptions configures [Clustering]. The zero value is good.
type ClusteringOptions struct {
	// Workers is how many goroutines share the work. Default: GOMAXPROCS.
	Workers int
}

// ClusteringCoefficients is the result of [Clustering]. The scores are the local
// coefficients: the part of the pairs of neighbours of a node that have an edge
// between them, 0 for a node with less than two neighbours.
type ClusteringCoefficients[K comparable] struct {
	Scores[K]

	Average      float64 // of the local coefficients; 0 for the empty graph
	Transitivity float64 // part of the paths of two edges that close to a triangle; 0 without such paths
	Triangles    int64   // of the graph
}

// Clustering measures how far the neighbours of nodes are neighbours of each
// other. Directions, loops, parallel edges and weights do not matter. Errors and
// cost are those of [Triangles].
//
// Watts and Strogatz, Collective Dynamics of 'Small-World' Networks, Nature 393,
// 1998; the transitivity is that of Newman, SIAM Review 45(2), 2003, §3.2.
func Clustering[K comparable](
	ctx context.Context, g *Graph[K], o ClusteringOptions,
) (*ClusteringCoefficients[K], error) {
	to, err := TrianglesOptions{Workers: o.Workers}.withDefaults()
	if err != nil {
		return nil, err
	}
	r, err := simpleRows(ctx, g, to.Workers)
	if err != nil {
		return nil, err
	}
	total, counts, err := r.triangles(ctx, to)
	if err != nil {
		return nil, err
	}
	out := &ClusteringCoefficients[K]{Scores: Scores[K]{Values: make([]float64, len(counts)), g: g}, Triangles: total}
	wedges := 0.0 // paths of two edges
	for u, count := range counts {
		d := float64(r.degree(int32(u)))
		if pairs := d * (d - 1) / 2; pairs > 0 {
			out.Values[u] = float64(count) / pairs
			wedges += pairs
		}
		out.Average += out.Values[u]
	}
	if len(counts) > 0 {
		out.Average /= float64(len(counts))
	}
	if wedges > 0 {
		out.Transitivity = 3 * float64(total) / wedges
	}
	return out, nil
}
