package monitor

import (
	"math"
	"slices"
	"sync/atomic"
)

// Histogram counts values by size.
type Histogram struct {
	// Bounds are the upper bounds of the buckets, each included in its bucket.
	Bounds []float64 `json:"bounds"`

	// Counts has one count for each bound and one for what is greater than all.
	Counts []uint64 `json:"counts"`

	// Sum is the sum of the values.
	Sum float64 `json:"sum"`
}

// Count returns how many values there are.
func (h Histogram) Count() uint64 {
	var n uint64
	for _, c := range h.Counts {
		n += c
	}
	return n
}

// Mean returns the mean of the values, NaN if there are none.
func (h Histogram) Mean() float64 { return h.Sum / float64(h.Count()) }

// Quantile estimates the value below which a share q of all values is, 0 <= q <= 1:
// values are taken to be spread evenly in their bucket, those above all bounds to be
// the greatest bound. It is NaN if there are no values.
func (h Histogram) Quantile(q float64) float64 {
	n := h.Count()
	if n == 0 || len(h.Bounds) == 0 {
		return math.NaN()
	}
	rank, low := q*float64(n), 0.0
	for i, high := range h.Bounds {
		c := float64(h.Counts[i])
		if rank <= c && c > 0 {
			return low + (high-low)*max(0, rank)/c
		}
		rank -= c
		low = high
	}
	return low
}

// Sub returns the values that h has and an earlier snapshot of it had not.
func (h Histogram) Sub(earlier Histogram) Histogram {
	d := Histogram{Bounds: h.Bounds, Counts: slices.Clone(h.Counts), Sum: h.Sum - earlier.Sum}
	for i := range min(len(d.Counts), len(earlier.Counts)) {
		d.Counts[i] -= earlier.Counts[i]
	}
	return d
}

// histogram is a Histogram that many goroutines add to.
type histogram struct {
	bounds []float64
	counts []atomic.Uint64
	sum    atomic.Uint64 // the bits of a float64
}

func newHistogram(bounds []float64) histogram {
	return histogram{bounds: bounds, counts: make([]atomic.Uint64, len(bounds)+1)}
}

func (h *histogram) add(v float64) {
	i, _ := slices.BinarySearch(h.bounds, v)
	h.counts[i].Add(1)
	for {
		old := h.sum.Load()
		if h.sum.CompareAndSwap(old, math.Float64bits(math.Float64frombits(old)+v)) {
			return
		}
	}
}

func (h *histogram) snapshot() Histogram {
	s := Histogram{Bounds: h.bounds, Counts: make([]uint64, len(h.counts)), Sum: math.Float64frombits(h.sum.Load())}
	for i := range h.counts {
		s.Counts[i] = h.counts[i].Load()
	}
	return s
}
