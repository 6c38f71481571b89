package text_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/pipetest"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/text"
)

const nliNames = `"max_position_embeddings": 64, "id2label": {"0": "CONTRADICTION", "1": "NEUTRAL", "2": "ENTAILMENT"}`

// nli is a model that knows how much each word of a sentence follows: the logits of
// contradiction, neutral and entailment are the largest that a token has.
func nli(t *testing.T, config string) optimize.Model {
	t.Helper()
	return model(t, modelDir(t, false, map[string]string{
		"onnx/model.onnx": headModel(t, 3, -4, map[int][]float32{
			riverID: {-1, 0, 3}, engineID: {1, 0, 1}, lightID: {2, 5, -1}, glassID: {-1, 0, 3},
		}),
		"config.json": config,
	}))
}

func newZeroShot(t *testing.T, o text.ZeroShotOptions) *text.ZeroShot {
	t.Helper()
	z, err := text.NewZeroShot(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, z.Close()) })
	return z
}

func TestZeroShot(t *testing.T) {
	rt, m := onnxRuntime(t, nil), nli(t, "{"+nliNames+"}")
	e := math.Exp
	sum := 2*e(3) + e(1) + e(-1)
	against := func(yes, no float64) float64 { return e(yes) / (e(yes) + e(no)) }
	tests := map[string]struct {
		o      text.ZeroShotOptions
		labels []string
		names  string
		scores []float64
	}{
		"one of several": {text.ZeroShotOptions{}, []string{"light", "engine", "river", "glass"},
			"river,glass,engine,light", []float64{e(3) / sum, e(3) / sum, e(1) / sum, e(-1) / sum}},
		"ties are in the order given": {text.ZeroShotOptions{}, []string{"glass", "light", "river", "engine"},
			"glass,river,engine,light", []float64{e(3) / sum, e(3) / sum, e(1) / sum, e(-1) / sum}},
		"each by itself": {text.ZeroShotOptions{MultiLabel: true}, []string{"light", "engine", "river"},
			"river,engine,light", []float64{against(3, -1), against(1, 1), against(-1, 2)}},
		"a single one":        {text.ZeroShotOptions{}, []string{"river"}, "river", []float64{against(3, -1)}},
		"those of the option": {text.ZeroShotOptions{Labels: []string{"light", "river"}}, nil, "river,light", []float64{1 / (1 + e(-4)), 1 / (1 + e(4))}},
		"its own labels win":  {text.ZeroShotOptions{Labels: []string{"light", "river"}}, []string{"engine"}, "engine", []float64{0.5}},
		"another template":    {text.ZeroShotOptions{Template: "the light of {} {", MultiLabel: true}, []string{"river", "a"}, "river,a", []float64{against(3, 2), against(-1, 2)}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tt.o.Model, tt.o.Runtime = m, rt
			z := newZeroShot(t, tt.o)
			for _, body := range []string{"a garden", strings.Repeat("garden ", 300)} {
				got, err := z.Run(t.Context(), text.ZeroShotRequest{Text: body, Labels: tt.labels})
				require.NoError(t, err)
				require.Equal(t, tt.names, strings.Join(names(got), ","))
				for i, want := range tt.scores {
					require.InDelta(t, want, got[i].Score, 1e-6, got[i].Label)
				}
			}
		})
	}
}

// A model that has no neutral class, and one whose classes stand in another order.
func TestZeroShotReadsWhichClassIsWhich(t *testing.T) {
	rt := onnxRuntime(t, nil)
	score := func(classes int, known []float32, config string) float64 {
		dir := modelDir(t, false, map[string]string{
			"onnx/model.onnx": headModel(t, classes, -4, map[int][]float32{riverID: known}), "config.json": config,
		})
		got, err := newZeroShot(t, text.ZeroShotOptions{Model: model(t, dir), Runtime: rt}).Run(
			t.Context(), text.ZeroShotRequest{Text: "a garden", Labels: []string{"river"}})
		require.NoError(t, err)
		return got[0].Score
	}
	want := 1 / (1 + math.Exp(-2))
	require.InDelta(t, want, score(2, []float32{3, 1}, `{"id2label": {"0": "entailment", "1": "not_entailment"}}`), 1e-6)
	require.InDelta(t, want, score(2, []float32{1, 3}, `{"id2label": {"0": "not_entailment", "1": "Entailment"}}`), 1e-6)
	require.InDelta(t, want, score(3, []float32{3, 9, 1}, `{"id2label": {"0": "entailment", "1": "neutral", "2": "contradiction"}}`), 1e-6)
}

// All pairs of a batch run together; the answers are those of each alone.
func TestZeroShotInBatches(t *testing.T) {
	z := newZeroShot(t, text.ZeroShotOptions{Model: nli(t, "{"+nliNames+"}"), Runtime: onnxRuntime(t, nil)})
	var requests []text.ZeroShotRequest
	var want [][]text.Label
	for i := range 20 {
		r := text.ZeroShotRequest{Text: strings.Repeat("bridge ", 1+i*i%17), Labels: []string{"river", "light", "glass", "a"}[:1+i%4]}
		alone, err := z.Run(t.Context(), r)
		require.NoError(t, err)
		requests, want = append(requests, r), append(want, alone)
	}
	got, err := z.RunBatch(t.Context(), requests)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func TestZeroShotContract(t *testing.T) {
	m := nli(t, "{"+nliNames+"}")
	onnxRuntime(t, nil)
	many := make([]string, 1025)
	for i := range many {
		many[i] = fmt.Sprint(i)
	}
	request := func(body string, labels ...string) text.ZeroShotRequest {
		return text.ZeroShotRequest{Text: body, Labels: labels}
	}
	pipetest.Contract(t, pipetest.Case[text.ZeroShotRequest, []text.Label]{
		Name: "text.ZeroShot",
		New: func(t *testing.T, ob quintet.Observer) quintet.Pipeline[text.ZeroShotRequest, []text.Label] {
			z, err := text.NewZeroShot(text.ZeroShotOptions{Model: m, Runtime: onnxRuntime(t, ob), MaxBytes: 200})
			require.NoError(t, err)
			return z
		},
		Good: []text.ZeroShotRequest{request("a garden", "river", "light"), request("winter", "engine"), request("a", "light", "river", "glass")},
		Bad: []text.ZeroShotRequest{
			request("", "river"), request(" ", "river"), request(strings.Repeat("long ", 60), "river"), request("\u200b", "river"),
			request("a garden"), request("a garden", "river", ""), request("a garden", "river", " \t"), request("a garden", "river", "light", "river"),
			request("a garden", strings.Repeat("river ", 60)), request("a garden", strings.Repeat("the ", 49)), request("a garden", many...),
		},
	})
}

func TestZeroShotRefuses(t *testing.T) {
	rt := onnxRuntime(t, nil)
	good := nli(t, "{"+nliNames+"}")
	named := func(config string) text.ZeroShotOptions { return text.ZeroShotOptions{Model: nli(t, config)} }
	for name, tt := range map[string]struct {
		o    text.ZeroShotOptions
		want error
	}{
		"no model":                     {text.ZeroShotOptions{}, quintet.ErrModel},
		"no names":                     {named("{}"), quintet.ErrModel},
		"no entailment":                {named(`{"id2label": {"0": "LABEL_0", "1": "LABEL_1", "2": "LABEL_2"}}`), quintet.ErrModel},
		"no contradiction":             {named(`{"id2label": {"0": "entailment", "1": "a", "2": "b"}}`), quintet.ErrModel},
		"two entailments":              {named(`{"id2label": {"0": "entailment", "1": "entails", "2": "contradiction"}}`), quintet.ErrModel},
		"an entailment out of range":   {named(`{"id2label": {"7": "entailment", "1": "neutral", "2": "contradiction"}}`), quintet.ErrModel},
		"a name that has no number":    {named(`{"id2label": {"x": "entailment", "1": "neutral", "2": "contradiction"}}`), quintet.ErrModel},
		"three classes without":        {named(`{"id2label": {"2": "entailment", "0": "other", "1": "third"}}`), quintet.ErrModel},
		"too few names":                {named(`{"id2label": {"0": "entailment", "1": "not_entailment"}}`), quintet.ErrModel},
		"a broken config":              {named(`{"id2label": 3}`), quintet.ErrModel},
		"not logits":                   {text.ZeroShotOptions{Model: model(t, modelDir(t, false, nil))}, quintet.ErrModel},
		"a template without a place":   {text.ZeroShotOptions{Model: good, Template: "it is"}, quintet.ErrOption},
		"a template with two":          {text.ZeroShotOptions{Model: good, Template: "{} {}"}, quintet.ErrOption},
		"a label twice":                {text.ZeroShotOptions{Model: good, Labels: []string{"a", "b", "a"}}, quintet.ErrOption},
		"a blank label":                {text.ZeroShotOptions{Model: good, Labels: []string{"a", " "}}, quintet.ErrOption},
		"negative tokens":              {text.ZeroShotOptions{Model: good, MaxTokens: -1}, quintet.ErrOption},
		"negative bytes":               {text.ZeroShotOptions{Model: good, MaxBytes: -1}, quintet.ErrOption},
		"tokens for special ones only": {text.ZeroShotOptions{Model: good, MaxTokens: 2}, quintet.ErrOption},
	} {
		t.Run(name, func(t *testing.T) {
			tt.o.Runtime = rt
			_, err := text.NewZeroShot(tt.o)
			require.ErrorIs(t, err, tt.want)
			require.ErrorContains(t, err, "text: ")
			require.Zero(t, rt.SessionStats().References, "nothing is left loaded")
		})
	}
}
