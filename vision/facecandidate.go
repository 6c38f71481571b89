package vision

import (
	"cmp"
	"image"
	"math"
	"slices"
)

// candidate is what one anchor of the model, or a mean of several, says. Positions
// are pixels from the picture's upper left corner.
type candidate struct {
	box    frame
	score  float64
	points [6]Point // in the order of Landmarks
}

// anchors are the cells of a square grid, with so many anchors in the middle of
// each.
type anchors struct{ cells, each int }

// decode appends the candidates of a layer that reach minScore. For each anchor
// there is the logit of its score and 16 numbers in pixels of the model's input:
// middle, width and height of the box, then the landmarks, all but the size
// relative to the anchor. What is not finite or has no area is left out.
func (a anchors) decode(to []candidate, logits, boxes []float32, minScore float64, part square) []candidate {
	toPicture := part.side / faceSide
	for i, logit := range logits {
		score := 1 / (1 + math.Exp(-float64(logit)))
		if !(score >= minScore) { // nor NaN
			continue
		}
		v := boxes[16*i : 16*i+16 : 16*i+16]
		cell := i / a.each
		ax := part.x + (float64(cell%a.cells)+0.5)/float64(a.cells)*part.side
		ay := part.y + (float64(cell/a.cells)+0.5)/float64(a.cells)*part.side
		at := func(k int) Point {
			return Point{ax + float64(v[k])*toPicture, ay + float64(v[k+1])*toPicture}
		}
		middle, w, h := at(0), float64(v[2])*toPicture, float64(v[3])*toPicture
		c := candidate{score: score, box: frame{middle.X - w/2, middle.Y - h/2, middle.X + w/2, middle.Y + h/2}}
		for k := range c.points {
			c.points[k] = at(4 + 2*k)
		}
		if w > 0 && h > 0 && c.finite() {
			to = append(to, c)
		}
	}
	return to
}

func (c *candidate) finite() bool {
	sum := math.Abs(c.box.x0) + math.Abs(c.box.y0) + math.Abs(c.box.x1) + math.Abs(c.box.y1)
	for _, p := range c.points {
		sum += math.Abs(p.X) + math.Abs(p.Y)
	}
	return sum < math.MaxInt32 // also false for NaN
}

// area is that of the frame.
func (f frame) area() float64 { return (f.x1 - f.x0) * (f.y1 - f.y0) }

// overlap returns the area that both frames cover over the area that either does.
func (f frame) overlap(g frame) float64 {
	w, h := min(f.x1, g.x1)-max(f.x0, g.x0), min(f.y1, g.y1)-max(f.y0, g.y0)
	if w <= 0 || h <= 0 {
		return 0
	}
	return w * h / (f.area() + g.area() - w*h)
}

const (
	sameFace      = 0.3  // the overlap from which on two candidates are one face
	maxCandidates = 8192 // that are compared with one another
)

// merge makes one candidate of those that overlap: from the highest score on, each
// takes those that overlap with it and are left, and becomes their mean, weighted
// by their scores. It keeps its own score. The order is that of the scores, of
// equal ones that of all, which merge reorders.
func merge(all []candidate) (out []candidate) {
	slices.SortStableFunc(all, func(a, b candidate) int { return cmp.Compare(b.score, a.score) })
	all = all[:min(len(all), maxCandidates)]
	taken := make([]bool, len(all))
	for i, best := range all {
		if taken[i] {
			continue
		}
		var m mean
		for j := i; j < len(all); j++ {
			if !taken[j] && best.box.overlap(all[j].box) >= sameFace {
				taken[j] = true
				m.add(&all[j])
			}
		}
		out = append(out, m.candidate(best.score))
	}
	return out
}

// mean is the weighted sum of candidates.
type mean struct {
	weight float64
	sum    candidate
}

func (m *mean) add(c *candidate) {
	m.weight += c.score
	m.sum.box.x0 += c.score * c.box.x0
	m.sum.box.y0 += c.score * c.box.y0
	m.sum.box.x1 += c.score * c.box.x1
	m.sum.box.y1 += c.score * c.box.y1
	for k, p := range c.points {
		m.sum.points[k].X += c.score * p.X
		m.sum.points[k].Y += c.score * p.Y
	}
}

func (m *mean) candidate(score float64) candidate {
	c := m.sum
	c.score = score
	c.box = frame{c.box.x0 / m.weight, c.box.y0 / m.weight, c.box.x1 / m.weight, c.box.y1 / m.weight}
	for k, p := range c.points {
		c.points[k] = Point{p.X / m.weight, p.Y / m.weight}
	}
	return c
}

// face returns the result in a picture of the given bounds, false if none of it is
// inside.
func (c *candidate) face(bounds image.Rectangle) (Face, bool) {
	round := func(v float64) int { return int(math.Round(v)) }
	box := image.Rect(round(c.box.x0), round(c.box.y0), round(c.box.x1), round(c.box.y1))
	box = box.Add(bounds.Min).Intersect(bounds)
	p := c.points
	for k := range p {
		p[k].X += float64(bounds.Min.X)
		p[k].Y += float64(bounds.Min.Y)
	}
	f := Face{Box: box, Score: c.score, Landmarks: Landmarks{p[0], p[1], p[2], p[3], p[4], p[5]}}
	f.Angle = f.Landmarks.angle()
	return f, !box.Empty()
}
