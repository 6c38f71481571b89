package linear

import (
	"fmt"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// rotary is the op RotaryEmbedding, of ONNX itself and of com.microsoft: it turns
// pairs of elements of each head by angles that grow with the place of the row.
type rotary struct {
	heads       int // of an input that is not cut into heads; 0: as the tables are wide
	dim         int // elements of a head that turn; 0: all
	interleaved bool
	standard    bool // inputs in the order of ONNX itself
}

// newRotary is for com.microsoft: input, positions, cosines, sines. The attribute
// scale is one that no implementation obeys but for its default.
func newRotary(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(4, 4); err != nil {
		return nil, nil, err
	}
	if err := n.Float32(0, 2, 3); err != nil {
		return nil, nil, err
	}
	if err := n.Typed(1, onnxpb.Int64); err != nil {
		return nil, nil, err
	}
	r := reader{n: n}
	r.refuse("is_packed_batching")
	if r.float("scale", 1) != 1 && r.err == nil {
		r.err = n.Unsupported("a scale other than 1")
	}
	return rotaryOf(&r, rotary{})
}

// newRotaryEmbedding is for ONNX itself: input, cosines, sines, positions.
func newRotaryEmbedding(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(3, 4); err != nil {
		return nil, nil, err
	}
	if err := n.Float32(0, 1, 2); err != nil {
		return nil, nil, err
	}
	if n.Has(3) {
		if err := n.Typed(3, onnxpb.Int64); err != nil {
			return nil, nil, err
		}
	}
	return rotaryOf(&reader{n: n}, rotary{standard: true})
}

func rotaryOf(r *reader, o rotary) (op.Op, []tensor.DType, error) {
	o.heads, o.dim = r.int("num_heads", 0), r.int("rotary_embedding_dim", 0)
	o.interleaved = r.flag("interleaved", false)
	if r.err == nil && (o.heads < 0 || o.dim < 0 || o.dim%2 != 0) {
		r.err = r.n.Wrong("%d heads, %d elements to turn", o.heads, o.dim)
	}
	return o, []tensor.DType{onnxpb.Float}, r.err
}

// angles are tables of cosines and sines, half as wide as the elements to turn.
type angles struct {
	cos, sin     []float32
	count, width int
	interleaved  bool
}

func (o rotary) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	x, cos, sin, places := in[0], in[1], in[2], input(in, 3)
	if !o.standard {
		cos, sin, places = in[2], in[3], in[1]
	}
	t, err := anglesOf(cos, sin, o.interleaved)
	if err != nil {
		return err
	}
	v, batch, err := o.operand(x, t.width)
	if err != nil {
		return err
	}
	if o.dim == 0 && 2*t.width != v.width || 2*t.width > v.width || o.dim != 0 && o.dim != 2*t.width {
		return fmt.Errorf("tables of %d angles for %d of %d elements: %w", t.width, o.dim, v.width, quintet.ErrInput)
	}
	fits := len(cos.Shape) == 2
	if o.standard && places == nil {
		fits = len(cos.Shape) == 3 && cos.Shape[0] == batch && cos.Shape[1] == v.length
	}
	if !fits {
		return fmt.Errorf("tables of shape %v for %v: %w", cos.Shape, x.Shape, quintet.ErrInput)
	}
	if err := c.NewOver(out[0], in, 0, onnxpb.Float, x.Shape); err != nil {
		return err
	}
	to := v
	to.x = tensor.Of[float32](out[0])
	return t.turnAll(to, v, batch, places)
}

// turnAll turns all rows of all heads.
func (t *angles) turnAll(to, from operand, batch int, places *tensor.Tensor) error {
	for b := range batch {
		for r := range from.length {
			at, err := position(places, batch, from.length, b, r)
			if err != nil {
				return err
			}
			if at < 0 || at >= t.count {
				return fmt.Errorf("position %d of %d: %w", at, t.count, quintet.ErrInput)
			}
			t.turnRow(to, from, b, r, at)
		}
	}
	return nil
}

// anglesOf takes the tables apart.
func anglesOf(cos, sin *tensor.Tensor, interleaved bool) (angles, error) {
	s := cos.Shape
	if len(s) < 2 || len(s) > 3 || !slices.Equal(sin.Shape, s) {
		return angles{}, fmt.Errorf("cosines of shape %v and sines of %v: %w", s, sin.Shape, quintet.ErrInput)
	}
	t := angles{tensor.Of[float32](cos), tensor.Of[float32](sin), s[0], s[len(s)-1], interleaved}
	if len(s) == 3 {
		t.count *= s[1]
	}
	return t, nil
}

// operand is x, [batch, length, heads*width] or [batch, heads, length, width].
func (o rotary) operand(x *tensor.Tensor, angles int) (operand, int, error) {
	s, heads := x.Shape, o.heads
	switch len(s) {
	case 4:
		return apart(tensor.Of[float32](x), s[1], s[2], s[3]), s[0], nil
	case 3:
		if heads == 0 && angles > 0 && !o.standard {
			heads = s[2] / (2 * angles)
		}
		if heads > 0 && s[2]%heads == 0 {
			return joined(tensor.Of[float32](x), heads, s[1], s[2]/heads), s[0], nil
		}
	}
	return operand{}, 0, fmt.Errorf("shape %v for %d heads: %w", s, heads, quintet.ErrInput)
}

// position is the place of a row in the tables: what places says for it, or for the
// first of all rows if it is one number, and without places the row itself.
func position(places *tensor.Tensor, batch, length, b, row int) (int, error) {
	if places == nil {
		return b*length + row, nil
	}
	p, s := tensor.Of[int64](places), places.Shape
	switch {
	case len(s) == 1 && s[0] == 1:
		return bounded(p[0], row), nil
	case len(s) == 2 && s[0] == batch && s[1] == length:
		return bounded(p[b*length+row], 0), nil
	}
	return 0, fmt.Errorf("positions of shape %v for [%d %d]: %w", s, batch, length, quintet.ErrInput)
}

// bounded is at+row, and -1 for what no table can hold.
func bounded(at int64, row int) int {
	if at < 0 || at > tensor.MaxLen {
		return -1
	}
	return int(at) + row
}

// turnRow turns one row of all heads by the angles at a place. to may be from.
func (t *angles) turnRow(to, from operand, batch, row, at int) {
	cos, sin := t.cos[at*t.width:(at+1)*t.width], t.sin[at*t.width:(at+1)*t.width]
	for h := range from.heads {
		x, y := from.at(batch, h)[row*from.row:][:from.width], to.at(batch, h)[row*to.row:][:from.width]
		if t.interleaved {
			for i, c := range cos {
				a, b := x[2*i], x[2*i+1]
				y[2*i], y[2*i+1] = a*c-b*sin[i], b*c+a*sin[i]
			}
		} else {
			for i, c := range cos {
				a, b := x[i], x[t.width+i]
				y[i], y[t.width+i] = a*c-b*sin[i], b*c+a*sin[i]
			}
		}
		copy(y[2*t.width:], x[2*t.width:])
	}
}
