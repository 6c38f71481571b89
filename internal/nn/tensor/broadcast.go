package tensor

import (
	"fmt"
	"slices"

	"github.com/quintet-ai/quintet"
)

// Broadcast appends to dst[:0] the shape that a and b are brought to by ONNX's
// multidirectional broadcasting: aligned at the last dimension, 1 stretches.
// Shapes that do not fit are [quintet.ErrInput].
func Broadcast(dst, a, b []int) ([]int, error) {
	rank := max(len(a), len(b))
	dst = slices.Grow(dst[:0], rank)[:rank]
	for i := range rank {
		x, y := 1, 1
		if j := i - (rank - len(a)); j >= 0 {
			x = a[j]
		}
		if j := i - (rank - len(b)); j >= 0 {
			y = b[j]
		}
		switch {
		case x == y || y == 1:
			dst[i] = x
		case x == 1:
			dst[i] = y
		default:
			return nil, fmt.Errorf("shapes %v and %v do not broadcast: %w", slices.Clone(a), slices.Clone(b), quintet.ErrInput)
		}
	}
	return dst, nil
}

// Strides appends to dst[:0] the strides, in elements, of a row-major tensor.
func Strides(dst, shape []int) []int {
	dst = slices.Grow(dst[:0], len(shape))[:len(shape)]
	n := 1
	for i := len(shape) - 1; i >= 0; i-- {
		dst[i] = n
		n *= shape[i]
	}
	return dst
}

// BroadcastStrides appends to dst[:0] the strides, in elements, with which a
// tensor of shape from is read as one of shape to: 0 where it is stretched.
func BroadcastStrides(dst, from, to []int) []int {
	dst = slices.Grow(dst[:0], len(to))[:len(to)]
	n, skip := 1, len(to)-len(from)
	for i := len(to) - 1; i >= 0; i-- {
		dst[i] = 0
		if i < skip {
			continue
		}
		if d := from[i-skip]; d != 1 {
			dst[i] = n
			n *= d
		}
	}
	return dst
}

// Axis returns axis as an index into rank dimensions; negative counts from the
// end. One outside is [quintet.ErrInput].
func Axis(axis, rank int) (int, error) {
	if axis < -rank || axis >= rank {
		return 0, fmt.Errorf("axis %d of a tensor with %d dimensions: %w", axis, rank, quintet.ErrInput)
	}
	if axis < 0 {
		axis += rank
	}
	return axis, nil
}
