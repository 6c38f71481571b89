package layout

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// suppression keeps, of boxes that overlap too much, the one with the highest
// score, class by class. Its output are rows of batch, class and box.
type suppression struct{ centred bool }

func newNonMaxSuppression(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(2, 5); err != nil {
		return nil, nil, err
	}
	if err := n.Float32(0, 1, 3, 4); err != nil {
		return nil, nil, err
	}
	if n.Has(2) {
		if err := n.Typed(2, onnxpb.Int64); err != nil {
			return nil, nil, err
		}
	}
	centred, err := n.Flag("center_point_box", false)
	return suppression{centred}, []tensor.DType{onnxpb.Int64}, err
}

// selection is what a run keeps for the next.
type selection struct {
	boxes []corners // of a batch
	order []int32   // of the boxes of a class by score
	kept  []int32   // of a class
	rows  []int64   // of the output
}

// corners is a box with y0 <= y1 and x0 <= x1.
type corners struct{ y0, x0, y1, x1, area float32 }

func (s suppression) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	boxes, scores := in[0], in[1]
	if boxes.Rank() != 3 || scores.Rank() != 3 || boxes.Shape[2] != 4 ||
		boxes.Shape[0] != scores.Shape[0] || boxes.Shape[1] != scores.Shape[2] {
		return fmt.Errorf("boxes %s with scores %s: %w", boxes, scores, quintet.ErrInput)
	}
	most, overlap, low, err := limits(in)
	if err != nil {
		return err
	}
	sel := op.StateOf[selection](c, 0, "layout.nms")
	sel.rows = sel.rows[:0]
	n, classes := boxes.Shape[1], scores.Shape[1]
	xy, p := tensor.Of[float32](boxes), tensor.Of[float32](scores)
	for b := 0; b < boxes.Shape[0] && most > 0 && n > 0; b++ {
		sel.read(xy[b*n*4:(b+1)*n*4], s.centred)
		for class := range classes {
			if err := c.Done(); err != nil {
				return err
			}
			sel.choose(p[(b*classes+class)*n:][:n], most, overlap, low)
			for _, k := range sel.kept {
				sel.rows = append(sel.rows, int64(b), int64(class), int64(k))
			}
		}
	}
	if err := c.New(out[0], onnxpb.Int64, len(sel.rows)/3, 3); err != nil {
		return err
	}
	copy(tensor.Of[int64](out[0]), sel.rows)
	return nil
}

// limits reads the optional inputs: how many boxes of a class to keep at most, from
// which overlap on to drop one, and which score to exceed.
func limits(in []*tensor.Tensor) (most int, overlap, low float32, err error) {
	low = float32(math.Inf(-1))
	if len(in) > 2 && in[2] != nil {
		if most, err = scalar(in[2], "number of boxes"); err != nil {
			return 0, 0, 0, err
		}
	}
	for i, v := range [...]*float32{3: &overlap, 4: &low} {
		if v == nil || i >= len(in) || in[i] == nil {
			continue
		}
		if in[i].Len() != 1 {
			return 0, 0, 0, fmt.Errorf("threshold %s: %w", in[i], quintet.ErrInput)
		}
		*v = tensor.Of[float32](in[i])[0]
	}
	if !(overlap >= 0 && overlap <= 1) {
		return 0, 0, 0, fmt.Errorf("threshold %g of overlap: %w", overlap, quintet.ErrInput)
	}
	return most, overlap, low, nil
}

// read takes over the boxes of a batch, whichever corners they name.
func (s *selection) read(xy []float32, centred bool) {
	s.boxes = s.boxes[:0]
	for ; len(xy) > 0; xy = xy[4:] {
		y0, x0, y1, x1 := xy[0], xy[1], xy[2], xy[3]
		if centred {
			w, h := xy[2]/2, xy[3]/2
			y0, x0, y1, x1 = xy[1]-h, xy[0]-w, xy[1]+h, xy[0]+w
		}
		b := corners{y0: min(y0, y1), x0: min(x0, x1), y1: max(y0, y1), x1: max(x0, x1)}
		b.area = (b.y1 - b.y0) * (b.x1 - b.x0)
		s.boxes = append(s.boxes, b)
	}
}

// choose fills kept for one class.
func (s *selection) choose(scores []float32, most int, overlap, low float32) {
	s.order, s.kept = s.order[:0], s.kept[:0]
	for i, p := range scores {
		if p > low {
			s.order = append(s.order, int32(i))
		}
	}
	slices.SortFunc(s.order, func(i, j int32) int {
		return cmp.Or(cmp.Compare(scores[j], scores[i]), cmp.Compare(i, j))
	})
	for _, i := range s.order {
		if len(s.kept) == most {
			return
		}
		if !slices.ContainsFunc(s.kept, func(k int32) bool { return s.boxes[i].overlaps(s.boxes[k], overlap) }) {
			s.kept = append(s.kept, i)
		}
	}
}

// overlaps reports whether the intersection of two boxes is more than the given
// part of their union. Boxes without an area overlap nothing.
func (b corners) overlaps(o corners, part float32) bool {
	h := min(b.y1, o.y1) - max(b.y0, o.y0)
	w := min(b.x1, o.x1) - max(b.x0, o.x0)
	if !(h > 0 && w > 0) {
		return false
	}
	common := h * w
	return common > part*(b.area+o.area-common)
}
