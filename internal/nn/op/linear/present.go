package linear

import (
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// extend puts o behind what past holds, [batch, heads, length, width], in out or,
// if that is nil, in scratch memory, and returns the whole. A nil past is empty.
func (j *job) extend(c *op.Ctx, past *tensor.Tensor, o operand, out *tensor.Tensor) (operand, error) {
	if past == nil && out == nil {
		return o, nil
	}
	length := 0
	var x []float32
	if past != nil {
		s := past.Shape
		if len(s) != 4 || s[0] != j.batch || s[1] != o.heads || s[3] != o.width {
			return o, fmt.Errorf("past of shape %v for %d batches of %d heads of %d: %w", s, j.batch, o.heads, o.width,
				quintet.ErrInput)
		}
		x, length = tensor.Of[float32](past), s[2]
	}
	shape := [4]int{j.batch, o.heads, length + o.length, o.width}
	dst, err := memory(c, shape[:], out)
	if err != nil {
		return o, err
	}
	return o.behind(x, length, j.batch, dst), nil
}

// memory is room for a tensor of the given shape, in out or, if that is nil, in
// scratch memory.
func memory(c *op.Ctx, shape []int, out *tensor.Tensor) ([]float32, error) {
	if out == nil {
		n, err := tensor.Count(shape)
		if err != nil {
			return nil, err
		}
		return op.Scratch[float32](c, n)
	}
	if err := c.NewShape(out, onnxpb.Float, shape); err != nil {
		return nil, err
	}
	return tensor.Of[float32](out), nil
}

// behind copies past, [batch, heads, length, width], and o behind it to dst.
func (o operand) behind(past []float32, length, batch int, dst []float32) operand {
	whole := apart(dst, o.heads, length+o.length, o.width)
	old := apart(past, o.heads, length, o.width)
	for b := range batch {
		for h := range o.heads {
			to := whole.at(b, h)[:whole.head]
			if length > 0 {
				copy(to, old.at(b, h)[:old.head])
			}
			o.copyRows(to[old.head:], b, h)
		}
	}
	return whole
}

// copyRows copies the rows of one head of one batch to dst, without gaps.
func (o *operand) copyRows(dst []float32, batch, head int) {
	if len(dst) == 0 {
		return
	}
	from := o.at(batch, head)
	if o.row == o.width {
		copy(dst, from[:len(dst)])
		return
	}
	for r := range o.length {
		copy(dst[r*o.width:(r+1)*o.width], from[r*o.row:])
	}
}

// biased returns o with bias, heads*width elements, added to every row: a copy
// [batch, length, heads*width] in scratch memory.
func (j *job) biased(c *op.Ctx, o operand, bias []float32) (operand, error) {
	x, err := op.Scratch[float32](c, j.batch*o.length*o.heads*o.width)
	if err != nil {
		return o, err
	}
	sum := joined(x, o.heads, o.length, o.width)
	for b := range j.batch {
		for h := range o.heads {
			row := bias[h*o.width : (h+1)*o.width]
			for r := range o.length {
				to, from := sum.at(b, h)[r*sum.row:][:o.width], o.at(b, h)[r*o.row:]
				for i, v := range row {
					to[i] = from[i] + v
				}
			}
		}
	}
	return sum, nil
}
