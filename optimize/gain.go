package optimize

import (
	"fmt"
	"math"
	"math/bits"

	"github.com/quintet-ai/quintet"
)

// BatchTable says how much running inputs together saves, by the length they are
// padded to. Rows ascend by Length. Between rows, and between sizes of a batch,
// values are interpolated; inputs longer than the last row are never batched.
type BatchTable []BatchRow

// BatchRow is what was measured at one length.
type BatchRow struct {
	Length int `json:"length"` // of each input, at least 1

	// Alone is what one input costs when it runs by itself, in any unit that
	// all rows share. 0 in every row means: proportional to Length.
	Alone float64 `json:"alone,omitempty"`

	// Gains are how many times faster batches of 2, 4, 8, 16... inputs are
	// than running their inputs one by one. Longer batches gain as much as the
	// last one given. 1 or less means that batches of this length do not pay.
	Gains []float64 `json:"gains"`
}

// CPUBatchTable returns the table that a [Batcher] uses before it is calibrated:
// a six-layer encoder of 384 dimensions on one thread of a CPU with AVX2, by
// tokens, where two measurements differed the smaller one. Its cost is
// proportional to length, which makes padding look dearer than it is.
func CPUBatchTable() BatchTable {
	return BatchTable{
		{Length: 8, Gains: []float64{1.24, 1.49, 1.9}},
		{Length: 16, Gains: []float64{1.33, 1.5, 1.5}},
		{Length: 24, Gains: []float64{1.2, 1.44, 1.48}},
		{Length: 32, Gains: []float64{1.11, 1.16, 1.3}},
		{Length: 64, Gains: []float64{1.02, 1.19, 1.2}},
		{Length: 128, Gains: []float64{1.07, 1.1, 1.07}},
		{Length: 256, Gains: []float64{1}},
	}
}

// check reports what is wrong with the table.
func (t BatchTable) check() error {
	for i, r := range t {
		switch {
		case r.Length < 1 || i > 0 && r.Length <= t[i-1].Length:
			return fmt.Errorf("row %d of the batch table has length %d: %w", i, r.Length, quintet.ErrOption)
		case !(r.Alone >= 0) || math.IsInf(r.Alone, 0) || (r.Alone == 0) != (t[0].Alone == 0):
			return fmt.Errorf("row %d of the batch table has cost %v: %w", i, r.Alone, quintet.ErrOption)
		}
		for _, g := range r.Gains {
			if !(g > 0) || math.IsInf(g, 0) {
				return fmt.Errorf("row %d of the batch table has gain %v: %w", i, g, quintet.ErrOption)
			}
		}
	}
	return nil
}

// alone returns the cost of one input.
func (t BatchTable) alone(length int) float64 {
	if len(t) == 0 || t[0].Alone == 0 {
		return float64(length)
	}
	i, f := t.place(length)
	switch {
	case i == len(t)-1: // beyond: proportional
		return t[i].Alone * float64(length) / float64(t[i].Length)
	case length < t[0].Length: // a step has fixed costs, so less than proportional is saved
		return t[0].Alone * (1 + float64(length)/float64(t[0].Length)) / 2
	}
	return t[i].Alone + f*(t[i+1].Alone-t[i].Alone)
}

// place returns the row at or below length, the first one at least, and how far
// length is on the way to the next.
func (t BatchTable) place(length int) (row int, f float64) {
	for row+1 < len(t) && t[row+1].Length <= length {
		row++
	}
	if row+1 == len(t) || length <= t[row].Length {
		return row, 0
	}
	return row, float64(length-t[row].Length) / float64(t[row+1].Length-t[row].Length)
}

// costs fills dst[n] with the cost of n inputs padded to length, for n from 1.
func (t BatchTable) costs(dst []float64, length int) {
	alone := t.alone(length)
	beyond := len(t) == 0 || length > t[len(t)-1].Length
	var row int
	var f float64
	if !beyond {
		row, f = t.place(length)
	}
	for n := 1; n < len(dst); n++ {
		gain := 1.0
		if !beyond {
			gain = t[row].gain(n)
			if f > 0 {
				gain += f * (t[row+1].gain(n) - gain)
			}
		}
		dst[n] = float64(n) * alone / gain
	}
}

// gain interpolates between the powers of two.
func (r BatchRow) gain(n int) float64 {
	if n == 1 || len(r.Gains) == 0 {
		return 1
	}
	k := bits.Len(uint(n)) - 1 // 2^k <= n
	if k >= len(r.Gains) {
		return r.Gains[len(r.Gains)-1]
	}
	low := r.Gains[k-1]
	return low + (r.Gains[k]-low)*float64(n-1<<k)/float64(int(1)<<k)
}
