package graph

import (
	"context"
	"testing"
)

// SetLimit makes b refuse more than n nodes and more than n edges.
func SetLimit[K comparable](b *Builder[K], n int) { b.limit = n }

// ForBlocks is forBlocks.
var ForBlocks = forBlocks

// Phases runs phases of so many blocks each on one team.
func Phases(ctx context.Context, phases, blocks, workers int, f func(phase, block, worker int)) error {
	t := newTeam(workers)
	defer t.close()
	for p := range phases {
		if err := t.forBlocks(ctx, blocks, func(b, worker int) { f(p, b, worker) }); err != nil {
			return err
		}
	}
	return nil
}

// Bytes returns the memory of the edges of a graph.
func (c *CSR) Bytes() int { return 4 * (cap(c.off) + cap(c.adj) + cap(c.w)) }

// ScaledBetweenness is EdgeBetweenness and Betweenness of a directed graph with
// the scales that otherwise serve graphs with very many paths.
func (c *CSR) ScaledBetweenness(ctx context.Context) (nodes, edges []float64, err error) {
	b := brandes{sum: make([]float64, c.order()), edges: make([]float64, len(c.adj))}
	b.ready(&rows{off: c.off, adj: c.adj})
	for s := int32(0); int(s) < c.order() && err == nil; s++ {
		b.begin(s)
		if err = b.breadthScaled(ctx, 0); err == nil {
			err = b.depend(ctx)
		}
		b.forget()
	}
	return b.sum, b.edges, err
}

// TryBytes opens the bytes of a file.
func TryBytes[K FileKey](data []byte) (*Graph[K], error) {
	f, err := openFile[K](context.Background(), data)
	if err != nil {
		return nil, err
	}
	return f.g, nil
}

// OpenBytes is TryBytes for bytes of Write, at every place of memory.
func OpenBytes[K FileKey](t testing.TB, data []byte) *Graph[K] {
	t.Helper()
	for shift := range 8 {
		moved := append(make([]byte, shift, shift+len(data)), data...)[shift:]
		if _, err := TryBytes[K](moved); err != nil {
			t.Fatal(err)
		}
	}
	g, err := TryBytes[K](data)
	if err != nil {
		t.Fatal(err)
	}
	return g
}
