package gemm

import "fmt"

// phase is the taps that reach the output pixels of one remainder, in both axes,
// of their padded coordinate divided by the stride. They are a convolution of
// their own.
type phase struct {
	y, x   int // remainders
	ky, kx []int
	data   int // where the panels of the first group begin
}

func (p *phase) taps() int { return len(p.ky) * len(p.kx) }

// PackConvTranspose packs w, which is InC x OutC/Groups x KernelH x KernelW. Of s
// only these fields, the strides and the dilations count. It panics if w is
// shorter. w is not kept.
func PackConvTranspose(w []float32, s ConvShape) *PackedConv {
	s.checkKernel()
	if min(s.StrideH, s.StrideW, s.DilationH, s.DilationW) < 1 {
		panic(fmt.Sprintf("gemm: impossible kernel %+v", s))
	}
	in, out := s.InC/s.Groups, s.OutC/s.Groups
	checkMatrix("w", len(w), s.InC, out*s.taps(), out*s.taps())
	p := &PackedConv{n: out, groups: s.Groups, shape: s}
	size := 0
	for y := range s.StrideH {
		for x := range s.StrideW {
			ph := phase{
				y: y, x: x, data: size,
				ky: tapsOf(y, s.KernelH, s.DilationH, s.StrideH), kx: tapsOf(x, s.KernelW, s.DilationW, s.StrideW),
			}
			p.phases = append(p.phases, ph)
			size += ph.taps() * in * s.Groups * roundUp(out, panelWidth)
		}
	}
	p.data = newPanels(size/panelWidth, panelWidth)
	for i := range p.phases {
		if p.phases[i].taps() > 0 {
			p.packPhase(&p.phases[i], w)
		}
	}
	return p
}

// tapsOf returns the places of a kernel that reach the outputs of a remainder.
func tapsOf(remainder, size, dilation, stride int) (taps []int) {
	for k := range size {
		if k*dilation%stride == remainder {
			taps = append(taps, k)
		}
	}
	return taps
}

func (p *PackedConv) packPhase(ph *phase, w []float32) {
	s := &p.shape
	in := s.InC / s.Groups
	for c := range s.InC {
		for o := range p.n {
			panels := p.phaseGroup(ph, c/in)
			from := w[(c*p.n+o)*s.taps():]
			panel := panels.data[o/panelWidth*panels.panel+o%panelWidth:]
			for i, ky := range ph.ky {
				for j, kx := range ph.kx {
					panel[((i*len(ph.kx)+j)*in+c%in)*panelWidth] = from[ky*s.KernelW+kx]
				}
			}
		}
	}
}

// phaseGroup returns the panels of one group in one phase.
func (p *PackedConv) phaseGroup(ph *phase, g int) right {
	k := ph.taps() * p.shape.InC / p.groups
	size := k * roundUp(p.n, panelWidth)
	return right{data: p.data[ph.data+g*size:][:size], ldb: panelWidth, panel: k * panelWidth}
}

// ConvTranspose is the transposed convolution of one image: every input pixel
// (y, x) adds to the output pixels
//
//	(y·StrideH + ky·DilationH - PadTop, x·StrideW + kx·DilationW - PadLeft)
//
// that lie in dst. The rest is as in [Conv].
func ConvTranspose(dst, x []float32, s ConvShape, w *PackedConv, scratch *Scratch, e Epilogue) {
	s = s.normal()
	w.check(&s)
	s.check(dst, x, &e)
	if q := &w.shape; w.phases == nil || s.StrideH != q.StrideH || s.StrideW != q.StrideW ||
		s.DilationH != q.DilationH || s.DilationW != q.DilationW {
		panic(fmt.Sprintf("gemm: weights of %+v for %+v", w.shape, s))
	}
	scratch.zero = grow(scratch.zero, s.InC/s.Groups)
	c := conv{ConvShape: s, dst: dst, x: x, w: w, scratch: scratch, e: e}
	for y := range s.OutH { // all phases of a row before the next, while it is near
		for i := range w.phases {
			if ph := &w.phases[i]; ph.y == (y+s.PadTop)%s.StrideH {
				c.phaseRow(ph, y)
			}
		}
	}
}

// mod is the remainder of a division that rounds down.
func mod(a, b int) int { return (a%b + b) % b }

// phaseRow computes the pixels of one output row that belong to a phase.
func (c *conv) phaseRow(ph *phase, y int) {
	x := mod(ph.x-c.PadLeft, c.StrideW)
	if x >= c.OutW {
		return
	}
	n := (c.OutW - x + c.StrideW - 1) / c.StrideW
	parts := split(n)
	c.phasePlaces(ph, y, x, parts[:])
	in, out := c.InC/c.Groups, c.OutC/c.Groups
	t := tile{
		zero: c.scratch.zero, rows: c.scratch.rows, k: in, taps: ph.taps(),
		ldb: panelWidth, ldc: c.OutStride * c.StrideW,
		accumulate: c.e.Accumulate, clamp: c.e.Clamp, lo: c.e.Lo, hi: c.e.Hi,
	}
	pixel := y*c.OutW + x
	for g := range c.Groups {
		e, w := c.e.at(pixel, g*out), c.w.phaseGroup(ph, g)
		e.AddStride *= c.StrideW
		t.a = after(c.x, g*in)
		t.panels(w.data, w.panel, 0, out, c.dst[pixel*c.OutStride+g*out:], &parts, &e, 0)
	}
}

// phasePlaces fills the table of places for the pixels from (y, x) on, StrideW
// apart.
func (c *conv) phasePlaces(ph *phase, y, x int, parts []part) {
	n := 0
	for _, part := range parts {
		n += part.rows * part.tiles
	}
	c.scratch.rows = grow(c.scratch.rows, n*ph.taps())
	table := c.scratch.rows
	for _, part := range parts {
		for range part.tiles {
			for _, ky := range ph.ky {
				for _, kx := range ph.kx {
					for r := range part.rows {
						table[r] = c.source(y, x+r*c.StrideW, ky, kx)
					}
					table = table[part.rows:]
				}
			}
			x += part.rows * c.StrideW
		}
	}
}

// source returns the place of the input pixel that reaches the output pixel
// (y, x) through a tap of its phase, or -1.
func (c *conv) source(y, x, ky, kx int) int32 {
	y, x = y+c.PadTop-ky*c.DilationH, x+c.PadLeft-kx*c.DilationW
	if y < 0 || x < 0 || y/c.StrideH >= c.InH || x/c.StrideW >= c.InW {
		return -1
	}
	return int32((y/c.StrideH*c.InW + x/c.StrideW) * c.InStride)
}
