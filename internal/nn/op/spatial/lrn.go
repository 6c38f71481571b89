package spatial

import (
	"math"

	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/nn/vec"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// lrn is local response normalisation across channels:
//
//	y = x / (bias + alpha/size * sum of x² over size neighbouring channels)^beta
type lrn struct {
	size              int
	alpha, beta, bias float32
}

func newLRN(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(1, 1); err != nil {
		return nil, nil, err
	}
	var l lrn
	var err error
	if l.size, err = n.Int("size", 0); err != nil {
		return nil, nil, err
	}
	if l.size < 1 {
		return nil, nil, n.Wrong("size is %d, at least 1 makes sense", l.size)
	}
	for _, a := range []struct {
		name string
		to   *float32
		def  float32
	}{{"alpha", &l.alpha, 1e-4}, {"beta", &l.beta, 0.75}, {"bias", &l.bias, 1}} {
		if *a.to, err = n.Float(a.name, a.def); err != nil {
			return nil, nil, err
		}
	}
	return l, []tensor.DType{onnxpb.Float}, n.Float32(0)
}

func (l lrn) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	n, ch, area, err := first.planes(in[0].Shape)
	if err != nil {
		return err
	}
	if err := c.NewShape(out[0], onnxpb.Float, in[0].Shape); err != nil || n*ch*area == 0 {
		return err
	}
	room, err := op.Scratch[float32](c, area)
	if err != nil {
		return err
	}
	x, dst := tensor.Of[float32](in[0]), tensor.Of[float32](out[0])
	plane := func(s []float32, i, j int) []float32 { return s[(i*ch+j)*area:][:area] }
	for i := range n {
		for j := range ch {
			sum := plane(dst, i, j)
			clear(sum)
			for k := max(j-(l.size-1)/2, 0); k <= min(j+l.size/2, ch-1); k++ {
				vec.Mul(room, plane(x, i, k), plane(x, i, k))
				vec.Add(sum, sum, room)
			}
			vec.MulScalar(sum, sum, l.alpha/float32(l.size))
			vec.AddScalar(sum, sum, l.bias)
			l.divide(sum, plane(x, i, j), sum)
		}
		if err := c.Done(); err != nil {
			return err
		}
	}
	return nil
}

// divide is dst[i] = x[i] / base[i]^beta. The exponent of nearly all networks
// needs no logarithm.
func (l lrn) divide(dst, x, base []float32) {
	if l.beta == 0.75 {
		for i, b := range base {
			r := math.Sqrt(float64(b))
			dst[i] = x[i] / float32(r*math.Sqrt(r))
		}
		return
	}
	for i, b := range base {
		dst[i] = x[i] / float32(math.Pow(float64(b), float64(l.beta)))
	}
}
