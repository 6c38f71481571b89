package spatial

import (
	"math"

	"github.com/quintet-ai/quintet/internal/nn/op"
)

// taps says of which pixels each pixel of a resized axis is made.
type taps struct {
	n       int       // for each pixel
	index   []int32   // of the pixels
	weight  []float32 // theirs; nil if n is 1
	outside []uint8   // 1 if the place is outside the picture; nil if it does not matter
}

// taps computes the table of an axis.
func (r *resize) taps(c *op.Ctx, a *stretchOf) (taps, error) {
	t := taps{n: 1}
	scale := min(a.scale, 1)
	if !r.smooth {
		scale = 1
	}
	start := 0
	switch r.mode {
	case linear, cubic:
		support := float64(r.mode) // linear reaches one pixel to each side, cubic two
		start = int(math.Floor(-support/float64(scale))) + 1
		t.n = 2 - 2*start
	}
	var err error
	if t.index, err = op.Scratch[int32](c, a.out*t.n); err != nil {
		return t, err
	}
	if t.n > 1 {
		if t.weight, err = op.Scratch[float32](c, a.out*t.n); err != nil {
			return t, err
		}
	}
	if r.coord == tfCropAndResize {
		if t.outside, err = op.Scratch[uint8](c, a.out); err != nil {
			return t, err
		}
	}
	for o := range a.out {
		x := a.origin(r.coord, o)
		if t.outside != nil {
			t.outside[o] = 0
			if !(x >= 0 && x <= float32(a.in-1)) {
				t.outside[o] = 1
			}
		}
		if t.n == 1 {
			t.index[o] = int32(r.nearest(a, x))
			continue
		}
		at := o * t.n
		r.weigh(t.index[at:at+t.n], t.weight[at:at+t.n], a.in, x, start, scale)
	}
	return t, nil
}

// nearest rounds a place to a pixel.
func (r *resize) nearest(a *stretchOf, place float32) int {
	x := float64(place)
	if a.same() {
		return int(x)
	}
	switch r.round {
	case preferFloor:
		x = math.Ceil(x - 0.5)
	case preferCeil:
		x = math.Floor(x + 0.5)
	case up:
		x = math.Ceil(x)
	case outward:
		if a.scale < 1 {
			x = math.Ceil(x)
		}
	}
	return pixel(math.Floor(x), a.in)
}

// pixel bounds a whole number to [0, n); NaN gives 0.
func pixel(x float64, n int) int {
	if !(x > 0) {
		return 0
	}
	return int(min(x, float64(n-1)))
}

// weigh computes the pixels around place x and their weights, which add up to 1.
// The first is start pixels behind the one at x or left of it; scale below 1
// widens the filter. Pixels outside the axis repeat its ends.
func (r *resize) weigh(index []int32, weight []float32, in int, x float32, start int, scale float32) {
	reach := float64(len(index))
	place := max(min(float64(x), float64(in)+reach), -reach)
	if x != x {
		place = 0
	}
	left := math.Floor(place)
	part := place - left
	sum := 0.0
	for i := range index {
		at := left + float64(start+i)
		d := math.Abs(float64(start+i)-part) * float64(scale)
		w := max(1-d, 0)
		if r.mode == cubic {
			w = keys(d, float64(r.a))
		}
		if r.exclude && (at < 0 || at > float64(in-1)) {
			w = 0
		}
		index[i], weight[i] = int32(pixel(at, in)), float32(w)
		sum += w
	}
	if sum == 0 || sum == 1 {
		return
	}
	for i := range weight {
		weight[i] = float32(float64(weight[i]) / sum)
	}
}

// keys is the cubic convolution kernel of R. Keys, IEEE Trans. ASSP 29 (1981),
// with its parameter a.
func keys(d, a float64) float64 {
	switch {
	case d <= 1:
		return ((a+2)*d-(a+3))*d*d + 1
	case d < 2:
		return ((a*d-5*a)*d+8*a)*d - 4*a
	}
	return 0
}
