package vision

import (
	"fmt"
	"math"
	"strings"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// ObjectDecoder is a way to read the outputs of a detector. Letters stand for the
// batch (B), rows (N) and classes (C); scores are from 0 to 1 unless said otherwise.
type ObjectDecoder int

// The decoders. What they are told from stands behind "if".
const (
	// DecoderAuto takes the only decoder that fits.
	DecoderAuto ObjectDecoder = iota

	// DecoderYOLOX reads [B,N,5+C]: a row for each cell of the grids of stride 8,
	// 16 and 32 (and 64), relative to the cell (Ge and others, 2021); if N is
	// their number. An export that decodes inside of the graph has the same
	// shape: name DecoderYOLO for it.
	DecoderYOLOX

	// DecoderYOLO reads the rows of YOLOv5, with the score of an object before
	// those of the classes, and of YOLOv8 and its successors, without: boxes
	// are centres and sizes in pixels of the input. If the output is
	// [B,4+C,N] and N is the number of cells, once or three times, or
	// [B,N,5+C] with three rows for each cell. The number of labels decides
	// whether there is a score of an object; without labels, the order of the
	// dimensions does.
	DecoderYOLO

	// DecoderSSD reads boxes and scores: [B,N,4] with [B,N,C], whose class 0 is
	// the background (Liu and others, 2016), if a name has "score", "conf" or
	// "prob"; or, where suppression is part of the graph, [B,N,4] with classes
	// and scores [B,N], or without B. Boxes are corners from 0 to 1,
	// y before x in outputs named detection_boxes as those of TensorFlow,
	// without B in pixels.
	DecoderSSD

	// DecoderDETR reads logits [B,N,C] with boxes [B,N,4], which are centres and
	// sizes from 0 to 1, if a name has "logit". With one class more than labels
	// that is "no object" and the scores are a softmax (DETR, Carion and others,
	// 2020), else each is a sigmoid (Deformable DETR, RT-DETR).
	DecoderDETR

	// DecoderCenterNet reads heat maps [B,C,H,W] with maps of sizes and offsets
	// [B,2,H,W] named "wh" or "size" and "off" or "reg" (Zhou and others, 2019),
	// whose numbers count cells; and the rows x0, y0, x1, y1, score, class in
	// pixels that some networks, YOLOv10 too, end with, if the only output
	// [B,N,6] has at most 1000. A map with a value outside 0 to 1 is of logits.
	DecoderCenterNet
)

var decoderNames = [...]string{"auto", "YOLOX", "YOLO", "SSD", "DETR", "CenterNet"}

// String returns the name of the family, such as "YOLOX".
func (d ObjectDecoder) String() string {
	if d < 0 || int(d) >= len(decoderNames) {
		return fmt.Sprintf("decoder %d", int(d))
	}
	return decoderNames[d]
}

// Spec returns the input with which the family is usually trained, without a size:
// YOLOX wants BGR from 0 to 255 and YOLO RGB from 0 to 1, both with gray bands; SSD
// RGB from -1 to 1 and DETR the normalisation of ImageNet, both stretched; CenterNet RGB
// from 0 to 255. Exports differ: RT-DETR wants 0 to 1, the original CenterNet a mean
// and deviation. A model of bytes gets 0 to 255 anyway.
func (d ObjectDecoder) Spec() TensorSpec {
	const unit = 1.0 / 255
	bytes, gray := [3]float32{unit, unit, unit}, RGB{114, 114, 114}
	switch d {
	case DecoderYOLOX:
		return TensorSpec{BGR: true, Std: bytes, Fill: gray, Filter: Bilinear}
	case DecoderYOLO:
		return TensorSpec{Fill: gray, Filter: Bilinear}
	case DecoderSSD:
		half := [3]float32{0.5, 0.5, 0.5}
		return TensorSpec{Mean: half, Std: half, Fit: FitStretch, Filter: Bilinear}
	case DecoderDETR:
		return stretched(0, 0)
	case DecoderCenterNet:
		return TensorSpec{Std: bytes, Filter: Bilinear}
	}
	return TensorSpec{}
}

// overlap is the default of ObjectDetectorOptions.Overlap.
func (d ObjectDecoder) overlap() float64 {
	switch d {
	case DecoderDETR:
		return 1
	case DecoderCenterNet:
		return 0.4
	}
	return 0.45
}

// BoxFormat says what the four numbers of a box are.
type BoxFormat int

// The formats of boxes. Units are pixels of the model's input, or parts of its width
// and height.
const (
	BoxesOfDecoder   BoxFormat = iota // what the decoder is used to
	BoxesCenter                       // centre x and y, width, height, in pixels
	BoxesCenterUnit                   // the same from 0 to 1
	BoxesCorners                      // x0, y0, x1, y1 in pixels
	BoxesCornersUnit                  // the same from 0 to 1
	BoxesYXYXUnit                     // y0, x0, y1, x1 from 0 to 1
)

// or returns f, or the default if there is none.
func (f BoxFormat) or(def BoxFormat) BoxFormat {
	if f == BoxesOfDecoder {
		return def
	}
	return f
}

// frame returns a box in pixels of an input of w by h.
func (f BoxFormat) frame(a, b, c, d float32, w, h int) frame {
	if f == BoxesYXYXUnit {
		a, b, c, d = b, a, d, c
	}
	box := frame{float64(a), float64(b), float64(c), float64(d)}
	if f == BoxesCenter || f == BoxesCenterUnit {
		box = centred(box.x0, box.y0, box.x1, box.y1)
	}
	if f != BoxesCenter && f != BoxesCorners {
		box = box.times(float64(w), float64(h))
	}
	return box
}

// centred returns the frame of w by h around a point.
func centred(x, y, w, h float64) frame { return frame{x - w/2, y - h/2, x + w/2, y + h/2} }

func (f frame) times(x, y float64) frame { return frame{f.x0 * x, f.y0 * y, f.x1 * x, f.y1 * y} }

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
