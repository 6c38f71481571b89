package main

import (
	"fmt"
	"math"
	"slices"

	"github.com/quintet-ai/quintet/internal/report"
)

// cell is a ratio that is a figure of its own and part of a mean.
type cell struct {
	name    string
	goal    report.Goal
	measure func(m *report.Meter) ([]float64, error)

	done   bool
	values []float64
	err    error
}

func (c *cell) figure() report.Figure {
	return report.Figure{Name: c.name, Unit: "x", Peer: "onnxruntime", Goal: c.goal, Parallel: true, Measure: c.get}
}

// get measures on the first call.
func (c *cell) get(m *report.Meter) ([]float64, error) {
	if !c.done {
		c.values, c.err = c.measure(m)
		c.done = true
	}
	return c.values, c.err
}

// withMean returns the figures of the cells and that of their geometric mean, round
// by round. Cells that have no values, because what they need is not installed, are
// left out of the mean.
func withMean(name string, goal report.Goal, cells []*cell) []report.Figure {
	var out []report.Figure
	for _, c := range cells {
		out = append(out, c.figure())
	}
	mean := func(m *report.Meter) ([]float64, error) {
		logs, count := make([]float64, m.Rounds()), 0
		for _, c := range cells {
			values, err := c.get(m)
			if err != nil {
				continue // its own figure says why
			}
			for i := range logs {
				logs[i] += math.Log(values[i])
			}
			count++
		}
		if count == 0 {
			return nil, report.Skip("none of the models could be measured")
		}
		for i := range logs {
			logs[i] = math.Exp(logs[i] / float64(count))
		}
		m.Note("geometric mean of %d of %d", count, len(cells))
		return logs, nil
	}
	return append(out, report.Figure{Name: name, Unit: "x", Peer: "onnxruntime", Goal: goal, Parallel: true,
		Measure: mean})
}

// middle is the median, the upper one of two.
func middle(values []float64) float64 { return slices.Sorted(slices.Values(values))[len(values)/2] }

// milliseconds prints a time that is in nanoseconds.
func milliseconds(ns float64) string { return fmt.Sprintf("%.3g ms", ns/1e6) }
