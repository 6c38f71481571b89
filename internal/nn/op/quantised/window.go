package quantised

import (
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
)

// window is what the attributes of a convolution or a pool say.
type window struct {
	autoPad                          string
	kernel, strides, dilations, pads []int // nil: not given
	ceil                             bool
}

func newWindow(n *op.Node) (w window, err error) {
	if w.autoPad, err = n.Text("auto_pad", "NOTSET"); err != nil {
		return w, err
	}
	switch w.autoPad {
	case "NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER":
	default:
		return w, n.Unsupported("auto_pad %q", w.autoPad)
	}
	for _, a := range []struct {
		name  string
		v     *[]int
		least int
	}{{"kernel_shape", &w.kernel, 1}, {"strides", &w.strides, 1}, {"dilations", &w.dilations, 1}, {"pads", &w.pads, 0}} {
		if *a.v, err = n.Ints(a.name); err != nil {
			return w, err
		}
		if len(*a.v) > 4 || a.name != "pads" && len(*a.v) > 2 {
			return w, n.Unsupported("%d %s", len(*a.v), a.name)
		}
		for _, x := range *a.v {
			if x < a.least || x > 1<<24 {
				return w, n.Unsupported("%s of %v", a.name, *a.v)
			}
		}
	}
	w.ceil, err = n.Flag("ceil_mode", false)
	return w, err
}

// plane is where a window lies on a picture of one image and one channel. One
// spatial dimension is a picture of height 1.
type plane struct{ h, w axis }

// axis is a window along one dimension: output o reads the inputs
// o*stride - pad + k*dilation for k < kernel.
type axis struct {
	in, out, kernel, stride, dilation, pad int
	after                                  int // padding behind
}

// plane fits the window to inputs of the given spatial shape; kernel is the shape of
// the weights where there are some.
func (w window) plane(spatial, kernel []int) (p plane, err error) {
	dims := len(spatial)
	if dims < 1 || dims > 2 || len(kernel) != dims {
		return p, fmt.Errorf("window of %d over %d dimensions: %w", len(kernel), dims, quintet.ErrInput)
	}
	for _, v := range [...]int{len(w.kernel), len(w.strides), len(w.dilations), len(w.pads) / 2} {
		if v != 0 && v != dims {
			return p, fmt.Errorf("attributes for %d of %d dimensions: %w", v, dims, quintet.ErrInput)
		}
	}
	p.h = axis{in: 1, out: 1, kernel: 1, stride: 1, dilation: 1}
	to := [2]*axis{&p.h, &p.w}
	for i := range dims {
		a := to[2-dims+i]
		*a = axis{in: spatial[i], kernel: kernel[i], stride: 1, dilation: 1}
		if w.kernel != nil && w.kernel[i] != kernel[i] {
			return p, fmt.Errorf("weights of %d for a kernel of %d: %w", kernel[i], w.kernel[i], quintet.ErrInput)
		}
		if w.strides != nil {
			a.stride = w.strides[i]
		}
		if w.dilations != nil {
			a.dilation = w.dilations[i]
		}
		if w.pads != nil {
			a.pad, a.after = w.pads[i], w.pads[dims+i]
		}
		if err := w.fit(a); err != nil {
			return p, err
		}
	}
	return p, nil
}

// fit computes the length of the output and the padding where it is automatic.
func (w window) fit(a *axis) error {
	reach := (a.kernel-1)*a.dilation + 1
	switch w.autoPad {
	case "VALID":
		a.pad, a.after = 0, 0
	case "SAME_UPPER", "SAME_LOWER":
		a.out = (a.in + a.stride - 1) / a.stride
		total := max((a.out-1)*a.stride+reach-a.in, 0)
		a.pad = total / 2
		if w.autoPad == "SAME_LOWER" {
			a.pad = total - total/2
		}
		a.after = total - a.pad
		return nil
	}
	room := a.in + a.pad + a.after - reach
	if a.kernel < 1 || room < 0 {
		return fmt.Errorf("window of %d over %d with padding %d and %d: %w", reach, a.in, a.pad, a.after, quintet.ErrInput)
	}
	a.out = room/a.stride + 1
	if w.ceil && room%a.stride != 0 && a.out*a.stride < a.in+a.pad {
		a.out++ // one more that begins inside
	}
	if a.out > tensor.MaxLen {
		return fmt.Errorf("output of %d: %w", a.out, quintet.ErrInput)
	}
	return nil
}

// whole reports whether output o reads input o alone.
func (a axis) whole() bool { return a.kernel == 1 && a.stride == 1 && a.pad == 0 && a.in == a.out }

// inside returns the outputs [lo, hi) whose k-th input is no padding.
func (a axis) inside(k int) (lo, hi int) {
	first := k*a.dilation - a.pad // the input of output 0
	if first < 0 {
		lo = (-first + a.stride - 1) / a.stride
	}
	if last := a.in - 1 - first; last >= 0 {
		hi = last/a.stride + 1
	}
	hi = min(hi, a.out)
	return min(lo, hi), hi
}

// shape appends to dst[:0] the shape of an output with dims spatial dimensions.
func (p plane) shape(dst []int, images, channels, dims int) []int {
	dst = append(dst[:0], images, channels)
	if dims == 2 {
		dst = append(dst, p.h.out)
	}
	return append(dst, p.w.out)
}
