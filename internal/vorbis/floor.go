package vorbis

import (
	"fmt"
	"math"
	"math/bits"
	"slices"

	"github.com/quintet-ai/quintet"
)

// floor is a curve of straight pieces (type 1).
type floor struct {
	partitions []floorClass
	multiplier int
	points     []floorPoint // in the order they are coded in
	order      []int        // of the points from left to right
}

// floorClass tells how a group of points is coded.
type floorClass struct {
	dimensions int
	bits       int // of a choice among the books
	master     int // the book of the choices
	books      []int
}

// floorPoint is a point with the two among those before it that lie next to it.
type floorPoint struct{ x, low, high int }

// maxPoints is how many points a floor may have.
const maxPoints = 65

func (s *setup) floor() error {
	switch s.read(16) {
	case 1:
	case 0:
		return fmt.Errorf("vorbis floor of type 0: %w", quintet.ErrUnsupported)
	default:
		return bad("floor")
	}
	list := make([]int, s.read(5))
	count := 0 // none where there are no points but the two ends, as of a subwoofer
	for i := range list {
		list[i] = s.read(4)
		count = max(count, list[i]+1)
	}
	classes := make([]floorClass, count)
	for i := range classes {
		if !s.floorClass(&classes[i]) {
			return bad("floor")
		}
	}
	f := floor{multiplier: s.read(2) + 1}
	width := s.read(4)
	xs := []int{0, 1 << width}
	for _, class := range list {
		f.partitions = append(f.partitions, classes[class])
		for range classes[class].dimensions {
			xs = append(xs, s.read(width))
		}
	}
	if s.short || len(xs) > maxPoints || !f.place(xs) {
		return bad("points of a floor")
	}
	s.floors = append(s.floors, f)
	return nil
}

// floorClass reads a class and reports whether its books exist.
func (s *setup) floorClass(c *floorClass) bool {
	c.dimensions, c.bits = s.read(3)+1, s.read(2)
	if c.bits > 0 {
		if c.master = s.read(8); !s.book(c.master, false) {
			return false
		}
	}
	for range 1 << c.bits {
		book := s.read(8) - 1
		if book >= 0 && !s.book(book, false) {
			return false
		}
		c.books = append(c.books, book)
	}
	return true
}

// place sets the points and reports whether no two of them are at one place.
func (f *floor) place(xs []int) bool {
	for i, x := range xs {
		p := floorPoint{x: x, low: 0, high: 1}
		for j, other := range xs[:i] {
			switch {
			case other == x:
				return false
			case other < x && other > xs[p.low]:
				p.low = j
			case other > x && other < xs[p.high]:
				p.high = j
			}
		}
		f.points = append(f.points, p)
		f.order = append(f.order, i)
	}
	slices.SortFunc(f.order, func(a, b int) int { return xs[a] - xs[b] })
	return true
}

// curve are the heights of a floor's points in a packet; those that do not matter are
// negative.
type curve [maxPoints]int

// read reads a curve. There is none where the packet says so or ends.
func (f *floor) read(r *bitReader, books []codebook, c *curve) (ok bool) {
	if !r.flag() {
		return false
	}
	limit := [4]int{256, 128, 86, 64}[f.multiplier-1]
	width := bits.Len(uint(limit - 1))
	c[0], c[1] = r.read(width), r.read(width)
	n := 2
	for i := range f.partitions {
		p := &f.partitions[i]
		choice := 0
		if p.bits > 0 {
			choice = max(0, books[p.master].next(r))
		}
		for range p.dimensions {
			c[n] = 0
			if book := p.books[choice&(1<<p.bits-1)]; book >= 0 {
				c[n] = max(0, books[book].next(r))
			}
			choice >>= p.bits
			n++
		}
	}
	if r.short {
		return false
	}
	f.raise(c, limit)
	return true
}

// raise makes heights of the numbers of a packet, which are how far each point lies from
// the line between its neighbours, to the side with more room where one side is full.
func (f *floor) raise(c *curve, limit int) {
	var used [maxPoints]bool
	used[0], used[1] = true, true
	for i := 2; i < len(f.points); i++ {
		p := f.points[i]
		a, b := f.points[p.low], f.points[p.high]
		predicted := c[p.low] + (c[p.high]-c[p.low])*(p.x-a.x)/(b.x-a.x)
		v := c[i]
		if c[i] = predicted; v == 0 {
			continue
		}
		used[p.low], used[p.high], used[i] = true, true, true
		above, below := limit-predicted, predicted
		switch room := 2 * min(above, below); {
		case v >= room && above > below:
			c[i] = v
		case v >= room:
			c[i] = limit - 1 - v
		case v%2 == 1:
			c[i] = predicted - (v+1)/2
		default:
			c[i] = predicted + v/2
		}
		c[i] = min(max(c[i], 0), limit-1) // only damaged packets leave the range
	}
	for i := range f.points {
		if !used[i] {
			c[i] = -1
		}
	}
}

// scale multiplies lines by a curve.
func (f *floor) scale(lines []float32, c *curve) {
	x, y := 0, c[0]*f.multiplier
	for _, i := range f.order[1:] {
		if c[i] < 0 {
			continue
		}
		toX, toY := f.points[i].x, c[i]*f.multiplier
		scaleLine(lines, x, y, toX, toY)
		x, y = toX, toY
	}
	if x < len(lines) {
		by := decibels[min(y, 255)]
		for i := range lines[x:] {
			lines[x+i] *= by
		}
	}
}

// scaleLine multiplies lines from x0 up to x1 by a line in decibels, in steps of whole
// numbers as Bresenham draws it.
func scaleLine(lines []float32, x0, y0, x1, y1 int) {
	dx, dy := x1-x0, y1-y0
	step, sign := dy/dx, 1
	if dy < 0 {
		sign = -1
	}
	rest, part := sign*(dy-step*dx), 0
	y := y0
	for x := x0; x < min(x1, len(lines)); x++ {
		lines[x] *= decibels[uint8(y)]
		y += step
		if part += rest; part >= dx {
			part -= dx
			y += sign
		}
	}
}

// decibels holds the values of heights: 255 is 1, and each step is 140/256 dB.
var decibels = func() (t [256]float32) {
	const least = 1.0649863e-07
	for i := range t {
		t[i] = float32(math.Pow(least, float64(255-i)/255))
	}
	return t
}()
