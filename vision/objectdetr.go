package vision

import (
	"fmt"
	"math"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// detrHead reads queries with logits and a box each. A query is of the class with the
// highest score, the first of equal ones.
type detrHead struct {
	boxes, logits int // outputs
	columns       int // of logits
	none          int // 1 if the last class is "no object" and the scores are a softmax
	format        BoxFormat
	w, h          int // of the input
}

func newDETRHead(s headSearch) (objectHead, error) {
	boxes := s.findBoxes()
	if boxes < 0 || len(s.outputs[boxes].shape) != 3 {
		return nil, nil
	}
	b := s.outputs[boxes]
	queries := func(o modelOutput) bool {
		return len(o.shape) == 3 && o.shape[1] == b.shape[1] && o.name != b.name
	}
	logits := s.only(func(o modelOutput) bool { return queries(o) && o.hasWord("logit") })
	if logits < 0 && len(s.outputs) == 2 && (s.named || !s.told()) {
		logits = s.only(queries)
	}
	if logits < 0 {
		return nil, nil
	}
	head := &detrHead{
		boxes: boxes, logits: logits, columns: s.outputs[logits].shape[2],
		format: s.boxes.or(BoxesCenterUnit), w: s.w, h: s.h,
	}
	switch n := head.columns; {
	case s.labels > 0 && s.labels == n-1, s.labels == 0 && (n == 92 || n == 81):
		head.none = 1
	case s.labels == 0 && n != 80 && n != 91:
		return nil, fmt.Errorf("output %v may have a class for no object, Labels decide: %w",
			s.outputs[logits], quintet.ErrOption)
	}
	return head, nil
}

func (h *detrHead) classes() int { return h.columns - h.none }

func (h *detrHead) detect(outputs []optimize.Tensor, i int, least float64, to *detections) error {
	n := outputs[h.boxes].Dim(1)
	if err := shaped(outputs[h.logits], n, h.columns); err != nil {
		return err
	}
	if err := shaped(outputs[h.boxes], n, 4); err != nil {
		return err
	}
	boxes, err := item[float32](outputs[h.boxes], i)
	if err != nil {
		return err
	}
	logits, err := item[float32](outputs[h.logits], i)
	if err != nil {
		return err
	}
	for r := range n {
		class, score, err := h.best(logits[r*h.columns : (r+1)*h.columns])
		if err != nil {
			return err
		}
		if score < least {
			continue
		}
		b := boxes[4*r : 4*r+4]
		if err := to.found(h.format.frame(b[0], b[1], b[2], b[3], h.w, h.h), class, score); err != nil {
			return err
		}
	}
	return nil
}

// best returns the class of a query with the highest score.
func (h *detrHead) best(logits []float32) (class int, score float64, err error) {
	for c, v := range logits {
		if err := finite(v); err != nil {
			return 0, 0, err
		}
		if c < h.classes() && v > logits[class] {
			class = c
		}
	}
	if h.none == 0 {
		return class, sigmoid(logits[class]), nil
	}
	var sum float64
	for _, v := range logits {
		sum += math.Exp(float64(v) - float64(logits[class]))
	}
	return class, 1 / sum, nil // 0 where the sum is beyond all numbers
}
