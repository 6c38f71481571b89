package vision

import (
	"fmt"
	"math"
	"strings"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// objectHead reads the outputs of a kind of detector.
type objectHead interface {
	// detect adds what picture i of a batch shows with a score of at least min.
	detect(outputs []optimize.Tensor, i int, min float64, to *detections) error

	// classes returns how many the model has, 0 if its outputs do not show it.
	classes() int
}

// headSearch is what decoders look at to see whether they fit.
type headSearch struct {
	outputs []modelOutput
	w, h    int // of the input
	boxes   BoxFormat
	labels  int  // how many, 0 if they are not known
	named   bool // the caller asks for this decoder
}

// decoders return the head for a model, nil if it is of another family.
func decoders() map[ObjectDecoder]func(headSearch) (objectHead, error) {
	return map[ObjectDecoder]func(headSearch) (objectHead, error){
		DecoderYOLOX: newYOLOXHead, DecoderYOLO: newYOLOHead, DecoderSSD: newSSDHead,
		DecoderDETR: newDETRHead, DecoderCenterNet: newCenterNetHead,
	}
}

// find returns the head of the named decoder or of the only one that fits.
func (s headSearch) find(d ObjectDecoder) (ObjectDecoder, objectHead, error) {
	s.named = d != DecoderAuto
	var fits []ObjectDecoder
	var head objectHead
	for _, k := range []ObjectDecoder{DecoderYOLOX, DecoderYOLO, DecoderSSD, DecoderDETR, DecoderCenterNet} {
		if s.named && k != d {
			continue
		}
		h, err := decoders()[k](s)
		if err != nil {
			return 0, nil, fmt.Errorf("decoder %v: %w", k, err)
		}
		if h != nil {
			fits, head = append(fits, k), h
		}
	}
	switch {
	case len(fits) == 1:
		return fits[0], head, nil
	case len(fits) > 1:
		return 0, nil, fmt.Errorf("outputs %v fit the decoders %v, name one: %w", s.outputs, fits, quintet.ErrModel)
	case s.named:
		return 0, nil, fmt.Errorf("outputs %v do not fit the decoder %v: %w", s.outputs, d, quintet.ErrModel)
	}
	return 0, nil, fmt.Errorf("outputs %v fit no decoder by themselves: %w", s.outputs, quintet.ErrModel)
}

// only returns the index of the only output that fits, -1 if there is none or another.
func (s headSearch) only(fits func(modelOutput) bool) int {
	at := -1
	for i, o := range s.outputs {
		if fits(o) {
			if at >= 0 {
				return -1
			}
			at = i
		}
	}
	return at
}

// hasWord reports whether the name has one of the words, in any case.
func (o modelOutput) hasWord(words ...string) bool {
	name := strings.ToLower(o.name)
	for _, w := range words {
		if strings.Contains(name, w) {
			return true
		}
	}
	return false
}

// grids returns the strides whose cells, with so many rows each, are n in all.
func (s headSearch) grids(n, rows int) []int {
	for _, strides := range [][]int{{8, 16, 32}, {8, 16, 32, 64}} {
		cells := 0
		for _, k := range strides {
			if s.w%k != 0 || s.h%k != 0 {
				cells = -1
				break
			}
			cells += s.w / k * (s.h / k)
		}
		if cells*rows == n {
			return strides
		}
	}
	return nil
}

// item returns the part of an output that is of picture i, of the given number of
// elements in the announced order.
func item[T optimize.Element](t optimize.Tensor, i int) ([]T, error) {
	data, err := optimize.Data[T](t)
	if err != nil {
		return nil, fmt.Errorf("output %v: %w", t, quintet.ErrModel)
	}
	n := t.Dim(0)
	if i >= n {
		return nil, fmt.Errorf("output %v for %d pictures or more: %w", t, i+1, quintet.ErrModel)
	}
	each := len(data) / n
	return data[i*each : (i+1)*each], nil
}

// shaped refuses an output of other dimensions than the given ones after the first; -1
// stands for any.
func shaped(t optimize.Tensor, dims ...int) error {
	for k, n := range dims {
		if n >= 0 && t.Dim(k+1) != n {
			return fmt.Errorf("output %v, want [? %v]: %w", t, dims, quintet.ErrModel)
		}
	}
	return nil
}

// probability returns a score as a number that may be beyond 0 and 1 by a rounding.
func probability(v float64) (float64, error) {
	const slack = 1e-3
	if !(v >= -slack && v <= 1+slack) { // nor NaN
		return 0, fmt.Errorf("the model gave the score %v, want 0 to 1: %w", v, quintet.ErrModel)
	}
	return v, nil
}

// finite refuses a logit that is not.
func finite(v float32) error {
	if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
		return fmt.Errorf("the model gave the logit %v: %w", v, quintet.ErrModel)
	}
	return nil
}

// found adds a detection; a box without area is none.
func (d *detections) found(box frame, class int, score float64) error {
	if sum := box.x0 + box.y0 + box.x1 + box.y1; math.IsNaN(sum) || math.IsInf(sum, 0) {
		return fmt.Errorf("the model gave the box %v: %w", box, quintet.ErrModel)
	}
	if box.x1 > box.x0 && box.y1 > box.y0 {
		d.add(detection{box, class, score})
	}
	return nil
}

func sigmoid(v float32) float64 { return 1 / (1 + math.Exp(-float64(v))) }
