package vision_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/vision"
)

func TestOptionsOfObjects(t *testing.T) {
	f := families()["YOLOX"]
	in := vision.Picture{Image: photograph(30, 20)}
	all, err := objects(t, f.options()).Run(t.Context(), in)
	require.NoError(t, err)
	require.Greater(t, len(all), 3)
	o := f.options()
	o.MaxObjects = 2
	some, err := objects(t, o).Run(t.Context(), in)
	require.NoError(t, err)
	require.Equal(t, all[:2], some)
	o = f.options()
	o.Overlap = 1
	every, err := objects(t, o).Run(t.Context(), in)
	require.NoError(t, err)
	require.Greater(t, len(every), len(all))
	o.MinScore = 1
	none, err := objects(t, o).Run(t.Context(), in)
	require.NoError(t, err)
	require.Empty(t, none)

	square := modelOf(64, 64, answer{name: "output", shape: []int{84, 84}, data: make([]float32, 84*84)})
	small := modelOf(32, 32, answer{name: "x", shape: []int{5}, data: make([]float32, 5)})
	twice := modelOf(32, 32, answer{name: "a", shape: []int{9, 4}, data: make([]float32, 36)},
		answer{name: "b", shape: []int{9, 80}, data: make([]float32, 720)})
	detr := modelOf(32, 32, answer{name: "boxes", shape: []int{9, 4}, data: make([]float32, 36)},
		answer{name: "logits", shape: []int{9, 5}, data: make([]float32, 45)})
	tests := map[string]struct {
		o     vision.ObjectDetectorOptions
		cause error
		says  string
	}{
		"no model":          {vision.ObjectDetectorOptions{}, quintet.ErrModel, "needs a Model"},
		"no ONNX":           {vision.ObjectDetectorOptions{Model: optimize.ModelBytes([]byte("x"))}, quintet.ErrModel, ""},
		"negative score":    {vision.ObjectDetectorOptions{Model: sight(), MinScore: -0.1}, quintet.ErrOption, "MinScore"},
		"no score":          {vision.ObjectDetectorOptions{Model: sight(), MinScore: math.NaN()}, quintet.ErrOption, "MinScore"},
		"large overlap":     {vision.ObjectDetectorOptions{Model: sight(), Overlap: 1.5}, quintet.ErrOption, "Overlap"},
		"negative objects":  {vision.ObjectDetectorOptions{Model: sight(), MaxObjects: -1}, quintet.ErrOption, "MaxObjects"},
		"negative batch":    {vision.ObjectDetectorOptions{Model: sight(), MaxBatch: -1}, quintet.ErrOption, "MaxBatch"},
		"no such decoder":   {vision.ObjectDetectorOptions{Model: sight(), Decoder: 9}, quintet.ErrOption, "Decoder"},
		"no such boxes":     {vision.ObjectDetectorOptions{Model: sight(), Boxes: 9}, quintet.ErrOption, "Boxes"},
		"boxes of heat":     {vision.ObjectDetectorOptions{Model: sight(), Boxes: vision.BoxesCenter}, quintet.ErrOption, "count cells"},
		"too many labels":   {vision.ObjectDetectorOptions{Model: sight(), Labels: []string{"a", "b"}}, quintet.ErrOption, "2 labels for 1"},
		"another size":      {vision.ObjectDetectorOptions{Model: sight(), Spec: vision.TensorSpec{Width: 7}}, quintet.ErrOption, "7x64"},
		"bad specification": {vision.ObjectDetectorOptions{Model: sight(), Spec: vision.TensorSpec{Filter: 77}}, quintet.ErrOption, "filter"},
		"another decoder":   {vision.ObjectDetectorOptions{Model: sight(), Decoder: vision.DecoderDETR}, quintet.ErrModel, "hm"},
		"not a detector":    {vision.ObjectDetectorOptions{Model: small}, quintet.ErrModel, "x float32[1 5]"},
		"rows or columns":   {vision.ObjectDetectorOptions{Model: square, Decoder: vision.DecoderYOLO}, quintet.ErrModel, "which dimension"},
		"scores or logits":  {vision.ObjectDetectorOptions{Model: twice}, quintet.ErrModel, "[SSD DETR]"},
		"an unknown none":   {vision.ObjectDetectorOptions{Model: detr}, quintet.ErrOption, "Labels decide"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			d, err := vision.NewObjectDetector(tt.o)
			require.ErrorIs(t, err, tt.cause)
			require.ErrorContains(t, err, tt.says)
			require.Nil(t, d)
		})
	}
	require.Equal(t, "decoder 9", vision.ObjectDecoder(9).String())
	rt, err := optimize.New(optimize.Options{})
	require.NoError(t, err)
	_, err = vision.NewObjectDetector(vision.ObjectDetectorOptions{Model: twice, Runtime: rt})
	require.Error(t, err)
	require.Zero(t, rt.SessionStats().References, "the model is given back")
}

func TestOutputsThatCannotBe(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	info := []optimize.TensorInfo{
		{Name: "boxes", DType: optimize.Float32, Shape: []int{-1, 2, 4}},
		{Name: "scores", DType: optimize.Float32, Shape: []int{-1, 2, 3}},
	}
	boxes, scores := []float32{0, 0, 1, 1, 0, 0, 0.5, 0.5}, []float32{0, 0.5, 0, 0, 0, 0.9}
	with := func(v []float32, i int, x float32) []float32 {
		v = slices.Clone(v)
		v[i] = x
		return v
	}
	tests := map[string]struct {
		boxes, scores optimize.Tensor
		want          int // objects; -1 is an error of the model
	}{
		"as it should be":       {tensorOf(t, boxes, 1, 2, 4), tensorOf(t, scores, 1, 2, 3), 2},
		"a score of NaN":        {tensorOf(t, boxes, 1, 2, 4), tensorOf(t, with(scores, 0, nan), 1, 2, 3), -1},
		"an endless score":      {tensorOf(t, boxes, 1, 2, 4), tensorOf(t, with(scores, 4, inf), 1, 2, 3), -1},
		"a logit for a score":   {tensorOf(t, boxes, 1, 2, 4), tensorOf(t, with(scores, 4, -3), 1, 2, 3), -1},
		"a score of 1.0005":     {tensorOf(t, boxes, 1, 2, 4), tensorOf(t, with(scores, 5, 1.0005), 1, 2, 3), 2},
		"a box of NaN":          {tensorOf(t, with(boxes, 6, nan), 1, 2, 4), tensorOf(t, scores, 1, 2, 3), -1},
		"an endless box":        {tensorOf(t, with(boxes, 6, inf), 1, 2, 4), tensorOf(t, scores, 1, 2, 3), -1},
		"a huge box":            {tensorOf(t, with(boxes, 6, math.MaxFloat32), 1, 2, 4), tensorOf(t, scores, 1, 2, 3), 2},
		"a box without area":    {tensorOf(t, with(boxes, 6, 0), 1, 2, 4), tensorOf(t, scores, 1, 2, 3), 1},
		"a box inside out":      {tensorOf(t, with(boxes, 6, -1), 1, 2, 4), tensorOf(t, scores, 1, 2, 3), 1},
		"a box outside":         {tensorOf(t, []float32{0, 0, 1, 1, 2, 2, 3, 3}, 1, 2, 4), tensorOf(t, scores, 1, 2, 3), 1},
		"no boxes":              {tensorOf(t, []float32{}, 1, 0, 4), tensorOf(t, []float32{}, 1, 0, 3), 0},
		"fewer scores":          {tensorOf(t, boxes, 1, 2, 4), tensorOf(t, scores[:3], 1, 1, 3), -1},
		"more classes":          {tensorOf(t, boxes, 1, 2, 4), tensorOf(t, make([]float32, 8), 1, 2, 4), -1},
		"another rank":          {tensorOf(t, boxes, 2, 4), tensorOf(t, scores, 2, 3), -1},
		"another type":          {tensorOf(t, boxes, 1, 2, 4), tensorOf(t, make([]int64, 6), 1, 2, 3), -1},
		"no picture in a batch": {tensorOf(t, []float32{}, 0, 2, 4), tensorOf(t, []float32{}, 0, 2, 3), -1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := &stub{inputs: pictureInput(32, 32), outputs: info}
			s.run = func(context.Context, int) ([]optimize.Tensor, error) {
				return []optimize.Tensor{tt.boxes, tt.scores}, nil
			}
			d := objects(t, vision.ObjectDetectorOptions{Model: optimize.ModelBytes([]byte("m")), Runtime: s.runtime(t)})
			got, err := d.Run(t.Context(), vision.Picture{Image: photograph(50, 40)})
			if tt.want < 0 {
				require.ErrorIs(t, err, quintet.ErrModel)
				return
			}
			require.NoError(t, err)
			require.Len(t, got, tt.want)
		})
	}
}

func TestAModelThatFails(t *testing.T) {
	broken := errors.New("broken")
	s := &stub{inputs: pictureInput(32, 32), outputs: []optimize.TensorInfo{{Name: "d", DType: optimize.Float32, Shape: []int{-1, 9, 6}}}}
	s.run = func(ctx context.Context, n int) ([]optimize.Tensor, error) {
		if n > 1 {
			return []optimize.Tensor{tensorOf(t, make([]float32, 54), 1, 9, 6)}, nil
		}
		return nil, broken
	}
	d := objects(t, vision.ObjectDetectorOptions{Model: optimize.ModelBytes([]byte("m")), Runtime: s.runtime(t)})
	in := vision.Picture{Image: photograph(5, 5)}
	_, err := d.Run(t.Context(), in)
	require.ErrorIs(t, err, broken)
	got, err := d.RunBatch(t.Context(), slices.Repeat([]vision.Picture{in}, 64))
	require.ErrorIs(t, err, quintet.ErrModel, "only the first of a batch has an output")
	failed := 0
	for range quintet.ItemErrors(err) {
		failed++
	}
	require.Positive(t, failed)
	require.Less(t, failed, 64)
	require.Len(t, got, 64)

	done, cancel := context.WithCancel(t.Context())
	s.run = func(context.Context, int) ([]optimize.Tensor, error) { cancel(); return nil, done.Err() }
	_, err = d.Run(done, in)
	require.ErrorIs(t, err, context.Canceled)
}

func TestGiantOutputsCostLittle(t *testing.T) {
	const n = 400_000
	data := make([]float32, 6*n)
	for i := range n {
		copy(data[6*i:], []float32{float32(i % 600), float32(i % 400), float32(i%600 + 30), float32(i%400 + 20), 0.5 + float32(i%1000)/4000, float32(i % 80)})
	}
	s := &stub{inputs: pictureInput(640, 640), outputs: []optimize.TensorInfo{{Name: "d", DType: optimize.Float32, Shape: []int{-1, n, 6}}}}
	s.run = func(context.Context, int) ([]optimize.Tensor, error) {
		return []optimize.Tensor{tensorOf(t, data, 1, n, 6)}, nil
	}
	d := objects(t, vision.ObjectDetectorOptions{
		Model: optimize.ModelBytes([]byte("m")), Runtime: s.runtime(t), Decoder: vision.DecoderCenterNet, Overlap: 1,
	})
	got, err := d.Run(t.Context(), vision.Picture{Image: photograph(64, 64)})
	require.NoError(t, err)
	require.Len(t, got, 8192)
	require.InDelta(t, 0.5+0.999/4, got[0].Score, 1e-6)
	for i := range got[1:] {
		require.GreaterOrEqual(t, got[i].Score, got[i+1].Score)
	}
}
