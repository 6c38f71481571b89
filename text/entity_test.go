package text_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/internal/pipetest"
	"github.com/quintet-ai/quintet/text"
)

// taggerOptions is a tagger with known answers: each token of modelDir's vocabulary
// has its own logits for O, B-LOC, I-LOC, B-PER and I-PER; those not given are O.
func taggerOptions(t *testing.T, known map[int][]float32) text.EntityTaggerOptions {
	t.Helper()
	const classes = 5
	table := make([]float32, vocabulary*classes)
	for id := range vocabulary {
		table[id*classes] = 6
		if logits, ok := known[id]; ok {
			copy(table[id*classes:], logits)
		}
	}
	b := onnxpb.NewBuilder("tagger")
	batch, seq := onnxpb.FreeDim("batch"), onnxpb.FreeDim("seq")
	ids := b.Input("input_ids", onnxpb.Int64, batch, seq)
	b.Input("attention_mask", onnxpb.Int64, batch, seq)
	b.Rename(b.Op("Gather", b.Weight(onnxpb.NewTensor("table", table, vocabulary, classes)), ids), "logits")
	b.Output("logits", onnxpb.Float, batch, seq, onnxpb.FixedDim(classes))
	var o text.EntityTaggerOptions
	o.Model = model(t, modelDir(t, false, map[string]string{
		"onnx/model.onnx": string(b.Model(17).Append(nil)),
		"config.json":     `{"id2label": {"0": "O", "1": "B-LOC", "2": "I-LOC", "3": "B-PER", "4": "I-PER"}}`,
	}))
	return o
}

// glass is the beginning of a place, river goes on with it, engine begins a person
// and light goes on with one.
var tags = map[int][]float32{
	10:       {0, 6, 0, 0, 0}, // glass
	riverID:  {0, 0, 5, 0, 0},
	engineID: {0, 0, 0, 7, 0},
	lightID:  {0, 0, 0, 0, 4},
}

func TestEntities(t *testing.T) {
	o := taggerOptions(t, tags)
	o.Runtime = onnxRuntime(t, nil)
	e, err := text.NewEntityTagger(o)
	require.NoError(t, err)
	defer e.Close()
	tests := map[string]struct {
		body string
		want []string // label and text
	}{
		"none":                       {"a garden in winter", nil},
		"one word":                   {"The Glass.", []string{"LOC Glass"}},
		"two words":                  {"at Glass River, in winter", []string{"LOC Glass River"}},
		"a new one begins":           {"glass glass river", []string{"LOC glass", "LOC glass river"}},
		"another kind":               {"Glass River Engine Light", []string{"LOC Glass River", "PER Engine Light"}},
		"it begins with an I":        {"the river", []string{"LOC river"}},
		"bytes, not characters":      {"é é Glass", []string{"LOC Glass"}},
		"at the end of a long text":  {strings.Repeat("winter ", 50) + "Glass", []string{"LOC Glass"}},
		"behind the last token read": {strings.Repeat("winter ", 600) + "Glass", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			found, err := e.Run(t.Context(), tt.body)
			require.NoError(t, err)
			var got []string
			for _, x := range found {
				got = append(got, x.Label+" "+x.Of(tt.body))
				require.Greater(t, x.Score, 0.8)
				require.LessOrEqual(t, x.Score, 1.0)
			}
			require.Equal(t, tt.want, got)
		})
	}
}

// The word "cats" is four tokens, c ##a ##t ##s, of which the first is a place and
// the others are not.
func TestAggregation(t *testing.T) {
	rt := onnxRuntime(t, nil)
	const c = 23 // its id in modelDir
	known := map[int][]float32{c: {0, 9, 0, 0, 0}}
	for aggregation, want := range map[text.Aggregation][]string{
		text.AggregateFirst:   {"cats"},
		text.AggregateMax:     {"cats"},
		text.AggregateAverage: nil,
		text.AggregateNone:    {"c"},
	} {
		o := taggerOptions(t, known)
		o.Runtime, o.Aggregation = rt, aggregation
		e, err := text.NewEntityTagger(o)
		require.NoError(t, err)
		found, err := e.Run(t.Context(), "the cats")
		require.NoError(t, err)
		var got []string
		for _, x := range found {
			got = append(got, x.Of("the cats"))
		}
		require.Equal(t, want, got, "aggregation %d", aggregation)
		require.NoError(t, e.Close())
	}
}

func TestEntityTaggerContract(t *testing.T) {
	o := taggerOptions(t, tags)
	onnxRuntime(t, nil)
	pipetest.Contract(t, pipetest.Case[string, []text.Entity]{
		Name: "text.EntityTagger",
		New: func(t *testing.T, ob quintet.Observer) quintet.Pipeline[string, []text.Entity] {
			o := o
			o.Runtime, o.MaxBytes = onnxRuntime(t, ob), 100
			e, err := text.NewEntityTagger(o)
			require.NoError(t, err)
			return e
		},
		Good: []string{"the glass river", "an engine in winter light", "the garden"},
		Bad:  []string{"", strings.Repeat("long ", 30)},
	})
}

func TestEntityTaggerRefuses(t *testing.T) {
	rt := onnxRuntime(t, nil)
	noLabels := taggerOptions(t, nil)
	noLabels.Model = model(t, modelDir(t, false, nil))
	noLabels.Runtime = rt
	_, err := text.NewEntityTagger(noLabels)
	require.ErrorContains(t, err, "config.json names 0 labels, the model has 32")
	unknown := taggerOptions(t, nil)
	unknown.Runtime, unknown.Aggregation = rt, 9
	_, err = text.NewEntityTagger(unknown)
	require.ErrorIs(t, err, quintet.ErrOption)
	_, err = text.NewEntityTagger(text.EntityTaggerOptions{})
	require.ErrorIs(t, err, quintet.ErrModel)
	require.Zero(t, rt.SessionStats().References)
}
