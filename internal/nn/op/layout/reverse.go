package layout

import (
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
)

// reverseSequence turns round the beginning of each sequence, as long as its length
// says.
type reverseSequence struct{ batch, time int }

func newReverseSequence(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := newShaped(n, 1); err != nil {
		return nil, nil, err
	}
	batch, err := n.Int("batch_axis", 1)
	if err != nil {
		return nil, nil, err
	}
	time, err := n.Int("time_axis", 0)
	if err == nil && (batch != 0 && batch != 1 || time != 1-batch) {
		err = n.Wrong("batch axis %d and time axis %d", batch, time)
	}
	return reverseSequence{batch, time}, []tensor.DType{n.Dtype(0)}, err
}

func (r reverseSequence) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	x, lengths := in[0], tensor.Of[int64](in[1])
	if x.Rank() < 2 || in[1].Rank() != 1 || len(lengths) != x.Shape[r.batch] {
		return fmt.Errorf("lengths %s for the sequences of %s: %w", in[1], x, quintet.ErrInput)
	}
	steps := x.Shape[r.time]
	for _, n := range lengths {
		if n < 0 || n > int64(steps) {
			return fmt.Errorf("length %d of a sequence of at most %d: %w", n, steps, quintet.ErrInput)
		}
	}
	if err := c.NewShape(out[0], x.Type, x.Shape); err != nil || len(x.Data) == 0 {
		return err
	}
	inner := product(x.Shape[2:])
	step, sequence := inner, inner*steps
	if r.time == 0 {
		step, sequence = inner*len(lengths), inner
	}
	for b, n := range lengths {
		turned := view{dst: b * sequence, src: b*sequence + max(int(n)-1, 0)*step}
		turned.add(int(n), step, -step)
		turned.add(inner, 1, 1)
		rest := view{dst: b*sequence + int(n)*step, src: b*sequence + int(n)*step}
		rest.add(steps-int(n), step, step)
		rest.add(inner, 1, 1)
		for _, v := range [...]*view{&turned, &rest} {
			if err := v.copy(c, out[0], x); err != nil {
				return err
			}
		}
	}
	return nil
}

// centerCropPad crops or pads with zeros around the middle, to the sizes in its
// second input.
type centerCropPad struct{ axes []int }

func newCenterCropPad(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(2, 2); err != nil {
		return nil, nil, err
	}
	if err := isMovable(n, 0); err != nil {
		return nil, nil, err
	}
	if err := isIndex(n, 1); err != nil {
		return nil, nil, err
	}
	axes, err := n.Ints("axes")
	return centerCropPad{axes}, []tensor.DType{n.Dtype(0)}, err
}

func (o centerCropPad) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	var wantBuf, axesBuf, shapeBuf, fromBuf, toBuf, all [tensor.MaxRank]int
	x := in[0]
	want, err := small(wantBuf[:0], in[1], "sizes")
	if err != nil {
		return err
	}
	axes := o.axes
	if axes == nil {
		for i := range all {
			all[i] = i
		}
		axes = all[:min(x.Rank(), len(all))]
	}
	if len(axes) != len(want) {
		return fmt.Errorf("%d sizes for %d axes of %s: %w", len(want), len(axes), x, quintet.ErrInput)
	}
	if len(axes) > x.Rank() {
		return fmt.Errorf("%d axes of %s: %w", len(axes), x, quintet.ErrInput)
	}
	if axes, err = axesOf(axesBuf[:0], axes, x.Rank()); err != nil {
		return err
	}
	shape := append(shapeBuf[:0], x.Shape...)
	for i, a := range axes {
		shape[a] = want[i]
	}
	if err := c.NewShape(out[0], x.Type, shape); err != nil {
		return err
	}
	from, to := tensor.Strides(fromBuf[:0], x.Shape), tensor.Strides(toBuf[:0], shape)
	var v view
	for i, n := range shape {
		have := x.Shape[i]
		v.dst += max(n-have, 0) / 2 * to[i]
		v.src += max(have-n, 0) / 2 * from[i]
		v.add(min(n, have), to[i], from[i])
	}
	clear(out[0].Data)
	return v.copy(c, out[0], x)
}
