package reduce

import (
	"math"

	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
)

// sumOfExp is the logarithm of the sum of e^x, computed from the differences to
// the largest element.
type sumOfExp[T float32 | float64] struct {
	axes    axes
	keep    bool
	largest *reducer[T]
}

func (o *sumOfExp[T]) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	bits, err := o.axes.of(in)
	if err != nil {
		return err
	}
	var g groups
	g.set(in[0].Shape, bits)
	if err := newReduced(c, out[0], in[0], bits, o.keep); err != nil {
		return err
	}
	total, err := op.Scratch[float64](c, g.kept)
	if err != nil {
		return err
	}
	y, x := tensor.Of[T](out[0]), tensor.Of[T](in[0])
	fill(y, o.largest.start)
	fill(total, 0)
	o.largest.fold(&g, y, x, 0, g.dims[0])
	for i, v := range y {
		if math.IsInf(float64(v), 0) {
			y[i] = 0
		}
	}
	n, reduced := g.inner(), g.innerReduced()
	g.walk(0, g.dims[0], func(at, to int) {
		for i, v := range x[at : at+n] {
			if !reduced {
				total[to+i] += math.Exp(float64(v - y[to+i]))
				continue
			}
			total[to] += math.Exp(float64(v - y[to]))
		}
	})
	for i, v := range total {
		y[i] += T(math.Log(v))
	}
	return c.Done()
}
