package vision

import (
	"fmt"
	"math"

	"github.com/quintet-ai/quintet"
)

// Filter says how resampling weighs the pixels around a point. When a picture
// shrinks, every filter grows with the ratio so that each source pixel counts:
// none of them aliases.
type Filter int

// The filters, the sharpest and slowest first.
const (
	// Lanczos3 is the windowed sinc of radius 3 (Duchon, J. Appl. Meteorol.
	// 18, 1979). Sharpest; may ring at hard edges.
	Lanczos3 Filter = iota

	// CatmullRom is the cubic of Catmull and Rom, radius 2, B=0 and C=1/2 of
	// Mitchell and Netravali (SIGGRAPH 1988).
	CatmullRom

	// Bilinear is the triangle of radius 1.
	Bilinear

	// Box is the mean of the area that an output pixel covers, exact also for
	// partly covered pixels. Enlarging, it gives blocks of one colour.
	Box
)

// radius is the reach of a filter in source pixels when the size stays the same.
func (f Filter) radius() float64 {
	return [...]float64{Lanczos3: 3, CatmullRom: 2, Bilinear: 1, Box: 0.5}[f]
}

func (f Filter) check() error {
	if f < Lanczos3 || f > Box {
		return fmt.Errorf("filter %d: %w", int(f), quintet.ErrOption)
	}
	return nil
}

// at returns the weight at distance x, for all filters but Box.
func (f Filter) at(x float64) float64 {
	x = math.Abs(x)
	switch {
	case f == Bilinear:
		return max(0, 1-x)
	case f == CatmullRom && x < 1:
		return (1.5*x-2.5)*x*x + 1
	case f == CatmullRom && x < 2:
		return ((-0.5*x+2.5)*x-4)*x + 2
	case f == Lanczos3 && x == 0:
		return 1
	case f == Lanczos3 && x < 3:
		p := math.Pi * x
		s := math.Sin(p / 3)
		return 3 * s * s * (3 - 4*s*s) / (p * p) // the sine of p is 3s - 4s³
	}
	return 0
}

// taps are the weights of one axis: output i is the sum of weights[i] times the
// samples that begin at start[i].
type taps struct {
	start   []int
	weights [][]float32
	shrinks bool
}

func (t taps) end(i int) int { return t.start[i] + len(t.weights[i]) }

// newTaps resamples the span [from, to) of an axis of src samples to dst ones.
// Sample i covers [i, i+1). Weights that would fall outside the axis are left
// out and the others made up for it, so that their sum is always 1.
func newTaps(f Filter, src int, from, to float64, dst int) taps {
	step := (to - from) / float64(dst)
	scale := max(step, 1)
	if f == Box {
		scale = step // also when enlarging, the area of an output pixel
	}
	t := taps{start: make([]int, dst), weights: make([][]float32, dst), shrinks: step > 1}
	reach := f.radius() * scale
	all := make([]float32, 0, dst*(int(2*reach)+3))
	var w []float64
	for i := range dst {
		center := from + (float64(i)+0.5)*step
		lo, hi := f.window(center, reach, src)
		w = w[:0]
		sum := 0.0
		for j := lo; j < hi; j++ {
			var v float64
			if f == Box {
				v = max(0, min(float64(j+1), center+reach)-max(float64(j), center-reach))
			} else {
				v = f.at((float64(j) + 0.5 - center) / scale)
			}
			w = append(w, v)
			sum += v
		}
		n := len(all)
		for _, v := range w {
			all = append(all, float32(v/sum))
		}
		t.start[i], t.weights[i] = lo, all[n:len(all):len(all)]
	}
	return t
}

// window returns the range of samples within reach of a point: those whose
// middle lies there or, for a Box, any of whose area does. Both ends grow with
// the point, which the resampler relies on.
func (f Filter) window(center, reach float64, src int) (lo, hi int) {
	if f != Box {
		reach -= 0.5
	}
	return max(int(math.Floor(center-reach)), 0), min(int(math.Ceil(center+reach)), src)
}
