package elementwise

import (
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/nn/vec"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// Half returns build for nodes with inputs of float16 too: those are widened to
// float32 before the operator runs, and the float32 outputs but those in keep are
// rounded after it.
func Half(build op.Builder, keep ...int) op.Builder {
	return func(n *op.Node) (op.Op, []tensor.DType, error) {
		wide, found := *n, false
		wide.In = make([]op.Value, len(n.In))
		for i, v := range n.In {
			if v.Type == onnxpb.Float16 && !v.Missing {
				v.Type, found = onnxpb.Float, true
				if v.Const != nil {
					v.Const = widened(v.Const)
				}
			}
			wide.In[i] = v
		}
		if !found {
			return build(n)
		}
		inner, types, err := build(&wide)
		if err != nil {
			return nil, nil, err
		}
		h := half{inner: inner, narrow: make([]bool, len(types))}
		for i, t := range types {
			h.narrow[i] = t == onnxpb.Float
		}
		for _, i := range keep {
			if i < len(types) {
				h.narrow[i] = false
			}
		}
		types = append([]tensor.DType(nil), types...)
		for i, narrow := range h.narrow {
			if narrow {
				types[i] = onnxpb.Float16
			}
		}
		return h, types, nil
	}
}

func widened(t *tensor.Tensor) *tensor.Tensor {
	w := &tensor.Tensor{Type: onnxpb.Float, Shape: t.Shape, Data: tensor.Alloc(2 * len(t.Data))}
	vec.HalfToFloat(tensor.Of[float32](w), tensor.Of[uint16](t))
	return w
}

// half runs an operator of float32 on float16.
type half struct {
	inner  op.Op
	narrow []bool // the outputs to round
}

func (h half) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	wideIn, wideOut := make([]*tensor.Tensor, len(in)), make([]*tensor.Tensor, len(out))
	for i, t := range in {
		wideIn[i] = t
		if t == nil || t.Type != onnxpb.Float16 {
			continue
		}
		x, err := op.Scratch[float32](c, t.Len())
		if err != nil {
			return err
		}
		vec.HalfToFloat(x, tensor.Of[uint16](t))
		wideIn[i] = &tensor.Tensor{Type: onnxpb.Float, Shape: t.Shape, Data: tensor.Bytes(x)}
	}
	for i, t := range out {
		wideOut[i] = t
		if t != nil && h.narrow[i] {
			wideOut[i] = new(tensor.Tensor)
			defer c.Drop(wideOut[i])
		}
	}
	if err := h.inner.Run(c, wideIn, wideOut); err != nil {
		return err
	}
	for i, t := range out {
		if t == nil || !h.narrow[i] {
			continue
		}
		if err := c.NewShape(t, onnxpb.Float16, wideOut[i].Shape); err != nil {
			return err
		}
		vec.FloatToHalf(tensor.Of[uint16](t), tensor.Of[float32](wideOut[i]))
	}
	return nil
}
