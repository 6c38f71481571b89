package gemm

import (
	"fmt"
	"math"
)

// ConvShape describes a convolution of one image whose channels lie together
// (NHWC), input and output alike. Padding at the bottom and the right follows
// from OutH and OutW. A signal of one dimension has InH, OutH and KernelH 1.
type ConvShape struct {
	InH, InW, InC, OutH, OutW, OutC int
	KernelH, KernelW                int
	StrideH, StrideW                int
	DilationH, DilationW            int
	PadTop, PadLeft                 int
	Groups                          int

	// Floats between neighbouring pixels; 0: InC and OutC. More than that makes
	// the image some channels of a wider one.
	InStride, OutStride int
}

// normal fills in the strides and panics on a shape that cannot be.
func (s ConvShape) normal() ConvShape {
	if s.InStride == 0 {
		s.InStride = s.InC
	}
	if s.OutStride == 0 {
		s.OutStride = s.OutC
	}
	s.checkKernel()
	least := min(s.InH, s.InW, s.OutH, s.OutW, s.PadTop, s.PadLeft)
	if least < 0 || min(s.StrideH, s.StrideW, s.DilationH, s.DilationW) < 1 ||
		s.InStride < s.InC || s.OutStride < s.OutC || s.InH*s.InW*s.InStride > math.MaxInt32 {
		panic(fmt.Sprintf("gemm: impossible convolution %+v", s))
	}
	return s
}

// checkKernel panics unless the fields that the weights depend on make sense.
func (s *ConvShape) checkKernel() {
	if min(s.InC, s.OutC, s.KernelH, s.KernelW, s.Groups) < 1 || s.InC%s.Groups != 0 || s.OutC%s.Groups != 0 {
		panic(fmt.Sprintf("gemm: impossible kernel %+v", *s))
	}
}

func (s *ConvShape) taps() int { return s.KernelH * s.KernelW }

// depthwise is true if every channel is convolved with itself alone.
func (s *ConvShape) depthwise() bool { return s.Groups > 1 && s.Groups == s.InC && s.Groups == s.OutC }

// pointwise is true if every output pixel depends on the input pixel in the same
// place of the list of pixels.
func (s *ConvShape) pointwise() bool {
	return s.taps() == 1 && s.StrideH == 1 && s.StrideW == 1 && s.PadTop == 0 && s.PadLeft == 0 && s.InW == s.OutW
}

// stem is true if a pixel has so few channels that a whole kernel row should be
// one tap.
func (s *ConvShape) stem() bool {
	return s.Groups == 1 && s.KernelW > 1 && s.DilationW == 1 && s.InC <= 8
}

// check panics unless x, dst and the epilogue hold the image.
func (s *ConvShape) check(dst, x []float32, e *Epilogue) {
	checkMatrix("x", len(x), s.InH*s.InW, s.InC, s.InStride)
	checkMatrix("dst", len(dst), s.OutH*s.OutW, s.OutC, s.OutStride)
	e.check(s.OutH*s.OutW, s.OutC)
}

// inside returns the positions k, lo <= k < hi, of a kernel of size places,
// dilation apart, for which origin + k·dilation lies in an axis of n.
func inside(origin, dilation, size, n int) (lo, hi int) {
	if origin < 0 {
		lo = min(size, (-origin+dilation-1)/dilation)
	}
	if origin < n {
		hi = min(size, (n-origin+dilation-1)/dilation)
	}
	return lo, max(lo, hi)
}
