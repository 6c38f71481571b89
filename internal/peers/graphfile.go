package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/quintet-ai/quintet/graph"
	"github.com/quintet-ai/quintet/internal/report"
)

// graphMemoryFigures are bytes by undirected edge.
func graphMemoryFigures() []report.Figure {
	return []report.Figure{
		{Name: "graph/memory_kron16", Unit: "B", Goal: report.AtMost(9), Measure: func(m *report.Meter) ([]float64, error) {
			return rowBytes(m, false)
		}},
		{Name: "graph/memory_kron16_weighted", Unit: "B", Goal: report.AtMost(17),
			Measure: func(m *report.Meter) ([]float64, error) { return rowBytes(m, true) }},
		{Name: "graph/memory_kron16_igraph", Unit: "x", Peer: "igraph", Measure: igraphMemory},
	}
}

// rowBytes is what the rows of a graph take, by arithmetic, and in the note what the
// heap has more with such a graph, whose keys take 8 bytes a node.
func rowBytes(m *report.Meter, weighted bool) ([]float64, error) {
	t, err := kron16()
	if err != nil {
		return nil, err
	}
	g := t.plain
	if weighted {
		g = t.weighted
	}
	c, bytes := g.CSR(), 4
	for u := range int32(c.Order()) {
		bytes += 4 + 4*len(c.Out(u)) + 4*len(c.OutWeights(u))
	}
	before := heap()
	again, err := copied(g, func(b *graph.Builder[int], e graph.Edge[int]) { b.AddEdge(e.From, e.To, e.Weight) }, true)
	if err != nil {
		return nil, err
	}
	m.Note("%.2f B with the keys", float64(heap()-before)/float64(g.Size()))
	runtime.KeepAlive(again)
	return []float64{float64(bytes) / float64(g.Size())}, nil
}

func heap() int64 {
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return int64(s.HeapAlloc)
}

// igraphMemory is what igraph takes over what the rows take.
func igraphMemory(m *report.Meter) ([]float64, error) {
	ours, err := rowBytes(m, false)
	if err != nil {
		return nil, err
	}
	t, err := kron16()
	if err != nil {
		return nil, err
	}
	h, err := harnessOf(igraphCommand, t)
	if err != nil {
		return nil, err
	}
	_, theirs, err := h.ask("memory")
	theirs /= float64(t.plain.Size())
	m.Note("%.1f B against %.1f B", ours[0], theirs)
	return []float64{theirs / ours[0]}, err
}

// tenMillion is a graph of ten million edges as text.
var tenMillion = sync.OnceValues(func() (text []byte, err error) {
	g, err := graph.Random(graph.RandomOptions{Nodes: 1 << 20, Edges: 10_000_000, Seed: 1})
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = graph.WriteEdgeList(&out, g, graph.EdgeListOptions{})
	return out.Bytes(), err
})

func readTenMillion() (*graph.Graph[int], error) {
	text, err := tenMillion()
	if err != nil {
		return nil, err
	}
	src := graph.ReadEdgeList[int](bytes.NewReader(text), graph.EdgeListOptions{})
	return graph.FromEdges(context.Background(), src, graph.BuilderOptions{})
}

// graphFileFigures are the building and the opening of ten million edges.
func graphFileFigures() []report.Figure {
	return []report.Figure{
		{Name: "graph/build_10M", Unit: "s", Goal: report.AtMost(3), Parallel: true,
			Measure: func(m *report.Meter) (seconds []float64, err error) {
				if _, err := tenMillion(); err != nil {
					return nil, err
				}
				for range min(m.Rounds(), 3) {
					took := m.Took(func() { _, err = readTenMillion() })
					if err != nil {
						return nil, err
					}
					seconds = append(seconds, took.Seconds())
				}
				m.Note("from an edge list in memory")
				return seconds, nil
			}},
		{Name: "graph/open_10M", Unit: "ms", Goal: report.AtMost(50), Measure: openTenMillion},
	}
}

// openTenMillion is the wall time of opening a mapped file.
func openTenMillion(m *report.Meter) (ms []float64, err error) {
	g, err := readTenMillion()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "quintet-graph")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "graph")
	if err := graph.Save(path, g); err != nil {
		return nil, err
	}
	for range 3 * m.Rounds() {
		start := time.Now()
		f, err := graph.Open[int](context.Background(), path)
		if err != nil {
			return nil, err
		}
		ms = append(ms, time.Since(start).Seconds()*1e3)
		if err := f.Close(); err != nil {
			return nil, err
		}
	}
	m.Note("wall time on all processors")
	return ms, nil
}
