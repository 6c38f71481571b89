package reduce

import (
	"math"

	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// meanVariance is MeanVarianceNormalization: (x - mean) / (deviation + 1e-9).
type meanVariance struct{ axes axes }

func newMeanVariance(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(1, 1); err != nil {
		return nil, nil, err
	}
	if err := n.Float32(0); err != nil {
		return nil, nil, err
	}
	list, err := n.Ints("axes")
	if list == nil {
		list = []int{0, 2, 3}
	}
	return meanVariance{axes{list: list}}, []tensor.DType{onnxpb.Float}, err
}

func (o meanVariance) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	bits, err := o.axes.of(in)
	if err != nil {
		return err
	}
	var g groups
	g.set(in[0].Shape, bits)
	if err := c.NewOver(out[0], in, 0, onnxpb.Float, in[0].Shape); err != nil {
		return err
	}
	if g.count == 0 || g.kept == 0 {
		return nil
	}
	mean, err := op.Scratch[float64](c, g.kept)
	if err != nil {
		return err
	}
	scale, err := op.Scratch[float64](c, g.kept)
	if err != nil {
		return err
	}
	normalise(&g, tensor.Of[float32](out[0]), tensor.Of[float32](in[0]), mean, scale)
	return c.Done()
}

func normalise(g *groups, y, x []float32, mean, scale []float64) {
	n, step := g.inner(), 1
	if g.innerReduced() {
		step = 0
	}
	fill(mean, 0)
	fill(scale, 0)
	g.walk(0, g.dims[0], func(at, to int) {
		for i, v := range x[at : at+n] {
			mean[to+i*step] += float64(v)
		}
	})
	for i := range mean {
		mean[i] /= float64(g.count)
	}
	g.walk(0, g.dims[0], func(at, to int) {
		for i, v := range x[at : at+n] {
			d := float64(v) - mean[to+i*step]
			scale[to+i*step] += d * d
		}
	})
	for i, v := range scale {
		scale[i] = 1 / (math.Sqrt(v/float64(g.count)) + 1e-9)
	}
	g.walk(0, g.dims[0], func(at, to int) {
		for i, v := range x[at : at+n] {
			y[at+i] = float32((float64(v) - mean[to+i*step]) * scale[to+i*step])
		}
	})
}
