package vision_test

import (
	"image"
	"image/color"
	"image/draw"
	"strings"

	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/vision"
)

// The models below read flags: a word is a row of coloured blocks, each a letter. They
// take and give what those of PP-OCR do, in graphs of a dozen operators.

// flagColors are those of "r", "g", "b" and the space.
var flagColors = map[rune]color.NRGBA{
	'r': {255, 0, 0, 255}, 'g': {0, 255, 0, 255}, 'b': {0, 0, 255, 255}, ' ': {0, 0, 0, 255},
}

const flagSize = 40 // pixels of a block, half as high

// flags draws words on white, each line at a place.
func flags(w, h int, lines map[image.Point]string) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	draw.Draw(m, m.Rect, image.White, image.Point{}, draw.Src)
	for at, line := range lines {
		for i, c := range []rune(line) {
			block := image.Rect(0, 0, flagSize, flagSize/2).Add(at).Add(image.Pt(i*flagSize, 0))
			draw.Draw(m, block, image.NewUniform(flagColors[c]), image.Point{}, draw.Src)
			notch := image.Rect(15, 0, 25, 6).Add(block.Min) // tells top from bottom
			draw.Draw(m, notch, image.White, image.Point{}, draw.Src)
		}
	}
	return m
}

func toyInput(b *onnxpb.Builder, h, w onnxpb.Dim) string {
	return b.Input("x", onnxpb.Float, onnxpb.FreeDim("n"), onnxpb.FixedDim(3), h, w)
}

func scalar(b *onnxpb.Builder, v float32) string {
	return b.Weight(onnxpb.NewTensor("", []float32{v}))
}

func ints(b *onnxpb.Builder, v ...int64) string {
	return b.Weight(onnxpb.NewTensor("", v, int64(len(v))))
}

// mean is that of rows [from, to) of [n,3,48,w] and of the given axes, which go.
func meanOfRows(b *onnxpb.Builder, x string, from, to int64, axes ...int64) string {
	part := b.Op("Slice", x, ints(b, from), ints(b, to), ints(b, 2))
	return b.OpWith("ReduceMean", []onnxpb.Attribute{onnxpb.IntsAttr("axes", axes...), onnxpb.IntAttr("keepdims", 0)}, part)
}

func toyModel(b *onnxpb.Builder, output string, dims ...onnxpb.Dim) optimize.Model {
	b.Rename(output, "y")
	b.Output("y", onnxpb.Float, dims...)
	return optimize.ModelBytes(b.Model(17).Append(nil))
}

// flagDetection calls what is darker than white text.
func flagDetection() optimize.Model {
	b := onnxpb.NewBuilder("detection")
	x := toyInput(b, onnxpb.FreeDim("h"), onnxpb.FreeDim("w"))
	light := b.OpWith("ReduceMean", []onnxpb.Attribute{onnxpb.IntsAttr("axes", 1)}, x)
	y := b.Op("Sigmoid", b.Op("Mul", b.Op("Sub", scalar(b, 1.6), light), scalar(b, 9)))
	return toyModel(b, y, onnxpb.FreeDim("n"), onnxpb.FixedDim(1), onnxpb.FreeDim("h"), onnxpb.FreeDim("w"))
}

// flagOrientation calls lines upside down whose lower half is the lighter.
func flagOrientation() optimize.Model {
	b := onnxpb.NewBuilder("orientation")
	x := toyInput(b, onnxpb.FixedDim(48), onnxpb.FixedDim(192))
	top, bottom := meanOfRows(b, x, 0, 24, 1, 2, 3), meanOfRows(b, x, 24, 48, 1, 2, 3)
	lighter := b.Op("Unsqueeze", b.Op("Mul", b.Op("Sub", bottom, top), scalar(b, 300)), ints(b, 1))
	y := b.OpWith("Concat", []onnxpb.Attribute{onnxpb.IntAttr("axis", 1)},
		b.Op("Sigmoid", b.Op("Neg", lighter)), b.Op("Sigmoid", lighter))
	return toyModel(b, y, onnxpb.FreeDim("n"), onnxpb.FixedDim(2))
}

// flagRecognition compares the colour of every eight pixels in the middle of the line
// with those of the classes. What is near none is blank.
func flagRecognition() optimize.Model {
	b := onnxpb.NewBuilder("recognition")
	x := toyInput(b, onnxpb.FixedDim(48), onnxpb.FreeDim("w"))
	columns := b.OpWith("AveragePool", []onnxpb.Attribute{onnxpb.IntsAttr("kernel_shape", 8), onnxpb.IntsAttr("strides", 8)},
		meanOfRows(b, x, 22, 28, 2))
	colors := b.OpWith("Transpose", []onnxpb.Attribute{onnxpb.IntsAttr("perm", 0, 2, 1)}, columns)
	near := b.Op("MatMul", colors, b.Weight(onnxpb.NewTensor("", []float32{ // blue, green, red by class
		0, -1, -1, 1, -1,
		0, -1, 1, -1, -1,
		0, 1, -1, -1, -1}, 3, 5)))
	blank := b.Weight(onnxpb.NewTensor("", []float32{2, 0, 0, 0, 0}, 5))
	y := b.OpWith("Softmax", []onnxpb.Attribute{onnxpb.IntAttr("axis", -1)},
		b.Op("Mul", b.Op("Add", near, blank), scalar(b, 12)))
	return toyModel(b, y, onnxpb.FreeDim("n"), onnxpb.FreeDim("t"), onnxpb.FixedDim(5))
}

// flagOptions are those of a reader of flags.
func flagOptions() vision.ReaderOptions {
	return vision.ReaderOptions{
		Detection: flagDetection(), Orientation: flagOrientation(), Recognition: flagRecognition(),
		Alphabet: strings.Split("rgb", ""),
	}
}
