package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/quintet-ai/quintet/internal/onnxpb/testmodel"
	"github.com/quintet-ai/quintet/internal/report"
	"github.com/quintet-ai/quintet/internal/synth"
	"github.com/quintet-ai/quintet/internal/testmodels"
	"github.com/quintet-ai/quintet/optimize"
)

// nativeFigures compare the native backend with ONNX Runtime, both as sessions of
// package optimize. Ratios are native over ONNX Runtime: below 1 native is faster.
func nativeFigures() []report.Figure {
	return slices.Concat(
		encoderFigures(),
		pictureFigures(),
		publishedFigures(),
		threadFigures(),
		[]report.Figure{requestFigure()},
		loadFigures(),
		programFigures(),
		[]report.Figure{simplegoFigure(), allocsFigure()},
	)
}

// theNative is the runtime on the native backend, beside theRuntime on ONNX Runtime.
var theNative = sync.OnceValues(func() (*optimize.Runtime, error) {
	backend, err := optimize.NewNative(optimize.NativeOptions{})
	if err != nil {
		return nil, err
	}
	return optimize.New(optimize.Options{Backend: backend})
})

// pair is a model on both backends.
type pair struct{ ours, peer optimize.Session }

// pairOf loads a model on both backends, on one thread.
func pairOf(m optimize.Model) (pair, error) {
	ours, err := theNative()
	if err != nil {
		return pair{}, err
	}
	peer, err := theRuntime()
	if err != nil {
		return pair{}, report.Skip(err.Error())
	}
	var p pair
	if p.ours, err = ours.Session(context.Background(), m, optimize.SessionOptions{Threads: 1}); err != nil {
		return pair{}, err
	}
	if p.peer, err = peer.Session(context.Background(), m, optimize.SessionOptions{Threads: 1}); err != nil {
		p.ours.Close()
		return pair{}, err
	}
	return p, nil
}

func (p pair) close() {
	p.ours.Close()
	p.peer.Close()
}

// cost is the ratio of the CPU times of a run.
func (p pair) cost(m *report.Meter, in []optimize.Tensor) []float64 {
	return m.Cost(times(p.ours, in), times(p.peer, in))
}

// times runs a session n times on the same inputs.
func times(s optimize.Session, in []optimize.Tensor) func(n int) {
	return func(n int) {
		for range n {
			if _, err := s.Run(context.Background(), in); err != nil {
				panic(err)
			}
		}
	}
}

// pictureFigures are two well-known networks with random weights, 224 pixels.
func pictureFigures() []report.Figure {
	var out []report.Figure
	for _, p := range []struct {
		name  string
		goal  float64
		model func() optimize.Model
	}{{"resnet18_224", 1, resnet}, {"mobilenetv2_224", 1.05, mobilenet}} {
		c := &cell{name: "native/" + p.name, goal: report.AtMost(p.goal),
			measure: func(m *report.Meter) ([]float64, error) { return costOf(m, p.model(), nil) }}
		out = append(out, c.figure())
	}
	return out
}

func resnet() optimize.Model {
	return optimize.ModelBytes(testmodel.ResNet18(testmodel.PictureOptions{}).Append(nil))
}

func mobilenet() optimize.Model {
	return optimize.ModelBytes(testmodel.MobileNetV2(testmodel.PictureOptions{}).Append(nil))
}

// published are models as their authors gave them out, and the sizes of inputs
// that the file leaves open.
var published = []struct {
	name, file string
	shapes     map[string][]int
}{
	{"ppocr_det_640", "ch_PP-OCRv4_det_infer.onnx", map[string][]int{"x": {1, 3, 640, 640}}},
	{"ppocr_rec_320", "ch_PP-OCRv4_rec_infer.onnx", map[string][]int{"x": {1, 3, 48, 320}}},
	{"ppocr_cls", "ch_ppocr_mobile_v2.0_cls_infer.onnx", map[string][]int{"x": {1, 3, 48, 192}}},
	{"blazeface_back", "face_detection_back_256x256_barracuda.onnx", nil},
	{"blazeface_front", "face_detection_front_128x128_barracuda.onnx", nil},
	{"silero_v6_frame", "silero_vad_v6.onnx", map[string][]int{"input": {1, 576}, "state": {2, 1, 128}, "sr": {}}},
	{"ultraface_320", "ultraface-rfb-320.onnx", nil},
}

func publishedFigures() []report.Figure {
	return withMean("native/published_mean", report.AtMost(1.05), publishedCells())
}

// publishedCells are their figures, which skip what is not installed.
func publishedCells() []*cell {
	var cells []*cell
	for _, p := range published {
		measure := func(m *report.Meter) ([]float64, error) {
			path, err := modelFile(p.file)
			if err != nil {
				return nil, report.Skip(err.Error())
			}
			model, err := optimize.OpenModel(path)
			if err != nil {
				return nil, err
			}
			return costOf(m, model, p.shapes)
		}
		cells = append(cells, &cell{name: "native/" + p.name, goal: report.AtMost(1.2), measure: measure})
	}
	return cells
}

// modelFile finds a published model where internal/testmodels puts them, or among
// the data beside the repository.
func modelFile(name string) (string, error) {
	folder := os.Getenv(testmodels.Variable)
	if cache, err := os.UserCacheDir(); folder == "" && err == nil {
		folder = filepath.Join(cache, "quintet-test", "models")
	}
	for _, dir := range []string{folder, filepath.Join("..", "..", "..", "shared", "data", "models")} {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s is not installed, see internal/testmodels", name)
}

// costOf loads a model for one figure.
func costOf(m *report.Meter, model optimize.Model, shapes map[string][]int) ([]float64, error) {
	p, err := pairOf(model)
	if err != nil {
		return nil, err
	}
	defer p.close()
	in, err := noise(p.ours.Inputs(), shapes)
	if err != nil {
		return nil, err
	}
	return p.cost(m, in), nil
}

// noise is seeded input for a model; an open size that shapes does not have is 1,
// and integers are the rate of a recording.
func noise(infos []optimize.TensorInfo, shapes map[string][]int) ([]optimize.Tensor, error) {
	var list []optimize.Tensor
	for i, info := range infos {
		shape, ok := shapes[info.Name]
		if !ok {
			shape = info.Shape
		}
		shape = slices.Clone(shape)
		size := 1
		for j, d := range shape {
			shape[j] = max(d, 1)
			size *= shape[j]
		}
		var t optimize.Tensor
		var err error
		switch info.DType {
		case optimize.Float32:
			t, err = optimize.NewTensor(synth.Noise(uint64(i), size, 1), shape...)
		case optimize.Int64:
			v := make([]int64, size)
			for j := range v {
				v[j] = 16_000
			}
			t, err = optimize.NewTensor(v, shape...)
		default:
			err = fmt.Errorf("no noise for input %v", info)
		}
		if err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, nil
}
