package graph

import "context"

// SetLimit makes b refuse more than n nodes and more than n edges.
func SetLimit[K comparable](b *Builder[K], n int) { b.limit = n }

// ForBlocks is forBlocks.
var ForBlocks = forBlocks

// Bytes returns the memory of the edges of a graph.
func (c *CSR) Bytes() int { return 4 * (cap(c.off) + cap(c.adj) + cap(c.w)) }

// ScaledBetweenness is EdgeBetweenness and Betweenness of a directed graph with
// the scales that otherwise serve graphs with very many paths.
func (c *CSR) ScaledBetweenness(ctx context.Context) (nodes, edges []float64, err error) {
	b := brandes{sum: make([]float64, c.order()), edges: make([]float64, len(c.adj))}
	b.ready(&rows{off: c.off, adj: c.adj})
	for s := int32(0); int(s) < c.order() && err == nil; s++ {
		b.order = b.order[:0]
		if err = b.breadth(ctx, s); err == nil {
			err = b.recount(ctx, s)
		}
		if err == nil {
			err = b.depend(ctx, s)
		}
		for _, u := range b.order {
			b.lengths[u], b.paths[u] = -1, 0
		}
	}
	return b.sum, b.edges, err
}
