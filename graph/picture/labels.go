package picture

import (
	"cmp"
	"slices"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
)

// label is a text whose baseline begins at a point.
type label struct {
	at   point
	size float64
	text string
}

// box is a rectangle.
type box struct{ lo, hi point }

func (b box) meets(c box) bool {
	return b.lo.X < c.hi.X && c.lo.X < b.hi.X && b.lo.Y < c.hi.Y && c.lo.Y < b.hi.Y
}

// holds reports whether a disc is in the box, at least in part.
func (b box) holds(d *disc) bool {
	near := point{X: min(max(d.at.X, b.lo.X), b.hi.X), Y: min(max(d.at.Y, b.lo.Y), b.hi.Y)}
	return distance(near, d.at) < d.radius
}

// ruler measures text.
type ruler struct{ face font.Face }

const rulerSize = 64

func newFace(f *sfnt.Font, size float64) (font.Face, error) {
	return opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingNone})
}

// width returns the width of a text; a letter that the font does not have is a
// square.
func (r ruler) width(s string, size float64) float64 {
	sum := 0.0
	for _, c := range s {
		advance, ok := r.face.GlyphAdvance(c)
		if w := float64(advance) / 64; ok && w > 0 {
			sum += w
		} else {
			sum += rulerSize
		}
	}
	return sum * size / rulerSize
}

// write returns the labels of at most n discs, the highest scores first. Each stands
// at the side of its disc where it hides least, and is left out if it would lie on
// another label or leave the picture everywhere.
func (s *scene) write(n int) ([]label, error) {
	face, err := newFace(s.font, rulerSize)
	if err != nil {
		return nil, err
	}
	defer face.Close()
	r := ruler{face}
	var order []*disc
	most := 0.0
	for i := range s.discs {
		if s.discs[i].name != "" {
			order = append(order, &s.discs[i])
			most = max(most, s.discs[i].score)
		}
	}
	slices.SortStableFunc(order, func(a, b *disc) int { return cmp.Compare(b.score, a.score) })
	order = order[:min(n, len(order))]
	var out []label
	var taken []box
	for _, d := range order {
		size := 12.0
		if most > 0 {
			size += 6 * d.score / most
		}
		text, best, least := label{}, box{}, -1.0
		for i, b := range around(d, r.width(d.name, size), size) {
			hidden := s.hidden(b, d, taken)
			if hidden < 0 {
				continue
			}
			if cost := hidden + float64(i)*0.4; least < 0 || cost < least {
				least, best = cost, b
				text = label{point{X: b.lo.X, Y: b.hi.Y - 0.25*size}, size, d.name}
			}
		}
		if least >= 0 {
			out, taken = append(out, text), append(taken, best)
		}
	}
	return out, nil
}

// around returns where a label of that width may stand, the best places first.
func around(d *disc, w, size float64) []box {
	const gap = 3
	h, r := size*1.2, d.radius+gap
	var out []box
	for _, at := range [...]point{
		{X: r, Y: -h / 2}, {X: -w / 2, Y: -r - h}, {X: -w / 2, Y: r}, {X: -r - w, Y: -h / 2},
		{X: r * 0.75, Y: -h - r*0.4}, {X: r * 0.75, Y: r * 0.4}, {X: -w - r*0.75, Y: -h - r*0.4}, {X: -w - r*0.75, Y: r * 0.4},
	} {
		lo := point{X: d.at.X + at.X, Y: d.at.Y + at.Y}
		out = append(out, box{lo, point{X: lo.X + w, Y: lo.Y + h}})
	}
	return out
}

// hidden returns how much of other discs a label would hide, -1 if it may not stand
// there.
func (s *scene) hidden(b box, own *disc, taken []box) float64 {
	top := 2.0
	if s.title != "" {
		top = titleHeight
	}
	if b.lo.X < 2 || b.lo.Y < top || b.hi.X > float64(s.width)-2 || b.hi.Y > float64(s.height)-2 {
		return -1
	}
	for _, t := range taken {
		if b.meets(t) {
			return -1
		}
	}
	sum := 0.0
	for i := range s.discs {
		if d := &s.discs[i]; d != own && b.holds(d) {
			sum += 1 + d.radius/4
		}
	}
	return sum
}
