package spatial

import (
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/nn/vec"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// half is an operator of float16: the same of float32 on widened inputs, whose
// outputs it rounds.
type half struct {
	inner op.Op
	wide  []bool // the inputs that are of float16
	out   []bool // the outputs that are to be
}

// orHalf makes a builder for float32 one for float16 too.
func orHalf(b op.Builder) op.Builder {
	return func(n *op.Node) (op.Op, []tensor.DType, error) {
		if n.Dtype(0) != onnxpb.Float16 {
			return b(n)
		}
		m := *n
		m.In = append([]op.Value(nil), n.In...)
		h := half{wide: make([]bool, len(m.In))}
		for i := range m.In {
			v := &m.In[i]
			if v.Missing || v.Type != onnxpb.Float16 {
				continue
			}
			h.wide[i], v.Type = true, onnxpb.Float
			if v.Const != nil {
				x := make([]float32, v.Const.Len())
				vec.HalfToFloat(x, tensor.Of[uint16](v.Const))
				v.Const = tensor.From(x, v.Const.Shape...)
			}
		}
		o, types, err := b(&m)
		if err != nil {
			return nil, nil, err
		}
		h.inner, h.out = o, make([]bool, len(types))
		for i, t := range types {
			if t == onnxpb.Float {
				h.out[i], types[i] = true, onnxpb.Float16
			}
		}
		return h, types, nil
	}
}

func (h half) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	in = append([]*tensor.Tensor(nil), in...)
	for i, t := range in {
		if t == nil || !h.wide[i] {
			continue
		}
		x, err := op.Scratch[float32](c, t.Len())
		if err != nil {
			return err
		}
		vec.HalfToFloat(x, tensor.Of[uint16](t))
		in[i] = &tensor.Tensor{Type: onnxpb.Float, Shape: t.Shape, Data: tensor.Bytes(x)}
	}
	wide := append([]*tensor.Tensor(nil), out...)
	for i, t := range wide {
		if t != nil && h.out[i] {
			wide[i] = new(tensor.Tensor)
			defer c.Drop(wide[i])
		}
	}
	if err := h.inner.Run(c, in, wide); err != nil {
		return err
	}
	for i, t := range wide {
		if t == out[i] {
			continue
		}
		if err := c.NewShape(out[i], onnxpb.Float16, t.Shape); err != nil {
			return err
		}
		vec.FloatToHalf(tensor.Of[uint16](out[i]), tensor.Of[float32](t))
	}
	return nil
}
