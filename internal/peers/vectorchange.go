package main

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/quintet-ai/quintet/internal/report"
	"github.com/quintet-ai/quintet/vector"
)

// vectorChangeFigures are what is left of recall and speed when half of the vectors
// are deleted and the collection is compacted, beside one that never had them.
func vectorChangeFigures() []report.Figure {
	return []report.Figure{
		{Name: "vector/deleted_recall", Unit: "x", Peer: "fresh", Goal: report.AtLeast(0.97), Parallel: true,
			Measure: func(m *report.Meter) ([]float64, error) { return deleted(m, true) }},
		{Name: "vector/deleted_qps", Unit: "x", Peer: "fresh", Goal: report.AtLeast(0.97), Parallel: true,
			Measure: func(m *report.Meter) ([]float64, error) { return deleted(m, false) }},
		{Name: "vector/search_allocs", Goal: report.AtMost(1), Measure: searchAllocs},
	}
}

func deleted(m *report.Meter, recall bool) ([]float64, error) {
	d, err := setD()
	if err != nil {
		return nil, err
	}
	half := len(d.base) / 2
	o := vector.Options{Index: vector.HNSW}
	worn, err := collect(d.base, o)
	if err != nil {
		return nil, err
	}
	defer worn.Close()
	ids := make([]int, half) // the later half is replaced by the earlier one
	for i := range ids {
		ids[i] = half + i
	}
	if _, err := worn.Delete(context.Background(), ids...); err != nil {
		return nil, err
	}
	if err := worn.Compact(context.Background()); err != nil {
		return nil, err
	}
	fresh, err := collect(d.base[:half], o)
	if err != nil {
		return nil, err
	}
	defer fresh.Close()
	truth, err := exact(d.base[:half], d.queries)
	if err != nil {
		return nil, err
	}
	var out []float64
	for range m.Rounds() {
		var took [2]time.Duration
		var found [2]float64
		for i, c := range []*vector.Collection[int]{worn, fresh} {
			took[i] = m.Took(func() { found[i], err = ask(c, d.queries, truth, vector.Query{}) })
			if err != nil {
				return nil, err
			}
		}
		if recall {
			out = append(out, found[0]/found[1])
		} else {
			out = append(out, took[1].Seconds()/took[0].Seconds())
		}
	}
	return out, nil
}

// searchAllocs are those of a search in a graph; the hits are one.
func searchAllocs(m *report.Meter) ([]float64, error) {
	c, err := graphD()
	if err != nil {
		return nil, err
	}
	d, err := setD()
	if err != nil {
		return nil, err
	}
	return m.Allocs(func(n int) {
		for i := range n {
			if _, err = c.Search(context.Background(), vector.Query{Vector: d.queries[i%len(d.queries)]}); err != nil {
				return
			}
		}
	}), err
}

// millionFigures are about a million vectors of set C's kind in a directory.
func millionFigures() []report.Figure {
	return []report.Figure{
		{Name: "vector/million_open", Unit: "s", Goal: report.AtMost(2), Parallel: true, Measure: million},
	}
}

// million is the CPU time of opening the snapshot; the note has the rest.
func million(m *report.Meter) ([]float64, error) {
	const n = 1_000_000
	dir, err := os.MkdirTemp("", "million")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	rows := mixture{3, n, 1000, 128, 200, 28, 0.45, 0.55, false}.vectors()
	base, queries := rows[:n], rows[n:]
	truth, err := exact(base, queries)
	if err != nil {
		return nil, err
	}
	o := vector.Options{Dim: 128, Metric: vector.L2, Index: vector.HNSW, Sync: vector.SyncNever, SnapshotBytes: -1}
	open := func() (*vector.Collection[int], error) { return vector.Open[int](filepath.Join(dir, "c"), o) }
	c, err := open()
	if err != nil {
		return nil, err
	}
	building := m.Took(func() {
		if err = fillInParts(c, base); err == nil {
			err = linked(c)
		}
	})
	if err == nil {
		err = c.Snapshot(context.Background())
	}
	if err == nil {
		err = c.Close()
	}
	if err != nil {
		return nil, err
	}
	opening := m.Took(func() { c, err = open() })
	if err != nil {
		return nil, err
	}
	defer c.Close()
	var recall float64
	asking := m.Took(func() { recall, err = ask(c, queries, truth, vector.Query{}) })
	if err != nil {
		return nil, err
	}
	s, err := c.Stats(context.Background())
	m.Note("built in %.0f s of CPU time, %.0f queries a second at recall %.3f, %.2f GB of vectors, %.2f GB of links",
		building.Seconds(), float64(len(queries))/asking.Seconds(), recall, float64(s.Bytes)/1e9, float64(s.LinkBytes)/1e9)
	return []float64{opening.Seconds()}, err
}

// fillInParts keeps every call below what a record of the log may hold.
func fillInParts(c *vector.Collection[int], rows [][]float32) error {
	const part = 10_000
	for lo := 0; lo < len(rows); lo += part {
		items := make([]vector.Item[int], 0, part)
		for i := lo; i < min(lo+part, len(rows)); i++ {
			items = append(items, vector.Item[int]{ID: i, Vector: rows[i]})
		}
		if err := c.Upsert(context.Background(), items...); err != nil {
			return err
		}
	}
	return nil
}
