package spatial

import (
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
)

// maxPhases bounds the product of a transposed convolution's strides in height
// and width: it is a convolution of its own for each combination of remainders.
const maxPhases = 4096

func newConvTranspose(l layout) op.Builder {
	return func(n *op.Node) (op.Op, []tensor.DType, error) {
		return (&conv{layout: l, transposed: true}).build(n)
	}
}

// readTransposed reads output_padding and output_shape, which may name batch and
// channels too.
func (v *conv) readTransposed(n *op.Node) error {
	w := &v.window
	for _, a := range []struct {
		name  string
		to    *[space]int
		least int
	}{{"output_padding", &v.extra, 0}, {"output_shape", &v.size, 1}} {
		list, err := n.Ints(a.name)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			continue
		}
		if a.to == &v.size && len(list) > 2 && (len(list) == w.rank+2 || len(list) > space) {
			list = list[2:]
		}
		if err := w.ranked(n, len(list), a.name); err != nil {
			return err
		}
		copy(a.to[space-len(list):], list)
		for _, x := range list {
			if x < a.least || x > maxPadded {
				return n.Wrong("%s %v", a.name, list)
			}
		}
	}
	if p := int64(w.stride[1]) * int64(w.stride[2]); p > maxPhases {
		return n.Unsupported("strides %v", w.stride[space-max(w.rank, 1):])
	}
	return nil
}

// placeTransposed computes the output size of a transposed convolution.
func (v *conv) placeTransposed(p picture, f *filter) (grid, error) {
	var g grid
	w := &v.window
	for i := range g {
		in, span := int64(p.size[i]), reach(f.kernel[i], w.dilation[i])
		whole := int64(w.stride[i])*(in-1) + int64(v.extra[i]) + span
		out, begin := whole, int64(0)
		switch asked := int64(v.size[i]); {
		case in < 1:
			out = 0
		case asked > 0:
			out = asked
			begin = v.begin(whole - out)
		case w.auto == sameUpper || w.auto == sameLower:
			out = in * int64(w.stride[i])
			begin = v.begin(whole - out)
		case w.auto == explicit:
			begin = int64(w.begin[i])
			out = whole - begin - int64(w.end[i])
		}
		if out < 1 || out > maxPadded || whole > maxPadded || begin > maxPadded {
			return g, fmt.Errorf("%d pixels become %d: %w", in, out, quintet.ErrInput)
		}
		g[i] = axis{
			in: p.size[i], out: int(out), begin: int(begin),
			kernel: f.kernel[i], stride: w.stride[i], dilation: w.dilation[i],
		}
	}
	return g, nil
}

// begin is the part at the beginning of what is to be cut off in all: the larger
// half, except for SAME_UPPER. Nothing is cut off an output that is to be larger.
func (v *conv) begin(total int64) int64 {
	if total = max(total, 0); v.window.auto == sameUpper {
		return total / 2
	}
	return total - total/2
}
