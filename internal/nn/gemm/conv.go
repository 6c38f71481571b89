package gemm

import "fmt"

// Conv convolves one image: it computes the output rows rowLo to rowHi-1 of dst
// from the image x. Both begin with pixel (0, 0). A place outside the image
// counts as zero. Bias has an element per output channel and Add the layout of
// dst, with AddStride floats between pixels.
//
// It panics if w was packed for another kernel or a slice is too short. dst must
// not overlap x.
func Conv(dst, x []float32, s ConvShape, w *PackedConv, rowLo, rowHi int, scratch *Scratch, e Epilogue) {
	s = s.normal()
	w.check(&s)
	s.check(dst, x, &e)
	if rowLo < 0 || rowHi > s.OutH || w.phases != nil {
		panic(fmt.Sprintf("gemm: output rows %d to %d of %d", rowLo, rowHi, s.OutH))
	}
	c := conv{ConvShape: s, dst: dst, x: x, w: w, scratch: scratch, e: e, hi: s.OutC / s.Groups}
	switch {
	case rowHi <= rowLo || s.OutW == 0:
	case w.winograd:
		c.winograd(rowLo, rowHi)
	case s.depthwise():
		c.depthwise(rowLo, rowHi)
	case s.pointwise() && rowHi <= s.InH:
		c.pointwise(rowLo*s.OutW, rowHi*s.OutW)
	case s.stem():
		c.stem(rowLo, rowHi)
	default:
		scratch.zero = grow(scratch.zero, s.InC/s.Groups)
		c.indirect(rowLo*s.OutW, rowHi*s.OutW)
	}
}

// ConvColumns is [Conv] of all output rows, but of the output channels lo to hi-1
// alone; dst, Bias and Add still begin with channel 0. Threads that share a
// convolution with heavy weights so read each of them once. It panics unless
// [ConvShape.Columns] and lo is a multiple of 16.
func ConvColumns(dst, x []float32, s ConvShape, w *PackedConv, lo, hi int, scratch *Scratch, e Epilogue) {
	s = s.normal()
	w.check(&s)
	s.check(dst, x, &e)
	if !s.Columns() || w.phases != nil || lo < 0 || lo%panelWidth != 0 || hi > s.OutC {
		panic(fmt.Sprintf("gemm: channels %d to %d of %+v", lo, hi, s))
	}
	if hi <= lo || s.OutH == 0 || s.OutW == 0 {
		return
	}
	c := conv{ConvShape: s, dst: dst, x: x, w: w, scratch: scratch, e: e, lo: lo, hi: hi}
	if pixels := s.OutH * s.OutW; w.winograd {
		c.winograd(0, s.OutH)
	} else if s.pointwise() && s.OutH <= s.InH {
		c.pointwise(0, pixels)
	} else {
		scratch.zero = grow(scratch.zero, s.InC)
		c.indirect(0, pixels)
	}
}

// Columns reports whether [ConvColumns] can split the output channels: there is one
// group, and it has more than a few input channels.
func (s ConvShape) Columns() bool { return s.Groups == 1 && !s.stem() }

// conv is the convolution under way.
type conv struct {
	ConvShape
	dst, x  []float32
	w       *PackedConv
	scratch *Scratch
	e       Epilogue
	lo, hi  int // output channels of each group
}

// pointwise computes the pixels lo to hi-1 as a matrix product.
func (c *conv) pointwise(lo, hi int) {
	in, out := c.InC/c.Groups, c.OutC/c.Groups
	for g := range c.Groups {
		e := c.e.at(lo, g*out)
		m := matrices{c.dst[lo*c.OutStride+g*out:], c.x[lo*c.InStride+g*in:], c.OutStride, c.InStride, hi - lo, in}
		mul(m, c.w.group(g), c.lo, c.hi, &e)
	}
}

// at is the epilogue as seen from a row (pixel) and a column.
func (e *Epilogue) at(row, column int) Epilogue {
	moved := *e
	moved.Bias, moved.Add = after(e.Bias, column), after(e.Add, row*e.AddStride+column)
	return moved
}

const (
	chunkFloats = 1 << 16 // of input that a chunk of pixels reads, more or less
	chunkPlaces = 1 << 14 // rows of a chunk's table
)

// indirect computes the output pixels lo to hi-1, a chunk at a time: all panels
// of weights pass over a chunk, so that the weights are read from memory once
// for each chunk and its part of the image stays near.
func (c *conv) indirect(lo, hi int) {
	limit := min(chunkFloats/(c.InC*c.StrideH*c.StrideW), chunkPlaces/c.taps()) / maxRows * maxRows
	step := evenStep(hi-lo, max(8*maxRows, limit), maxRows)
	c.tapPlaces()
	for ; lo < hi; lo += step {
		c.chunk(lo, min(hi, lo+step))
	}
}

// chunk computes the pixels lo to hi-1.
func (c *conv) chunk(lo, hi int) {
	parts := split(hi - lo)
	top := max(0, lo/c.OutW*c.StrideH-c.PadTop) // no place lies above this row
	base := min(len(c.x), top*c.InW*c.InStride)
	c.places(lo, parts[:], base)
	in, out := c.InC/c.Groups, c.OutC/c.Groups
	t := tile{
		zero: c.scratch.zero, rows: c.scratch.rows, k: in, taps: c.taps(),
		ldb: panelWidth, ldc: c.OutStride,
		accumulate: c.e.Accumulate, clamp: c.e.Clamp, lo: c.e.Lo, hi: c.e.Hi,
	}
	for g := range c.Groups {
		e, w := c.e.at(lo, g*out), c.w.group(g)
		t.a = after(c.x, base+g*in)
		t.panels(w.data, w.panel, c.lo, c.hi, c.dst[lo*c.OutStride+g*out:], &parts, &e, 0)
	}
}

// tapPlaces computes the distance of every tap from the first one.
func (c *conv) tapPlaces() {
	c.scratch.taps = grow(c.scratch.taps, c.taps())
	for ky := range c.KernelH {
		for kx := range c.KernelW {
			place := (ky*c.DilationH*c.InW + kx*c.DilationW) * c.InStride
			c.scratch.taps[ky*c.KernelW+kx] = int32(place)
		}
	}
}

// places fills the table of the tiles of parts, the first of which begins with
// the output pixel p; places count from base.
func (c *conv) places(p int, parts []part, base int) {
	n := 0
	for _, part := range parts {
		n += part.rows * part.tiles
	}
	c.scratch.rows = grow(c.scratch.rows, n*c.taps())
	table := c.scratch.rows
	whole := c.wholeTaps()
	y, x := p/c.OutW, p%c.OutW
	for _, part := range parts {
		for range part.tiles {
			tile := table[:part.rows*c.taps()]
			table = table[len(tile):]
			if last := x + part.rows - 1; whole.holds(y, x) && whole.holds(y, last) {
				c.wholeTile(tile, part.rows, y, x, base)
				x = last
			} else {
				for r := range part.rows {
					if r > 0 {
						y, x = c.next(y, x)
					}
					c.pixel(tile[r:], part.rows, y, x, base)
				}
			}
			y, x = c.next(y, x)
		}
	}
}

// next is the output pixel after (y, x).
func (c *conv) next(y, x int) (int, int) {
	if x++; x == c.OutW {
		return y + 1, 0
	}
	return y, x
}

// first is the place of an output pixel's first tap.
func (c *conv) first(y, x, base int) int32 {
	return int32(((y*c.StrideH-c.PadTop)*c.InW+x*c.StrideW-c.PadLeft)*c.InStride - base)
}

// wholeTile writes the places of a tile whose pixels lie in one row and have all
// their taps inside the image.
func (c *conv) wholeTile(tile []int32, rows, y, x, base int) {
	first, step := c.first(y, x, base), int32(c.StrideW*c.InStride)
	for i, place := range c.scratch.taps {
		place += first
		for r := range tile[i*rows:][:rows] {
			tile[i*rows+r] = place
			place += step
		}
	}
}

// area is a rectangle of output pixels: rows and columns from lo to below hi.
type area struct{ yLo, yHi, xLo, xHi int }

func (a area) holds(y, x int) bool { return y >= a.yLo && y < a.yHi && x >= a.xLo && x < a.xHi }

// wholeTaps is the output pixels all taps of which are inside the image.
func (c *conv) wholeTaps() (a area) {
	axis := func(n, kernel, stride, dilation, pad int) (lo, hi int) {
		last := n - 1 - (kernel-1)*dilation + pad // of the padded image
		if last < 0 {
			return 0, 0
		}
		return (pad + stride - 1) / stride, last/stride + 1
	}
	a.yLo, a.yHi = axis(c.InH, c.KernelH, c.StrideH, c.DilationH, c.PadTop)
	a.xLo, a.xHi = axis(c.InW, c.KernelW, c.StrideW, c.DilationW, c.PadLeft)
	a.xHi = min(a.xHi, c.OutW)
	return a
}

// pixel writes the places of one output pixel, step entries apart.
func (c *conv) pixel(table []int32, step, y, x, base int) {
	first := c.first(y, x, base)
	rowLo, rowHi := inside(y*c.StrideH-c.PadTop, c.DilationH, c.KernelH, c.InH)
	colLo, colHi := inside(x*c.StrideW-c.PadLeft, c.DilationW, c.KernelW, c.InW)
	for i, place := range c.scratch.taps {
		row, col := i/c.KernelW, i%c.KernelW
		if row < rowLo || row >= rowHi || col < colLo || col >= colHi {
			table[i*step] = -1
		} else {
			table[i*step] = first + place
		}
	}
}
