package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/quintet-ai/quintet/internal/report"
	"github.com/quintet-ai/quintet/vector"
)

// vectorFilterFigures are recall and speed behind filters that a share of set C
// passes, by the percent.
func vectorFilterFigures() []report.Figure {
	var out []report.Figure
	for _, t := range []struct {
		percent int
		recall  float64
	}{{1, 0.99}, {10, 0.98}, {50, 0.97}} {
		name := fmt.Sprintf("vector/filter_%d_", t.percent)
		out = append(out,
			report.Figure{Name: name + "recall", Goal: report.AtLeast(t.recall), Parallel: true,
				Measure: func(m *report.Meter) ([]float64, error) {
					recall, _, err := filtered(m, t.percent, 1)
					return recall, err
				}},
			report.Figure{Name: name + "qps", Unit: "x", Peer: "unfiltered", Goal: report.AtLeast(0.5), Parallel: true,
				Measure: func(m *report.Meter) ([]float64, error) {
					_, ratio, err := filtered(m, t.percent, m.Rounds())
					return ratio, err
				}})
	}
	return out
}

// labelled is set C with a number from 0 to 99 at every vector.
var labelled = sync.OnceValues(func() (*vector.Collection[int], error) {
	d, err := setC()
	if err != nil {
		return nil, err
	}
	c, err := vector.New[int](vector.Options{Dim: d.dim, Metric: vector.L2, Index: vector.HNSW})
	if err != nil {
		return nil, err
	}
	rng := rand.New(rand.NewPCG(11, 1))
	items := make([]vector.Item[int], len(d.base))
	for i, v := range d.base {
		items[i] = vector.Item[int]{ID: i, Vector: v, Meta: vector.Meta{"percent": rng.IntN(100)}}
	}
	if err := c.Upsert(context.Background(), items...); err != nil {
		return nil, err
	}
	return c, linked(c)
})

// filtered returns the recall behind a filter and, by round, the queries per second
// over those without.
func filtered(m *report.Meter, percent, rounds int) (recall, ratio []float64, err error) {
	c, err := labelled()
	if err != nil {
		return nil, nil, err
	}
	d, err := setC()
	if err != nil {
		return nil, nil, err
	}
	queries := d.queries[:200]
	behind := vector.Query{Filter: vector.AtMost("percent", percent-1)}
	truth := make([][]int, len(queries))
	for i, v := range queries {
		q := behind
		q.Vector, q.K, q.Exact = v, neighbours, true
		hits, err := c.Search(context.Background(), q)
		if err != nil {
			return nil, nil, err
		}
		for _, h := range hits {
			truth[i] = append(truth[i], h.ID)
		}
	}
	for range rounds {
		var took [2]time.Duration
		var share float64
		took[0] = m.Took(func() { share, err = ask(c, queries, truth, behind) })
		if err != nil {
			return nil, nil, err
		}
		took[1] = m.Took(func() { _, err = ask(c, queries, truth, vector.Query{}) })
		recall, ratio = append(recall, share), append(ratio, took[1].Seconds()/took[0].Seconds())
	}
	return recall, ratio, err
}
