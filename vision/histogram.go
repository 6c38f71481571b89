package vision

import (
	"image"
	"math"
)

// Histogram counts the pixels of each luma value.
type Histogram [256]int64

// LumaHistogram counts the luma of a picture: BT.601 in full range, as in JPEG;
// transparent pixels as they look on white. Errors are those of [Measure].
func LumaHistogram(img image.Image) (Histogram, error) {
	var h Histogram
	s, err := newSource(img)
	if err != nil {
		return h, err
	}
	for y := range s.h {
		h.add(s.luma(y))
	}
	return h, nil
}

func (h *Histogram) add(row []uint8) {
	for _, v := range row {
		h[v]++
	}
}

// Pixels returns the number of pixels counted.
func (h *Histogram) Pixels() (n int64) {
	for _, c := range h {
		n += c
	}
	return n
}

// Mean returns the mean luma, 0 to 255, and 0 for an empty histogram.
func (h *Histogram) Mean() float64 {
	var sum int64
	for v, c := range h {
		sum += int64(v) * c
	}
	return ratio(sum, h.Pixels())
}

// StdDev returns the standard deviation of luma over the pixels, 0 to 127.5: the
// root mean square contrast.
func (h *Histogram) StdDev() float64 {
	var sum, squares int64
	for v, c := range h {
		sum += int64(v) * c
		squares += int64(v*v) * c
	}
	return math.Sqrt(variance(sum, squares, h.Pixels()))
}

// Entropy returns Shannon's entropy of the luma in bits: 0 for one flat tone, 8
// if all 256 are equally common.
func (h *Histogram) Entropy() float64 {
	n := float64(h.Pixels())
	var bits float64
	for _, c := range h {
		if p := float64(c) / n; c > 0 {
			bits -= p * math.Log2(p)
		}
	}
	return bits
}

// Share returns the part of the pixels whose luma is in [lo, hi], 0 to 1.
func (h *Histogram) Share(lo, hi uint8) float64 {
	var sum int64
	for v := int(lo); v <= int(hi); v++ {
		sum += h[v]
	}
	return ratio(sum, h.Pixels())
}

// ratio returns a/b, and 0 for b = 0.
func ratio(a, b int64) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// variance of n integers from the sums of themselves and of their squares.
func variance(sum, squares, n int64) float64 {
	if n == 0 {
		return 0
	}
	mean := float64(sum) / float64(n)
	return max(0, float64(squares)/float64(n)-mean*mean)
}
