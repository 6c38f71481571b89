package text_test

import (
	"context"
	"iter"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/internal/pipetest"
	"github.com/quintet-ai/quintet/text"
)

// The tokens of modelDir's vocabulary that the classifiers below know.
const (
	riverID, engineID, lightID = 6, 7, 8
	vocabulary                 = 71
)

// headModel is a classifier with known answers: the logit of a class is the
// largest that a token of the text has for it. Tokens without one have low.
func headModel(t *testing.T, classes int, low float32, known map[int][]float32) string {
	t.Helper()
	table := make([]float32, vocabulary*classes)
	for i := range table {
		table[i] = low
	}
	for id, logits := range known {
		copy(table[id*classes:], logits)
	}
	b := onnxpb.NewBuilder("head")
	batch, seq := onnxpb.FreeDim("batch"), onnxpb.FreeDim("seq")
	ids := b.Input("input_ids", onnxpb.Int64, batch, seq)
	b.Input("attention_mask", onnxpb.Int64, batch, seq)
	rows := b.Op("Gather", b.Weight(onnxpb.NewTensor("table", table, vocabulary, int64(classes))), ids)
	logits := b.OpWith("ReduceMax", []onnxpb.Attribute{onnxpb.IntsAttr("axes", 1), onnxpb.IntAttr("keepdims", 0)}, rows)
	b.Rename(logits, "logits")
	b.Output("logits", onnxpb.Float, batch, onnxpb.FixedDim(int64(classes)))
	return string(b.Model(17).Append(nil))
}

// topics knows water, machines and lamps.
func topics(t *testing.T, config string) text.ClassifierOptions {
	return text.ClassifierOptions{Model: model(t, modelDir(t, false, map[string]string{
		"onnx/model.onnx": headModel(t, 3, -2, map[int][]float32{riverID: {3, -2, -2}, engineID: {-2, 4, -2}, lightID: {-2, -2, 1}}),
		"config.json":     config,
	}))}
}

const topicNames = `"max_position_embeddings": 64, "id2label": {"0": "water", "1": "machine", "2": "lamp"}`

func TestClassifier(t *testing.T) {
	o := topics(t, "{"+topicNames+"}")
	o.Runtime = onnxRuntime(t, nil)
	c, err := text.NewClassifier(o)
	require.NoError(t, err)
	defer c.Close()
	require.Equal(t, []string{"water", "machine", "lamp"}, c.Labels())
	labels, err := c.Run(t.Context(), "The river.")
	require.NoError(t, err)
	rest := 2*math.Exp(-2) + math.Exp(3)
	require.Equal(t, []string{"water", "machine", "lamp"}, names(labels), "equal scores are in the model's order")
	require.InDelta(t, math.Exp(3)/rest, labels[0].Score, 1e-6)
	labels, err = c.Run(t.Context(), "A light, a river, an engine: "+strings.Repeat("garden ", 40))
	require.NoError(t, err)
	require.Equal(t, []string{"machine", "water", "lamp"}, names(labels))
	require.InDelta(t, 1, labels[0].Score+labels[1].Score+labels[2].Score, 1e-9)
}

func names(labels []text.Label) (out []string) {
	for _, l := range labels {
		out = append(out, l.Label)
	}
	return out
}

func TestLabelsThatDoNotExcludeEachOther(t *testing.T) {
	o := topics(t, `{"problem_type": "multi_label_classification", `+topicNames+`}`)
	o.Runtime = onnxRuntime(t, nil)
	c, err := text.NewClassifier(o)
	require.NoError(t, err)
	defer c.Close()
	labels, err := c.Run(t.Context(), "river engine")
	require.NoError(t, err)
	require.InDelta(t, 1/(1+math.Exp(-4)), labels[0].Score, 1e-6)
	require.InDelta(t, 1/(1+math.Exp(-3)), labels[1].Score, 1e-6)
	require.InDelta(t, 1/(1+math.Exp(2)), labels[2].Score, 1e-6)
}

func TestClassifierContract(t *testing.T) {
	o := topics(t, "{"+topicNames+"}")
	onnxRuntime(t, nil)
	pipetest.Contract(t, pipetest.Case[string, []text.Label]{
		Name: "text.Classifier",
		New: func(t *testing.T, ob quintet.Observer) quintet.Pipeline[string, []text.Label] {
			o := o
			o.Runtime, o.MaxBytes = onnxRuntime(t, ob), 100
			c, err := text.NewClassifier(o)
			require.NoError(t, err)
			return c
		},
		Good: []string{"the river", "an engine", "light, light, light in the garden", "the engine at the river"},
		Bad:  []string{"", strings.Repeat("long ", 30)},
	})
}

func TestRerankerContract(t *testing.T) {
	dir := modelDir(t, false, map[string]string{"onnx/model.onnx": headModel(t, 1, -1, map[int][]float32{riverID: {3}, lightID: {0.5}})})
	onnxRuntime(t, nil)
	pipetest.Contract(t, pipetest.Case[text.Pair, float64]{
		Name: "text.Reranker",
		New: func(t *testing.T, ob quintet.Observer) quintet.Pipeline[text.Pair, float64] {
			r, err := text.NewReranker(text.RerankerOptions{Model: model(t, dir), Runtime: onnxRuntime(t, ob)})
			require.NoError(t, err)
			return r
		},
		Good: []text.Pair{{"where", "the river"}, {"where", "the light"}, {"where", "winter"}},
		Bad:  []text.Pair{{"", "the river"}, {"where", " "}},
	})
}

func TestReranker(t *testing.T) {
	rt := onnxRuntime(t, nil)
	score := func(classes int, known map[int][]float32, p text.Pair) float64 {
		dir := modelDir(t, false, map[string]string{"onnx/model.onnx": headModel(t, classes, -1, known)})
		r, err := text.NewReranker(text.RerankerOptions{Model: model(t, dir), Runtime: rt})
		require.NoError(t, err)
		defer r.Close()
		p2, err := r.Run(t.Context(), p)
		require.NoError(t, err)
		return p2
	}
	one := map[int][]float32{riverID: {3}}
	require.InDelta(t, 1/(1+math.Exp(-3)), score(1, one, text.Pair{Query: "where", Passage: "the river"}), 1e-6)
	require.InDelta(t, 1/(1+math.Exp(1)), score(1, one, text.Pair{Query: "where", Passage: "winter"}), 1e-6)
	two := map[int][]float32{riverID: {0, 2}}
	require.InDelta(t, 1/(1+math.Exp(-2)), score(2, two, text.Pair{Query: "where", Passage: "the river"}), 1e-6)
	// A passage that is far too long loses its end, the query stays whole.
	long := text.Pair{Query: "the river", Passage: strings.Repeat("garden ", 300)}
	require.InDelta(t, 1/(1+math.Exp(-3)), score(1, one, long), 1e-6)
}

func TestHeadsRefuse(t *testing.T) {
	rt := onnxRuntime(t, nil)
	embedding := text.ClassifierOptions{Model: model(t, modelDir(t, false, nil)), Runtime: rt}
	nan := float32(math.NaN())
	poison := text.ClassifierOptions{Runtime: rt, Model: model(t, modelDir(t, false, map[string]string{
		"onnx/model.onnx": headModel(t, 2, nan, nil)}))}
	wrongNames := topics(t, `{"id2label": {"0": "only"}}`)
	wrongNames.Runtime = rt
	three := topics(t, "{}")
	three.Runtime = rt

	_, err := text.NewClassifier(text.ClassifierOptions{})
	require.ErrorIs(t, err, quintet.ErrModel)
	_, err = text.NewClassifier(text.ClassifierOptions{Model: embedding.Model, MaxBytes: -1})
	require.ErrorIs(t, err, quintet.ErrOption)
	_, err = text.NewClassifier(embedding)
	require.ErrorIs(t, err, quintet.ErrModel, "an embedding is not logits")
	_, err = text.NewClassifier(wrongNames)
	require.ErrorContains(t, err, "config.json names 1 labels, the model has 3")
	_, err = text.NewReranker(text.RerankerOptions(three))
	require.ErrorContains(t, err, "a model with 3 classes is no reranker")
	require.Zero(t, rt.SessionStats().References, "nothing is left loaded")

	c, err := text.NewClassifier(poison)
	require.NoError(t, err)
	defer c.Close()
	_, err = c.Run(t.Context(), "the river")
	require.ErrorIs(t, err, quintet.ErrModel, "NaN is no answer")
	unnamed, err := text.NewClassifier(three)
	require.NoError(t, err)
	defer unnamed.Close()
	require.Equal(t, []string{"LABEL_0", "LABEL_1", "LABEL_2"}, unnamed.Labels())
	var _ func(context.Context, iter.Seq[string]) iter.Seq2[[]text.Label, error] = unnamed.Stream
}
