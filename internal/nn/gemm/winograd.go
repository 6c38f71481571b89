package gemm

import "fmt"

// A convolution of three by three with stride 1 by Winograd's minimal filtering
// (Lavin and Gray, 2015, F(2x2, 3x3)): four outputs from a tile of four by four
// inputs take 16 multiplications for each pair of channels instead of 36. Tiles
// and weights are transformed, multiplied plane by plane, and transformed back.

// planes is the number of elements of a transformed tile.
const planes = 16

// Winograd reports whether [PackWinograd] can take a convolution and pays: the
// kernel is 3x3 without strides, dilation and groups, channels are whole vectors,
// and the weights, which grow by 16/9, do not outweigh the work that is saved.
func (s ConvShape) Winograd() bool {
	const most = 1 << 17 // products of channels; beyond it maps are tiny and weights come from memory
	return winogradRuns() && s.KernelH == 3 && s.KernelW == 3 && s.StrideH == 1 && s.StrideW == 1 &&
		s.DilationH == 1 && s.DilationW == 1 && s.Groups == 1 && s.InC%8 == 0 && s.OutC%8 == 0 &&
		s.InC >= 16 && s.OutC >= 16 && s.InC*s.OutC <= most
}

// PackWinograd is [PackConv] for convolutions of which [ConvShape.Winograd] is true.
// [Conv] and [ConvColumns] then work by minimal filtering, whose rounding errors are
// up to ten times those of the sum. An input that is not finite spoils the outputs of
// its tile that it would not have reached. [Epilogue].Accumulate is not for them.
func PackWinograd(w []float32, s ConvShape) *PackedConv {
	s.checkKernel()
	checkMatrix("w", len(w), s.OutC, 9*s.InC, 9*s.InC)
	if !s.Winograd() {
		panic(fmt.Sprintf("gemm: no minimal filtering for %+v", s))
	}
	p := &PackedConv{k: s.InC, n: s.OutC, groups: 1, shape: s, winograd: true}
	size := s.InC * roundUp(s.OutC, panelWidth)
	p.data = newPanels(s.InC, planes*roundUp(s.OutC, panelWidth))
	for o := range s.OutC {
		for c := range s.InC {
			u := filterTile([9]float32(w[(o*s.InC+c)*9:]))
			at := o/panelWidth*s.InC*panelWidth + c*panelWidth + o%panelWidth
			for i, v := range u {
				p.data[i*size+at] = v
			}
		}
	}
	return p
}

// filterTile is G g G', with G = [1 0 0; ½ ½ ½; ½ -½ ½; 0 0 1].
func filterTile(g [9]float32) (u [planes]float32) {
	var t [4][3]float32
	for j := range 3 {
		a, b, c := g[j], g[3+j], g[6+j]
		t[0][j], t[1][j], t[2][j], t[3][j] = a, (a+b+c)/2, (a-b+c)/2, c
	}
	for i, r := range t {
		u[4*i], u[4*i+1], u[4*i+2], u[4*i+3] = r[0], (r[0]+r[1]+r[2])/2, (r[0]-r[1]+r[2])/2, r[2]
	}
	return u
}

// tileIn is a tile of input being transformed: its 16 pixels to as many planes.
type tileIn struct {
	x, zero *float32
	at      [planes]int32 // of each pixel in x, in floats; -1 is a pixel of zeros
	dst     *float32      // the tile's place in the first plane
	plane   int           // floats from plane to plane
	n       int           // channels, a multiple of 8
}

// tileOut is a tile of sums being transformed back: 16 planes to four pixels.
type tileOut struct {
	src   *float32
	plane int
	n     int
	dst   [4]*float32
	add   [4]*float32 // nil: nothing is added
	bias  *float32    // never nil
	clamp int         // not 0: to lo and hi
	lo    float32
	hi    float32
}

const (
	tileFloats = 1 << 16 // of both kinds of planes in work at a time
	tilesLeast = 48      // at once, so that the weights are not read too often
	tilesMost  = 192
)

// winograd computes the output rows rowLo to rowHi-1, channels c.lo to c.hi-1.
func (c *conv) winograd(rowLo, rowHi int) {
	if c.e.Accumulate {
		panic("gemm: minimal filtering does not accumulate")
	}
	across, down := (c.OutW+1)/2, (rowHi-rowLo+1)/2
	block := min(max(tileFloats/planes/(c.InC+c.hi-c.lo), tilesLeast), tilesMost)
	block = min(evenStep(across*down, block, maxRows), across*down)
	w := winograd{conv: c, rowLo: rowLo, rowHi: rowHi, across: across}
	w.in.plane, w.out.plane = block*c.InC, block*c.OutC
	c.scratch.tiles = grow(c.scratch.tiles, planes*block*(c.InC+c.OutC))
	c.scratch.zero = grow(c.scratch.zero, max(c.InC, c.OutC))
	c.scratch.spill = grow(c.scratch.spill, c.OutC)
	v, m := c.scratch.tiles[:planes*w.in.plane], c.scratch.tiles[planes*w.in.plane:]
	w.prepare()
	size := c.InC * roundUp(c.OutC, panelWidth)
	for lo := 0; lo < across*down; lo += block {
		n := min(block, across*down-lo)
		for t := range n {
			w.load(lo+t, v[t*c.InC:])
		}
		for i := range planes {
			x := matrices{m[i*w.out.plane:], v[i*w.in.plane:], c.OutC, c.InC, n, c.InC}
			mul(x, right{data: c.w.data[i*size:][:size], ldb: panelWidth, panel: c.InC * panelWidth}, c.lo, c.hi, &Epilogue{})
		}
		for t := range n {
			w.store(lo+t, m[t*c.OutC:])
		}
	}
}

// winograd is a convolution by minimal filtering under way.
type winograd struct {
	*conv
	rowLo, rowHi, across int
	in                   tileIn
	out                  tileOut
}

// prepare sets what all tiles have in common.
func (w *winograd) prepare() {
	c := w.conv
	w.in.x, w.in.zero, w.in.n = &c.x[0], &c.scratch.zero[0], c.InC
	w.out.n, w.out.lo, w.out.hi = c.hi-c.lo, c.e.Lo, c.e.Hi
	if w.out.bias = &c.scratch.zero[0]; c.e.Bias != nil {
		w.out.bias = &c.e.Bias[c.lo]
	}
	if c.e.Clamp {
		w.out.clamp = 1
	}
}

// load transforms a tile of the input.
func (w *winograd) load(t int, dst []float32) {
	c := w.conv
	y, x := w.rowLo+t/w.across*2-c.PadTop, t%w.across*2-c.PadLeft
	for i := range 4 {
		for j := range 4 {
			at := int32(-1)
			if y+i >= 0 && y+i < c.InH && x+j >= 0 && x+j < c.InW {
				at = int32(((y+i)*c.InW + x + j) * c.InStride)
			}
			w.in.at[4*i+j] = at
		}
	}
	w.in.dst = &dst[0]
	w.in.run()
}

// store transforms a tile of sums back. Pixels outside the output go to a place that
// nobody reads.
func (w *winograd) store(t int, src []float32) {
	c := w.conv
	y, x := w.rowLo+t/w.across*2, t%w.across*2
	for i := range 4 {
		py, px := y+i/2, x+i%2
		w.out.dst[i], w.out.add[i] = &c.scratch.spill[0], nil
		inside := py < w.rowHi && px < c.OutW
		pixel := py*c.OutW + px
		if inside {
			w.out.dst[i] = &c.dst[pixel*c.OutStride+c.lo]
		}
		switch {
		case c.e.Add == nil:
		case inside:
			w.out.add[i] = &c.e.Add[pixel*c.e.AddStride+c.lo]
		default:
			w.out.add[i] = &c.scratch.zero[0]
		}
	}
	w.out.src = &src[c.lo]
	w.out.run()
}
