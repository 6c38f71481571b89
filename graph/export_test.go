package graph

// SetLimit makes b refuse more than n nodes and more than n edges.
func SetLimit[K comparable](b *Builder[K], n int) { b.limit = n }

// ForBlocks is forBlocks.
var ForBlocks = forBlocks

// Bytes returns the memory of the edges of a graph.
func (c *CSR) Bytes() int { return 4 * (cap(c.off) + cap(c.adj) + cap(c.w)) }
