package reduce

import (
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// axes are the dimensions that an operator works along.
type axes struct {
	list  []int
	input bool // they are input 1, which may be left out, and list does not count
	noop  bool // none means none; otherwise none means all
}

// axesOf reads the axes of a reduction, from the opset on in which they became an
// input or else from the attribute.
func axesOf(n *op.Node, inputSince int) (axes, error) {
	var a axes
	var err error
	if n.Opset < inputSince {
		if err := n.Inputs(1, 1); err != nil {
			return a, err
		}
		a.list, err = n.Ints("axes")
		return a, err
	}
	if err := n.Inputs(1, 2); err != nil {
		return a, err
	}
	if a.noop, err = n.Flag("noop_with_empty_axes", false); err != nil || !n.Has(1) {
		return a, err
	}
	if err := n.Typed(1, onnxpb.Int64, onnxpb.Int32); err != nil {
		return a, err
	}
	if list, ok := n.ConstInts(1); ok {
		a.list = list
		return a, nil
	}
	a.input = true
	return a, nil
}

// of returns the reduced dimensions, as bits, for an input of the given rank.
func (a *axes) of(in []*tensor.Tensor) (uint, error) {
	var room [tensor.MaxRank]int
	list, rank := a.list, len(in[0].Shape)
	if a.input && len(in) > 1 && in[1] != nil {
		list, _ = op.Ints(room[:0], in[1])
	}
	if rank > tensor.MaxRank {
		return 0, fmt.Errorf("%d dimensions: %w", rank, quintet.ErrInput)
	}
	if len(list) == 0 && !a.noop {
		return 1<<rank - 1, nil
	}
	var bits uint
	for _, axis := range list {
		i, err := tensor.Axis(axis, rank)
		if err != nil {
			return 0, err
		}
		bits |= 1 << i
	}
	return bits, nil
}

// without appends to dst[:0] the shape without the reduced dimensions, or with
// ones in their place.
func without(dst, shape []int, bits uint, keep bool) []int {
	dst = dst[:0]
	for i, d := range shape {
		switch {
		case bits>>i&1 == 0:
			dst = append(dst, d)
		case keep:
			dst = append(dst, 1)
		}
	}
	return dst
}

// around splits a shape at one axis: how many elements there are before it, along
// it and behind it.
func around(shape []int, axis int) (outer, n, inner int) {
	return product(shape[:axis]), shape[axis], product(shape[axis+1:])
}

// product is the number of elements of a shape that has been checked, or of a
// part of it; the dimensions of a part beside a zero may overflow, which harms
// nothing since there are no elements.
func product(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}
