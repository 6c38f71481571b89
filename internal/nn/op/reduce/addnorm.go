package reduce

import (
	"fmt"
	"slices"
	"unsafe"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/nn/vec"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// addNorm adds up two inputs and a bias and normalises along the last axis.
type addNorm struct {
	eps                float32
	rms                bool
	bias, gamma, beta  int // places of inputs, -1 for none
	sum, mean, inverse int // places of outputs, -1 for none
}

var (
	addLayerNorm   = addNorm{eps: 1e-5, bias: 2, gamma: 3, beta: 4, sum: 1, mean: -1, inverse: -1}
	skipLayerNorm  = addNorm{eps: 1e-12, gamma: 2, beta: 3, bias: 4, mean: 1, inverse: 2, sum: 3}
	skipSimplified = addNorm{eps: 1e-12, rms: true, gamma: 2, bias: 3, beta: -1, mean: 1, inverse: 2, sum: 3}
)

// newAddNorm returns the builder of o; its epsilon is that without the attribute.
func newAddNorm(o addNorm) op.Builder {
	return func(n *op.Node) (op.Op, []tensor.DType, error) {
		if err := n.Inputs(2, max(o.bias, o.gamma, o.beta)+1); err != nil {
			return nil, nil, err
		}
		if !n.Has(o.gamma) {
			return nil, nil, n.Wrong("lacks input %d", o.gamma)
		}
		if err := n.Float32(0, 1, 2, 3, 4); err != nil {
			return nil, nil, err
		}
		ready := o
		var err error
		ready.eps, err = n.Float("epsilon", o.eps)
		if o.rms && n.Wants(o.mean) {
			return nil, nil, n.Unsupported("the mean as output")
		}
		types := make([]tensor.DType, max(o.sum, o.mean, o.inverse)+1)
		for i := range types {
			types[i] = onnxpb.Float
		}
		return &ready, types, err
	}
}

// place returns the tensor at place i, nil if there is none.
func place(all []*tensor.Tensor, i int) *tensor.Tensor {
	if i < 0 || i >= len(all) {
		return nil
	}
	return all[i]
}

// addNormRows is what a Run of addNorm reads and writes, row by row.
type addNormRows struct {
	n                 int
	x, r              []float32 // r may have fewer rows, which then come again
	bias, gamma, beta []float32
	y, sum            []float32 // sum nil: not wanted
	room              []float32 // for a row of sums that somebody else needs
	s                 statistics
}

func (o *addNorm) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	shape := in[0].Shape
	if len(shape) == 0 {
		return fmt.Errorf("a scalar has no rows: %w", quintet.ErrInput)
	}
	axis := len(shape) - 1
	w := addNormRows{n: shape[axis]}
	var err error
	if err := w.operands(o, in); err != nil {
		return err
	}
	w.s = statistics{place(out, o.mean), place(out, o.inverse)}
	if err := w.s.alloc(c, shape, axis); err != nil {
		return err
	}
	if o.rms || w.s != (statistics{}) {
		if w.room, err = op.Scratch[float32](c, w.n); err != nil {
			return err
		}
	}
	w.x, w.r = tensor.Of[float32](in[0]), tensor.Of[float32](in[1])
	if again(in) {
		err = c.NewShape(out[0], onnxpb.Float, shape)
	} else {
		err = c.NewOver(out[0], in, 0, onnxpb.Float, shape)
	}
	if err != nil {
		return err
	}
	w.y = tensor.Of[float32](out[0])
	if t := place(out, o.sum); t != nil {
		if err := c.NewShape(t, onnxpb.Float, shape); err != nil {
			return err
		}
		w.sum = tensor.Of[float32](t)
	}
	return w.run(c, o)
}

// again reports whether the first input comes a second time: its memory is then
// needed until the end.
func again(in []*tensor.Tensor) bool {
	for _, t := range in[1:] {
		if t != nil && unsafe.SliceData(t.Data) == unsafe.SliceData(in[0].Data) {
			return true
		}
	}
	return false
}

// operands checks and takes the inputs behind the first.
func (w *addNormRows) operands(o *addNorm, in []*tensor.Tensor) error {
	x, r := in[0].Shape, in[1].Shape
	for len(r) > 0 && r[0] == 1 && len(r) > 1 {
		r = r[1:]
	}
	if !slices.Equal(in[1].Shape, x) && (len(r) > len(x) || !slices.Equal(r, x[len(x)-len(r):])) {
		return fmt.Errorf("inputs of shapes %v and %v: %w", x, in[1].Shape, quintet.ErrInput)
	}
	for _, v := range []struct {
		place int
		to    *[]float32
	}{{o.bias, &w.bias}, {o.gamma, &w.gamma}, {o.beta, &w.beta}} {
		t := place(in, v.place)
		if t == nil {
			continue
		}
		if *v.to = tensor.Of[float32](t); len(*v.to) != w.n {
			return fmt.Errorf("input %d has %d elements, the rows %d: %w", v.place, len(*v.to), w.n, quintet.ErrInput)
		}
	}
	return nil
}

func (w *addNormRows) run(c *op.Ctx, o *addNorm) error {
	if len(w.y) == 0 {
		return nil
	}
	if len(w.y) > bigRows && c.Threads() > 1 && w.room == nil {
		w.split(c, o)
		return c.Done()
	}
	w.rows(o, 0, len(w.y)/w.n)
	return c.Done()
}

func (w *addNormRows) split(c *op.Ctx, o *addNorm) {
	own := *w
	c.Split(len(w.y)/w.n, max(1, rowsGrain/w.n), func(lo, hi, _ int) { own.rows(o, lo, hi) })
}

// rows computes the rows [lo, hi).
func (w *addNormRows) rows(o *addNorm, lo, hi int) {
	n, again := w.n, len(w.r)/w.n
	for i := lo; i < hi; i++ {
		x, y, r := w.x[i*n:(i+1)*n], w.y[i*n:(i+1)*n], w.r[i%again*n:][:n]
		var sum []float32
		if w.sum != nil {
			sum = w.sum[i*n : (i+1)*n]
		}
		if w.room == nil {
			vec.AddLayerNorm(y, sum, x, r, w.bias, w.gamma, w.beta, o.eps)
			continue
		}
		vec.Add(w.room, x, r)
		if w.bias != nil {
			vec.Add(w.room, w.room, w.bias)
		}
		copy(sum, w.room)
		w.s.of(i, w.room, o.eps, o.rms)
		norm{eps: o.eps, rms: o.rms}.row(y, w.room, w.gamma, w.beta)
	}
}
