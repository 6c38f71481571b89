package vision

import (
	"cmp"
	"fmt"
	"image"
	"math"

	"github.com/quintet-ai/quintet"
)

// SmartCrop returns the box of the aspect of w by h, as large as the picture allows,
// that shows most of it. Faces come first: the box holds as much of them as it can,
// with a quarter of their size around, the larger before the smaller. Then it holds the
// most detail, best in its middle: edges, and colours more or less saturated than the
// rest. What is equally good is taken from the middle, so a picture without detail is
// cut on both sides alike. Detail is not meaning: a sharp hedge beats a calm horizon.
//
// The box is in the coordinates of src, its sides are rounded to pixels. Faces outside
// of the picture are passed over. Errors are those of [Thumbnail]. It reads each pixel
// once, and looks for detail in a copy of about 128 pixels.
func SmartCrop(src image.Image, w, h int, faces ...Face) (image.Rectangle, error) {
	s, err := newSource(src)
	if err != nil {
		return image.Rectangle{}, err
	}
	if w <= 0 || h <= 0 {
		return image.Rectangle{}, fmt.Errorf("size %dx%d: %w", w, h, quintet.ErrOption)
	}
	part, err := s.smart(w, h, faces)
	if err != nil {
		return image.Rectangle{}, err
	}
	near := func(v float64) int { return int(math.Round(v)) }
	box := image.Rect(near(part.x0), near(part.y0), near(part.x1), near(part.y1))
	if box.Empty() { // less than a pixel
		at := image.Pt(min(box.Min.X, s.w-1), min(box.Min.Y, s.h-1))
		box = image.Rectangle{at, image.Pt(max(box.Max.X, at.X+1), max(box.Max.Y, at.Y+1))}
	}
	return box.Add(src.Bounds().Min), nil
}

// smart moves the part that covers w by h along the one axis on which it has room.
func (s *source) smart(w, h int, faces []Face) (frame, error) {
	part := cover(s.w, s.h, w, h)
	across := part.x1-part.x0 < float64(s.w)
	c := cropAxis{length: s.w, window: part.x1 - part.x0}
	if !across {
		c = cropAxis{length: s.h, window: part.y1 - part.y0}
	}
	if c.window >= float64(c.length) {
		return part, nil
	}
	most := max(128, 16*float64(c.length)/c.window)
	bins := int(min(float64(c.length), math.Ceil(most)))
	other := min(max((s.w+s.h-c.length)*bins/c.length, 1), 128)
	size := image.Pt(bins, other)
	if !across {
		size = image.Pt(other, bins)
	}
	small, err := s.resize(frame{0, 0, float64(s.w), float64(s.h)}, size.X, size.Y, Box)
	if err != nil {
		return frame{}, err
	}
	c.detail = detailProfile(small, across)
	for _, f := range faces {
		c.addFace(f.Box.Intersect(s.img.Bounds()).Sub(s.img.Bounds().Min), across)
	}
	from := c.best()
	if across {
		part.x0, part.x1 = from, from+c.window
	} else {
		part.y0, part.y1 = from, from+c.window
	}
	return part, nil
}

// detailProfile sums the detail of the columns of a picture, or of its rows.
func detailProfile(m *image.NRGBA, columns bool) []int64 {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	luma, saturation := make([]int, w*h), make([]int, w*h)
	sum := 0
	for i := range luma {
		p := m.Pix[4*i : 4*i+3 : 4*i+3]
		luma[i] = (299*int(p[0]) + 587*int(p[1]) + 114*int(p[2])) / 1000
		saturation[i] = int(max(p[0], p[1], p[2]) - min(p[0], p[1], p[2]))
		sum += saturation[i]
	}
	mean := sum / len(luma)
	profile := make([]int64, h)
	if columns {
		profile = make([]int64, w)
	}
	for y := range h {
		up, down := max(y-1, 0)*w, min(y+1, h-1)*w
		for x := range w {
			i := y*w + x
			edge := 4*luma[i] - luma[up+x] - luma[down+x] - luma[y*w+max(x-1, 0)] - luma[y*w+min(x+1, w-1)]
			detail := int64(max(edge, -edge) + max(saturation[i]-mean, mean-saturation[i])/2)
			if columns {
				profile[x] += detail
			} else {
				profile[y] += detail
			}
		}
	}
	return profile
}

// cropAxis chooses where a window begins on an axis.
type cropAxis struct {
	length int     // of the axis in pixels
	window float64 // in pixels, shorter
	detail []int64 // of equal parts of the axis
	faces  []faceSpan
}

// faceSpan is where a face and what is around it lie on the axis.
type faceSpan struct {
	from, to float64
	size     float64
}

func (c *cropAxis) addFace(box image.Rectangle, across bool) {
	if box.Empty() {
		return
	}
	from, to := float64(box.Min.X), float64(box.Max.X)
	if !across {
		from, to = float64(box.Min.Y), float64(box.Max.Y)
	}
	around := (to - from) / 4
	c.faces = append(c.faces, faceSpan{
		from: max(from-around, 0), to: min(to+around, float64(c.length)), size: to - from,
	})
}

// kept returns how much of the faces a window holds.
func (c *cropAxis) kept(from float64) (sum float64) {
	for _, f := range c.faces {
		sum += f.size * max(min(f.to, from+c.window)-max(f.from, from), 0)
	}
	return sum
}

// best returns where the best window begins. Detail is counted in integers, so that
// equals are equal.
func (c *cropAxis) best() float64 {
	n := len(c.detail)
	win := min(max(int(math.Round(c.window*float64(n)/float64(c.length))), 1), n)
	win += (n - win) % 2 // so that one of the places is in the middle
	room := float64(c.length) - c.window
	last := n - win
	if last == 0 {
		return room / 2
	}
	weight := c.weights()
	type place struct {
		kept    float64
		detail  int64
		outside int // distance from the middle
	}
	var top place
	at := -1
	for k := range last + 1 {
		p := place{kept: c.kept(float64(k) / float64(last) * room), outside: max(2*k-last, last-2*k)}
		for i, d := range weight[k : k+win] {
			p.detail += d * int64(2*win-max(2*i+1-win, win-2*i-1)) // half as much at the ends
		}
		better := cmp.Or(cmp.Compare(p.kept, top.kept), cmp.Compare(p.detail, top.detail), cmp.Compare(top.outside, p.outside))
		if at < 0 || better > 0 {
			top, at = p, k
		}
	}
	return float64(at) / float64(last) * room
}

// weights returns the detail, to which each face adds about as much as all of it, most
// in its own middle, so that faces come to the middle of a window that could hold them
// at its edge too.
func (c *cropAxis) weights() []int64 {
	sum := int64(len(c.detail) * len(c.detail)) // so that faces count where there is no detail
	for _, d := range c.detail {
		sum += d
	}
	out := append([]int64(nil), c.detail...)
	bin := float64(c.length) / float64(len(out))
	for _, f := range c.faces {
		from := min(int(f.from/bin), len(out)-1)
		to := min(max(int(math.Ceil(f.to/bin)), from+1), len(out))
		half := (to - from + 1) / 2
		for i := from; i < to; i++ {
			out[i] += sum * int64(min(i-from, to-1-i)+1) / int64(half*half)
		}
	}
	return out
}
