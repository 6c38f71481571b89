package main

import (
	"context"
	"os"
	"time"

	"github.com/quintet-ai/quintet/internal/hnsw"
	"github.com/quintet-ai/quintet/internal/report"
	"github.com/quintet-ai/quintet/vector"
)

// vectorBuildFigures are the cost of making a graph and the memory that it takes.
func vectorBuildFigures() []report.Figure {
	return []report.Figure{
		{Name: "vector/build_c", Unit: "x", Peer: "hnswlib", Goal: report.AtMost(0.65), Parallel: true,
			Measure: func(m *report.Meter) ([]float64, error) { return buildBeside(m, setC) }},
		{Name: "vector/build_d", Unit: "x", Peer: "hnswlib", Goal: report.AtMost(0.8), Parallel: true,
			Measure: func(m *report.Meter) ([]float64, error) { return buildBeside(m, setD) }},
		{Name: "vector/build_threads", Unit: "x", Goal: report.AtLeast(1.8), Measure: buildThreads},
		{Name: "vector/memory_d384", Unit: "B", Goal: report.AtMost(4*384 + 160),
			Measure: func(*report.Meter) ([]float64, error) { return bytesPerVector(graphD()) }},
		{Name: "vector/memory_d384_sq8", Unit: "B",
			Measure: func(*report.Meter) ([]float64, error) { return bytesPerVector(codesD()) }},
		{Name: "vector/memory_mapped", Unit: "B", Goal: report.AtMost(600), Measure: mappedBytes},
	}
}

// mappedBytes is the memory of the links and codes of set D, and of the few vectors
// that are not in the file.
func mappedBytes(m *report.Meter) ([]float64, error) {
	d, err := setD()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "quintet")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	c, err := vector.Open[int](dir, vector.Options{
		Dim: d.dim, Metric: vector.L2, Index: vector.HNSW, Quantization: vector.SQ8, Mapped: true, Sync: vector.SyncNever,
	})
	if err != nil {
		return nil, err
	}
	defer c.Close()
	if err := fill(c, d.base); err != nil {
		return nil, err
	}
	if err := c.Compact(context.Background()); err != nil { // ends with a snapshot
		return nil, err
	}
	share, err := ask(c, d.queries, d.truth, vector.Query{})
	if err != nil {
		return nil, err
	}
	s, err := c.Stats(context.Background())
	m.Note("%d B a vector in the file, recall@10 %.4f", s.MappedBytes/int64(s.Items), share)
	return []float64{float64(s.Bytes+s.LinkBytes+s.CodeBytes) / float64(s.Items)}, err
}

// built makes the graph of a set on one worker.
func built(set drawn) error {
	d, err := set()
	if err != nil {
		return err
	}
	rt, err := one()
	if err != nil {
		return err
	}
	c, err := collect(d.base, vector.Options{Index: vector.HNSW, Runtime: rt})
	if err != nil {
		return err
	}
	return c.Close()
}

// buildBeside compares the CPU time of one thread. It takes long: once is enough.
func buildBeside(m *report.Meter, set drawn) ([]float64, error) {
	d, err := set()
	if err != nil {
		return nil, err
	}
	h, err := startHNSWLib(d)
	if err != nil {
		return nil, err
	}
	defer h.close()
	theirs, _, err := h.build(1)
	if err != nil {
		return nil, err
	}
	took := m.Took(func() { err = built(set) })
	m.Note("%.1f s against %.1f s", took.Seconds(), theirs.Seconds())
	return []float64{took.Seconds() / theirs.Seconds()}, err
}

// buildThreads is the wall time of linking on one worker over that on two. It asks the
// index itself: a collection of two workers leaves one of them to searches.
func buildThreads(m *report.Meter) ([]float64, error) {
	d, err := setD()
	if err != nil {
		return nil, err
	}
	var took [2]time.Duration
	for i := range took {
		ix, err := hnsw.New(hnsw.Options{Dim: d.dim})
		if err != nil {
			return nil, err
		}
		ids := make([]uint32, len(d.base))
		for id, v := range d.base {
			ids[id] = uint32(id)
			ix.Put(uint32(id), v)
		}
		start := time.Now()
		ix.Link(ids, 1+i)
		took[i] = time.Since(start)
	}
	m.Note("%.1f s and %.1f s of wall time", took[0].Seconds(), took[1].Seconds())
	return []float64{took[0].Seconds() / took[1].Seconds()}, nil
}

func bytesPerVector(c *vector.Collection[int], err error) ([]float64, error) {
	if err != nil {
		return nil, err
	}
	s, err := c.Stats(context.Background())
	return []float64{float64(s.Bytes+s.LinkBytes+s.CodeBytes) / float64(s.Items)}, err
}
