package vision_test

import (
	"context"
	"errors"
	"image"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vision"
)

// The pipelines with a model can be parts of the analyser.
var (
	_ vision.ObjectFinder   = (*vision.ObjectDetector)(nil)
	_ vision.PictureLabeler = (*vision.Classifier)(nil)
	_ vision.TextReader     = (*vision.Reader)(nil)
	_ vision.VectorEmbedder = (*vision.Embedder)(nil)
)

// told is a part of the analyser that gives what it holds, or fails.
type told[Out any] struct {
	out  Out
	err  error
	seen *vision.Picture
}

func (p told[Out]) Run(_ context.Context, in vision.Picture) (Out, error) {
	if p.seen != nil {
		*p.seen = in
	}
	return p.out, p.err
}

func TestTheAnalyserAsksTheModelsOfTheOptions(t *testing.T) {
	file := oriented(asJPEG(t, photograph(40, 30), 90), 6)
	var seen vision.Picture
	o := vision.Options{
		Tasks:    vision.TaskObjects | vision.TaskLabels | vision.TaskText | vision.TaskEmbedding,
		Objects:  told[[]vision.Object]{out: []vision.Object{{Box: image.Rect(1, 2, 3, 4), Label: "cat"}}, seen: &seen},
		Labels:   told[[]vision.Label]{out: []vision.Label{{Label: "indoor", Score: 0.5}}},
		Text:     told[vision.Reading]{out: vision.Reading{Text: "beans"}},
		Embedder: told[[]float32]{out: []float32{0.6, 0.8}},
	}
	got, err := open(t, o).Run(t.Context(), vision.Picture{ID: "x", Data: file})
	require.NoError(t, err)
	require.Equal(t, vision.Result{
		ID: "x", Objects: []vision.Object{{Box: image.Rect(1, 2, 3, 4), Label: "cat"}},
		Labels: []vision.Label{{Label: "indoor", Score: 0.5}}, Text: vision.Reading{Text: "beans"},
		Embedding: []float32{0.6, 0.8},
	}, got)
	require.Equal(t, image.Rect(0, 0, 30, 40), seen.Image.Bounds(), "decoded once, and upright")
	require.Nil(t, seen.Data)
	require.Equal(t, "x", seen.ID)

	o.Tasks = vision.TaskProperties
	got, err = open(t, o).Run(t.Context(), vision.Picture{Data: file})
	require.NoError(t, err)
	require.Nil(t, got.Objects, "nobody asked")
}

func TestAnErrorOfAModelIsOneOfThePicture(t *testing.T) {
	broken := errors.New("broken")
	all := vision.Options{
		Objects: told[[]vision.Object]{err: broken}, Labels: told[[]vision.Label]{err: broken},
		Text: told[vision.Reading]{err: broken}, Embedder: told[[]float32]{err: broken},
	}
	for _, task := range []vision.Task{vision.TaskObjects, vision.TaskLabels, vision.TaskText, vision.TaskEmbedding} {
		o := all
		o.Tasks = vision.TaskProperties | task
		r, err := open(t, o).Run(t.Context(), vision.Picture{Image: photograph(9, 9)})
		require.ErrorIs(t, err, broken, task.String())
		require.Zero(t, r)

		_, err = vision.New(vision.Options{Tasks: task})
		require.ErrorIs(t, err, quintet.ErrOption)
		require.ErrorContains(t, err, "tasks "+task.String()+" without their options")
	}
}

// A real model on the pipeline's own runtime finds what it finds alone.
func TestAClassifierIsAPartOfTheAnalyser(t *testing.T) {
	model := modelOf(32, 32, answer{name: "scores", shape: []int{3}, data: []float32{1, 3, 2}})
	c, err := vision.NewClassifier(vision.ClassifierOptions{Model: model, Labels: []string{"a", "b", "c"}})
	require.NoError(t, err)
	defer func() { require.NoError(t, c.Close()) }()
	in := vision.Picture{Data: asPNG(t, photograph(40, 30))}
	want, err := c.Run(t.Context(), in)
	require.NoError(t, err)
	require.Equal(t, "b", want[0].Label)
	got, err := open(t, vision.Options{Tasks: vision.TaskLabels, Labels: c}).Run(t.Context(), in)
	require.NoError(t, err)
	require.Equal(t, want, got.Labels)
}

func TestAnEmbedderTellsItsInput(t *testing.T) {
	model := modelOf(48, 32, answer{name: "embedding", shape: []int{2}, data: []float32{3, 4}})
	e, err := vision.NewEmbedder(vision.EmbedderOptions{Model: model})
	require.NoError(t, err)
	defer func() { require.NoError(t, e.Close()) }()
	want := vision.CLIPSpec(48, 32)
	require.Equal(t, want.Mean, e.Spec().Mean)
	require.Equal(t, []int{48, 32}, []int{e.Spec().Width, e.Spec().Height})
}
