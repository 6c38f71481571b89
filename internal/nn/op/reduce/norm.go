package reduce

import (
	"fmt"
	"math"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/nn/vec"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// norm normalises each stretch from an axis on: LayerNormalization, or with rms
// RMSNormalization.
type norm struct {
	axis int
	eps  float32
	rms  bool
}

// newNorm returns the builder of inputs x, scale and, but for rms, an optional
// bias.
func newNorm(rms bool) op.Builder {
	return func(n *op.Node) (op.Op, []tensor.DType, error) {
		most := 3
		if rms {
			most = 2
		}
		if err := n.Inputs(2, most); err != nil {
			return nil, nil, err
		}
		if err := n.Float32(0, 1, 2); err != nil {
			return nil, nil, err
		}
		axis, err := n.Int("axis", -1)
		if err != nil {
			return nil, nil, err
		}
		eps, err := n.Float("epsilon", 1e-5)
		if err != nil {
			return nil, nil, err
		}
		stash, err := n.Int("stash_type", 1)
		if err != nil {
			return nil, nil, err
		}
		if stash != 1 {
			return nil, nil, n.Unsupported("stash_type %d", stash)
		}
		return norm{axis, eps, rms}, []tensor.DType{onnxpb.Float, onnxpb.Float, onnxpb.Float}, nil
	}
}

func (o norm) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	shape := in[0].Shape
	axis, err := tensor.Axis(o.axis, len(shape))
	if err != nil {
		return err
	}
	n := product(shape[axis:])
	gamma, err := spread(c, in, 1, shape[axis:], n)
	if err != nil {
		return err
	}
	beta, err := spread(c, in, 2, shape[axis:], n)
	if err != nil {
		return err
	}
	s, err := o.statistics(c, out, shape, axis)
	if err != nil {
		return err
	}
	if err := c.NewOver(out[0], in, 0, onnxpb.Float, shape); err != nil {
		return err
	}
	x, y := tensor.Of[float32](in[0]), tensor.Of[float32](out[0])
	if len(x) > bigRows && c.Threads() > 1 && s == (statistics{}) {
		o.split(c, y, x, gamma, beta, n)
		return c.Done()
	}
	for i := 0; len(x) > 0; i, x, y = i+1, x[n:], y[n:] {
		s.of(i, x[:n], o.eps, o.rms)
		o.row(y[:n], x[:n], gamma, beta)
	}
	return c.Done()
}

func (o norm) row(y, x, gamma, beta []float32) {
	if o.rms {
		vec.RMSNorm(y, x, gamma, o.eps)
		return
	}
	vec.LayerNorm(y, x, gamma, beta, o.eps)
}

func (o norm) split(c *op.Ctx, y, x, gamma, beta []float32, n int) {
	c.Split(len(x)/n, max(1, rowsGrain/n), func(lo, hi, _ int) {
		for i := lo; i < hi; i++ {
			o.row(y[i*n:(i+1)*n], x[i*n:(i+1)*n], gamma, beta)
		}
	})
}

// statistics are the optional outputs: what each row was normalised with.
type statistics struct{ mean, inverse *tensor.Tensor }

// statistics makes the memory of the optional outputs that are wanted. Those of
// rms lack the mean.
func (o norm) statistics(c *op.Ctx, out []*tensor.Tensor, shape []int, axis int) (statistics, error) {
	var s statistics
	switch {
	case o.rms && len(out) > 1:
		s.inverse = out[1]
	case len(out) > 2:
		s.mean, s.inverse = out[1], out[2]
	case len(out) > 1:
		s.mean = out[1]
	}
	return s, s.alloc(c, shape, axis)
}

func (s statistics) alloc(c *op.Ctx, shape []int, axis int) error {
	var room [tensor.MaxRank]int
	var behind uint
	for i := axis; i < len(shape); i++ {
		behind |= 1 << i
	}
	for _, t := range []*tensor.Tensor{s.mean, s.inverse} {
		if t == nil {
			continue
		}
		if err := c.NewShape(t, onnxpb.Float, without(room[:], shape, behind, true)); err != nil {
			return err
		}
	}
	return nil
}

// of stores those of row i.
func (s statistics) of(i int, x []float32, eps float32, rms bool) {
	if s.mean == nil && s.inverse == nil {
		return
	}
	var mean, squares float64
	if !rms {
		for _, v := range x {
			mean += float64(v)
		}
		mean /= float64(len(x))
	}
	for _, v := range x {
		squares += (float64(v) - mean) * (float64(v) - mean)
	}
	if s.mean != nil {
		tensor.Of[float32](s.mean)[i] = float32(mean)
	}
	if s.inverse != nil {
		tensor.Of[float32](s.inverse)[i] = float32(1 / math.Sqrt(squares/float64(len(x))+float64(eps)))
	}
}

// spread returns input i as the n elements of shape that it broadcasts to; nil if
// it is left out.
func spread(c *op.Ctx, in []*tensor.Tensor, i int, shape []int, n int) ([]float32, error) {
	if i >= len(in) || in[i] == nil {
		return nil, nil
	}
	x := tensor.Of[float32](in[i])
	if len(x) == n {
		return x, nil
	}
	var room [tensor.MaxRank]int
	full, err := tensor.Broadcast(room[:0], in[i].Shape, shape)
	if err != nil || len(full) != len(shape) || product(full) != n {
		return nil, fmt.Errorf("input %d has shape %v, the rows %v: %w", i, in[i].Shape, shape, quintet.ErrInput)
	}
	y, err := op.Scratch[float32](c, n)
	if err != nil {
		return nil, err
	}
	var strides [tensor.MaxRank]int
	s := tensor.BroadcastStrides(strides[:0], in[i].Shape, shape)
	for k := range y {
		at, rest := 0, k
		for d := len(shape) - 1; d >= 0; d-- {
			at += rest % shape[d] * s[d]
			rest /= shape[d]
		}
		y[k] = x[at]
	}
	return y, nil
}
