package spatial

import (
	"fmt"
	"math"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
)

// padding is the attribute auto_pad.
type padding int

const (
	explicit padding = iota
	sameUpper
	sameLower
	valid
)

// window is what the attributes of a node say of its sliding window. Numbers of
// fewer than three dimensions stand at the end of the arrays.
type window struct {
	rank     int  // 0 if no attribute says
	shaped   bool // kernel counts
	kernel   [space]int
	stride   [space]int
	dilation [space]int
	begin    [space]int
	end      [space]int
	auto     padding
	ceil     bool
}

// newWindow reads kernel_shape, strides, dilations, pads, auto_pad and ceil_mode.
func newWindow(n *op.Node) (window, error) {
	ones := [space]int{1, 1, 1}
	w := window{kernel: ones, stride: ones, dilation: ones}
	if err := w.readPadding(n); err != nil {
		return w, err
	}
	for _, a := range []struct {
		name string
		to   *[space]int
	}{{"kernel_shape", &w.kernel}, {"strides", &w.stride}, {"dilations", &w.dilation}} {
		v, err := n.Ints(a.name)
		if err != nil || v == nil {
			if err != nil {
				return w, err
			}
			continue
		}
		if err := w.ranked(n, len(v), a.name); err != nil {
			return w, err
		}
		if slices.Min(v) < 1 {
			return w, n.Wrong("%s %v, at least 1 makes sense", a.name, v)
		}
		copy(a.to[space-len(v):], v)
		w.shaped = w.shaped || a.name == "kernel_shape"
	}
	return w, w.fits(n)
}

// readPadding reads auto_pad, pads and ceil_mode.
func (w *window) readPadding(n *op.Node) error {
	auto, err := n.Text("auto_pad", "NOTSET")
	if err != nil {
		return err
	}
	names := []string{"NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"}
	if w.auto = padding(slices.Index(names, auto)); w.auto < 0 && auto != "" {
		return n.Wrong("auto_pad %q", auto)
	}
	w.auto = max(w.auto, explicit)
	if w.ceil, err = n.Flag("ceil_mode", false); err != nil {
		return err
	}
	v, err := n.Ints("pads")
	if err != nil || len(v) == 0 {
		return err
	}
	if len(v)%2 != 0 {
		return n.Wrong("%d pads", len(v))
	}
	if err := w.ranked(n, len(v)/2, "pads"); err != nil {
		return err
	}
	if slices.Min(v) < 0 {
		return n.Unsupported("pads %v", v)
	}
	copy(w.begin[space-w.rank:], v[:w.rank])
	copy(w.end[space-w.rank:], v[w.rank:])
	return nil
}

// ranked notes that an attribute speaks of rank dimensions.
func (w *window) ranked(n *op.Node, rank int, name string) error {
	switch {
	case w.rank != 0 && w.rank != rank, rank == 0:
		return n.Wrong("%s for %d dimensions, others for %d", name, rank, w.rank)
	case rank > space:
		return n.Unsupported("%s for %d dimensions", name, rank)
	}
	w.rank = rank
	return nil
}

// fits checks that the reach of the kernel is a number that makes sense.
func (w *window) fits(n *op.Node) error {
	for i := range space {
		if reach(w.kernel[i], w.dilation[i]) > math.MaxInt32 {
			return n.Wrong("kernel of %d with dilation %d", w.kernel[i], w.dilation[i])
		}
	}
	return nil
}

// reach is how many pixels a dilated kernel spans.
func reach(kernel, dilation int) int64 { return int64(kernel-1)*int64(dilation) + 1 }

// axis is one dimension of a window on data of a known size.
type axis struct {
	in, out, kernel, stride, dilation, begin, end int
}

// grid is a window on data of a known size, outermost dimension first.
type grid [space]axis

// resolve places the window, with the given kernel, on p. A kernel that does not
// fit even once is [quintet.ErrInput].
func (w *window) resolve(p picture, kernel [space]int) (grid, error) {
	var g grid
	if w.rank != 0 && w.rank != p.rank {
		return g, fmt.Errorf("%d spatial dimensions, attributes for %d: %w", p.rank, w.rank, quintet.ErrInput)
	}
	for i := range g {
		a := axis{in: p.size[i], kernel: kernel[i], stride: w.stride[i], dilation: w.dilation[i]}
		if err := w.place(&a, i); err != nil {
			return g, err
		}
		g[i] = a
	}
	return g, nil
}

// maxPadded is the largest size of a padded dimension: sums of such stay in 32
// bits.
const maxPadded = 1 << 30

// place computes pads and output size of dimension i.
func (w *window) place(a *axis, i int) error {
	in, span, stride := int64(a.in), reach(a.kernel, a.dilation), int64(a.stride)
	begin, end := int64(w.begin[i]), int64(w.end[i])
	switch w.auto {
	case valid:
		begin, end = 0, 0
	case sameUpper, sameLower:
		total := max(((in+stride-1)/stride-1)*stride+span-in, 0)
		if begin = total / 2; w.auto == sameLower {
			begin = total - total/2
		}
		end = total - begin
	}
	free := in + begin + end - span
	if a.in < 1 || a.kernel < 1 || free < 0 || in+begin+end > maxPadded {
		return fmt.Errorf("kernel of %d does not fit into %d+%d+%d pixels: %w", span, begin, in, end, quintet.ErrInput)
	}
	out := free/stride + 1
	if w.ceil && w.auto == explicit || w.ceil && w.auto == valid {
		// A window that starts behind the picture is left out.
		if out = (free+stride-1)/stride + 1; (out-1)*stride >= in+begin {
			out--
		}
	}
	a.out, a.begin, a.end = int(out), int(begin), int(end)
	if a.kernel == 1 {
		a.dilation = 1
	}
	return nil
}

// taps returns the first input pixel and the part [lo, hi) of the kernel that is
// inside the input, for an output pixel; lo == hi if none is. Tap k is at
// at + k*dilation.
func (a *axis) taps(o int) (at, lo, hi int) {
	at = o*a.stride - a.begin
	if at < 0 {
		lo = (-at + a.dilation - 1) / a.dilation
	}
	if at < a.in {
		hi = min(a.kernel, (a.in-at+a.dilation-1)/a.dilation)
	}
	return at, min(lo, hi), hi
}

// counted is how many taps of an output pixel are in the input or its padding.
func (a *axis) counted(o int) int {
	at := o*a.stride - a.begin
	return max(min(a.kernel, (a.in+a.end-at+a.dilation-1)/a.dilation), 0)
}

// picture returns the shape of the output for pictures like p with c channels.
func (g *grid) picture(p picture, c int) picture {
	p.c = c
	for i := range g {
		p.size[i] = g[i].out
	}
	return p
}
