package audio

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// attention returns how much tokens [from, from+n) attend to each of the first units of
// the sound: the mean of the heads that the files name, each over these units alone,
// made comparable between tokens, and smoothed.
func (w *whisper) attention(cross map[string]optimize.Tensor, from, n, units int) ([][]float64, error) {
	sum := make([][]float64, n)
	for i := range sum {
		sum[i] = make([]float64, units)
	}
	for _, h := range w.c.alignment {
		x := cross[strconv.Itoa(h[0])]
		data, err := optimize.Data[float32](x)
		if err != nil || x.Rank() != 4 || x.Dim(1) <= h[1] || x.Dim(2) < from+n || x.Dim(3) < units {
			return nil, fmt.Errorf("cross attention is %v for %d tokens and %d units: %w",
				x, from+n, units, quintet.ErrModel)
		}
		rows, width := x.Dim(2), x.Dim(3)
		head := make([][]float64, rows)
		for i := range head {
			at := (h[1]*rows + i) * width
			head[i] = shares(data[at : at+units])
		}
		standardize(head)
		for i := range sum {
			for k, v := range medians(head[from+i], w.c.median) {
				sum[i][k] += v / float64(len(w.c.alignment))
			}
		}
	}
	return sum, nil
}

// shares divides numbers by their sum.
func shares(x []float32) []float64 {
	out := make([]float64, len(x))
	var sum float64
	for _, v := range x {
		sum += float64(v)
	}
	for i, v := range x {
		if s := float64(v) / sum; s-s == 0 {
			out[i] = s
		}
	}
	return out
}

// standardize gives each column mean 0 and deviation 1, in place; a constant one is 0.
func standardize(m [][]float64) {
	for k := range m[0] {
		var sum, squares float64
		for _, row := range m {
			sum += row[k]
		}
		mean := sum / float64(len(m))
		for _, row := range m {
			squares += (row[k] - mean) * (row[k] - mean)
		}
		deviation := math.Sqrt(squares / float64(len(m)))
		for _, row := range m {
			if row[k] -= mean; deviation > 0 {
				row[k] /= deviation
			}
		}
	}
}

// medians returns the medians of windows of an odd width around each number; beyond the
// ends the numbers are reflected. Fewer than half a width are left as they are.
func medians(x []float64, width int) []float64 {
	half := width / 2
	if half == 0 || len(x) <= half {
		return x
	}
	out, window := make([]float64, len(x)), make([]float64, 0, width)
	for i := range x {
		window = window[:0]
		for k := i - half; k <= i+half; k++ {
			at := max(k, -k)
			if over := at - (len(x) - 1); over > 0 {
				at = len(x) - 1 - over
			}
			window = append(window, x[at])
		}
		slices.Sort(window)
		out[i] = window[len(window)/2]
	}
	return out
}

// pathStarts returns the column at which, on the path of the largest sum from the first
// cell to the last, each row begins. A step goes down, right, or both: dynamic time
// warping, Sakoe and Chiba 1978.
func pathStarts(m [][]float64) []int {
	rows, columns := len(m), len(m[0])
	const diagonal, down, right = 0, 1, 2
	steps := make([]uint8, rows*columns)
	above := make([]float64, columns)
	for i, row := range m {
		diag := math.Inf(-1)
		if i == 0 {
			diag = 0
		}
		left := math.Inf(-1)
		for k, v := range row {
			up := math.Inf(-1)
			if i > 0 {
				up = above[k]
			}
			step, best := uint8(right), left
			switch {
			case diag > up && diag > left:
				step, best = diagonal, diag
			case up > diag && up > left:
				step, best = down, up
			}
			steps[i*columns+k] = step
			diag, left = up, best+v
			above[k] = left
		}
	}
	starts := make([]int, rows)
	for i, k := rows-1, columns-1; ; {
		starts[i] = k
		step := steps[i*columns+k]
		if i == 0 && k == 0 {
			return starts
		}
		if step != right {
			i--
		}
		if step != down {
			k--
		}
	}
}
