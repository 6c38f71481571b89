package audio_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/audio/dsp"
	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/internal/pipetest"
	"github.com/quintet-ai/quintet/internal/synth"
	"github.com/quintet-ai/quintet/optimize"
)

// meanModel is a model whose output is the mean of its input over an axis.
func meanModel(axis int64, dims ...onnxpb.Dim) optimize.Model {
	b := onnxpb.NewBuilder("mean")
	x := b.Input("x", onnxpb.Float, dims...)
	b.Rename(b.OpWith("ReduceMean", []onnxpb.Attribute{onnxpb.IntsAttr("axes", axis), onnxpb.IntAttr("keepdims", 0)}, x), "y")
	b.Output("y", onnxpb.Float, onnxpb.FreeDim("rows"), onnxpb.FreeDim("numbers"))
	return optimize.ModelBytes(b.Model(17).Append(nil))
}

// linearModel has as outputs w·m + v for the mean m of the samples that it gets.
func linearModel(dim onnxpb.Dim, w, v []float32) optimize.Model {
	b := onnxpb.NewBuilder("linear")
	x := b.Input("x", onnxpb.Float, onnxpb.FixedDim(1), dim)
	m := b.OpWith("ReduceMean", []onnxpb.Attribute{onnxpb.IntsAttr("axes", 1), onnxpb.IntAttr("keepdims", 1)}, x)
	n := int64(len(w))
	y := b.Op("Add", b.Op("Mul", m, b.Weight(onnxpb.NewTensor("", w, 1, n))), b.Weight(onnxpb.NewTensor("", v, 1, n)))
	b.Rename(y, "y")
	b.Output("y", onnxpb.Float, onnxpb.FixedDim(1), onnxpb.FixedDim(n))
	return optimize.ModelBytes(b.Model(17).Append(nil))
}

func constant(v float32, seconds float64) audio.Clip {
	return mono(slices.Repeat([]float32{v}, int(seconds*16000)))
}

func newClassifier(t testing.TB, o audio.ClassifierOptions) *audio.Classifier {
	t.Helper()
	k, err := audio.NewClassifier(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, k.Close()) })
	return k
}

func TestClassifierOfSamples(t *testing.T) {
	free := linearModel(onnxpb.FreeDim("n"), []float32{4, 0, -4}, []float32{0, 1, 0})
	fixed := linearModel(onnxpb.FixedDim(16000), []float32{4, 0, -4}, []float32{0, 1, 0})
	labels := []string{"up", "still", "down"}
	sigmoid := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	tests := map[string]struct {
		o    audio.ClassifierOptions
		clip audio.Clip
		want []audio.Tag
	}{
		"scores as they are": {audio.ClassifierOptions{Model: free}, constant(0.5, 1),
			[]audio.Tag{{Label: "up", Score: 2}, {Label: "still", Score: 1}, {Label: "down", Score: -2}}},
		"the best alone": {audio.ClassifierOptions{Model: free, TopK: 1}, constant(-0.5, 1), []audio.Tag{{Label: "down", Score: 2}}},
		"those that are likely": {audio.ClassifierOptions{Model: free, Scores: audio.ScoresSigmoid, MinScore: 0.7}, constant(0.5, 1),
			[]audio.Tag{{Label: "up", Score: sigmoid(2)}, {Label: "still", Score: sigmoid(1)}}},
		"ties are in order": {audio.ClassifierOptions{Model: free}, constant(0, 1),
			[]audio.Tag{{Label: "still", Score: 1}, {Label: "up", Score: 0}, {Label: "down", Score: 0}}},
		"windows count by their length": {audio.ClassifierOptions{Model: free, Input: audio.ModelInput{Window: time.Second}, TopK: 1},
			mono(append(slices.Repeat([]float32{1}, 16000), slices.Repeat([]float32{0.25}, 8000)...)),
			[]audio.Tag{{Label: "up", Score: (4*2 + 1) / 3.}}},
		"a fixed length is filled with silence": {audio.ClassifierOptions{Model: fixed, Input: audio.ModelInput{Window: time.Second}, TopK: 1},
			constant(1, 0.5), []audio.Tag{{Label: "up", Score: 2}}},
		"filled where asked for": {audio.ClassifierOptions{Model: free, Input: audio.ModelInput{Window: 4 * time.Second, Fill: true}, TopK: 1},
			constant(1, 2), []audio.Tag{{Label: "up", Score: 2}}},
		"normalised": {audio.ClassifierOptions{Model: free, Input: audio.ModelInput{Mean: 0.25, Deviation: 0.5}, TopK: 1},
			constant(0.5, 1), []audio.Tag{{Label: "up", Score: 2}}},
		"another rate is resampled": {audio.ClassifierOptions{Model: free, TopK: 1}, audio.Clip{Rate: 16000, Channels: 2,
			Samples: slices.Repeat([]float32{1, 0}, 16000)}, []audio.Tag{{Label: "up", Score: 2}}},
		"nothing": {audio.ClassifierOptions{Model: free}, constant(0, 0), nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tt.o.Labels = labels
			got, err := newClassifier(t, tt.o).Run(t.Context(), tt.clip)
			require.NoError(t, err)
			require.Len(t, got, len(tt.want))
			for i, tag := range got {
				require.Equal(t, tt.want[i].Label, tag.Label)
				require.InDelta(t, tt.want[i].Score, tag.Score, 1e-5)
			}
		})
	}
	o := audio.ClassifierOptions{Model: free, Labels: labels, Scores: audio.ScoresSoftmax}
	got, err := newClassifier(t, o).Run(t.Context(), constant(0.5, 1))
	require.NoError(t, err)
	require.InDelta(t, math.Exp(2)/(math.Exp(2)+math.Exp(1)+math.Exp(-2)), got[0].Score, 1e-6)
}

// smallMel has few bands: the loudest is that of the tone.
func smallMel() dsp.MelOptions {
	return dsp.MelOptions{Rate: 16000, FFTSize: 512, Hop: 160, Mels: 8, Log: dsp.Log10}
}

func TestClassifierOfMelSpectrograms(t *testing.T) {
	labels := []string{"0", "1", "2", "3", "4", "5", "6", "7"}
	free, eight, one := onnxpb.FreeDim("frames"), onnxpb.FixedDim(8), onnxpb.FixedDim(1)
	for name, tt := range map[string]struct {
		model optimize.Model
		first bool
	}{
		"frames, bands":       {meanModel(0, free, eight), false},
		"1, frames, bands":    {meanModel(1, one, free, eight), false},
		"1, 1, frames, bands": {meanModel(2, one, one, free, eight), false},
		"1, bands, frames":    {meanModel(2, one, eight, free), true},
	} {
		t.Run(name, func(t *testing.T) {
			k := newClassifier(t, audio.ClassifierOptions{Model: tt.model, Labels: labels, TopK: 1,
				Input: audio.ModelInput{Mel: smallMel(), BandsFirst: tt.first}})
			clip := mono(synth.Tone(16000, 16000, 2000, 0.5))
			got, err := k.Run(t.Context(), clip)
			require.NoError(t, err)
			s, err := dsp.MelSpectrogram(clip.Samples, smallMel())
			require.NoError(t, err)
			sum := make([]float64, 8)
			for i := range s.Frames {
				for band, v := range s.Row(i) {
					sum[band] += float64(v) / float64(s.Frames)
				}
			}
			best := slices.Index(sum, slices.Max(sum))
			require.Equal(t, labels[best], got[0].Label)
			require.InDelta(t, sum[best], got[0].Score, 1e-5)
		})
	}
}

func TestClassifierContract(t *testing.T) {
	model := linearModel(onnxpb.FreeDim("n"), []float32{1, 2}, []float32{0, 0})
	bad := invalidClips()
	c := pipetest.Case[audio.Clip, []audio.Tag]{
		Name: "audio.Classifier",
		New: func(t *testing.T, o quintet.Observer) quintet.Pipeline[audio.Clip, []audio.Tag] {
			rt, err := optimize.New(optimize.Options{Workers: 2, Observer: o})
			require.NoError(t, err)
			k, err := audio.NewClassifier(audio.ClassifierOptions{Model: model, Labels: []string{"a", "b"}, Runtime: rt})
			require.NoError(t, err)
			return k
		},
		Good: []audio.Clip{constant(0.5, 0.2), {Rate: 8000, Channels: 2, Samples: make([]float32, 8)}, constant(0, 0)},
	}
	for _, clip := range bad {
		c.Bad = append(c.Bad, clip)
	}
	pipetest.Contract(t, c)
}

func TestModelsOfSoundThatDoNotFit(t *testing.T) {
	free, two := onnxpb.FreeDim("n"), []string{"a", "b"}
	linear := linearModel(free, []float32{1, 2, 3}, []float32{0, 0, 0})
	tests := map[string]struct {
		o    audio.ClassifierOptions
		want error
		text string
	}{
		"no labels":          {audio.ClassifierOptions{Model: linear}, quintet.ErrOption, "no Labels"},
		"no model":           {audio.ClassifierOptions{Labels: two}, quintet.ErrModel, ""},
		"unknown scores":     {audio.ClassifierOptions{Labels: two, Scores: 9}, quintet.ErrOption, "unknown Scores 9"},
		"a negative number":  {audio.ClassifierOptions{Labels: two, TopK: -1}, quintet.ErrOption, "TopK is -1"},
		"a rate of 10 Hz":    {audio.ClassifierOptions{Labels: two, Input: audio.ModelInput{Rate: 10}}, quintet.ErrOption, "Rate is 10"},
		"two rates":          {audio.ClassifierOptions{Labels: two, Input: audio.ModelInput{Rate: 8000, Mel: smallMel()}}, quintet.ErrOption, "Rate is 8000, Mel.Rate 16000"},
		"a window of 1 ns":   {audio.ClassifierOptions{Labels: two, Input: audio.ModelInput{Window: 1}}, quintet.ErrOption, "Window is 1ns"},
		"a deviation below":  {audio.ClassifierOptions{Labels: two, Input: audio.ModelInput{Deviation: -1}}, quintet.ErrOption, "Deviation -1"},
		"bands that are bad": {audio.ClassifierOptions{Labels: two, Input: audio.ModelInput{Mel: dsp.MelOptions{Mels: -1}}}, quintet.ErrOption, "Mels is -1"},
		"another number of bands": {audio.ClassifierOptions{Labels: two, Model: meanModel(0, free, onnxpb.FixedDim(9)),
			Input: audio.ModelInput{Mel: smallMel()}}, quintet.ErrModel, "a window of 10s has [1001 8]"},
		"another length": {audio.ClassifierOptions{Labels: two, Model: linearModel(onnxpb.FixedDim(100), []float32{1}, []float32{1})},
			quintet.ErrModel, "a window of 10s has [1 160000]"},
		"a picture": {audio.ClassifierOptions{Labels: two, Model: meanModel(0, free, free, free, free)}, quintet.ErrModel, "not of 1 to 3 dimensions"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := audio.NewClassifier(tt.o)
			require.ErrorIs(t, err, tt.want)
			require.ErrorContains(t, err, tt.text)
		})
	}
	_, err := newClassifier(t, audio.ClassifierOptions{Model: linear, Labels: two}).Run(t.Context(), constant(1, 1))
	require.ErrorIs(t, err, quintet.ErrModel)
	require.ErrorContains(t, err, "for 2 labels")
	nan := linearModel(free, []float32{float32(math.Inf(1)), 1}, []float32{0, 0})
	_, err = newClassifier(t, audio.ClassifierOptions{Model: nan, Labels: two}).Run(t.Context(), constant(1, 1))
	require.ErrorIs(t, err, quintet.ErrModel)
}

func ExampleNewClassifier() {
	// A tiny model instead of a published one: the louder, the more it is noise.
	model := linearModel(onnxpb.FreeDim("samples"), []float32{8, -8}, []float32{0, 0})
	k, err := audio.NewClassifier(audio.ClassifierOptions{
		Model: model, Labels: []string{"noise", "silence"}, Scores: audio.ScoresSoftmax,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer k.Close()
	tags, err := k.Run(context.Background(), constant(0.5, 1))
	for _, t := range tags {
		fmt.Printf("%s %.3f\n", t.Label, t.Score)
	}
	fmt.Println(err)
	// Output:
	// noise 1.000
	// silence 0.000
	// <nil>
}
