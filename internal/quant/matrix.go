package quant

import (
	"fmt"
	"math"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// matrix is a weight in 8 bits: element (r,c) is values[r*cols+c] times the
// scale of its column, or of its row, or the only one.
type matrix struct {
	rows, cols int
	values     []int8
	scales     []float32
	maxError   float64
}

// axis says what has a scale of its own.
type axis int

const (
	whole axis = iota
	perColumn
	perRow
)

// scale is the number of the scale of element (r,c).
func (a axis) scale(r, c int) int {
	switch a {
	case perColumn:
		return c
	case perRow:
		return r
	}
	return 0
}

// quantise rounds w to integers from -limit to limit, ties to even. The largest
// magnitude under a scale becomes the limit. A weight that is not finite is an
// error.
func quantise(w weight, a axis, limit int) (matrix, error) {
	rows, cols := w.shape()
	m := matrix{rows: rows, cols: cols}
	stored, err := w.tensor.Float32s()
	if err != nil {
		return m, err
	}
	for i, v := range stored {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return m, fmt.Errorf("weight %s has %v at element %d: %w", w.name, v, i, quintet.ErrModel)
		}
	}
	v := stored
	if w.flipped {
		v = transposed(stored, cols, rows)
	}
	m.findScales(v, a, limit)
	m.values = make([]int8, len(v))
	for r := range rows {
		for c := range cols {
			i := r*cols + c
			s := float64(m.scales[a.scale(r, c)])
			q := max(-float64(limit), min(math.RoundToEven(float64(v[i])/s), float64(limit)))
			m.values[i] = int8(q)
			m.maxError = max(m.maxError, math.Abs(float64(v[i])-q*s))
		}
	}
	return m, nil
}

// findScales sets the scales. One whose elements are all zero, or so small that
// it would be zero itself, is 1.
func (m *matrix) findScales(v []float32, a axis, limit int) {
	m.scales = make([]float32, max(a.scale(m.rows-1, m.cols-1)+1, 1))
	for r := range m.rows {
		for c := range m.cols {
			i := a.scale(r, c)
			m.scales[i] = max(m.scales[i], float32(math.Abs(float64(v[r*m.cols+c]))))
		}
	}
	for i, largest := range m.scales {
		m.scales[i] = largest / float32(limit)
		if m.scales[i] == 0 {
			m.scales[i] = 1
		}
	}
}

// transposed returns the transpose of a matrix, block by block, since a column
// touches a cache line an element.
func transposed(v []float32, rows, cols int) []float32 {
	const block = 32
	out := make([]float32, len(v))
	for r0 := 0; r0 < rows; r0 += block {
		for c0 := 0; c0 < cols; c0 += block {
			for r := r0; r < min(r0+block, rows); r++ {
				for c := c0; c < min(c0+block, cols); c++ {
					out[c*rows+r] = v[r*cols+c]
				}
			}
		}
	}
	return out
}

// tensors are m and its scales as initializers; the scales have the given shape.
func (m matrix) tensors(values, scales string, shape ...int64) []*onnxpb.Tensor {
	return []*onnxpb.Tensor{
		onnxpb.NewTensor(values, m.values, int64(m.rows), int64(m.cols)),
		onnxpb.NewTensor(scales, m.scales, shape...),
	}
}
