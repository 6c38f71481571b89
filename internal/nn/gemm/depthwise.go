package gemm

// depthwise computes the output rows rowLo to rowHi-1. A row's pixels fall into
// runs whose taps inside the image are the same: single ones at the edges and
// one long run between. Taps outside the image are left out.
func (c *conv) depthwise(rowLo, rowHi int) {
	wide := roundUp(c.OutC, panelWidth)
	s := strip{
		c: c.OutC, bias: c.e.Bias, mask: lanes[panelWidth-c.OutC%8:],
		inRow: c.DilationH * c.InW * c.InStride, inCol: c.DilationW * c.InStride, inPix: c.StrideW * c.InStride,
		wRow: c.KernelW * wide, wCol: wide, outPix: c.OutStride, addPix: c.e.AddStride,
		accumulate: c.e.Accumulate, clamp: c.e.Clamp, lo: c.e.Lo, hi: c.e.Hi,
	}
	whole := c.wholeTaps()
	for y := rowLo; y < rowHi; y++ {
		top := y*c.StrideH - c.PadTop
		lo, hi := inside(top, c.DilationH, c.KernelH, c.InH)
		s.rows = hi - lo
		row := row{y: y, first: (top + lo*c.DilationH) * c.InW * c.InStride, weights: lo * c.KernelW * wide}
		for x := 0; x < c.OutW; {
			if x < whole.xLo || x >= whole.xHi {
				lo, hi := inside(x*c.StrideW-c.PadLeft, c.DilationW, c.KernelW, c.InW)
				c.pixels(&s, row, x, 1, lo, hi)
				x++
				continue
			}
			c.pixels(&s, row, x, whole.xHi-x, 0, c.KernelW)
			x = whole.xHi
		}
	}
}

// row is what the pixels of an output row have in common.
type row struct{ y, first, weights int }

// pixels computes n pixels of a row from pixel x on, whose kernel columns inside
// the image are lo to hi-1.
func (c *conv) pixels(s *strip, r row, x, n, lo, hi int) {
	s.cols = hi - lo
	s.in, s.w = nil, nil
	if s.rows > 0 && s.cols > 0 {
		s.in = c.x[r.first+(x*c.StrideW-c.PadLeft+lo*c.DilationW)*c.InStride:]
		s.w = c.w.data[r.weights+lo*s.wCol:]
	}
	pixel := r.y*c.OutW + x
	s.out, s.add = c.dst[pixel*c.OutStride:], after(c.e.Add, pixel*c.e.AddStride)
	s.run(n)
}
