package elementwise

import (
	"fmt"
	"math"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
)

// newPRelu builds PRelu, whose slope broadcasts to the input but not the other
// way.
func newPRelu(n *op.Node) (op.Op, []tensor.DType, error) {
	typ, err := pair(n)
	if err != nil {
		return nil, nil, err
	}
	o := arithOp(prelu, typ)
	if o == nil {
		return nil, nil, n.Unsupported("inputs of %s", typ)
	}
	if n.Opset < 7 {
		return made(perChannel{oneWay{o}}, typ)
	}
	return made(oneWay{o}, typ)
}

// perChannel gives a slope of one dimension to the channels, as versions before 7
// have it.
type perChannel struct{ op.Op }

func (o perChannel) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	slope := *in[1]
	if rank := len(in[0].Shape); len(slope.Shape) == 1 && slope.Shape[0] != 1 && rank > 2 {
		slope.Shape = append(slices.Clone(slope.Shape), slices.Repeat([]int{1}, rank-2)...)
	}
	return o.Op.Run(c, []*tensor.Tensor{in[0], &slope}, out)
}

// oneWay is an operator whose output has the shape of its first input.
type oneWay struct{ op.Op }

func (o oneWay) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	var p plan
	if err := p.broadcast(in[:2]); err != nil {
		return err
	}
	if !slices.Equal(p.shape(), in[0].Shape) {
		return fmt.Errorf("shape %v does not broadcast to %v: %w", in[1].Shape, in[0].Shape, quintet.ErrInput)
	}
	return o.Op.Run(c, in, out)
}

// loopPRelu picks the factor by the sign bit, since a jump that no processor can
// guess costs more than the work.
func loopPRelu(dst, x, slope []float32) {
	const one = 0x3f800000
	x, slope = x[:len(dst)], slope[:len(dst)]
	for i := range dst {
		negative := uint32(int32(math.Float32bits(x[i])) >> 31)
		factor := one&^negative | math.Float32bits(slope[i])&negative
		dst[i] = x[i] * math.Float32frombits(factor)
	}
}
