package main

import (
	"bufio"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"sync"

	"github.com/quintet-ai/quintet/graph"
	"github.com/quintet-ai/quintet/internal/synth"
)

// testGraph is a graph with what the kernels start from.
type testGraph struct {
	name     string
	weighted *graph.Graph[int] // whole weights from 1 to 255
	plain    *graph.Graph[int] // the same edges without weights
	joined   *graph.Graph[int] // plain without the nodes that have no edge
	sources  []int             // nodes with edges
	file     string            // the graph for other programs
}

type madeGraph func() (*testGraph, error)

// The graphs of research: two of R-MAT with 16 edges drawn for each node, and a
// grid that has lost a tenth of its edges. Small ones are for slow peers.
var (
	kron10 = rmat("kron10", 10)
	kron12 = rmat("kron12", 12)
	kron16 = rmat("kron16", 16)
	kron18 = rmat("kron18", 18)
	grid   = prepared("grid", func() (*graph.Graph[int], error) {
		g, err := graph.Grid(graph.GridOptions{Rows: 1024, Columns: 1024})
		if err != nil {
			return nil, err
		}
		rng := synth.Rand(1)
		return copied(g, func(b *graph.Builder[int], e graph.Edge[int]) {
			if rng.IntN(10) > 0 {
				b.AddEdge(e.From, e.To, 1)
			}
		}, true)
	})
	groups = prepared("groups", func() (*graph.Graph[int], error) {
		return graph.PlantedPartition(graph.PlantedPartitionOptions{
			Groups: 16, Size: 250, Inside: 0.12, Between: 0.001, Seed: 1,
		})
	})
)

func rmat(name string, scale int) madeGraph {
	return prepared(name, func() (*graph.Graph[int], error) {
		return graph.RMAT(graph.RMATOptions{Scale: scale, EdgeFactor: 16, Seed: 1})
	})
}

// prepared makes a graph once, and all that goes with it.
func prepared(name string, make func() (*graph.Graph[int], error)) madeGraph {
	return sync.OnceValues(func() (*testGraph, error) {
		g, err := make()
		if err != nil {
			return nil, err
		}
		t, rng := &testGraph{name: name, plain: g}, synth.Rand(2)
		t.weighted, err = copied(g, func(b *graph.Builder[int], e graph.Edge[int]) {
			b.AddEdge(e.From, e.To, float32(1+rng.IntN(255)))
		}, true)
		if err != nil {
			return nil, err
		}
		t.joined, err = copied(g, func(b *graph.Builder[int], e graph.Edge[int]) { b.AddEdge(e.From, e.To, 1) }, false)
		for len(t.sources) < 4 {
			if u := rng.IntN(g.Order()); g.OutDegree(u) > 0 {
				t.sources = append(t.sources, u)
			}
		}
		return t, err
	})
}

// copied builds a graph from what add makes of the edges of another.
func copied(
	g *graph.Graph[int], add func(*graph.Builder[int], graph.Edge[int]), nodes bool,
) (*graph.Graph[int], error) {
	b := graph.NewBuilder[int](graph.BuilderOptions{})
	if nodes {
		for u := range g.Nodes() {
			b.AddNode(u)
		}
	}
	for e := range g.Edges() {
		add(b, e)
	}
	return b.Build()
}

// written returns the name of a file with the numbers of nodes and edges, then the
// ends and the weight of each edge, 4 bytes each.
func (t *testGraph) written() (string, error) {
	if t.file != "" {
		return t.file, nil
	}
	dir, err := os.MkdirTemp("", "quintet-graph")
	if err != nil {
		return "", err
	}
	f, err := os.Create(filepath.Join(dir, t.name))
	if err != nil {
		return "", err
	}
	w := bufio.NewWriter(f)
	put := func(numbers ...uint32) {
		var b []byte
		for _, n := range numbers {
			b = binary.LittleEndian.AppendUint32(b, n)
		}
		w.Write(b) // Flush reports what went wrong
	}
	put(uint32(t.weighted.Order()), uint32(t.weighted.Size()))
	for e := range t.weighted.Edges() {
		put(uint32(e.From), uint32(e.To), math.Float32bits(e.Weight))
	}
	if err := w.Flush(); err != nil {
		return "", err
	}
	t.file = f.Name()
	return t.file, f.Close()
}
