package layout

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// few is how many indices or other integers find room on the stack.
const few = 2 * tensor.MaxRank

// small appends to dst[:0] the integers of an input that has one for each
// dimension, or fewer.
func small(dst []int, t *tensor.Tensor, what string) ([]int, error) {
	if n := t.Len(); n > tensor.MaxRank {
		return nil, fmt.Errorf("%d %s for at most %d dimensions: %w", n, what, tensor.MaxRank, quintet.ErrInput)
	}
	v, ok := op.Ints(dst[:0], t)
	if !ok {
		return nil, fmt.Errorf("%s of %s: %w", what, t.Type, quintet.ErrInput)
	}
	return v, nil
}

// scalar returns the one integer of an input.
func scalar(t *tensor.Tensor, what string) (int, error) {
	var buf [1]int
	if t.Len() != 1 {
		return 0, fmt.Errorf("%d numbers as %s: %w", t.Len(), what, quintet.ErrInput)
	}
	v, err := small(buf[:0], t, what)
	if err != nil {
		return 0, err
	}
	return v[0], nil
}

// axesOf appends to dst[:0] the axes, all of them in [0, rank); a double one is
// [quintet.ErrInput].
func axesOf(dst, axes []int, rank int) ([]int, error) {
	dst = dst[:0]
	for _, a := range axes {
		a, err := tensor.Axis(a, rank)
		if err != nil {
			return nil, err
		}
		if slices.Contains(dst, a) {
			return nil, fmt.Errorf("axis %d given twice: %w", a, quintet.ErrInput)
		}
		dst = append(dst, a)
	}
	return dst, nil
}

// indices returns the elements of t, of int64 or int32, all of them in [0, bound)
// after those below 0 have counted from the end. They are in buf if it is long
// enough, otherwise in scratch memory.
func indices(c *op.Ctx, buf []int64, t *tensor.Tensor, bound int) ([]int64, error) {
	n := t.Len()
	if n > len(buf) {
		var err error
		if buf, err = op.Scratch[int64](c, n); err != nil {
			return nil, err
		}
	}
	buf = buf[:n]
	if t.Type == onnxpb.Int32 {
		for i, x := range tensor.Of[int32](t) {
			buf[i] = int64(x)
		}
	} else {
		copy(buf, tensor.Of[int64](t))
	}
	for i, x := range buf {
		if x < 0 {
			x += int64(bound)
			buf[i] = x
		}
		if uint64(x) >= uint64(bound) {
			return nil, outside(at(t, i), bound)
		}
	}
	return buf, nil
}

// at returns element i of a tensor of int64 or int32.
func at(t *tensor.Tensor, i int) int64 {
	if t.Type == onnxpb.Int32 {
		return int64(tensor.Of[int32](t)[i])
	}
	return tensor.Of[int64](t)[i]
}

func outside(index int64, bound int) error {
	return fmt.Errorf("index %d is outside a dimension of %d: %w", index, bound, quintet.ErrInput)
}

// product is the number of elements of a part of a valid shape.
func product(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// fillTensor sets all elements of t to those bytes.
func fillTensor(t *tensor.Tensor, element []byte) {
	switch len(element) {
	case 1:
		fill(tensor.Of[uint8](t), element[0])
	case 2:
		fill(tensor.Of[uint16](t), binary.NativeEndian.Uint16(element))
	case 4:
		fill(tensor.Of[uint32](t), binary.NativeEndian.Uint32(element))
	case 8:
		fill(tensor.Of[uint64](t), binary.NativeEndian.Uint64(element))
	}
}

// isIndex checks that input i of n has indices.
func isIndex(n *op.Node, i int) error { return n.Typed(i, onnxpb.Int64, onnxpb.Int32) }

// isMovable checks that input i is given and that tensors of its type exist.
func isMovable(n *op.Node, i int) error {
	if !n.Has(i) {
		return n.Wrong("lacks input %d", i)
	}
	if tensor.Size(n.Dtype(i)) == 0 {
		return n.Unsupported("input %d of %s", i, n.Dtype(i))
	}
	return nil
}

// sameType checks that inputs i and j have one type.
func sameType(n *op.Node, i, j int) error {
	if n.Dtype(i) != n.Dtype(j) {
		return n.Wrong("inputs %d and %d of %s and %s", i, j, n.Dtype(i), n.Dtype(j))
	}
	return nil
}
