package vision

import "fmt"

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
