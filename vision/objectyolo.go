package vision

import (
	"fmt"
	"math"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// yoloHead reads rows of a box, perhaps the score of an object, and the scores of
// classes. A row is of the class with the highest score, the first of equal ones.
type yoloHead struct {
	output     int
	attributes int       // of a row
	turned     bool      // [B,attributes,N]: a row is a column
	objectness int       // 1 if there is a score of an object
	strides    []int     // of YOLOX: boxes are relative to the cells of these grids
	boxes      BoxFormat // else
	w, h       int       // of the input
}

// newYOLOXHead fits [B,N,5+C] with a row for each cell.
func newYOLOXHead(s headSearch) (objectHead, error) {
	at := s.only(func(o modelOutput) bool {
		return len(o.shape) == 3 && o.shape[2] > 5 && s.grids(o.shape[1], 1) != nil
	})
	if at < 0 || len(s.outputs) > 1 {
		return nil, nil
	}
	if s.boxes != BoxesOfDecoder {
		if s.named {
			return nil, fmt.Errorf("boxes are relative to cells, Boxes says otherwise: %w", quintet.ErrOption)
		}
		return nil, nil
	}
	o := s.outputs[at]
	strides := s.grids(o.shape[1], 1)
	return &yoloHead{output: at, attributes: o.shape[2], objectness: 1, strides: strides, w: s.w, h: s.h}, nil
}

// newYOLOHead fits [B,4+C,N] and [B,N,5+C].
func newYOLOHead(s headSearch) (objectHead, error) {
	at := s.only(func(o modelOutput) bool { return len(o.shape) == 3 && min(o.shape[1], o.shape[2]) > 4 })
	if at < 0 || len(s.outputs) > 1 && !s.named {
		return nil, nil
	}
	o := s.outputs[at]
	head := &yoloHead{output: at, w: s.w, h: s.h, boxes: s.boxes.or(BoxesCenter)}
	turned := s.grids(o.shape[2], 1) != nil || s.grids(o.shape[2], 3) != nil
	upright := s.grids(o.shape[1], 3) != nil
	if s.named {
		turned, upright = o.shape[2] > o.shape[1], o.shape[1] > o.shape[2]
	}
	switch {
	case turned && upright || o.shape[1] == o.shape[2]:
		if s.named {
			return nil, fmt.Errorf("output %v does not show which dimension is that of rows: %w", o, quintet.ErrModel)
		}
		return nil, nil
	case turned:
		head.turned, head.attributes = true, o.shape[1]
	case upright:
		head.attributes, head.objectness = o.shape[2], 1
	default:
		return nil, nil
	}
	switch n := head.attributes - 4; {
	case s.labels == n:
		head.objectness = 0
	case s.labels == n-1 && s.labels > 0:
		head.objectness = 1
	case s.labels > 0:
		return nil, fmt.Errorf("output %v has %d or %d classes, there are %d labels: %w",
			o, n-1, n, s.labels, quintet.ErrOption)
	}
	if head.classes() < 1 {
		return nil, nil
	}
	return head, nil
}

func (h *yoloHead) classes() int { return h.attributes - 4 - h.objectness }

func (h *yoloHead) detect(outputs []optimize.Tensor, i int, least float64, to *detections) error {
	t := outputs[h.output]
	rows, step, attribute := t.Dim(1), h.attributes, 1 // from a row to the next, from an attribute to the next
	want := []int{-1, h.attributes}
	if h.turned {
		rows, step, attribute = t.Dim(2), 1, t.Dim(2)
		want = []int{h.attributes, -1}
	}
	if h.strides != nil {
		want[0] = h.cells()
	}
	if err := shaped(t, want...); err != nil {
		return err
	}
	data, err := item[float32](t, i)
	if err != nil {
		return err
	}
	box := h.plain
	if h.strides != nil {
		box = h.grid()
	}
	for r := range rows {
		row := data[r*step:]
		class, score, err := h.best(row, attribute)
		if err != nil {
			return err
		}
		if score < least {
			continue
		}
		b := box(r, row[0], row[attribute], row[2*attribute], row[3*attribute])
		if err := to.found(b, class, score); err != nil {
			return err
		}
	}
	return nil
}

// best returns the class of a row with the highest score.
func (h *yoloHead) best(row []float32, attribute int) (class int, score float64, err error) {
	score = -1
	for c := range h.classes() {
		v, err := probability(float64(row[(4+h.objectness+c)*attribute]))
		if err != nil {
			return 0, 0, err
		}
		if v > score {
			class, score = c, v
		}
	}
	if h.objectness == 0 {
		return class, score, nil
	}
	object, err := probability(float64(row[4*attribute]))
	return class, max(score, 0) * object, err
}

func (h *yoloHead) plain(_ int, a, b, c, d float32) frame { return h.boxes.frame(a, b, c, d, h.w, h.h) }

// grid returns how YOLOX places the box of a row: its centre from the cell's corner in
// cells, its size as a logarithm of cells.
func (h *yoloHead) grid() func(row int, a, b, c, d float32) frame {
	grid, first := 0, 0 // the index of the first row of a grid
	return func(row int, a, b, c, d float32) frame {
		for grid+1 < len(h.strides) && row-first >= h.size(grid) {
			first += h.size(grid)
			grid++
		}
		s := float64(h.strides[grid])
		columns := h.w / h.strides[grid]
		x, y := (row-first)%columns, (row-first)/columns
		cx, cy := float64(a)+float64(x), float64(b)+float64(y)
		return centred(cx*s, cy*s, math.Exp(float64(c))*s, math.Exp(float64(d))*s)
	}
}

// size returns how many cells a grid has.
func (h *yoloHead) size(grid int) int { return h.w / h.strides[grid] * (h.h / h.strides[grid]) }

func (h *yoloHead) cells() (n int) {
	for g := range h.strides {
		n += h.size(g)
	}
	return n
}
