package optimize_test

import (
	"context"
	"image"
	"image/draw"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"

	"github.com/quintet-ai/quintet/internal/onnxpb/testmodel"
	"github.com/quintet-ai/quintet/internal/testmodels"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/optimize/onnx"
)

// realModel is a model with inputs for it.
type realModel struct {
	open   func(t *testing.T) optimize.Model
	shapes map[string][]int
	ints   map[string]int64 // the range of integer inputs from 0, 1 for all ones; sr is itself
	bound  float64          // largest difference, relative to the largest element
	page   bool             // the input is a picture of printed text, not noise
}

func published(name string) func(t *testing.T) optimize.Model {
	return func(t *testing.T) optimize.Model {
		t.Helper()
		m, err := optimize.OpenModel(testmodels.Path(t, name))
		require.NoError(t, err)
		return m
	}
}

var silero = map[string][]int{"input": {1, 576}, "state": {2, 1, 128}, "sr": {}}

var realModels = map[string]realModel{
	"Silero v6":       {published("silero_vad_v6.onnx"), silero, nil, 1e-4, false},
	"Silero v5":       {published("silero_vad_v5.onnx"), silero, nil, 1e-4, false},
	"Silero legacy":   {published("silero_vad_legacy.onnx"), map[string][]int{"input": {1, 1536}, "sr": {}, "h": {2, 1, 64}, "c": {2, 1, 64}}, nil, 1e-4, false},
	"BlazeFace back":  {published("face_detection_back_256x256_barracuda.onnx"), nil, nil, 1e-4, false},
	"BlazeFace front": {published("face_detection_front_128x128_barracuda.onnx"), nil, nil, 1e-4, false},
	"PP-OCR det":      {published("ch_PP-OCRv4_det_infer.onnx"), map[string][]int{"x": {1, 3, 160, 224}}, nil, 1e-4, true},
	"PP-OCR rec":      {published("ch_PP-OCRv4_rec_infer.onnx"), map[string][]int{"x": {2, 3, 48, 320}}, nil, 1e-4, true},
	"PP-OCR cls":      {published("ch_ppocr_mobile_v2.0_cls_infer.onnx"), map[string][]int{"x": {3, 3, 48, 192}}, nil, 1e-4, true},
	"UltraFace":       {ultraFace, nil, nil, 1e-4, false},
	"encoder": {func(*testing.T) optimize.Model {
		return optimize.ModelBytes(testmodel.Encoder(testmodel.EncoderOptions{Layers: 2, Vocab: 1000}).Append(nil))
	}, map[string][]int{"input_ids": {2, 21}, "attention_mask": {2, 21}, "token_type_ids": {2, 21}},
		map[string]int64{"input_ids": 1000, "attention_mask": 1, "token_type_ids": 2}, 1e-4, false},
	"encoder of opset 13": {func(*testing.T) optimize.Model {
		return optimize.ModelBytes(testmodel.Encoder(testmodel.EncoderOptions{Layers: 2, Vocab: 1000, Opset: 13, Pooled: true}).Append(nil))
	}, map[string][]int{"input_ids": {1, 7}, "attention_mask": {1, 7}, "token_type_ids": {1, 7}},
		map[string]int64{"input_ids": 1000, "attention_mask": 1, "token_type_ids": 2}, 1e-4, false},
}

func ultraFace(t *testing.T) optimize.Model {
	t.Helper()
	m, err := optimize.OpenModel("../../shared/data/models/ultraface-rfb-320.onnx")
	if err != nil {
		t.Skipf("no UltraFace model beside the repository: %v", err)
	}
	return m
}

// inputs are seeded random values of the shapes that a model is tested with.
func (m realModel) inputs(t *testing.T, infos []optimize.TensorInfo) []optimize.Tensor {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	var list []optimize.Tensor
	for _, info := range infos {
		shape := info.Shape
		if s, ok := m.shapes[info.Name]; ok {
			shape = s
		}
		n := 1
		for _, d := range shape {
			n *= d
		}
		var x optimize.Tensor
		var err error
		switch info.DType {
		case optimize.Float32:
			v := make([]float32, n)
			for i := range v {
				v[i] = float32(rng.NormFloat64()) * 0.5
			}
			if m.page {
				printed(v, shape[2], shape[3])
			}
			x, err = optimize.NewTensor(v, shape...)
		case optimize.Int64:
			v := make([]int64, n)
			for i := range v {
				switch most := m.ints[info.Name]; {
				case info.Name == "sr":
					v[i] = 16000
				case most == 1:
					v[i] = 1
				default:
					v[i] = rng.Int64N(most)
				}
			}
			x, err = optimize.NewTensor(v, shape...)
		default:
			t.Fatalf("input %v", info)
		}
		require.NoError(t, err)
		list = append(list, x)
	}
	return list
}

// printed fills planes of h rows of w with dark lines of text on paper, from -1 to 1.
func printed(planes []float32, h, w int) {
	page := image.NewGray(image.Rect(0, 0, w, h))
	draw.Draw(page, page.Bounds(), image.White, image.Point{}, draw.Src)
	for y := 20; y < h; y += 24 {
		d := font.Drawer{Dst: page, Src: image.Black, Face: basicfont.Face7x13, Dot: fixed.P(8, y)}
		d.DrawString("The quick brown fox jumps over 13 dogs")
	}
	for i := range planes {
		planes[i] = float32(page.Pix[i%(h*w)])/127.5 - 1
	}
}

// TestNativeAgreesWithONNXRuntime runs real models on both backends.
func TestNativeAgreesWithONNXRuntime(t *testing.T) {
	ort, err := onnx.New(onnx.Options{Dev: true})
	if err != nil {
		t.Skipf("no ONNX Runtime (go run ./optimize/onnx/install): %v", err)
	}
	defer ort.Close()
	own, err := optimize.NewNative(optimize.NativeOptions{})
	require.NoError(t, err)
	for name, m := range realModels {
		t.Run(name, func(t *testing.T) {
			model := m.open(t)
			got, want := m.run(t, own, model), m.run(t, ort, model)
			require.Len(t, got, len(want))
			for i := range want {
				require.Equal(t, want[i].Shape(), got[i].Shape(), "output %d", i)
				require.LessOrEqual(t, difference(t, got[i], want[i]), m.bound, "output %d", i)
			}
		})
	}
}

func (m realModel) run(t *testing.T, b optimize.Backend, model optimize.Model) []optimize.Tensor {
	t.Helper()
	s, err := b.Load(context.Background(), model, optimize.SessionOptions{})
	require.NoError(t, err)
	defer s.Close()
	out, err := s.Run(context.Background(), m.inputs(t, s.Inputs()))
	require.NoError(t, err)
	again, err := s.Run(context.Background(), m.inputs(t, s.Inputs()))
	require.NoError(t, err)
	require.True(t, slices.EqualFunc(out, again, func(a, b optimize.Tensor) bool { return difference(t, a, b) == 0 }),
		"a second run differs")
	return out
}

// difference is the largest difference of two tensors over the largest element.
func difference(t *testing.T, a, b optimize.Tensor) float64 {
	t.Helper()
	x, err := optimize.Data[float32](a)
	require.NoError(t, err)
	y, err := optimize.Data[float32](b)
	require.NoError(t, err)
	worst, largest := 0.0, 1e-6
	for i := range x {
		if math.IsNaN(float64(x[i])) != math.IsNaN(float64(y[i])) {
			return math.Inf(1)
		}
		worst = max(worst, math.Abs(float64(x[i])-float64(y[i])))
		largest = max(largest, math.Abs(float64(y[i])))
	}
	return worst / largest
}
