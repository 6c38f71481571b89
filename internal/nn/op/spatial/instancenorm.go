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

// groupNorm brings groups of channels of each image to mean 0 and variance 1,
// then scales and shifts. InstanceNormalization is the case of one channel a
// group.
type groupNorm struct {
	layout  layout
	epsilon float32
	groups  int  // 0: as many as channels
	grouped bool // scale and bias are for each group, not for each channel
}

func newInstanceNorm(l layout) op.Builder {
	return func(n *op.Node) (op.Op, []tensor.DType, error) {
		return groupNorm{layout: l}.build(n)
	}
}

func newGroupNorm(n *op.Node) (op.Op, []tensor.DType, error) {
	groups, err := n.Int("num_groups", 0)
	if err != nil {
		return nil, nil, err
	}
	if groups < 1 {
		return nil, nil, n.Wrong("num_groups is %d, at least 1 makes sense", groups)
	}
	return groupNorm{layout: first, groups: groups, grouped: n.Opset < 21}.build(n)
}

func (g groupNorm) build(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(3, 3); err != nil {
		return nil, nil, err
	}
	var err error
	if g.epsilon, err = n.Float("epsilon", 1e-5); err != nil {
		return nil, nil, err
	}
	return g, []tensor.DType{onnxpb.Float}, n.Float32(0, 1, 2)
}

func (g groupNorm) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	n, ch, area, err := g.layout.planes(in[0].Shape)
	if err != nil {
		return err
	}
	groups, params := g.groups, ch
	if groups == 0 {
		groups = ch
	}
	if g.grouped {
		params = groups
	}
	switch {
	case groups > 0 && ch%groups != 0:
		return fmt.Errorf("%d channels in %d groups: %w", ch, groups, quintet.ErrInput)
	case in[1].Len() != params || in[2].Len() != params:
		return fmt.Errorf("scale %v and bias %v for %d: %w", in[1], in[2], params, quintet.ErrInput)
	}
	if err := c.NewOver(out[0], in, 0, onnxpb.Float, in[0].Shape); err != nil || n*ch*area == 0 {
		return err
	}
	x, dst := tensor.Of[float32](in[0]), tensor.Of[float32](out[0])
	scale, bias := tensor.Of[float32](in[1]), tensor.Of[float32](in[2])
	if g.layout == last {
		return g.pixels(c, dst, x, scale, bias, area)
	}
	size := ch / groups * area
	for i := range n * groups {
		f := center(dst[i*size:][:size], x[i*size:][:size], g.epsilon)
		for j := i * (ch / groups); j < (i+1)*(ch/groups); j++ {
			p := dst[j*area:][:area]
			k := j % ch / (ch / params)
			vec.MulScalar(p, p, f*scale[k])
			vec.AddScalar(p, p, bias[k])
		}
	}
	return nil
}

// center takes the mean of x off it and returns what brings the variance to 1.
func center(dst, x []float32, epsilon float32) float32 {
	mean := vec.Sum(x) / float32(len(x))
	vec.AddScalar(dst, x, -mean)
	return inverse(vec.SumSquares(dst)/float32(len(x)), epsilon)
}

// inverse is one over the standard deviation.
func inverse(variance, epsilon float32) float32 {
	return float32(1 / math.Sqrt(float64(variance)+float64(epsilon)))
}

// pixels normalises each channel where the channels stand last.
func (g groupNorm) pixels(c *op.Ctx, dst, x, scale, bias []float32, area int) error {
	ch := len(scale)
	size := foldRoom(ch)
	room, err := op.Scratch[float32](c, 2*ch+2*size)
	if err != nil {
		return err
	}
	mean, factor, sums, square := room[:ch], room[ch:2*ch], room[2*ch:][:size], room[2*ch+size:]
	for ; len(x) > 0; dst, x = dst[ch*area:], x[ch*area:] {
		y := dst[:ch*area]
		foldRows(mean, x[:ch*area], sums, vec.Add)
		vec.MulScalar(mean, mean, -1/float32(area))
		vec.AddRow(y, x[:ch*area], mean)
		clear(sums)
		for rest := y; len(rest) > 0; {
			n := min(size, len(rest))
			vec.Mul(square[:n], rest, rest)
			vec.Add(sums[:n], sums, square)
			rest = rest[n:]
		}
		foldRows(factor, sums, square, vec.Add)
		for i, v := range factor {
			factor[i] = scale[i] * inverse(v/float32(area), g.epsilon)
		}
		scaleRows(y, y, factor, bias)
	}
	return nil
}
