package elementwise

import (
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// newWhere builds Where for elements of any type.
func newWhere(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(3, 3); err != nil {
		return nil, nil, err
	}
	typ := n.In[1].Type
	if n.In[0].Type != onnxpb.Bool || typ != n.In[2].Type {
		return nil, nil, n.Wrong("inputs of %s, %s and %s", n.In[0].Type, typ, n.In[2].Type)
	}
	switch tensor.Size(typ) {
	case 1:
		return made(where[uint8]{}, typ)
	case 2:
		return made(where[uint16]{}, typ)
	case 4:
		return made(where[uint32]{}, typ)
	}
	return made(where[uint64]{}, typ)
}

// where chooses by elements of the size of T.
type where[T uint8 | uint16 | uint32 | uint64] struct{}

func (where[T]) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	var p plan
	if err := p.set(in[:3]); err != nil {
		return err
	}
	typ := in[1].Type
	if err := over(c, out[0], in[:3], typ, &p); err != nil || p.n == 0 {
		return err
	}
	roomC, err := op.Scratch[uint8](c, chunk)
	if err != nil {
		return err
	}
	room, err := op.Scratch[T](c, 2*chunk)
	if err != nil {
		return err
	}
	dst, step := tensor.Of[T](out[0]), p.chunks()
	condition := newReader(&p, 0, tensor.Of[uint8](in[0]), roomC, step)
	x := newReader(&p, 1, tensor.Of[T](in[1]), room[:chunk], step)
	y := newReader(&p, 2, tensor.Of[T](in[2]), room[chunk:], step)
	for lo, k := 0, 0; lo < p.n; lo, k = lo+step, k+1 {
		n := min(step, p.n-lo)
		choose(dst[lo:lo+n], condition.read(&p, lo, n), x.read(&p, lo, n), y.read(&p, lo, n))
		if k%(pause/chunk) == 0 {
			if err := c.Done(); err != nil {
				return err
			}
		}
	}
	return nil
}

func choose[T uint8 | uint16 | uint32 | uint64](dst []T, condition []uint8, x, y []T) {
	condition, x, y = condition[:len(dst)], x[:len(dst)], y[:len(dst)]
	for i := range dst {
		v := y[i]
		if w := x[i]; condition[i] != 0 {
			v = w
		}
		dst[i] = v
	}
}
