package main

import (
	"bytes"
	"context"

	"github.com/quintet-ai/quintet/internal/report"
	"github.com/quintet-ai/quintet/vector"
)

// flatRows is large enough for no cache.
const flatRows = 100_000

// flatFigures are searches that compare everything, on one core.
func flatFigures() []report.Figure {
	return []report.Figure{
		{Name: "vector/flat_bandwidth", Unit: "x", Peer: "reading", Goal: report.AtLeast(0.8), Measure: flatBandwidth},
		{Name: "vector/flat_batch32", Unit: "x", Peer: "single", Goal: report.AtLeast(3), Measure: flatBatch},
	}
}

func flat() (c *vector.Collection[int], queries []vector.Query, err error) {
	rt, err := one()
	if err != nil {
		return nil, nil, err
	}
	rows := mixture{9, flatRows, 32, 384, 20, 4, 0.35, 0.55, true}.vectors()
	c, err = collect(rows[:flatRows], vector.Options{Index: vector.Flat, Runtime: rt})
	for _, v := range rows[flatRows:] {
		queries = append(queries, vector.Query{Vector: v, K: neighbours})
	}
	return c, queries, err
}

// flatBandwidth is the bytes a second of a search over those of looking through
// memory for a byte that is not there.
func flatBandwidth(m *report.Meter) ([]float64, error) {
	c, queries, err := flat()
	if err != nil {
		return nil, err
	}
	defer c.Close()
	memory := make([]byte, flatRows*384*4)
	for i := range memory {
		memory[i] = 1
	}
	search := func(n int) {
		for i := range n {
			if _, err = c.Search(context.Background(), queries[i%len(queries)]); err != nil {
				return
			}
		}
	}
	read := func(n int) {
		for range n {
			if bytes.IndexByte(memory, 0) >= 0 {
				panic("peers: memory of ones holds a zero")
			}
		}
	}
	return m.Speedup(search, read), err
}

// flatBatch is the time of 32 searches over that of one batch of them.
func flatBatch(m *report.Meter) ([]float64, error) {
	c, queries, err := flat()
	if err != nil {
		return nil, err
	}
	defer c.Close()
	batch := func(n int) {
		for range n {
			if _, err = c.SearchBatch(context.Background(), queries); err != nil {
				return
			}
		}
	}
	single := func(n int) {
		for range n {
			for _, q := range queries {
				if _, err = c.Search(context.Background(), q); err != nil {
					return
				}
			}
		}
	}
	return m.Speedup(batch, single), err
}
