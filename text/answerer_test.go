package text_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/internal/pipetest"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/text"
)

// More tokens of modelDir's vocabulary, and the one that begins every encoding.
const clsID, glassID, letterID, cID = 2, 10, 12, 23

// qaModel is a reader with known answers: each token has its own logits for start
// and end; those not given have low.
func qaModel(t *testing.T, low float32, starts, ends map[int]float32) string {
	t.Helper()
	b := onnxpb.NewBuilder("reader")
	batch, seq := onnxpb.FreeDim("batch"), onnxpb.FreeDim("seq")
	ids := b.Input("input_ids", onnxpb.Int64, batch, seq)
	b.Input("attention_mask", onnxpb.Int64, batch, seq)
	b.Input("token_type_ids", onnxpb.Int64, batch, seq)
	for name, known := range map[string]map[int]float32{"end_logits": ends, "start_logits": starts} {
		table := make([]float32, vocabulary)
		for i := range table {
			table[i] = low
		}
		for id, v := range known {
			table[id] = v
		}
		b.Rename(b.Op("Gather", b.Weight(onnxpb.NewTensor(name+"_table", table, vocabulary)), ids), name)
		b.Output(name, onnxpb.Float, batch, seq)
	}
	return string(b.Model(17).Append(nil))
}

// The answer begins at an engine, better at the second word of "glass engine", and
// ends at a light.
func answererOptions(t *testing.T) text.AnswererOptions {
	file := qaModel(t, 0, map[int]float32{engineID: 8, glassID: 6, clsID: 1}, map[int]float32{lightID: 8, letterID: 5, clsID: 1})
	return text.AnswererOptions{Model: model(t, modelDir(t, false, map[string]string{"onnx/model.onnx": file}))}
}

func newAnswerer(t *testing.T, o text.AnswererOptions) *text.Answerer {
	t.Helper()
	a, err := text.NewAnswerer(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, a.Close()) })
	return a
}

func TestAnswers(t *testing.T) {
	o := answererOptions(t)
	o.Runtime = onnxRuntime(t, nil)
	tests := map[string]struct {
		context string
		want    string
	}{
		"from the best start to the best end": {"The garden, the Engine of Light, a city.", "Engine of Light"},
		"one token is both":                   {"the river engine", "engine"},
		"the end is not before the start":     {"letter, garden, engine", "engine"},
		"bytes, not characters":               {"é é — Engine Light", "Engine Light"},
		"the answer is the whole":             {"engine light", "engine light"},
		"the question does not count":         {"a glass letter", "glass letter"},
		"not longer than 15 tokens":           {"engine" + strings.Repeat(" garden", 14) + " light", "engine"},
		"just 15 tokens":                      {"engine" + strings.Repeat(" garden", 13) + " light", "engine" + strings.Repeat(" garden", 13) + " light"},
		"far behind the first window":         {strings.Repeat("winter river. ", 200) + "Engine Light", "Engine Light"},
		"in the middle of many windows":       {strings.Repeat("winter ", 77) + "Engine, Light" + strings.Repeat(" a", 300), "Engine, Light"},
		"broken bytes":                        {"\xff engine \xff light", "engine \xff light"},
	}
	a := newAnswerer(t, o)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := a.Run(t.Context(), text.Question{Question: "the engine light, where?", Context: tt.context})
			require.NoError(t, err)
			require.Len(t, got, 1)
			require.Equal(t, tt.want, got[0].Text)
			require.Equal(t, tt.want, got[0].Of(tt.context))
		})
	}
}

// The scores are those of the definition, in one window and with the token that
// begins it among those that share the probability.
func TestAnswersAreScored(t *testing.T) {
	o := answererOptions(t)
	o.Runtime, o.TopK, o.NoAnswer = onnxRuntime(t, nil), 3, true
	got, err := newAnswerer(t, o).Run(t.Context(), text.Question{Question: "where", Context: "glass engine light"})
	require.NoError(t, err)
	e := math.Exp
	starts, ends := e(6)+e(8)+1+e(1), 1+1+e(8)+e(1)
	require.Len(t, got, 3)
	require.Equal(t, []string{"engine light", "glass engine light", "engine"}, textsOf(got), "engine and light are equal")
	require.InDelta(t, e(8)/starts*e(8)/ends, got[0].Score, 1e-6)
	require.InDelta(t, e(6)/starts*e(8)/ends, got[1].Score, 1e-6)
	require.InDelta(t, e(8)/starts*e(0)/ends, got[2].Score, 1e-6)

	o.TopK = 100
	got, err = newAnswerer(t, o).Run(t.Context(), text.Question{Question: "where", Context: "glass engine light"})
	require.NoError(t, err)
	require.Len(t, got, 7, "six spans and none")
	require.Equal(t, 1, strings.Count(strings.Join(textsOf(got), "|")+"|", "||"))
	for _, x := range got {
		if x.Text == "" {
			require.InDelta(t, e(1)/starts*e(1)/ends, x.Score, 1e-9)
			require.Zero(t, x.Span)
		}
	}
}

func textsOf(answers []text.Answer) (out []string) {
	for _, a := range answers {
		out = append(out, a.Text)
	}
	return out
}

// Nothing is the best answer where the model says so, unless a window has one.
func TestNoAnswer(t *testing.T) {
	file := qaModel(t, 0, map[int]float32{clsID: 5, engineID: 20}, map[int]float32{clsID: 5, engineID: 20})
	o := text.AnswererOptions{Runtime: onnxRuntime(t, nil), NoAnswer: true,
		Model: model(t, modelDir(t, false, map[string]string{"onnx/model.onnx": file}))}
	a := newAnswerer(t, o)
	long := strings.Repeat("winter ", 200)
	for body, want := range map[string]string{
		"the garden": "", long: "", "the engine": "engine", long + "engine": "engine", "engine " + long: "engine",
	} {
		got, err := a.Run(t.Context(), text.Question{Question: "where", Context: body})
		require.NoError(t, err)
		require.Equal(t, []string{want}, textsOf(got), body)
	}
	o.NoAnswer = false
	got, err := newAnswerer(t, o).Run(t.Context(), text.Question{Question: "where", Context: "the garden"})
	require.NoError(t, err)
	require.Equal(t, "the", got[0].Text, "equal ones by their place")
}

// The word "cats" is the tokens c ##a ##t ##s.
func TestAnswersAreWidenedToWords(t *testing.T) {
	file := qaModel(t, 0, map[int]float32{cID: 9}, map[int]float32{cID: 9})
	o := text.AnswererOptions{Runtime: onnxRuntime(t, nil), TopK: 2,
		Model: model(t, modelDir(t, false, map[string]string{"onnx/model.onnx": file}))}
	q := text.Question{Question: "who", Context: "the cats"}
	got, err := newAnswerer(t, o).Run(t.Context(), q)
	require.NoError(t, err)
	require.Equal(t, []string{"cats", "the cats"}, textsOf(got), "once, though it has ten spans")
	o.PartWords = true
	got, err = newAnswerer(t, o).Run(t.Context(), q)
	require.NoError(t, err)
	require.Equal(t, []string{"c", "the c"}, textsOf(got))
}

func TestAnswererContract(t *testing.T) {
	o := answererOptions(t)
	onnxRuntime(t, nil)
	q := func(question, context string) text.Question {
		return text.Question{Question: question, Context: context}
	}
	pipetest.Contract(t, pipetest.Case[text.Question, []text.Answer]{
		Name: "text.Answerer",
		New: func(t *testing.T, ob quintet.Observer) quintet.Pipeline[text.Question, []text.Answer] {
			o := o
			o.Runtime, o.MaxBytes, o.TopK = onnxRuntime(t, ob), 1000, 2
			a, err := text.NewAnswerer(o)
			require.NoError(t, err)
			return a
		},
		Good: []text.Question{q("where", "the engine light"), q("who", "a glass letter"), q("why", strings.Repeat("river ", 90)+"engine")},
		Bad: []text.Question{
			q("", "the river"), q(" \n", "the river"), q("where", ""), q("where", " "), q("where", "\u200b"), q("\u200b", "where"),
			q(strings.Repeat("long ", 300), "the river"), q("where", strings.Repeat("long ", 300)),
			q(strings.Repeat("the ", 40), "the river"), // leaves too little of a window
		},
	})
}

func TestAnswererRefuses(t *testing.T) {
	rt := onnxRuntime(t, nil)
	classifier := topics(t, "{}").Model
	good := answererOptions(t).Model
	for name, tt := range map[string]struct {
		o    text.AnswererOptions
		want error
	}{
		"no model":                {text.AnswererOptions{}, quintet.ErrModel},
		"no start and end":        {text.AnswererOptions{Model: classifier}, quintet.ErrModel},
		"an encoder":              {text.AnswererOptions{Model: model(t, modelDir(t, false, nil))}, quintet.ErrModel},
		"negative TopK":           {text.AnswererOptions{Model: good, TopK: -1}, quintet.ErrOption},
		"a huge TopK":             {text.AnswererOptions{Model: good, TopK: 1 << 30}, quintet.ErrOption},
		"negative answers":        {text.AnswererOptions{Model: good, MaxAnswerTokens: -1}, quintet.ErrOption},
		"a negative stride":       {text.AnswererOptions{Model: good, Stride: -1}, quintet.ErrOption},
		"a stride of all":         {text.AnswererOptions{Model: good, Stride: 61}, quintet.ErrOption},
		"negative tokens":         {text.AnswererOptions{Model: good, MaxTokens: -1}, quintet.ErrOption},
		"negative bytes":          {text.AnswererOptions{Model: good, MaxBytes: -1}, quintet.ErrOption},
		"windows of special ones": {text.AnswererOptions{Model: good, MaxTokens: 3}, quintet.ErrOption},
		"no token for no answer":  {text.AnswererOptions{Model: bareModel(t), NoAnswer: true}, quintet.ErrModel},
	} {
		t.Run(name, func(t *testing.T) {
			tt.o.Runtime = rt
			_, err := text.NewAnswerer(tt.o)
			require.ErrorIs(t, err, tt.want)
			require.ErrorContains(t, err, "text: ")
			require.Zero(t, rt.SessionStats().References, "nothing is left loaded")
		})
	}
}

// bareModel is a reader whose tokenizer adds no special tokens.
func bareModel(t *testing.T) optimize.Model {
	t.Helper()
	good := answererOptions(t).Model
	file, err := good.File("tokenizer.json")
	require.NoError(t, err)
	network, err := good.Bytes()
	require.NoError(t, err)
	bare := strings.Replace(string(file), `"post_processor":{"cls":["[CLS]",2],"sep":["[SEP]",3],"type":"BertProcessing"}`, `"post_processor":null`, 1)
	require.NotEqual(t, string(file), bare)
	return model(t, modelDir(t, false, map[string]string{"onnx/model.onnx": string(network), "tokenizer.json": bare}))
}

// Without a special token in front, only the context shares the probability.
func TestAnswersOfABareTokenizer(t *testing.T) {
	a := newAnswerer(t, text.AnswererOptions{Model: bareModel(t), Runtime: onnxRuntime(t, nil)})
	got, err := a.Run(t.Context(), text.Question{Question: "engine", Context: "engine light"})
	require.NoError(t, err)
	require.Equal(t, "engine light", got[0].Text)
	require.InDelta(t, math.Pow(math.Exp(8)/(math.Exp(8)+1), 2), got[0].Score, 1e-6)
}

// One bad answer of the model, or of one question, does not pass for a good one.
func TestAnswersThatAreNone(t *testing.T) {
	rt := onnxRuntime(t, nil)
	file := qaModel(t, 0, map[int]float32{engineID: float32(math.NaN())}, nil)
	a := newAnswerer(t, text.AnswererOptions{Runtime: rt, Model: model(t, modelDir(t, false, map[string]string{"onnx/model.onnx": file}))})
	_, err := a.Run(t.Context(), text.Question{Question: "where", Context: "the engine"})
	require.ErrorIs(t, err, quintet.ErrModel)

	o := answererOptions(t)
	o.Runtime = rt
	_, err = newAnswerer(t, o).Run(t.Context(), text.Question{Question: strings.Repeat("the ", 40), Context: "the river"})
	require.EqualError(t, err, "text.Answerer.Run: question: tokenize: 40 tokens leave room for 21 beside them, stride 30: invalid input")
}
