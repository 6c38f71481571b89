package layout

import (
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
)

// transposition permutes dimensions: dimension i of the output is perm[i] of the
// input. Without perm it reverses them.
type transposition struct{ perm []int }

func newTranspose(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(1, 1); err != nil {
		return nil, nil, err
	}
	if err := isMovable(n, 0); err != nil {
		return nil, nil, err
	}
	perm, err := n.Ints("perm")
	if err != nil {
		return nil, nil, err
	}
	seen := make([]bool, len(perm))
	for _, p := range perm {
		if p < 0 || p >= len(perm) || seen[p] {
			return nil, nil, n.Wrong("perm %v is no permutation", perm)
		}
		seen[p] = true
	}
	return transposition{perm}, []tensor.DType{n.Dtype(0)}, nil
}

func (t transposition) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	x := in[0]
	rank := x.Rank()
	if t.perm != nil && len(t.perm) != rank {
		return fmt.Errorf("permutation of %d dimensions for %s: %w", len(t.perm), x, quintet.ErrInput)
	}
	var permBuf, shapeBuf, fromBuf, toBuf [tensor.MaxRank]int
	perm, shape := t.perm, shapeBuf[:rank]
	if perm == nil {
		perm = permBuf[:rank]
		for i := range perm {
			perm[i] = rank - 1 - i
		}
	}
	for i, p := range perm {
		shape[i] = x.Shape[p]
	}
	from, to := tensor.Strides(fromBuf[:0], x.Shape), tensor.Strides(toBuf[:0], shape)
	var v view
	for i, p := range perm {
		v.add(shape[i], to[i], from[p])
	}
	if v.straight() {
		return c.Share(out[0], x, shape)
	}
	if err := c.NewShape(out[0], x.Type, shape); err != nil {
		return err
	}
	return v.copy(c, out[0], x)
}
