package vision

import (
	"cmp"
	"fmt"
	"image"
	"slices"
	"strconv"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// Segmentation says of which class each pixel of a picture is.
type Segmentation struct {
	// Classes has the number of a class for each pixel, in the coordinates of the
	// picture's Bounds.
	Classes *image.Gray `json:"classes"`

	// Segments are the classes that there are, the largest first, equal ones by
	// number.
	Segments []Segment `json:"segments"`
}

// Segment is all that a picture has of a class.
type Segment struct {
	Label string          `json:"label"` // the name of the class
	Class int             `json:"class"` // its number
	Share float64         `json:"share"` // of the picture's pixels, more than 0 and at most 1
	Box   image.Rectangle `json:"box"`   // around all of its pixels
}

// Mask returns 255 for the pixels of a class and 0 for others, in the coordinates of
// Classes.
func (s Segmentation) Mask(class int) *image.Alpha {
	if s.Classes == nil {
		return image.NewAlpha(image.Rectangle{})
	}
	out := image.NewAlpha(s.Classes.Rect)
	for y := range out.Rect.Dy() {
		from, to := s.Classes.Pix[y*s.Classes.Stride:], out.Pix[y*out.Stride:][:out.Stride]
		for x := range to {
			if int(from[x]) == class {
				to[x] = 255
			}
		}
	}
	return out
}

// read makes the segmentation of a picture.
func (s *Segmenter) read(outputs []optimize.Tensor, i int, v view) (Segmentation, error) {
	out := image.NewGray(v.bounds())
	var err error
	t := outputs[s.output]
	switch s.kind {
	case mapOfNumbers:
		err = s.paintNumbers(out, t, i, v)
	case mapOfForeground:
		err = s.paintForeground(out, t, i, v)
	default:
		err = s.paintClasses(out, t, i, v)
	}
	if err != nil {
		return Segmentation{}, err
	}
	return Segmentation{out, s.segments(out)}, nil
}

// paintNumbers takes the number of the nearest cell.
func (s *Segmenter) paintNumbers(out *image.Gray, t optimize.Tensor, i int, v view) error {
	rows, columns := mapSize(t.Shape())
	most := int64(maxClasses)
	if len(s.labels) > 0 {
		most = int64(len(s.labels))
	}
	var numbers []int64
	var err error
	if t.DType() == optimize.Int64 {
		numbers, err = item[int64](t, i)
	} else {
		var short []int32
		short, err = item[int32](t, i)
		for _, n := range short {
			numbers = append(numbers, int64(n))
		}
	}
	if err != nil {
		return err
	}
	if len(numbers) != rows*columns || len(numbers) == 0 {
		return fmt.Errorf("output %v is no map: %w", t, quintet.ErrModel)
	}
	for _, n := range numbers {
		if n < 0 || n >= most {
			return fmt.Errorf("class %d, there are %d: %w", n, most, quintet.ErrModel)
		}
	}
	x, y := v.axes(s.model.spec, columns, rows)
	for py := range v.Height {
		line, from := out.Pix[py*out.Stride:][:v.Width], numbers[y.nearest(py)*columns:]
		for px := range line {
			line[px] = uint8(from[x.nearest(px)])
		}
	}
	return nil
}

// paintForeground finds where the foreground is more likely than not.
func (s *Segmenter) paintForeground(out *image.Gray, t optimize.Tensor, i int, v view) error {
	rows, columns := mapSize(t.Shape())
	data, err := vector(t, i, rows*columns)
	if err != nil {
		return err
	}
	half := float32(0.5)
	if slices.ContainsFunc(data, func(v float32) bool { return v < 0 || v > 1 }) {
		half = 0 // logits
	}
	planes := make([]float32, 2*len(data)) // of the background, then of the foreground
	for k, v := range data {
		planes[len(data)+k] = v - half
	}
	return s.paint(out, classGrid{planes, 2, columns, rows}, v)
}

// paintClasses finds the class with the highest score.
func (s *Segmenter) paintClasses(out *image.Gray, t optimize.Tensor, i int, v view) error {
	classes, rows, columns := t.Dim(1), t.Dim(2), t.Dim(3)
	if s.model.spec.Layout == NHWC {
		classes, rows, columns = t.Dim(3), t.Dim(1), t.Dim(2)
	}
	if classes != len(s.labels) {
		return fmt.Errorf("output %v for %d classes: %w", t, len(s.labels), quintet.ErrModel)
	}
	data, err := vector(t, i, classes*rows*columns)
	if err != nil {
		return err
	}
	if s.model.spec.Layout == NHWC {
		planes := make([]float32, len(data))
		for k, v := range data {
			planes[k%classes*rows*columns+k/classes] = v
		}
		data = planes
	}
	return s.paint(out, classGrid{data, classes, columns, rows}, v)
}

// classGrid has a plane of scores for each class.
type classGrid struct {
	scores                 []float32
	classes, columns, rows int
}

// best returns the class with the highest score in each cell.
func (g classGrid) best() []uint8 {
	cells := g.columns * g.rows
	out := make([]uint8, cells)
	most := slices.Clone(g.scores[:cells])
	for c := 1; c < g.classes; c++ {
		for i, v := range g.scores[c*cells : (c+1)*cells] {
			if v > most[i] {
				most[i], out[i] = v, uint8(c)
			}
		}
	}
	return out
}

// at returns the class with the highest interpolated score at a pixel.
func (g classGrid) at(x, y gridAxis, px, py int) uint8 {
	a, b := y.from[py]*g.columns, y.next(py)*g.columns
	l, r := x.from[px], x.next(px)
	class, most := 0, float32(0)
	for c := range g.classes {
		plane := g.scores[c*g.columns*g.rows:]
		v := mix(mix(plane[a+l], plane[a+r], x.part[px]), mix(plane[b+l], plane[b+r], x.part[px]), y.part[py])
		if c == 0 || v > most {
			class, most = c, v
		}
	}
	return uint8(class)
}

// paint finds the class of every pixel. Where the four cells around agree there is
// nothing to interpolate: no other class can be higher between them.
func (s *Segmenter) paint(out *image.Gray, g classGrid, v view) error {
	if len(g.scores) == 0 {
		return fmt.Errorf("the map is empty: %w", quintet.ErrModel)
	}
	best := g.best()
	x, y := v.axes(s.model.spec, g.columns, g.rows)
	for py := range v.Height {
		a, b := best[y.from[py]*g.columns:], best[y.next(py)*g.columns:]
		line := out.Pix[py*out.Stride:][:v.Width]
		for px := range line {
			l, r := x.from[px], x.next(px)
			if class := a[l]; class == a[r] && class == b[l] && class == b[r] {
				line[px] = class
			} else {
				line[px] = g.at(x, y, px, py)
			}
		}
	}
	return nil
}

// segments counts the classes.
func (s *Segmenter) segments(m *image.Gray) []Segment {
	var count [maxClasses]int
	var boxes [maxClasses]image.Rectangle
	w, h := m.Rect.Dx(), m.Rect.Dy()
	for y := range h {
		line := m.Pix[y*m.Stride:][:w]
		for x := 0; x < w; {
			from, class := x, line[x]
			for x < w && line[x] == class {
				x++
			}
			count[class] += x - from
			boxes[class] = boxes[class].Union(image.Rect(from, y, x, y+1))
		}
	}
	var out []Segment
	for class, n := range count {
		if n > 0 {
			out = append(out, Segment{s.label(class), class, float64(n) / float64(w*h), boxes[class].Add(m.Rect.Min)})
		}
	}
	slices.SortStableFunc(out, func(a, b Segment) int { return cmp.Compare(b.Share, a.Share) })
	return out
}

func (s *Segmenter) label(class int) string {
	if class < len(s.labels) {
		return s.labels[class]
	}
	return "LABEL_" + strconv.Itoa(class)
}
