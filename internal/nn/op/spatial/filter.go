package spatial

import (
	"fmt"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/gemm"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
)

// filter is the weights of a convolution, packed. A volume's kernel is one of a
// picture for each step in depth.
type filter struct {
	in, out int // channels of the whole convolution
	rank    int // spatial dimensions
	kernel  [space]int
	packed  []*gemm.PackedConv
	minimal bool    // packed for minimal filtering, in tiles of two rows
	blocks  *blocks // instead, if the convolution makes such
}

// newFilter packs weights, of out x in/group x kernel, or in x out/group x kernel
// if the convolution is transposed. Weights that do not fit the attributes are
// [quintet.ErrInput]. Only for constant weights is what takes longer to pack worth it.
func (v *conv) newFilter(w *tensor.Tensor, constant bool) (*filter, error) {
	f, err := v.describe(w.Shape)
	if err != nil {
		return nil, fmt.Errorf("weights %v: %w: %w", w, err, quintet.ErrInput)
	}
	if v.disjoint(f) {
		f.blocks = newBlocks(tensor.Of[float32](w), f)
		return f, nil
	}
	s := v.shape(f, grid{})
	data, depth := tensor.Of[float32](w), f.kernel[0]
	if depth == 1 && constant && !v.transposed && s.Winograd() {
		f.packed, f.minimal = []*gemm.PackedConv{gemm.PackWinograd(data, s)}, true
		return f, nil
	}
	if depth == 1 {
		f.packed = []*gemm.PackedConv{v.pack(data, s)}
		return f, nil
	}
	plane := f.kernel[1] * f.kernel[2]
	part := make([]float32, len(data)/depth)
	for d := range depth {
		for i := range len(part) / plane {
			copy(part[i*plane:][:plane], data[(i*depth+d)*plane:])
		}
		f.packed = append(f.packed, v.pack(part, s))
	}
	return f, nil
}

func (v *conv) pack(w []float32, s gemm.ConvShape) *gemm.PackedConv {
	if v.transposed {
		return gemm.PackConvTranspose(w, s)
	}
	return gemm.PackConv(w, s)
}

// describe reads the shape of weights and checks it against the attributes.
func (v *conv) describe(shape []int) (*filter, error) {
	f := &filter{rank: len(shape) - 2, kernel: [space]int{1, 1, 1}}
	switch {
	case f.rank < 1 || f.rank > space:
		return nil, fmt.Errorf("rank is not 3 to %d", 2+space)
	case slices.Min(shape) < 1:
		return nil, fmt.Errorf("a dimension is 0")
	case v.window.rank != 0 && v.window.rank != f.rank:
		return nil, fmt.Errorf("attributes are for %d spatial dimensions", v.window.rank)
	case shape[0]%v.groups != 0:
		return nil, fmt.Errorf("%d groups do not divide %d channels", v.groups, shape[0])
	}
	copy(f.kernel[space-f.rank:], shape[2:])
	if v.window.shaped && f.kernel != v.window.kernel {
		return nil, fmt.Errorf("kernel_shape is %v", v.window.kernel[space-f.rank:])
	}
	if f.out, f.in = shape[0], shape[1]*v.groups; v.transposed {
		f.out, f.in = f.in, f.out
	}
	return f, nil
}

// shape describes a step in depth of the convolution to package gemm. A signal
// with many channels stands upright there, because rows can go to different
// threads.
func (v *conv) shape(f *filter, g grid) gemm.ConvShape {
	w, kernel := v.window, f.kernel
	depthwise := v.groups > 1 && v.groups == f.in && v.groups == f.out
	if f.rank == 1 && f.in > 8 && !depthwise && !v.transposed {
		g[1], g[2] = g[2], g[1]
		kernel[1], kernel[2] = kernel[2], kernel[1]
		w.stride[1], w.stride[2] = w.stride[2], w.stride[1]
		w.dilation[1], w.dilation[2] = w.dilation[2], w.dilation[1]
	}
	return gemm.ConvShape{
		InC: f.in, OutC: f.out, Groups: v.groups,
		InH: g[1].in, OutH: g[1].out, PadTop: g[1].begin, InW: g[2].in, OutW: g[2].out, PadLeft: g[2].begin,
		KernelH: kernel[1], StrideH: w.stride[1], DilationH: w.dilation[1],
		KernelW: kernel[2], StrideW: w.stride[2], DilationW: w.dilation[2],
	}
}
