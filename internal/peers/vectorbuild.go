package main

import (
	"context"
	"time"

	"github.com/quintet-ai/quintet/internal/report"
	"github.com/quintet-ai/quintet/optimize"
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
	}
}

// built makes the graph of a set on as many workers and returns the wall time.
func built(set drawn, workers int) (time.Duration, error) {
	d, err := set()
	if err != nil {
		return 0, err
	}
	rt, err := optimize.New(optimize.Options{Workers: workers})
	if err != nil {
		return 0, err
	}
	defer rt.Close()
	start := time.Now()
	c, err := collect(d.base, vector.Options{Index: vector.HNSW, Runtime: rt})
	if err != nil {
		return 0, err
	}
	defer c.Close()
	return time.Since(start), nil
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
	took := m.Took(func() { _, err = built(set, 1) })
	m.Note("%.1f s against %.1f s", took.Seconds(), theirs.Seconds())
	return []float64{took.Seconds() / theirs.Seconds()}, err
}

// buildThreads is the wall time on one worker over that on two.
func buildThreads(m *report.Meter) ([]float64, error) {
	alone, err := built(setD, 1)
	if err != nil {
		return nil, err
	}
	both, err := built(setD, 2)
	if err != nil {
		return nil, err
	}
	m.Note("%.1f s and %.1f s of wall time", alone.Seconds(), both.Seconds())
	return []float64{alone.Seconds() / both.Seconds()}, nil
}

func bytesPerVector(c *vector.Collection[int], err error) ([]float64, error) {
	if err != nil {
		return nil, err
	}
	s, err := c.Stats(context.Background())
	return []float64{float64(s.Bytes+s.LinkBytes+s.CodeBytes) / float64(s.Items)}, err
}
