package text_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/text"
)

// Every pipeline with a model can warm up, and refuses a time that is none.
func TestWarmUp(t *testing.T) {
	rt := onnxRuntime(t, nil)
	classifier, tagger, answerer := topics(t, "{"+topicNames+"}"), taggerOptions(t, tags), answererOptions(t)
	pairs := model(t, modelDir(t, false, map[string]string{"onnx/model.onnx": headModel(t, 1, -1, nil)}))
	embedder, zero := model(t, modelDir(t, false, nil)), nli(t, "{"+nliNames+"}")
	pipelines := map[string]func(time.Duration) (closer, error){
		"Embedder": func(w time.Duration) (closer, error) {
			return text.NewEmbedder(text.EmbedderOptions{Model: embedder, Runtime: rt, WarmUp: w})
		},
		"Classifier": func(w time.Duration) (closer, error) {
			return text.NewClassifier(text.ClassifierOptions{Model: classifier.Model, Runtime: rt, WarmUp: w})
		},
		"Reranker": func(w time.Duration) (closer, error) {
			return text.NewReranker(text.RerankerOptions{Model: pairs, Runtime: rt, WarmUp: w})
		},
		"EntityTagger": func(w time.Duration) (closer, error) {
			return text.NewEntityTagger(text.EntityTaggerOptions{Model: tagger.Model, Runtime: rt, WarmUp: w})
		},
		"Answerer": func(w time.Duration) (closer, error) {
			return text.NewAnswerer(text.AnswererOptions{Model: answerer.Model, Runtime: rt, WarmUp: w})
		},
		"ZeroShot": func(w time.Duration) (closer, error) {
			return text.NewZeroShot(text.ZeroShotOptions{Model: zero, Runtime: rt, WarmUp: w})
		},
	}
	for name, open := range pipelines {
		t.Run(name, func(t *testing.T) {
			for _, w := range []time.Duration{1, time.Second} {
				p, err := open(w)
				require.NoError(t, err)
				require.NoError(t, p.Close())
			}
			_, err := open(-1)
			require.ErrorIs(t, err, quintet.ErrOption)
			require.Zero(t, rt.SessionStats().References, "nothing is left loaded")
		})
	}
	_, err := text.NewEmbedder(text.EmbedderOptions{WarmUp: time.Second})
	require.ErrorIs(t, err, quintet.ErrOption, "there is nothing to warm up without a model")
}

type closer interface{ Close() error }

// A model that fails its first run fails the constructor, which leaves nothing
// loaded.
func TestWarmUpFails(t *testing.T) {
	rt := onnxRuntime(t, nil)
	nan := headModel(t, 2, float32(math.NaN()), nil)
	m := model(t, modelDir(t, false, map[string]string{"onnx/model.onnx": nan}))
	_, err := text.NewClassifier(text.ClassifierOptions{Model: m, Runtime: rt, WarmUp: time.Second})
	require.ErrorIs(t, err, quintet.ErrModel)
	require.ErrorContains(t, err, "text.Classifier.Calibrate: length 8")
	require.Zero(t, rt.SessionStats().References)
}

// A short MaxTokens bounds what is measured too.
func TestWarmUpOfShortTexts(t *testing.T) {
	for _, most := range []int{3, 5, 20} {
		e, err := text.NewEmbedder(text.EmbedderOptions{Model: model(t, modelDir(t, false, nil)), Runtime: onnxRuntime(t, nil),
			MaxTokens: most, WarmUp: time.Second})
		require.NoError(t, err)
		_, err = e.Run(t.Context(), "the river")
		require.NoError(t, err)
		require.NoError(t, e.Close())
	}
}
