package vision

import (
	"cmp"
	"context"
	"math"
	"slices"
)

const (
	mapStep = 32 // the sides of the detection model's input are multiples of it

	minTextSide = 3 // pixels of the map that a box must be high as it is found
	minLineSide = 5 // and when it has grown
)

// textMap is what the detection model says: for each pixel of the scaled picture how
// likely it is text. A pixel is sx by sy of the picture.
type textMap struct {
	p      []float32
	w, h   int
	sx, sy float64
}

// textMapSize returns the size at which text is found in a picture of w by h: no side
// longer than longest, and both multiples of mapStep.
func textMapSize(w, h, longest int) (mw, mh int) {
	scale := min(float64(longest)/float64(max(w, h)), 1)
	to := func(side int) int {
		n := int(math.Round(float64(side)*scale/mapStep)) * mapStep
		return min(max(n, mapStep), max(longest/mapStep*mapStep, mapStep))
	}
	return to(w), to(h)
}

// detect runs the detection model over a picture and returns the boxes of its text.
func (r *lineReader) detect(ctx context.Context, s *source) ([]textBox, error) {
	w, h := textMapSize(s.w, s.h, r.opt.MaxSide)
	spec := TensorSpec{
		Width: w, Height: h, BGR: true, Fit: FitStretch, Filter: Bilinear,
		Mean: [3]float32{0.485, 0.456, 0.406}, Std: [3]float32{0.229, 0.224, 0.225},
	}
	input := make([]float32, 3*w*h)
	if err := fillTensor(ctx, s, 1, newPlacement(spec, s.w, s.h, 1), spec, input); err != nil {
		return nil, err
	}
	p, _, err := runTextModel(ctx, r.detection, "detection", input, []int{1, 3, h, w}, []int{1, 1, h, w})
	if err != nil {
		return nil, err
	}
	m := textMap{p, w, h, float64(s.w) / float64(w), float64(s.h) / float64(h)}
	return m.boxes(r.opt), nil
}

// boxes returns the boxes of text in the picture, the highest score first, of equal
// scores the upper.
func (m *textMap) boxes(o ReaderOptions) []textBox {
	var all []textBox
	for _, runs := range textRegions(m.p, m.w, float32(o.PixelThreshold)) {
		if b, ok := m.box(runs, o); ok {
			all = append(all, b)
		}
	}
	slices.SortStableFunc(all, func(a, b textBox) int { return cmp.Compare(b.score, a.score) })
	return all[:min(len(all), o.MaxLines)]
}

// box returns the box around a region, false if that is too small or its score is.
// It is the smallest in the picture; in the map, whose pixels need not be square, that
// may be another.
func (m *textMap) box(runs []textRun, o ReaderOptions) (textBox, bool) {
	points := make([]Point, 0, 2*len(runs))
	for _, r := range runs {
		y := (float64(r.y) + 0.5) * m.sy
		points = append(points, Point{(float64(r.x0) + 0.5) * m.sx, y}, Point{(float64(r.x1) - 0.5) * m.sx, y})
	}
	b := minAreaBox(convexHull(points))
	pixel := math.Sqrt(m.sx * m.sy)
	if min(b.w, b.h) < minTextSide*pixel {
		return b, false
	}
	if b.score = m.mean(b); !(b.score >= o.BoxThreshold) { // nor NaN
		return b, false
	}
	b = b.grown(o.Unclip)
	return b, min(b.w, b.h) >= minLineSide*pixel
}

// mean returns the mean of the map in a box of the picture.
func (m *textMap) mean(b textBox) float64 {
	pixel := math.Sqrt(m.sx * m.sy)
	b.w, b.h = b.w+pixel, b.h+pixel // from middles of pixels to their edges
	corners := b.frame().corners()
	top, bottom := math.Inf(1), math.Inf(-1)
	for i, c := range corners {
		corners[i] = Point{c.X/m.sx - 0.5, c.Y/m.sy - 0.5}
		top, bottom = min(top, corners[i].Y), max(bottom, corners[i].Y)
	}
	sum, n := 0.0, 0
	for y := max(int(math.Ceil(top)), 0); y <= min(int(math.Floor(bottom)), m.h-1); y++ {
		x0, x1, ok := xSpan(corners, float64(y), float64(y))
		if !ok {
			continue
		}
		from, to := max(int(math.Ceil(x0)), 0), min(int(math.Floor(x1))+1, m.w)
		for x := from; x < to; x++ {
			sum += float64(m.p[y*m.w+x])
			n++
		}
	}
	return sum / float64(n) // NaN for none
}
