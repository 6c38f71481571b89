package gemm

import "fmt"

// PackedConv is the weights of a convolution in the order in which the kernels
// read them. It does not change and may be shared.
type PackedConv struct {
	k, n, groups int // panels of k rows and n columns for each group
	data         []float32
	shape        ConvShape // its kernel, channels and groups
	phases       []phase   // of a transposed convolution
	winograd     bool      // the weights are transformed, see PackWinograd
}

// Bytes returns the memory that p holds.
func (p *PackedConv) Bytes() int64 { return int64(4 * len(p.data)) }

// PackConv packs w, which is OutC x InC/Groups x KernelH x KernelW. Of s only
// these fields count. It panics if w is shorter. w is not kept.
func PackConv(w []float32, s ConvShape) *PackedConv {
	s.checkKernel()
	in, out := s.InC/s.Groups, s.OutC/s.Groups
	checkMatrix("w", len(w), s.OutC, in*s.taps(), in*s.taps())
	p := &PackedConv{k: s.taps() * in, n: out, groups: s.Groups, shape: s}
	if s.depthwise() {
		p.data = packDepthwise(w, s.OutC, s.taps())
		return p
	}
	group := p.k * roundUp(out, panelWidth)
	p.data = newPanels(p.k, s.Groups*roundUp(out, panelWidth))
	for o := range s.OutC {
		g, col := o/out, o%out
		panel := p.data[g*group+col/panelWidth*p.k*panelWidth+col%panelWidth:]
		for c := range in {
			for tap, v := range w[(o*in+c)*s.taps():][:s.taps()] {
				panel[(tap*in+c)*panelWidth] = v
			}
		}
	}
	return p
}

// packDepthwise returns the weights of each tap one after the other, a tap's
// channels filled up to whole vectors.
func packDepthwise(w []float32, channels, taps int) []float32 {
	wide := roundUp(channels, panelWidth)
	data := newPanels(taps, wide)
	for c := range channels {
		for tap, v := range w[c*taps:][:taps] {
			data[tap*wide+c] = v
		}
	}
	return data
}

// group returns the panels of one group.
func (p *PackedConv) group(g int) right {
	size := p.k * roundUp(p.n, panelWidth)
	return right{data: p.data[g*size:][:size], ldb: panelWidth, panel: p.k * panelWidth}
}

// check panics unless the weights were packed for s.
func (p *PackedConv) check(s *ConvShape) {
	q := &p.shape
	if s.InC != q.InC || s.OutC != q.OutC || s.Groups != q.Groups ||
		s.KernelH != q.KernelH || s.KernelW != q.KernelW {
		panic(fmt.Sprintf("gemm: weights of %+v for %+v", *q, *s))
	}
}
