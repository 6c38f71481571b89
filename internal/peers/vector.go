package main

import (
	"context"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/quintet-ai/quintet/internal/report"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/vector"
)

// vectorFigures are those of collections, beside hnswlib where it has the same.
func vectorFigures() []report.Figure {
	return slices.Concat(
		recallFigures(),
		vectorBuildFigures(),
		flatFigures(),
		vectorFilterFigures(),
		vectorChangeFigures(),
		vectorGoFigures(),
		millionFigures(),
	)
}

type drawn func() (*dataSet, error)

// one is a runtime that answers a query on the goroutine of the call.
var one = sync.OnceValues(func() (*optimize.Runtime, error) { return optimize.New(optimize.Options{Workers: 1}) })

// collect makes a collection of rows whose graph is complete.
func collect(rows [][]float32, o vector.Options) (*vector.Collection[int], error) {
	o.Dim, o.Metric = len(rows[0]), vector.L2
	c, err := vector.New[int](o)
	if err != nil {
		return nil, err
	}
	if err := fill(c, rows); err != nil {
		return nil, err
	}
	return c, linked(c)
}

// linked waits until all items are built into the graph, which happens in the
// background.
func linked(c *vector.Collection[int]) error {
	for {
		s, err := c.Stats(context.Background())
		if err != nil || s.Index == vector.Flat || s.Unlinked == 0 {
			return err
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// graphOf is the collection of a whole set behind a graph, made once.
func graphOf(set drawn, q vector.Quantization) func() (*vector.Collection[int], error) {
	return sync.OnceValues(func() (*vector.Collection[int], error) {
		d, err := set()
		if err != nil {
			return nil, err
		}
		return collect(d.base, vector.Options{Index: vector.HNSW, Quantization: q})
	})
}

var (
	graphC, codesC = graphOf(setC, vector.None), graphOf(setC, vector.SQ8)
	graphD, codesD = graphOf(setD, vector.None), graphOf(setD, vector.SQ8)
)

// ask searches for all queries one after another and returns the share of the
// truth that it found.
func ask(c *vector.Collection[int], queries [][]float32, truth [][]int, q vector.Query) (float64, error) {
	right := 0
	for i, v := range queries {
		q.Vector, q.K = v, neighbours
		hits, err := c.Search(context.Background(), q)
		if err != nil {
			return 0, err
		}
		for _, h := range hits {
			if slices.Contains(truth[i], h.ID) {
				right++
			}
		}
	}
	return float64(right) / float64(neighbours*len(queries)), nil
}

// system is an index that can be asked for all queries of a set at once.
type system func(ef int) (took time.Duration, recall float64, err error)

func ours(m *report.Meter, c *vector.Collection[int], d *dataSet) system {
	return func(ef int) (took time.Duration, recall float64, err error) {
		took = m.Took(func() { recall, err = ask(c, d.queries, d.truth, vector.Query{Ef: ef}) })
		return took, recall, err
	}
}

// recallFigures compare queries per second of CPU time at equal recall.
func recallFigures() []report.Figure {
	var out []report.Figure
	for _, t := range []struct {
		name   string
		set    drawn
		ours   func() (*vector.Collection[int], error)
		recall float64
		goal   float64
	}{
		{"qps_c_r95_f32", setC, graphC, 0.95, 1.4}, {"qps_c_r99_f32", setC, graphC, 0.99, 1.4},
		{"qps_d_r95_f32", setD, graphD, 0.95, 1.4}, {"qps_d_r99_f32", setD, graphD, 0.99, 1.4},
		{"qps_c_r95_sq8", setC, codesC, 0.95, 2.5}, {"qps_c_r99_sq8", setC, codesC, 0.99, 2.5},
		{"qps_d_r95_sq8", setD, codesD, 0.95, 2.5}, {"qps_d_r99_sq8", setD, codesD, 0.99, 2.5},
	} {
		out = append(out, report.Figure{
			Name: "vector/" + t.name, Unit: "x", Peer: "hnswlib", Goal: report.AtLeast(t.goal), Parallel: true,
			Measure: func(m *report.Meter) ([]float64, error) {
				d, err := t.set()
				if err != nil {
					return nil, err
				}
				h, err := indexed(d)
				if err != nil {
					return nil, err
				}
				defer h.close()
				c, err := t.ours()
				if err != nil {
					return nil, err
				}
				return atRecall(m, t.recall, ours(m, c, d), h.search, len(d.queries))
			}})
	}
	return out
}

// atRecall returns by round how many more queries per second of CPU time a makes
// than b, both at the same recall.
func atRecall(m *report.Meter, recall float64, a, b system, queries int) ([]float64, error) {
	var points [2]bracket
	var err error
	for i, s := range []system{a, b} {
		if points[i], err = bracketOf(s, recall); err != nil {
			return nil, err
		}
	}
	var out, first []float64
	for range m.Rounds() {
		var took [2]float64
		for i, p := range points {
			if took[i], err = p.measure(recall); err != nil {
				return nil, err
			}
		}
		out = append(out, took[1]/took[0])
		first = append(first, float64(queries)/took[0])
	}
	m.Note("%.0f queries a second of CPU time, ef %d to %d against %d to %d", middle(first),
		points[0].low, points[0].high, points[1].low, points[1].high)
	return out, nil
}

// bracket is the two settings of a system between which it has a recall.
type bracket struct {
	system
	low, high             int
	lowRecall, highRecall float64
}

func bracketOf(s system, recall float64) (bracket, error) {
	b := bracket{system: s}
	for _, ef := range []int{10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 128, 192, 256, 512} {
		_, r, err := s(ef)
		if err != nil {
			return b, err
		}
		b.high, b.highRecall = ef, r
		if r >= recall {
			break
		}
		b.low, b.lowRecall = ef, r
	}
	if b.highRecall < recall {
		return b, report.Skip("no setting has this recall")
	}
	if b.low == 0 {
		b.low, b.lowRecall = b.high, b.highRecall
	}
	return b, nil
}

// measure returns the seconds of all queries at a recall, between the two settings
// by the logarithm of the time.
func (b bracket) measure(recall float64) (float64, error) {
	low, _, err := b.system(b.low)
	if err != nil || b.low == b.high {
		return low.Seconds(), err
	}
	high, _, err := b.system(b.high)
	if err != nil {
		return 0, err
	}
	at := (recall - b.lowRecall) / (b.highRecall - b.lowRecall)
	return math.Exp((1-at)*math.Log(low.Seconds()) + at*math.Log(high.Seconds())), nil
}
