package video

import "image"

// AssignGroups is assignGroups.
func AssignGroups(gain [][]float64, columns int) []int { return assignGroups(gain, columns) }

// Filter is a boxFilter.
type Filter struct{ f boxFilter }

// NewFilter begins with a box.
func NewFilter(r image.Rectangle) *Filter { return &Filter{newBoxFilter(boxOf(r))} }

// Step predicts and corrects, and returns the seven numbers of the state.
func (f *Filter) Step(r image.Rectangle) []float64 {
	f.f.predict()
	f.f.correct(boxOf(r))
	return []float64{f.f.cx.x, f.f.cy.x, f.f.area.x, f.f.aspect.x, f.f.cx.v, f.f.cy.v, f.f.area.v}
}
