package quantised

import (
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
)

// globalPool is the mean of all pixels of each channel.
type globalPool struct{ last bool }

func newQLinearGlobalAveragePool(n *op.Node) (op.Op, []tensor.DType, error) {
	last, err := n.Flag("channels_last", false)
	if err != nil {
		return nil, nil, err
	}
	return globalPool{last}, []tensor.DType{n.Dtype(0)}, xy(n)
}

func (o globalPool) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	from, to, err := xyOf(in)
	if err != nil {
		return err
	}
	x := in[0]
	if x.Rank() < 3 {
		return fmt.Errorf("pixels of %s: %w", x, quintet.ErrInput)
	}
	var buf [tensor.MaxRank]int
	shape := append(buf[:0], x.Shape...)
	spatial := shape[2:]
	channels := shape[1]
	if o.last {
		spatial, channels = shape[1:len(shape)-1], shape[len(shape)-1]
	}
	pixels := count(spatial)
	for i := range spatial {
		spatial[i] = 1
	}
	if err := c.NewShape(out[0], x.Type, shape); err != nil || len(out[0].Data) == 0 {
		return err
	}
	if pixels == 0 {
		return fmt.Errorf("mean of no pixels of %s: %w", x, quintet.ErrInput)
	}
	step, channel := 1, pixels
	if o.last {
		step, channel = channels, 1
	}
	data := x.Data
	for i := range out[0].Data {
		at := i/channels*channels*pixels + i%channels*channel
		sum := int64(0)
		for range pixels {
			sum += int64(from.with(data[at]))
			at += step
		}
		out[0].Data[i] = to.mean(from, sum, pixels)
	}
	return c.Done()
}

// with is the number that stands behind b, apart from the scale.
func (q quant) with(b byte) int32 {
	if q.signed {
		return int32(int8(b)) - q.point()
	}
	return int32(b) - q.point()
}

// mean is the mean of n integers of from, whose zero point has been taken off, with
// the given sum.
func (q quant) mean(from quant, sum int64, n int) byte {
	v := [1]float32{float32(float64(sum) / float64(n) * float64(from.scale))}
	var b [1]byte
	q.quantize(b[:], v[:])
	return b[0]
}

// averagePool is the mean of the pixels in a window.
type averagePool struct {
	window
	padding, last bool // padding counts as pixels
}

func newQLinearAveragePool(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := xy(n); err != nil {
		return nil, nil, err
	}
	o := averagePool{}
	var err error
	if o.window, err = newWindow(n); err != nil {
		return nil, nil, err
	}
	if o.kernel == nil {
		return nil, nil, n.Wrong("lacks the kernel_shape")
	}
	if o.padding, err = n.Flag("count_include_pad", false); err != nil {
		return nil, nil, err
	}
	if o.last, err = n.Flag("channels_last", false); err == nil && o.last {
		err = n.Unsupported("channels_last")
	}
	return o, []tensor.DType{n.Dtype(0)}, err
}

func (o averagePool) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	from, to, err := xyOf(in)
	if err != nil {
		return err
	}
	x := in[0]
	if x.Rank() < 3 || x.Rank() > 4 {
		return fmt.Errorf("pixels of %s: %w", x, quintet.ErrInput)
	}
	p, err := o.plane(x.Shape[2:], o.kernel)
	if err != nil {
		return err
	}
	var buf [tensor.MaxRank]int
	shape := p.shape(buf[:0], x.Shape[0], x.Shape[1], x.Rank()-2)
	if err := c.NewShape(out[0], x.Type, shape); err != nil || len(out[0].Data) == 0 {
		return err
	}
	data, area := x.Data, p.h.in*p.w.in
	for dst := out[0].Data; len(dst) > 0; dst = dst[p.h.out*p.w.out:] {
		for i := range p.h.out * p.w.out {
			if err := c.Done(); err != nil {
				return err
			}
			sum, n := o.sum(from, data, p, i/p.w.out, i%p.w.out)
			if n == 0 {
				return fmt.Errorf("mean of nothing but padding of %s: %w", x, quintet.ErrInput)
			}
			dst[i] = to.mean(from, sum, n)
		}
		data = data[area:]
	}
	return nil
}

// sum adds up what output y, x reads, and counts by how much to divide.
func (o averagePool) sum(from quant, data []byte, p plane, y, x int) (sum int64, n int) {
	for ky := range p.h.kernel {
		at := y*p.h.stride - p.h.pad + ky*p.h.dilation
		for kx := range p.w.kernel {
			to := x*p.w.stride - p.w.pad + kx*p.w.dilation
			switch {
			case at >= 0 && at < p.h.in && to >= 0 && to < p.w.in:
				sum += int64(from.with(data[at*p.w.in+to]))
				n++
			case o.padding && at < p.h.in+p.h.after && to < p.w.in+p.w.after:
				n++
			}
		}
	}
	return sum, n
}
