package dsp

import "math"

// question asks about the latest rows of the chroma picture: how much more there is
// in one part of an area than in the rest of it.
type question struct {
	shape         areaShape
	class         int // first pitch class of the area, counted from A
	height, width int // in classes and in rows
	cuts          [3]float64
}

// areaShape says which part of the area is compared with the rest.
type areaShape uint8

const (
	shapeWhole       areaShape = iota // all, with nothing
	shapeUpper                        // the upper half of the classes
	shapeLater                        // the later half of the rows
	shapeChess                        // the upper earlier and the lower later quarter
	shapeMiddleClass                  // the middle third of the classes
	shapeMiddleRow                    // the middle third of the rows
)

// ask returns ln((1+a)/(1+b)) with the sums a of the part and b of the rest.
func (q *question) ask(sums *[imageRows + 1]edges) float64 {
	// in is the sum of the rows from t0 to t1 and the classes from c0 to c1.
	in := func(t0, c0, t1, c1 int) float64 {
		c0, c1 = c0+q.class, c1+q.class
		return sums[t1][c1] - sums[t0][c1] - sums[t1][c0] + sums[t0][c0]
	}
	w, h := q.width, q.height
	var a float64
	switch q.shape {
	case shapeWhole:
		return math.Log1p(in(0, 0, w, h))
	case shapeUpper:
		a = in(0, h/2, w, h)
	case shapeLater:
		a = in(w/2, 0, w, h)
	case shapeChess:
		a = in(0, h/2, w/2, h) + in(w/2, 0, w, h/2)
	case shapeMiddleClass:
		a = in(0, h/3, w, 2*(h/3))
	case shapeMiddleRow:
		a = in(w/3, 0, 2*(w/3), h)
	}
	return math.Log((1 + a) / (1 + in(0, 0, w, h) - a))
}

// chromaprintQuestions are the classifiers that Chromaprint's author chose by
// training; a fingerprint is compatible only with these.
var chromaprintQuestions = [16]question{
	{shapeWhole, 4, 3, 15, [3]float64{1.98215, 2.35817, 2.63523}},
	{shapeMiddleClass, 4, 6, 15, [3]float64{-1.03809, -0.651211, -0.282167}},
	{shapeUpper, 0, 4, 16, [3]float64{-0.298702, 0.119262, 0.558497}},
	{shapeChess, 8, 2, 12, [3]float64{-0.105439, 0.0153946, 0.135898}},
	{shapeChess, 4, 4, 8, [3]float64{-0.142891, 0.0258736, 0.200632}},
	{shapeMiddleClass, 0, 3, 5, [3]float64{-0.826319, -0.590612, -0.368214}},
	{shapeUpper, 2, 2, 9, [3]float64{-0.557409, -0.233035, 0.0534525}},
	{shapeLater, 7, 3, 4, [3]float64{-0.0646826, 0.00620476, 0.0784847}},
	{shapeLater, 6, 2, 16, [3]float64{-0.192387, -0.029699, 0.215855}},
	{shapeLater, 1, 3, 2, [3]float64{-0.0397818, -0.00568076, 0.0292026}},
	{shapeMiddleRow, 10, 1, 15, [3]float64{-0.53823, -0.369934, -0.190235}},
	{shapeChess, 6, 2, 10, [3]float64{-0.124877, 0.0296483, 0.139239}},
	{shapeLater, 1, 1, 14, [3]float64{-0.101475, 0.0225617, 0.231971}},
	{shapeChess, 5, 6, 4, [3]float64{-0.0799915, -0.00729616, 0.063262}},
	{shapeUpper, 9, 2, 12, [3]float64{-0.272556, 0.019424, 0.302559}},
	{shapeChess, 4, 2, 14, [3]float64{-0.164292, -0.0321188, 0.0846339}},
}
