package vision

import (
	"fmt"
	"math"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// ssdHead reads boxes with the scores of all classes, of which the first is the
// background. A box stands for every class whose score is high enough.
type ssdHead struct {
	boxes, scores int // outputs
	columns       int // of scores
	format        BoxFormat
	w, h          int // of the input
	skipped       int // 1 if the labels do not name the background
}

// rankedHead reads boxes that have one class and one score each.
type rankedHead struct {
	boxes, scores, kinds int  // outputs
	single               bool // they have no dimension of the batch
	format               BoxFormat
	w, h                 int // of the input
}

// isBoxes reports whether an output may be boxes.
func isBoxes(o modelOutput) bool {
	return (len(o.shape) == 3 || len(o.shape) == 2) && o.shape[len(o.shape)-1] == 4
}

// findBoxes returns the boxes' index, -1 if it is not clear.
func (s headSearch) findBoxes() int {
	if at := s.only(func(o modelOutput) bool { return isBoxes(o) && o.hasWord("box", "loc") }); at >= 0 {
		return at
	}
	if at := s.only(func(o modelOutput) bool { return isBoxes(o) && o.name == "detection_boxes" }); at >= 0 {
		return at
	}
	return s.only(isBoxes)
}

func newSSDHead(s headSearch) (objectHead, error) {
	boxes := s.findBoxes()
	if boxes < 0 {
		return nil, nil
	}
	if head := s.ranked(boxes); head != nil {
		return head, nil
	}
	shape := s.outputs[boxes].shape
	if len(shape) != 3 || len(s.outputs) != 2 {
		return nil, nil
	}
	scores := s.outputs[1-boxes]
	if len(scores.shape) != 3 || scores.shape[1] != shape[1] || scores.shape[2] < 2 {
		return nil, nil
	}
	if !s.named && !scores.hasWord("score", "conf", "prob") && s.told() {
		return nil, nil
	}
	head := &ssdHead{boxes, 1 - boxes, scores.shape[2], s.boxes.or(BoxesCornersUnit), s.w, s.h, 0}
	if s.labels == head.columns-1 {
		head.skipped = 1
	}
	return head, nil
}

// told reports whether the names of the outputs decide between scores and logits.
func (s headSearch) told() bool {
	for _, o := range s.outputs {
		if o.hasWord("score", "conf", "prob", "logit") {
			return true
		}
	}
	return false
}

// ranked fits outputs of a class and a score for each box.
func (s headSearch) ranked(boxes int) objectHead {
	b := s.outputs[boxes]
	rank := len(b.shape) - 1
	like := func(o modelOutput) bool {
		return len(o.shape) == rank && o.shape[rank-1] == b.shape[rank-1]
	}
	head := &rankedHead{boxes: boxes, single: rank == 1, w: s.w, h: s.h, format: s.boxes.or(BoxesCornersUnit)}
	head.kinds = s.only(func(o modelOutput) bool {
		return like(o) && (o.dtype != optimize.Float32 || o.name == "detection_classes")
	})
	if head.kinds < 0 {
		head.kinds = s.only(func(o modelOutput) bool { return like(o) && o.hasWord("class", "label") })
	}
	head.scores = s.only(func(o modelOutput) bool {
		return like(o) && o.dtype == optimize.Float32 && o.hasWord("score", "conf", "prob") && !o.hasWord("num")
	})
	if head.kinds < 0 || head.scores < 0 || head.kinds == head.scores {
		return nil
	}
	if s.boxes == BoxesOfDecoder {
		if head.single {
			head.format = BoxesCorners
		} else if b.name == "detection_boxes" {
			head.format = BoxesYXYXUnit
		}
	}
	return head
}

func (h *ssdHead) classes() int { return h.columns - h.skipped }

func (h *ssdHead) detect(outputs []optimize.Tensor, i int, least float64, to *detections) error {
	n := outputs[h.boxes].Dim(1)
	if err := shaped(outputs[h.scores], n, h.columns); err != nil {
		return err
	}
	if err := shaped(outputs[h.boxes], n, 4); err != nil {
		return err
	}
	boxes, err := item[float32](outputs[h.boxes], i)
	if err != nil {
		return err
	}
	scores, err := item[float32](outputs[h.scores], i)
	if err != nil {
		return err
	}
	for r := range n {
		for c, v := range scores[r*h.columns : (r+1)*h.columns] {
			score, err := probability(float64(v))
			if err != nil {
				return err
			}
			if c == 0 || score < least {
				continue
			}
			b := boxes[4*r : 4*r+4]
			if err := to.found(h.format.frame(b[0], b[1], b[2], b[3], h.w, h.h), c-h.skipped, score); err != nil {
				return err
			}
		}
	}
	return nil
}

func (h *rankedHead) classes() int { return 0 }

func (h *rankedHead) detect(outputs []optimize.Tensor, i int, least float64, to *detections) error {
	boxes, err := h.part(outputs[h.boxes], i)
	if err != nil {
		return err
	}
	scores, err := h.part(outputs[h.scores], i)
	if err != nil {
		return err
	}
	kinds, err := h.part(outputs[h.kinds], i)
	if err != nil {
		return err
	}
	if len(boxes) != 4*len(scores) || len(kinds) != len(scores) {
		return fmt.Errorf("outputs %v of a box, a score and a class each: %w", outputs, quintet.ErrModel)
	}
	for r, v := range scores {
		score, err := probability(float64(v))
		if err != nil {
			return err
		}
		if score < least {
			continue
		}
		class, err := classNumber(kinds[r])
		if err != nil {
			return err
		}
		b := boxes[4*r : 4*r+4]
		if err := to.found(h.format.frame(b[0], b[1], b[2], b[3], h.w, h.h), class, score); err != nil {
			return err
		}
	}
	return nil
}

// part returns what an output has for picture i, as numbers of one type.
func (h *rankedHead) part(t optimize.Tensor, i int) ([]float32, error) {
	if h.single {
		flat, err := t.Reshape(1, t.Len())
		if err != nil {
			return nil, fmt.Errorf("output %v: %w", t, quintet.ErrModel)
		}
		t = flat
	}
	switch t.DType() {
	case optimize.Int64:
		v, err := item[int64](t, i)
		return asFloats(v), err
	case optimize.Int32:
		v, err := item[int32](t, i)
		return asFloats(v), err
	}
	return item[float32](t, i)
}

func asFloats[T int64 | int32](v []T) []float32 {
	out := make([]float32, len(v))
	for i, x := range v {
		out[i] = float32(x)
	}
	return out
}

// classNumber returns the number of a class that a model gives as a fraction.
func classNumber(v float32) (int, error) {
	n := math.Round(float64(v))
	if !(math.Abs(n-float64(v)) < 0.01 && math.Abs(n) < 1e6) { // nor NaN
		return 0, fmt.Errorf("the model gave the class %v: %w", v, quintet.ErrModel)
	}
	return int(n), nil
}
