package vision

import "math"

// placement says which part of a stored picture goes where in a tensor.
type placement struct {
	turn      Orientation
	w, h      int   // of the stored picture
	part      frame // of it
	outW      int   // the size of the part in the tensor, in stored axes
	outH      int
	left, top int // where the part begins in the tensor, upright
	transform Transform
}

func newPlacement(spec TensorSpec, w, h int, turn Orientation) placement {
	uw, uh := w, h // upright
	if turn.transposes() {
		uw, uh = h, w
	}
	part := frame{0, 0, float64(uw), float64(uh)}
	ow, oh := spec.Width, spec.Height
	switch spec.Fit {
	case FitContain:
		k := min(float64(ow)/float64(uw), float64(oh)/float64(uh))
		ow = min(max(int(math.Round(float64(uw)*k)), 1), ow)
		oh = min(max(int(math.Round(float64(uh)*k)), 1), oh)
	case FitCover:
		part = cover(uw, uh, ow, oh)
	}
	p := placement{
		turn: turn, w: w, h: h, part: part, outW: ow, outH: oh,
		left: (spec.Width - ow) / 2, top: (spec.Height - oh) / 2,
	}
	sx, sy := (part.x1-part.x0)/float64(ow), (part.y1-part.y0)/float64(oh)
	p.transform = Transform{
		Width: uw, Height: uh, ScaleX: sx, ScaleY: sy,
		OffsetX: part.x0 - float64(p.left)*sx, OffsetY: part.y0 - float64(p.top)*sy,
	}
	if turn.transposes() { // a part is in the middle, so turning keeps it there
		p.part = frame{part.y0, part.x0, part.y1, part.x1}
		p.outW, p.outH = oh, ow
	}
	return p
}

// shrink returns by how much a JPEG may be shrunk while it is decoded.
func (p placement) shrink(q Quality) int {
	margin := map[Quality]float64{Balanced: 2, Fast: 1}[q]
	for n := 8; n > 1 && q != Exact; n /= 2 {
		least := margin * float64(n)
		if p.part.x1-p.part.x0 >= least*float64(p.outW) && p.part.y1-p.part.y0 >= least*float64(p.outH) {
			return n
		}
	}
	return 1
}

// scaled returns the part in a picture that was shrunk by n to w by h, rounded up.
func (p placement) scaled(n, w, h int) frame {
	k := float64(n)
	return frame{p.part.x0 / k, p.part.y0 / k, min(p.part.x1/k, float64(w)), min(p.part.y1/k, float64(h))}
}

// steps returns where the first pixel of the stored part stands in a tensor of width
// pixels a row, and how far it is to the next one across and down.
func (p placement) steps(width int) (start, across, down int) {
	inverse := p.turn
	switch p.turn {
	case 6:
		inverse = 8
	case 8:
		inverse = 6
	}
	uw, uh := p.outW, p.outH // upright
	if p.turn.transposes() {
		uw, uh = uh, uw
	}
	index := func(x, y int) int {
		ux, uy := inverse.at(x, y, uw, uh)
		return (p.top+uy)*width + p.left + ux
	}
	start = index(0, 0)
	return start, index(1, 0) - start, index(0, 1) - start
}
