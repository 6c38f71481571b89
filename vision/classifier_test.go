package vision_test

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"math"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/internal/pipetest"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/vision"
)

func classifier(t testing.TB, o vision.ClassifierOptions) *vision.Classifier {
	t.Helper()
	c, err := vision.NewClassifier(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return c
}

func TestClassifierScores(t *testing.T) {
	logits := []float32{1, -2, 3, 3, 0.5}
	model := modelOf(8, 8, answer{name: "logits", shape: []int{5}, data: logits})
	in := vision.Picture{Image: photograph(20, 10)}
	var sum float64
	for _, v := range logits {
		sum += math.Exp(float64(v))
	}
	tests := map[string]struct {
		o    vision.ClassifierOptions
		want []vision.Label
	}{
		"a softmax": {vision.ClassifierOptions{Model: model, MaxLabels: 3}, []vision.Label{
			{Label: "LABEL_2", Class: 2, Score: math.Exp(3) / sum}, {Label: "LABEL_3", Class: 3, Score: math.Exp(3) / sum},
			{Label: "LABEL_0", Class: 0, Score: math.Exp(1) / sum},
		}},
		"independent, with names": {vision.ClassifierOptions{
			Model: model, Scores: vision.ScoresIndependent, Labels: []string{"a", "b", "c", "d", "e"}, MinScore: 0.7,
		}, []vision.Label{
			{Label: "c", Class: 2, Score: 1 / (1 + math.Exp(-3))}, {Label: "d", Class: 3, Score: 1 / (1 + math.Exp(-3))},
			{Label: "a", Class: 0, Score: 1 / (1 + math.Exp(-1))},
		}},
		"probabilities": {vision.ClassifierOptions{
			Model: modelOf(8, 8, answer{name: "p", shape: []int{3, 1, 1}, data: []float32{0.25, 0.75, 0}}), Scores: vision.ScoresProbabilities,
		}, []vision.Label{
			{Label: "LABEL_1", Class: 1, Score: 0.75}, {Label: "LABEL_0", Class: 0, Score: 0.25}, {Label: "LABEL_2", Class: 2, Score: 0},
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := classifier(t, tt.o).Run(t.Context(), in)
			require.NoError(t, err)
			require.Len(t, got, len(tt.want))
			for i, w := range tt.want {
				require.InDelta(t, w.Score, got[i].Score, 1e-6)
				w.Score = got[i].Score
				require.Equal(t, w, got[i])
			}
		})
	}
}

func TestLabelsOfConfig(t *testing.T) {
	graph := graphOf(8, 8, answer{name: "logits", shape: []int{2}, data: []float32{1, 2}})
	open := func(config string) (*vision.Classifier, error) {
		fsys := fstest.MapFS{"model.onnx": {Data: graph}, "config.json": {Data: []byte(config)}}
		m, err := optimize.ModelFS(fsys, "")
		require.NoError(t, err)
		return vision.NewClassifier(vision.ClassifierOptions{Model: m})
	}
	c, err := open(`{"id2label": {"0": "cat", "1": "dog"}}`)
	require.NoError(t, err)
	require.Equal(t, []string{"cat", "dog"}, c.Labels())
	require.NoError(t, c.Close())
	c, err = open(`{}`)
	require.NoError(t, err)
	require.Equal(t, []string{"LABEL_0", "LABEL_1"}, c.Labels())
	require.NoError(t, c.Close())
	for config, cause := range map[string]error{
		`{"id2label": {"0": "cat", "2": "dog"}}`: quintet.ErrModel, `{`: quintet.ErrModel,
		`{"id2label": {"0": "cat"}}`: quintet.ErrOption,
	} {
		_, err = open(config)
		require.ErrorIs(t, err, cause, config)
	}
}

// echo is a model whose output is its input.
func echo(w, h int, nhwc bool, kind onnxpb.DataType) optimize.Model {
	b := onnxpb.NewBuilder("echo")
	dims := []onnxpb.Dim{onnxpb.FreeDim("batch"), onnxpb.FixedDim(3), onnxpb.FixedDim(int64(h)), onnxpb.FixedDim(int64(w))}
	if nhwc {
		dims = []onnxpb.Dim{dims[0], dims[2], dims[3], dims[1]}
	}
	x := b.Input("x", kind, dims...)
	if kind != onnxpb.Float {
		x = b.OpWith("Cast", []onnxpb.Attribute{onnxpb.IntAttr("to", int64(onnxpb.Float))}, x)
	}
	b.Rename(b.OpWith("Flatten", []onnxpb.Attribute{onnxpb.IntAttr("axis", 1)}, x), "y")
	b.Output("y", onnxpb.Float, dims[0], onnxpb.FixedDim(int64(3*w*h)))
	return optimize.ModelBytes(b.Model(17).Append(nil))
}

func TestClassifierSeesTheMiddle(t *testing.T) {
	for name, nhwc := range map[string]bool{"planes": false, "pixels": true} {
		t.Run(name, func(t *testing.T) {
			spec := vision.TensorSpec{Mean: [3]float32{0.1, 0.2, 0.3}, Fit: vision.FitCover, Filter: vision.CatmullRom}
			c := classifier(t, vision.ClassifierOptions{
				Model: echo(14, 7, nhwc, onnxpb.Float), Scores: vision.ScoresIndependent, MaxLabels: 1000, Spec: spec,
			})
			data := oriented(asJPEG(t, turned(photograph(64, 40), 6), 95), 8)
			got, err := c.Run(t.Context(), vision.Picture{Data: data})
			require.NoError(t, err)
			spec.Width, spec.Height = 16, 8
			if nhwc {
				spec.Layout = vision.NHWC
			}
			whole := make([]float32, 3*16*8)
			_, err = vision.ReadTensor(t.Context(), bytes.NewReader(data), spec, whole)
			require.NoError(t, err)
			require.Len(t, got, 3*14*7)
			for _, l := range got {
				ch, y, x := l.Class/98, l.Class/14%7, l.Class%14
				want := ch*128 + y*16 + x + 1 // (8-7)/2 rows above, one column on the left
				if nhwc {
					ch, y, x = l.Class%3, l.Class/42, l.Class/3%14
					want = (y*16+x+1)*3 + ch
				}
				require.InDelta(t, 1/(1+math.Exp(-float64(whole[want]))), l.Score, 1e-6)
			}
		})
	}
}

func TestAModelOfBytes(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 4, 4))
	draw.Draw(m, m.Rect, image.NewUniform(color.NRGBA{10, 20, 200, 255}), image.Point{}, draw.Src)
	e, err := vision.NewEmbedder(vision.EmbedderOptions{Model: echo(1, 1, true, onnxpb.Uint8)})
	require.NoError(t, err)
	defer e.Close()
	require.Equal(t, 3, e.Dim())
	v, err := e.Run(t.Context(), vision.Picture{Image: m})
	require.NoError(t, err)
	length := math.Sqrt(10*10 + 20*20 + 200*200)
	require.InDeltaSlice(t, []float64{10 / length, 20 / length, 200 / length}, []float64{float64(v[0]), float64(v[1]), float64(v[2])}, 1e-6)
	_, err = vision.NewEmbedder(vision.EmbedderOptions{
		Model: echo(1, 1, true, onnxpb.Uint8), Spec: vision.TensorSpec{Std: [3]float32{1, 1, 1}},
	})
	require.ErrorIs(t, err, quintet.ErrOption)
}

func TestEmbedderUsesThePresetOfCLIP(t *testing.T) {
	e, err := vision.NewEmbedder(vision.EmbedderOptions{Model: echo(6, 6, false, onnxpb.Float)})
	require.NoError(t, err)
	defer e.Close()
	data := asPNG(t, photograph(50, 33))
	got, err := e.Run(t.Context(), vision.Picture{Data: data})
	require.NoError(t, err)
	want := make([]float32, 3*6*6)
	_, err = vision.ReadTensor(t.Context(), bytes.NewReader(data), vision.CLIPSpec(6, 6), want)
	require.NoError(t, err)
	var sum, length float64
	for i := range want {
		sum += float64(want[i]) * float64(want[i])
		length += float64(got[i]) * float64(got[i])
	}
	require.InDelta(t, 1, length, 1e-6)
	for i := range want {
		require.InDelta(t, float64(want[i])/math.Sqrt(sum), got[i], 1e-6)
	}
}

func TestVectorsThatCannotBe(t *testing.T) {
	open := func(v []float32) (*vision.Embedder, *vision.Classifier) {
		m := modelOf(8, 8, answer{name: "v", shape: []int{len(v)}, data: v})
		e, err := vision.NewEmbedder(vision.EmbedderOptions{Model: m})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, e.Close()) })
		return e, classifier(t, vision.ClassifierOptions{Model: m, Scores: vision.ScoresProbabilities})
	}
	in := vision.Picture{Image: photograph(5, 5)}
	for name, v := range map[string][]float32{
		"NaN": {1, float32(math.NaN())}, "endless": {float32(math.Inf(-1)), 1},
	} {
		t.Run(name, func(t *testing.T) {
			e, c := open(v)
			_, err := e.Run(t.Context(), in)
			require.ErrorIs(t, err, quintet.ErrModel)
			_, err = c.Run(t.Context(), in)
			require.ErrorIs(t, err, quintet.ErrModel)
		})
	}
	e, _ := open([]float32{0, 0, 0})
	_, err := e.Run(t.Context(), in)
	require.ErrorIs(t, err, quintet.ErrModel)
	_, c := open([]float32{2, 0, 0})
	_, err = c.Run(t.Context(), in)
	require.ErrorIs(t, err, quintet.ErrModel, "2 is no probability")
}

func TestOptionsOfClassifiersAndEmbedders(t *testing.T) {
	two := modelOf(8, 8, answer{name: "a", shape: []int{2}, data: []float32{1, 2}}, answer{name: "b", shape: []int{2}, data: []float32{2, 1}})
	for name, tt := range map[string]struct {
		o     vision.ClassifierOptions
		cause error
	}{
		"no model":        {vision.ClassifierOptions{}, quintet.ErrModel},
		"two outputs":     {vision.ClassifierOptions{Model: two}, quintet.ErrModel},
		"no such output":  {vision.ClassifierOptions{Model: two, Output: "c"}, quintet.ErrOption},
		"three labels":    {vision.ClassifierOptions{Model: two, Output: "a", Labels: []string{"x", "y", "z"}}, quintet.ErrOption},
		"no score":        {vision.ClassifierOptions{Model: two, Output: "a", MinScore: math.NaN()}, quintet.ErrOption},
		"negative labels": {vision.ClassifierOptions{Model: two, Output: "a", MaxLabels: -1}, quintet.ErrOption},
		"no such scores":  {vision.ClassifierOptions{Model: two, Output: "a", Scores: 3}, quintet.ErrOption},
		"a wide crop":     {vision.ClassifierOptions{Model: two, Output: "a", Crop: 1.1}, quintet.ErrOption},
		"a negative crop": {vision.ClassifierOptions{Model: two, Output: "a", Crop: -1}, quintet.ErrOption},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := vision.NewClassifier(tt.o)
			require.ErrorIs(t, err, tt.cause)
			require.Nil(t, c)
		})
	}
	got, err := classifier(t, vision.ClassifierOptions{Model: two, Output: "b", MaxLabels: 1}).Run(t.Context(), vision.Picture{Image: photograph(3, 3)})
	require.NoError(t, err)
	require.Equal(t, 0, got[0].Class)
	_, err = vision.NewEmbedder(vision.EmbedderOptions{})
	require.ErrorIs(t, err, quintet.ErrModel)
	_, err = vision.NewEmbedder(vision.EmbedderOptions{Model: modelOf(8, 8, answer{name: "m", shape: []int{2, 2}, data: make([]float32, 4)})})
	require.ErrorIs(t, err, quintet.ErrModel)
}

func TestInputsThatNoPictureFits(t *testing.T) {
	out := []optimize.TensorInfo{{Name: "y", DType: optimize.Float32, Shape: []int{-1, 3}}}
	for name, tt := range map[string]struct {
		inputs []optimize.TensorInfo
		cause  error
	}{
		"none":         {nil, quintet.ErrModel},
		"two":          {append(pictureInput(8, 8), pictureInput(8, 8)...), quintet.ErrModel},
		"a vector":     {[]optimize.TensorInfo{{DType: optimize.Float32, Shape: []int{-1, 8}}}, quintet.ErrModel},
		"any rank":     {[]optimize.TensorInfo{{DType: optimize.Float32, AnyRank: true}}, quintet.ErrModel},
		"gray":         {[]optimize.TensorInfo{{DType: optimize.Float32, Shape: []int{-1, 1, 8, 8}}}, quintet.ErrModel},
		"half numbers": {[]optimize.TensorInfo{{DType: optimize.Float16, Shape: []int{-1, 3, 8, 8}}}, quintet.ErrUnsupported},
		"any size":     {[]optimize.TensorInfo{{DType: optimize.Float32, Shape: []int{-1, 3, -1, -1}}}, quintet.ErrOption},
	} {
		t.Run(name, func(t *testing.T) {
			s := &stub{inputs: tt.inputs, outputs: out}
			_, err := vision.NewEmbedder(vision.EmbedderOptions{Model: optimize.ModelBytes([]byte("m")), Runtime: s.runtime(t)})
			require.ErrorIs(t, err, tt.cause)
		})
	}
}

func TestABatchHasItsOwnSize(t *testing.T) {
	for name, fixed := range map[string]int{"one at a time": 1, "three, some of them empty": 3, "any number": -1} {
		t.Run(name, func(t *testing.T) {
			s := &stub{inputs: pictureInput(4, 4), outputs: []optimize.TensorInfo{{Name: "y", DType: optimize.Float32, Shape: []int{-1, 2}}}}
			s.inputs[0].Shape[0] = fixed
			s.reply = func(in optimize.Tensor) []optimize.Tensor {
				if fixed > 0 && in.Dim(0) != fixed {
					t.Errorf("batch of %d, want %d", in.Dim(0), fixed)
				}
				data, err := optimize.Data[float32](in)
				require.NoError(t, err)
				var out []float32
				for i := range in.Dim(0) {
					out = append(out, 1, data[i*48])
				}
				return []optimize.Tensor{tensorOf(t, out, in.Dim(0), 2)}
			}
			e, err := vision.NewEmbedder(vision.EmbedderOptions{
				Model: optimize.ModelBytes([]byte("m")), Runtime: s.runtime(t), MaxBatch: 4,
				Spec: vision.TensorSpec{Std: [3]float32{1, 1, 1}},
			})
			require.NoError(t, err)
			defer e.Close()
			var in []vision.Picture
			for i := range 23 {
				m := image.NewGray(image.Rect(0, 0, 4, 4))
				draw.Draw(m, m.Rect, image.NewUniform(color.Gray{uint8(10 * i)}), image.Point{}, draw.Src)
				in = append(in, vision.Picture{Image: m})
			}
			in[7] = vision.Picture{}
			got, err := e.RunBatch(t.Context(), in)
			for i, err := range quintet.ItemErrors(err) {
				require.Equal(t, 7, i)
				require.ErrorIs(t, err, quintet.ErrInput)
			}
			for i, v := range got {
				if i != 7 {
					require.InDelta(t, 10*float64(i)/255, float64(v[1]/v[0]), 1e-5)
				}
			}
		})
	}
}

func TestClassifierContract(t *testing.T) {
	model := modelOf(16, 16, answer{name: "logits", shape: []int{3}, data: []float32{1, 2, 3}, scaled: true})
	spec := vision.TensorSpec{Fit: vision.FitStretch}
	pipetest.Contract(t, pipetest.Case[vision.Picture, []vision.Label]{
		Name: "vision.Classifier",
		New: func(t *testing.T, o quintet.Observer) quintet.Pipeline[vision.Picture, []vision.Label] {
			rt, err := optimize.New(optimize.Options{Workers: 2, Observer: o})
			require.NoError(t, err)
			c, err := vision.NewClassifier(vision.ClassifierOptions{Model: model, Runtime: rt, Spec: spec})
			require.NoError(t, err)
			return c
		},
		Good: lights(t), Bad: badPictures(),
	})
}

func TestEmbedderContract(t *testing.T) {
	pipetest.Contract(t, pipetest.Case[vision.Picture, []float32]{
		Name: "vision.Embedder",
		New: func(t *testing.T, o quintet.Observer) quintet.Pipeline[vision.Picture, []float32] {
			rt, err := optimize.New(optimize.Options{Workers: 2, Observer: o})
			require.NoError(t, err)
			e, err := vision.NewEmbedder(vision.EmbedderOptions{Model: echo(4, 4, false, onnxpb.Float), Runtime: rt})
			require.NoError(t, err)
			return e
		},
		Good: []vision.Picture{{Image: photograph(9, 9)}, {Data: asPNG(t, photograph(30, 22))}}, Bad: badPictures(),
	})
}
