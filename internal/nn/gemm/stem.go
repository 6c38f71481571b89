package gemm

// stemFloats is the size of a piece of padded rows.
const stemFloats = 1 << 14

// stem computes output rows from copies of the input rows that have their
// padding in them: there a whole row of the kernel is one run of KernelW·InC
// floats, where the image itself would give taps of one or three.
func (c *conv) stem(rowLo, rowHi int) {
	width := (c.OutW-1)*c.StrideW + c.KernelW
	fit := stemFloats / (width * c.InC * c.StrideH)
	step := max(1, min(rowHi-rowLo, fit))
	padded := conv{w: c.w, scratch: c.scratch, lo: c.lo, hi: c.hi, ConvShape: ConvShape{
		InW: width, InC: c.KernelW * c.InC, InStride: c.InC,
		OutW: c.OutW, OutC: c.OutC, OutStride: c.OutStride, KernelH: c.KernelH, KernelW: 1,
		StrideH: c.StrideH, StrideW: c.StrideW, DilationH: c.DilationH, DilationW: 1, Groups: 1,
	}}
	for ; rowLo < rowHi; rowLo += step {
		n := min(step, rowHi-rowLo)
		padded.OutH = n
		padded.InH = (n-1)*c.StrideH + (c.KernelH-1)*c.DilationH + 1
		padded.x = c.padRows(rowLo*c.StrideH-c.PadTop, padded.InH, width)
		padded.e, padded.dst = c.e.at(rowLo*c.OutW, 0), c.dst[rowLo*c.OutW*c.OutStride:]
		padded.indirect(0, n*c.OutW)
	}
}

// padRows copies n rows from row y on, width pixels each from -PadLeft on.
func (c *conv) padRows(y, n, width int) []float32 {
	c.scratch.stem = grow(c.scratch.stem, n*width*c.InC)
	for i := range n {
		row := c.scratch.stem[i*width*c.InC:][:width*c.InC]
		if y+i < 0 || y+i >= c.InH {
			clear(row)
			continue
		}
		left := min(c.PadLeft, width)
		pixels := max(0, min(width-left, c.InW))
		clear(row[:left*c.InC])
		clear(row[(left+pixels)*c.InC:])
		from := c.x[(y+i)*c.InW*c.InStride:]
		if c.InStride == c.InC {
			copy(row[left*c.InC:], from[:pixels*c.InC])
			continue
		}
		for x := range pixels {
			copy(row[(left+x)*c.InC:], from[x*c.InStride:][:c.InC])
		}
	}
	return c.scratch.stem
}
