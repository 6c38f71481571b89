package control

import (
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// buffers are the lists that operators pass to their graphs. A run keeps them for
// all its operators, which follow one another; nested graphs have a run, and
// buffers, of their own.
type buffers struct {
	in, captured, out, state []*tensor.Tensor
}

func buffersOf(c *op.Ctx) *buffers { return op.StateOf[buffers](c, 0, "control") }

// take fills in the captured values.
func (b *buffers) take(in []*tensor.Tensor, captures []int) {
	b.captured = b.captured[:0]
	for _, i := range captures {
		b.captured = append(b.captured, in[i])
	}
}

// clean makes list n tensors without memory.
func clean(list []*tensor.Tensor, n int) []*tensor.Tensor {
	list = list[:cap(list)]
	for len(list) < n {
		list = append(list, nil)
	}
	for i, t := range list[:n] {
		if t == nil {
			list[i] = new(tensor.Tensor)
			continue
		}
		t.Data, t.Buf = nil, nil
	}
	return list[:n]
}

// hand moves t to out, an output of the node, or drops it if out is not wanted. A
// view of somebody else's elements is copied.
func hand(c *op.Ctx, out, t *tensor.Tensor) (err error) {
	switch {
	case out == nil:
	case t.Buf == nil:
		if err = c.NewShape(out, t.Type, t.Shape); err == nil {
			copy(out.Data, t.Data)
		}
	default:
		err = c.Share(out, t, t.Shape)
	}
	c.Drop(t)
	return err
}

// view makes t a look at x's elements that owns nothing.
func view(t, x *tensor.Tensor) {
	t.Type, t.Data, t.Buf, t.Shape = x.Type, x.Data, nil, append(t.Shape[:0], x.Shape...)
}

// truth returns the only element of a tensor of bool.
func truth(t *tensor.Tensor) (bool, error) {
	if t.Type != onnxpb.Bool || t.Len() != 1 {
		return false, fmt.Errorf("a condition of %v: %w", t, quintet.ErrInput)
	}
	return t.Data[0] != 0, nil
}
