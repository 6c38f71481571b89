package spatial

import (
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// maxUnpool puts elements at the places that MaxPool's indices name, zeros
// elsewhere.
type maxUnpool struct{ window window }

func newMaxUnpool(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(2, 3); err != nil {
		return nil, nil, err
	}
	w, err := newWindow(n)
	if err != nil {
		return nil, nil, err
	}
	if !w.shaped {
		return nil, nil, n.Wrong("lacks kernel_shape")
	}
	if err := n.Typed(1, onnxpb.Int64); err != nil {
		return nil, nil, err
	}
	if n.Has(2) {
		// The conformance suite reads the indices in another shape than the
		// operator's definition and other engines do.
		return nil, nil, n.Unsupported("output_shape")
	}
	return maxUnpool{w}, []tensor.DType{onnxpb.Float}, n.Float32(0)
}

func (u maxUnpool) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	p, err := first.picture(in[0].Shape)
	if err != nil {
		return err
	}
	if p.rank != u.window.rank || in[1].Len() != in[0].Len() {
		return fmt.Errorf("indices %v for %v: %w", in[1], in[0], quintet.ErrInput)
	}
	if err := u.shape(out[0], p); err != nil {
		return err
	}
	if err := c.NewShape(out[0], onnxpb.Float, out[0].Shape); err != nil {
		return err
	}
	x, dst := tensor.Of[float32](in[0]), tensor.Of[float32](out[0])
	clear(dst)
	for i, at := range tensor.Of[int64](in[1]) {
		if at < 0 || at >= int64(len(dst)) {
			return fmt.Errorf("index %d of %d elements: %w", at, len(dst), quintet.ErrInput)
		}
		dst[at] = x[i]
	}
	return nil
}

// shape gives out the shape that the pool most likely had.
func (u maxUnpool) shape(out *tensor.Tensor, p picture) error {
	w := &u.window
	for i := range p.size {
		size := int64(p.size[i]-1)*int64(w.stride[i]) + int64(w.kernel[i]) - int64(w.begin[i]) - int64(w.end[i])
		if size < 0 || size > maxPadded {
			return fmt.Errorf("%d pixels become %d: %w", p.size[i], size, quintet.ErrInput)
		}
		p.size[i] = int(size)
	}
	out.Shape = first.shape(out.Shape[:0], p)
	return nil
}
