package spatial

import (
	"fmt"
	"math"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/nn/vec"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// batchNorm is BatchNormalization with known statistics: a factor and an offset
// for each channel.
type batchNorm struct {
	layout        layout
	epsilon       float32
	factor, shift []float32 // if all inputs but the first are constant
}

func newBatchNorm(l layout) op.Builder {
	return func(n *op.Node) (op.Op, []tensor.DType, error) {
		if err := n.Inputs(5, 5); err != nil {
			return nil, nil, err
		}
		for i := 1; i < len(n.Out); i++ {
			if n.Wants(i) {
				return nil, nil, n.Unsupported("training")
			}
		}
		if train, err := n.Flag("training_mode", false); err != nil || train {
			return nil, nil, firstOf(err, n.Unsupported("training"))
		}
		if whole, err := n.Flag("spatial", true); err != nil || !whole {
			return nil, nil, firstOf(err, n.Unsupported("statistics for each pixel"))
		}
		eps, err := n.Float("epsilon", 1e-5)
		if err != nil {
			return nil, nil, err
		}
		b := batchNorm{layout: l, epsilon: eps}
		types := make([]tensor.DType, max(len(n.Out), 1))
		for i := range types {
			types[i] = onnxpb.Float
		}
		if err := n.Float32(0, 1, 2, 3, 4); err != nil {
			return nil, nil, err
		}
		return b.prepared(n), types, nil
	}
}

// firstOf returns the first error of the two.
func firstOf(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// nearby is a number of elements that stay in the nearest cache between passes.
const nearby = 4096

// prepared computes factors and offsets where the inputs allow it.
func (b batchNorm) prepared(n *op.Node) batchNorm {
	ch := -1
	for i := 1; i < 5; i++ {
		t := n.Const(i)
		if t == nil || ch >= 0 && t.Len() != ch {
			return b
		}
		ch = t.Len()
	}
	b.factor, b.shift = make([]float32, ch), make([]float32, ch)
	b.fold(b.factor, b.shift, n.Const(1), n.Const(2), n.Const(3), n.Const(4))
	return b
}

// fold turns scale, bias, mean and variance into a factor and an offset.
func (b batchNorm) fold(factor, shift []float32, params ...*tensor.Tensor) {
	scale, bias := tensor.Of[float32](params[0]), tensor.Of[float32](params[1])
	mean, variance := tensor.Of[float32](params[2]), tensor.Of[float32](params[3])
	for i := range factor {
		f := float64(scale[i]) / math.Sqrt(float64(variance[i])+float64(b.epsilon))
		factor[i] = float32(f)
		shift[i] = float32(float64(bias[i]) - float64(mean[i])*f)
	}
}

func (b batchNorm) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	n, ch, area, err := b.layout.planes(in[0].Shape)
	if err != nil {
		return err
	}
	factor, shift := b.factor, b.shift
	for _, t := range in[1:] {
		if t.Len() != ch {
			return fmt.Errorf("%v for %d channels: %w", t, ch, quintet.ErrInput)
		}
	}
	if factor == nil {
		if factor, err = op.Scratch[float32](c, 2*ch); err != nil {
			return err
		}
		factor, shift = factor[:ch], factor[ch:]
		b.fold(factor, shift, in[1:]...)
	}
	if err := c.NewOver(out[0], in, 0, onnxpb.Float, in[0].Shape); err != nil || n*ch*area == 0 {
		return err
	}
	x, dst := tensor.Of[float32](in[0]), tensor.Of[float32](out[0])
	if b.layout == last || area == 1 {
		scaleRows(dst, x, factor, shift)
		return nil
	}
	for i := range n * ch {
		p := dst[i*area:][:area]
		vec.MulScalar(p, x[i*area:][:area], factor[i%ch])
		vec.AddScalar(p, p, shift[i%ch])
	}
	return nil
}

// scaleRows multiplies rows of channels by factor and adds shift, a few at a
// time.
func scaleRows(dst, x, factor, shift []float32) {
	step := max(nearby/len(factor), 1) * len(factor)
	for ; len(x) > 0; x, dst = x[step:], dst[step:] {
		step = min(step, len(x))
		vec.MulRow(dst[:step], x, factor)
		vec.AddRow(dst[:step], dst, shift)
	}
}
