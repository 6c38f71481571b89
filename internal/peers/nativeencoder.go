package main

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"sync"

	"github.com/quintet-ai/quintet/internal/report"
	"github.com/quintet-ai/quintet/internal/synth"
	"github.com/quintet-ai/quintet/optimize"
)

// lengths are the texts, in tokens, on which encoders are compared.
var lengths = []int{8, 16, 32, 64, 128, 256}

// encoderFigures compare the encoder of theModel, as it is and with int8 linears.
func encoderFigures() []report.Figure {
	var out []report.Figure
	for _, kind := range []struct {
		name string
		mean float64
		open func() (pair, error)
	}{{"f32", 0.95, theEncoder}, {"int8", 0.80, theSmallEncoder}} {
		var cells []*cell
		for _, n := range lengths {
			cells = append(cells, &cell{name: fmt.Sprintf("native/encoder_%s_%d", kind.name, n), goal: report.AtMost(1.05),
				measure: func(m *report.Meter) ([]float64, error) {
					p, err := kind.open()
					if err != nil {
						return nil, err
					}
					return p.cost(m, tokens(n)), nil
				}})
		}
		out = append(out, withMean("native/encoder_"+kind.name+"_mean", report.AtMost(kind.mean), cells)...)
	}
	return append(out,
		report.Figure{Name: "native/encoder_int8_apart", Unit: "ppm", Peer: "onnxruntime", Goal: report.AtMost(1000),
			Measure: apart},
		report.Figure{Name: "native/encoder_int8_drift", Unit: "x", Peer: "onnxruntime", Goal: report.AtMost(1.05),
			Measure: drift})
}

// theEncoder is theModel on both backends, loaded once.
var theEncoder = sync.OnceValues(func() (pair, error) {
	m, err := theModel()
	if err != nil {
		return pair{}, err
	}
	return pairOf(m)
})

// theSmallEncoder is theModel with linears of int8, the same file on both backends.
var theSmallEncoder = sync.OnceValues(func() (pair, error) {
	m, err := theModel()
	if err != nil {
		return pair{}, err
	}
	data, _, err := optimize.Quantize(context.Background(), m, optimize.QuantizeOptions{Bits: 7})
	if err != nil {
		return pair{}, err
	}
	return pairOf(optimize.ModelBytes(data))
})

// tokens are the inputs of an encoder for one text of n random words.
func tokens(n int) []optimize.Tensor {
	ids, ones := make([]int64, n), make([]int64, n)
	rng := synth.Rand(uint64(n))
	for i := range ids {
		ids[i], ones[i] = rng.Int64N(30_000), 1
	}
	var in []optimize.Tensor
	for _, data := range [][]int64{ids, ones, make([]int64, n)} {
		t, err := optimize.NewTensor(data, 1, n)
		if err != nil {
			panic(err)
		}
		in = append(in, t)
	}
	return in
}

// cosines are those of what theSmallEncoder gives: of the backends to each other,
// and of each to ONNX Runtime with float32. The least of all lengths.
type cosines struct{ apart, ours, peer float64 }

var theCosines = sync.OnceValues(func() (cosines, error) {
	full, err := theEncoder()
	if err != nil {
		return cosines{}, err
	}
	small, err := theSmallEncoder()
	if err != nil {
		return cosines{}, err
	}
	c := cosines{1, 1, 1}
	for _, n := range lengths {
		in := tokens(n)
		var out [3][]float32
		for i, s := range []optimize.Session{full.peer, small.ours, small.peer} {
			all, err := s.Run(context.Background(), in)
			if err != nil {
				return c, err
			}
			if out[i], err = optimize.Data[float32](all[0]); err != nil {
				return c, err
			}
		}
		c.apart = min(c.apart, cosine(out[1], out[2]))
		c.ours, c.peer = min(c.ours, cosine(out[0], out[1])), min(c.peer, cosine(out[0], out[2]))
	}
	return c, nil
})

// apart is how far the cosine of the two int8 encoders is from 1.
func apart(m *report.Meter) ([]float64, error) {
	c, err := theCosines()
	m.Note("cosine %.6f", c.apart)
	return []float64{1e6 * (1 - c.apart)}, err
}

// drift is how far int8 goes away from float32, over how far ONNX Runtime's does.
func drift(m *report.Meter) ([]float64, error) {
	c, err := theCosines()
	m.Note("cosine to float32 %.6f against %.6f", c.ours, c.peer)
	return []float64{(1 - c.ours) / (1 - c.peer)}, err
}

func cosine(x, y []float32) float64 {
	var xy, xx, yy float64
	for i, v := range x {
		a, b := float64(v), float64(y[i])
		xy, xx, yy = xy+a*b, xx+a*a, yy+b*b
	}
	return xy / math.Sqrt(xx*yy)
}

// allocsFigure counts what a run of the encoder allocates beside its output.
func allocsFigure() report.Figure {
	return report.Figure{Name: "native/run_allocs", Goal: report.AtMost(0), Measure: allocs}
}

func allocs(m *report.Meter) ([]float64, error) {
	const (
		runs   = 100
		output = 4 // the list, the tensor's shape, its elements and the header of their slice
	)
	p, err := theEncoder()
	if err != nil {
		return nil, err
	}
	run := times(p.ours, tokens(8))
	run(3) // the first plans, the second takes the memory
	var out []float64
	var before, after runtime.MemStats
	for range m.Rounds() {
		runtime.ReadMemStats(&before)
		run(runs)
		runtime.ReadMemStats(&after)
		out = append(out, math.Round(float64(after.Mallocs-before.Mallocs)/runs)-output)
	}
	m.Note("beside %d of the output; %d bytes in all", output, (after.TotalAlloc-before.TotalAlloc)/runs)
	return out, nil
}
