package main

import (
	"fmt"

	"github.com/viterin/vek/vek32"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/quintet-ai/quintet/internal/report"
	"github.com/quintet-ai/quintet/internal/simd"
	"github.com/quintet-ai/quintet/internal/synth"
)

// simdFigures measures the kernels on vectors in the nearest cache. The
// nanoseconds to reach are those of a prototype of the kernels on one AMD EPYC
// (Zen 3) core, times 1.2.
func simdFigures() (all []report.Figure) {
	const slack = 1.2
	for _, t := range []struct {
		n               int
		dot, l2, l2Rows float64
	}{
		{128, 9.6, 14.8, 6.5},
		{384, 21.5, 23.6, 11.1},
		{1536, 82.1, 109, 84.5},
	} {
		var loop report.Goal // at one length only
		if t.n == 384 {
			loop = report.AtLeast(8)
		}
		dot, l2 := fmt.Sprintf("simd/dot_%d", t.n), fmt.Sprintf("simd/l2_%d", t.n)
		all = append(all,
			pairTime(dot, t.n, dotOurs, report.AtMost(slack*t.dot)),
			pairTime(l2, t.n, l2Ours, report.AtMost(slack*t.l2)),
			rowsTime(dot+"_rows", t.n, simd.DotRows, report.Goal{}),
			rowsTime(l2+"_rows", t.n, simd.SquaredL2Rows, report.AtMost(slack*t.l2Rows)),
			pairSpeedup(dot, t.n, dotOurs, "loop", dotLoop, loop),
			pairSpeedup(dot, t.n, dotOurs, "twin", generic(dotOurs), loop),
			pairSpeedup(dot, t.n, dotOurs, "gonum", dotGonum, report.AtLeast(1)),
			pairSpeedup(dot, t.n, dotOurs, "vek32", dotVek, report.AtLeast(1)),
			pairSpeedup(l2, t.n, l2Ours, "loop", l2Loop, loop),
			pairSpeedup(l2, t.n, l2Ours, "twin", generic(l2Ours), loop),
			pairSpeedup(l2, t.n, l2Ours, "vek32", l2Vek, report.AtLeast(1)),
		)
	}
	return all
}

// pairTimes runs a kernel n times on one pair of vectors. The sum keeps the
// compiler from dropping the work.
type pairTimes func(a, b []float32, n int) float32

// on binds a kernel to a pair of vectors of length dim.
func (f pairTimes) on(dim int) func(n int) {
	a, b := synth.Noise(1, dim, 1), synth.Noise(2, dim, 1)
	return func(n int) { f(a, b, n) }
}

func pairTime(name string, dim int, f pairTimes, g report.Goal) report.Figure {
	return report.Figure{Name: name, Unit: "ns", Goal: g,
		Measure: func(m *report.Meter) ([]float64, error) { return m.Nanoseconds(f.on(dim)), nil }}
}

func pairSpeedup(name string, dim int, ours pairTimes, peer string, theirs pairTimes, g report.Goal) report.Figure {
	return report.Figure{Name: name + "_" + peer, Unit: "x", Peer: peer, Goal: g,
		Measure: func(m *report.Meter) ([]float64, error) { return m.Speedup(ours.on(dim), theirs.on(dim)), nil }}
}

// rowsTime measures the time per row of a batch of 16.
func rowsTime(name string, dim int, f func(dst, q, base []float32, stride int, rows []uint32), g report.Goal) report.Figure {
	const count = 16
	measure := func(m *report.Meter) ([]float64, error) {
		q, base, dst := synth.Noise(1, dim, 1), synth.Noise(2, dim*count, 1), make([]float32, count)
		rows := make([]uint32, count)
		for i, r := range synth.Rand(3).Perm(count) {
			rows[i] = uint32(r)
		}
		times := m.Nanoseconds(func(n int) {
			for range n {
				f(dst, q, base, dim, rows)
			}
		})
		for i := range times {
			times[i] /= count
		}
		return times, nil
	}
	return report.Figure{Name: name, Unit: "ns", Goal: g, Measure: measure}
}

// generic runs the kernel's twin in Go.
func generic(f pairTimes) pairTimes {
	return func(a, b []float32, n int) float32 {
		defer simd.Generic()()
		return f(a, b, n)
	}
}

func dotOurs(a, b []float32, n int) (sum float32) {
	for range n {
		sum += simd.Dot(a, b)
	}
	return sum
}

func l2Ours(a, b []float32, n int) (sum float32) {
	for range n {
		sum += simd.SquaredL2(a, b)
	}
	return sum
}

// dotLoop is the loop that a caller would write.
func dotLoop(a, b []float32, n int) (sum float32) {
	for range n {
		var s float32
		for i, v := range a {
			s += v * b[i]
		}
		sum += s
	}
	return sum
}

// l2Loop is the loop that a caller would write.
func l2Loop(a, b []float32, n int) (sum float32) {
	for range n {
		var s float32
		for i, v := range a {
			d := v - b[i]
			s += d * d
		}
		sum += s
	}
	return sum
}

func dotGonum(a, b []float32, n int) (sum float32) {
	x, y := blas32.Vector{N: len(a), Inc: 1, Data: a}, blas32.Vector{N: len(b), Inc: 1, Data: b}
	for range n {
		sum += blas32.Dot(x, y)
	}
	return sum
}

func dotVek(a, b []float32, n int) (sum float32) {
	for range n {
		sum += vek32.Dot(a, b)
	}
	return sum
}

// l2Vek takes a square root too; vek32 has no squared distance.
func l2Vek(a, b []float32, n int) (sum float32) {
	for range n {
		sum += vek32.Distance(a, b)
	}
	return sum
}
