package vision_test

import (
	"image"
	"image/color"
	"image/draw"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/internal/pipetest"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/vision"
)

func objects(t testing.TB, o vision.ObjectDetectorOptions) *vision.ObjectDetector {
	t.Helper()
	d, err := vision.NewObjectDetector(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.Close()) })
	return d
}

func requireObjects(t *testing.T, want, got []vision.Object) {
	t.Helper()
	require.NotEmpty(t, want)
	require.Len(t, got, len(want))
	for i, w := range want {
		require.InDelta(t, w.Score, got[i].Score, 1e-6)
		w.Score = got[i].Score
		require.Equal(t, w, got[i], "object %d", i)
	}
}

func TestEveryDecoderAgreesWithItsReference(t *testing.T) {
	for name, f := range families() {
		t.Run(name, func(t *testing.T) {
			d := objects(t, f.options())
			require.Equal(t, f.decoder, d.Decoder())
			stretch := f.decoder.Spec().Fit == vision.FitStretch
			m := photograph(150, 60)
			pictures := map[string]vision.Picture{
				"wide": {Image: m}, "wide, of a file": {Data: asPNG(t, m)},
				"stored on its side": {Data: oriented(asJPEG(t, turned(m, 8), 90), 6)},
				"stored mirrored":    {Data: oriented(asJPEG(t, turned(m, 2), 90), 2)},
			}
			for name, p := range pictures {
				got, err := d.Run(t.Context(), p)
				require.NoError(t, err, name)
				requireObjects(t, f.letterboxed(150, 60, stretch), got)
			}
			got, err := d.Run(t.Context(), vision.Picture{Image: photograph(70, 201)})
			require.NoError(t, err)
			requireObjects(t, f.letterboxed(70, 201, stretch), got)
			got, err = d.Run(t.Context(), vision.Picture{Image: photograph(inputW, inputH)})
			require.NoError(t, err)
			requireObjects(t, f.letterboxed(inputW, inputH, stretch), got)
		})
	}
}

func TestNamedDecodersAreThoseThatAreFound(t *testing.T) {
	for name, f := range families() {
		t.Run(name, func(t *testing.T) {
			o := f.options()
			if name == "YOLOX" {
				o.Boxes = vision.BoxesCenter
				_, err := vision.NewObjectDetector(withDecoder(o, vision.DecoderYOLOX))
				require.ErrorIs(t, err, quintet.ErrOption)
				o.Boxes = vision.BoxesOfDecoder
			}
			want, err := objects(t, o).Run(t.Context(), vision.Picture{Image: photograph(40, 40)})
			require.NoError(t, err)
			got, err := objects(t, withDecoder(o, f.decoder)).Run(t.Context(), vision.Picture{Image: photograph(40, 40)})
			require.NoError(t, err)
			require.Equal(t, want, got)
		})
	}
}

func withDecoder(o vision.ObjectDetectorOptions, d vision.ObjectDecoder) vision.ObjectDetectorOptions {
	o.Decoder = d
	return o
}

// sight is a CenterNet that sees: its heat is the red of a cell of 8x8 pixels, the
// size 4x2 cells, the offset the cell's middle.
func sight() optimize.Model {
	b := onnxpb.NewBuilder("sight")
	batch, h, w := onnxpb.FreeDim("batch"), onnxpb.FixedDim(inputH), onnxpb.FixedDim(inputW)
	x := b.Input("images", onnxpb.Float, batch, onnxpb.FixedDim(3), h, w)
	pooled := b.OpWith("AveragePool", []onnxpb.Attribute{onnxpb.IntsAttr("kernel_shape", 8, 8), onnxpb.IntsAttr("strides", 8, 8)}, x)
	conv := func(name string, weights, bias []float32) {
		n := int64(len(bias))
		y := b.Op("Conv", pooled, b.Weight(onnxpb.NewTensor("", weights, n, 3, 1, 1)), b.Weight(onnxpb.NewTensor("", bias, n)))
		b.Rename(y, name)
		b.Output(name, onnxpb.Float, batch, onnxpb.FixedDim(n), onnxpb.FixedDim(inputH/8), onnxpb.FixedDim(inputW/8))
	}
	conv("hm", []float32{1. / 255, 0, 0}, []float32{0})
	conv("wh", make([]float32, 6), []float32{4, 2})
	conv("reg", make([]float32, 6), []float32{0.5, 0.5})
	return optimize.ModelBytes(b.Model(17).Append(nil))
}

// dotted is a black picture of 192 by 64 with a red square in the middle of where the
// seeing model looks at cell (8, 3) of its 12 by 8; it fills 4 by 2 cells there.
func dotted() *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, 192, 64))
	draw.Draw(m, m.Rect, image.NewUniform(color.Black), image.Point{}, draw.Src)
	draw.Draw(m, image.Rect(128, 16, 144, 32), image.NewUniform(color.NRGBA{R: 255, A: 255}), image.Point{}, draw.Src)
	return m
}

func TestAnObjectIsFoundWhereItIs(t *testing.T) {
	d := objects(t, vision.ObjectDetectorOptions{Model: sight(), MinScore: 0.8, Labels: []string{"dot"}})
	box := image.Rect(104, 8, 168, 40)
	// The input has bands of 16 rows above and below, so cell (8, 3) is from 24
	// to 32 of these: 16 to 32 of the picture at half its size.
	apart := *dotted()
	apart.Rect = apart.Rect.Add(image.Pt(-500, 70))
	tests := map[string]struct {
		in   vision.Picture
		want image.Rectangle
	}{
		"decoded":         {vision.Picture{Image: dotted()}, box},
		"of a file":       {vision.Picture{Data: asPNG(t, dotted())}, box},
		"turned by EXIF":  {vision.Picture{Data: oriented(asJPEG(t, turned(dotted(), 8), 100), 6)}, box},
		"bounds far away": {vision.Picture{Image: &apart}, box.Add(image.Pt(-500, 70))},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := d.Run(t.Context(), tt.in)
			require.NoError(t, err)
			require.Len(t, got, 1)
			require.Equal(t, tt.want, got[0].Box)
			require.Equal(t, "dot", got[0].Label)
		})
	}
}

func TestObjectDetectorContract(t *testing.T) {
	boxes := answer{name: "boxes", shape: []int{2, 4}, data: []float32{0, 0, 0.5, 0.5, 0.5, 0.5, 1, 1}}
	scores := answer{name: "scores", shape: []int{2, 2}, data: []float32{0, 0.9, 0, 0.7}, scaled: true}
	model := modelOf(32, 32, boxes, scores)
	pipetest.Contract(t, pipetest.Case[vision.Picture, []vision.Object]{
		Name: "vision.ObjectDetector",
		New: func(t *testing.T, o quintet.Observer) quintet.Pipeline[vision.Picture, []vision.Object] {
			rt, err := optimize.New(optimize.Options{Workers: 2, Observer: o})
			require.NoError(t, err)
			spec := vision.TensorSpec{Fit: vision.FitStretch}
			d, err := vision.NewObjectDetector(vision.ObjectDetectorOptions{Model: model, Runtime: rt, Spec: spec, MinScore: 0.1})
			require.NoError(t, err)
			return d
		},
		Good: lights(t),
		Bad:  badPictures(),
	})
}

// lights are pictures of different brightness.
func lights(t testing.TB) (out []vision.Picture) {
	t.Helper()
	for i, v := range []uint8{255, 200, 120} {
		m := image.NewGray(image.Rect(0, 0, 40+i, 30))
		draw.Draw(m, m.Rect, image.NewUniform(color.Gray{v}), image.Point{}, draw.Src)
		if i == 1 {
			out = append(out, vision.Picture{Data: asPNG(t, m)})
			continue
		}
		out = append(out, vision.Picture{Image: m})
	}
	return out
}

func badPictures() []vision.Picture {
	return []vision.Picture{
		{ID: "nothing"},
		{ID: "both", Data: []byte("x"), Image: image.NewGray(image.Rect(0, 0, 1, 1))},
		{ID: "text", Data: []byte("not a picture")},
		{ID: "bomb", Data: pngBomb(20000, 20000, 8, 6, 0, 0)},
		{ID: "empty image", Image: image.NewGray(image.Rectangle{})},
		{ID: "nil image", Image: (*image.Gray)(nil)},
	}
}

func TestLabelsThatAModelHas(t *testing.T) {
	twice := func(classes int) optimize.Model {
		return modelOf(32, 32, answer{name: "boxes", shape: []int{9, 4}, data: make([]float32, 36)},
			answer{name: "scores", shape: []int{9, classes}, data: make([]float32, 9*classes)})
	}
	require.Equal(t, vision.COCOLabels(), objects(t, vision.ObjectDetectorOptions{Model: twice(80)}).Labels())
	long := objects(t, vision.ObjectDetectorOptions{Model: twice(91)}).Labels()
	require.Equal(t, []string{"background", "person", "bicycle"}, long[:3])
	require.Equal(t, []string{"hair drier", "toothbrush"}, long[89:])
	require.Len(t, long, 91)
	require.Equal(t, []string{"LABEL_0", "LABEL_1"}, objects(t, vision.ObjectDetectorOptions{Model: twice(2)}).Labels())
	coco := vision.COCOLabels()
	require.Len(t, coco, 80)
	require.Equal(t, []string{"person", "stop sign", "backpack", "wine glass", "tv", "toothbrush"},
		[]string{coco[0], coco[11], coco[24], coco[40], coco[62], coco[79]})
}
