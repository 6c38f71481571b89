package video

import (
	"image"
	"math"
)

// axis is a Kalman filter of a number that changes at a constant rate: F = [1 1; 0 1], of
// which the number is measured.
//
// The state of SORT has seven numbers: middle, area and aspect of a box, and the rates of
// all but the aspect. All its noises are diagonal and F joins each number to its own rate
// only, so it is exactly the four filters below, without matrices.
type axis struct {
	x, v          float64 // the number and its rate, per frame
	pxx, pxv, pvv float64 // their covariance
	qx, qv        float64 // noise of a step
	r             float64 // noise of a measurement
}

func (a *axis) predict() {
	a.x += a.v
	a.pxx += 2*a.pxv + a.pvv + a.qx
	a.pxv += a.pvv
	a.pvv += a.qv
}

func (a *axis) correct(z float64) {
	kx, kv := a.pxx/(a.pxx+a.r), a.pxv/(a.pxx+a.r)
	d := z - a.x
	a.x += kx * d
	a.v += kv * d
	a.pvv -= kv * a.pxv
	a.pxv -= kx * a.pxv
	a.pxx -= kx * a.pxx
}

// boxFilter follows a box. The aspect, width over height, has no rate.
type boxFilter struct{ cx, cy, area, aspect axis }

// newBoxFilter begins with a box, whose rates are not known. The noises are those of
// SORT.
func newBoxFilter(b box) boxFilter {
	var f boxFilter
	middle := axis{pxx: 10, pvv: 1e4, qx: 1, qv: 0.01, r: 1}
	f.cx, f.cy = middle, middle
	f.area = axis{pxx: 10, pvv: 1e4, qx: 1, qv: 1e-4, r: 10}
	f.aspect = axis{pxx: 10, qx: 1, r: 10}
	f.cx.x, f.cy.x, f.area.x, f.aspect.x = b.measures()
	return f
}

func (b box) measures() (cx, cy, area, aspect float64) {
	return (b.x0 + b.x1) / 2, (b.y0 + b.y1) / 2, b.area(), (b.x1 - b.x0) / (b.y1 - b.y0)
}

// predict goes to the next frame. A box that would have no area stops to shrink.
func (f *boxFilter) predict() {
	if f.area.x+f.area.v < 1 {
		f.area.v = 0
	}
	for _, a := range []*axis{&f.cx, &f.cy, &f.area, &f.aspect} {
		a.predict()
	}
}

func (f *boxFilter) correct(b box) {
	cx, cy, area, aspect := b.measures()
	f.cx.correct(cx)
	f.cy.correct(cy)
	f.area.correct(area)
	f.aspect.correct(aspect)
}

// box returns where the object is, of at least one pixel.
func (f *boxFilter) box() box {
	area, aspect := max(f.area.x, 1), max(f.aspect.x, 1e-4)
	w := math.Sqrt(area * aspect)
	h := area / w
	return box{f.cx.x - w/2, f.cy.x - h/2, f.cx.x + w/2, f.cy.x + h/2}
}

// rectangle returns the pixels of a box, rounded, at least one each way. It is cut far
// outside of any picture, so that its numbers fit.
func (b box) rectangle() image.Rectangle {
	round := func(v float64) int { return int(math.Round(min(max(v, -1<<30), 1<<30))) }
	r := image.Rectangle{Min: image.Pt(round(b.x0), round(b.y0)), Max: image.Pt(round(b.x1), round(b.y1))}
	r.Max.X, r.Max.Y = max(r.Max.X, r.Min.X+1), max(r.Max.Y, r.Min.Y+1)
	return r
}
