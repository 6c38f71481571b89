package vision

import (
	"fmt"
	"math"
	"slices"

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

// fill returns in w the weights at distance x, x+step and so on, for all filters but
// Box.
func (f Filter) fill(w []float64, x, step float64) {
	if f == Lanczos3 {
		lanczos(w, x, step)
		return
	}
	for i := range w {
		switch x := math.Abs(x + float64(i)*step); {
		case f == Bilinear:
			w[i] = max(0, 1-x)
		case x < 1:
			w[i] = (1.5*x-2.5)*x*x + 1
		case x < 2:
			w[i] = ((-0.5*x+2.5)*x-4)*x + 2
		default:
			w[i] = 0
		}
	}
}

// lanczos is fill for Lanczos3. It turns one sine and cosine on by the angle of a step,
// which takes a quarter of the time of asking for each sine.
func lanczos(w []float64, x, step float64) {
	s, c := math.Sincos(math.Pi / 3 * x)
	stepS, stepC := math.Sincos(math.Pi / 3 * step)
	for i := range w {
		at := x + float64(i)*step
		switch p := math.Pi * at; {
		case at <= -3 || at >= 3:
			w[i] = 0
		case math.Abs(at) < 1e-6:
			w[i] = 1
		default:
			w[i] = 3 * s * s * (3 - 4*s*s) / (p * p) // the sine of p is 3s - 4s³
		}
		s, c = s*stepC+c*stepS, c*stepC-s*stepS
	}
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
		w = slices.Grow(w[:0], hi-lo)[:hi-lo]
		if f == Box {
			for j := range w {
				x := float64(lo + j)
				w[j] = max(0, min(x+1, center+reach)-max(x, center-reach))
			}
		} else {
			f.fill(w, (float64(lo)+0.5-center)/scale, 1/scale)
		}
		sum := 0.0
		for _, v := range w {
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
