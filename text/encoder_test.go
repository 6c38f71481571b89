package text_test

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/onnxpb/testmodel"
	"github.com/quintet-ai/quintet/internal/pipetest"
	"github.com/quintet-ai/quintet/internal/synth"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/optimize/onnx"
	"github.com/quintet-ai/quintet/text"
)

// modelDir writes a model in the Hugging Face layout: a small encoder with random
// weights, a WordPiece tokenizer of letters and a few words, and the given files.
func modelDir(t testing.TB, pooled bool, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	vocab := map[string]int{"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3}
	for _, w := range strings.Fields("the a river engine light city glass morning letter voice picture garden winter bridge . ,") {
		vocab[w] = len(vocab)
	}
	for c := 'a'; c <= 'z'; c++ {
		for _, w := range []string{string(c), "##" + string(c)} {
			if _, ok := vocab[w]; !ok {
				vocab[w] = len(vocab)
			}
		}
	}
	tokenizer := map[string]any{
		"version": "1.0", "truncation": nil, "padding": nil,
		"added_tokens": []any{
			special(0, "[PAD]"), special(1, "[UNK]"), special(2, "[CLS]"), special(3, "[SEP]"),
		},
		"normalizer":     map[string]any{"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": nil, "lowercase": true},
		"pre_tokenizer":  map[string]any{"type": "BertPreTokenizer"},
		"post_processor": map[string]any{"type": "BertProcessing", "sep": []any{"[SEP]", 3}, "cls": []any{"[CLS]", 2}},
		"decoder":        map[string]any{"type": "WordPiece", "prefix": "##", "cleanup": true},
		"model": map[string]any{"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
			"max_input_chars_per_word": 100, "vocab": vocab},
	}
	data, err := json.Marshal(tokenizer)
	require.NoError(t, err)
	all := map[string]string{
		"tokenizer.json": string(data),
		"config.json":    `{"max_position_embeddings": 64}`,
		"onnx/model.onnx": string(testmodel.Encoder(testmodel.EncoderOptions{
			Layers: 2, Hidden: 32, Heads: 4, Inner: 64, Vocab: len(vocab), Positions: 64, Pooled: pooled,
		}).Append(nil)),
	}
	for name, content := range files {
		all[name] = content
	}
	for name, content := range all {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
	}
	return dir
}

func special(id int, content string) map[string]any {
	return map[string]any{"id": id, "content": content, "single_word": false, "lstrip": false, "rstrip": false,
		"normalized": false, "special": true}
}

func model(t testing.TB, dir string) optimize.Model {
	t.Helper()
	m, err := optimize.OpenModel(dir)
	require.NoError(t, err)
	return m
}

// onnxRuntime is a runtime on the real library, or a skip that says how to get it.
func onnxRuntime(t testing.TB, o quintet.Observer) *optimize.Runtime {
	t.Helper()
	backend, err := onnx.New(onnx.Options{Dev: true})
	if err != nil {
		t.Skipf("no ONNX Runtime (go run ./optimize/onnx/install gets it): %v", err)
	}
	rt, err := optimize.New(optimize.Options{Backend: backend, Workers: 3, Observer: o})
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, rt.Close())
		require.NoError(t, backend.Close())
	})
	return rt
}

func TestModelEmbedderContract(t *testing.T) {
	dir := modelDir(t, false, nil)
	onnxRuntime(t, nil)
	pipetest.Contract(t, pipetest.Case[string, []float32]{
		Name: "text.Embedder",
		New: func(t *testing.T, o quintet.Observer) quintet.Pipeline[string, []float32] {
			e, err := text.NewEmbedder(text.EmbedderOptions{Model: model(t, dir), MaxBytes: 100, Runtime: onnxRuntime(t, o)})
			require.NoError(t, err)
			return rounded{e}
		},
		Good: []string{"the river", "a glass bridge in winter", "light, voice and picture.", "the morning letter"},
		Bad:  []string{"", " \n", strings.Repeat("long ", 30)},
	})
}

// rounded is an embedder whose vectors are rounded: a batch may change the last
// bits of a number, and the contract wants equal results.
type rounded struct{ *text.Embedder }

func round(v []float32) []float32 {
	for i, x := range v {
		v[i] = float32(math.Round(float64(x)*1000) / 1000)
	}
	return v
}

func (r rounded) Run(ctx context.Context, s string) ([]float32, error) {
	v, err := r.Embedder.Run(ctx, s)
	return round(v), err
}

func (r rounded) RunBatch(ctx context.Context, texts []string) ([][]float32, error) {
	vs, err := r.Embedder.RunBatch(ctx, texts)
	for _, v := range vs {
		round(v)
	}
	return vs, err
}

func (r rounded) Stream(ctx context.Context, texts iter.Seq[string]) iter.Seq2[[]float32, error] {
	return func(yield func([]float32, error) bool) {
		for v, err := range r.Embedder.Stream(ctx, texts) {
			if !yield(round(v), err) {
				return
			}
		}
	}
}

// A text alone, with others of other lengths, or beside other callers must have
// the same vector: padding and batching must not show.
func TestBatchingDoesNotShow(t *testing.T) {
	e, err := text.NewEmbedder(text.EmbedderOptions{Model: model(t, modelDir(t, false, nil)), Runtime: onnxRuntime(t, nil)})
	require.NoError(t, err)
	defer e.Close()
	require.Equal(t, 32, e.Dim())
	var texts []string
	for i := range 40 {
		texts = append(texts, synth.Prose(uint64(i), 1+i*i%23))
	}
	alone := make([][]float32, len(texts))
	for i, s := range texts {
		alone[i], err = e.Run(t.Context(), s)
		require.NoError(t, err)
		require.InDelta(t, 1, dot(alone[i], alone[i]), 1e-5)
	}
	together, err := e.RunBatch(t.Context(), texts)
	require.NoError(t, err)
	beside := make([][]float32, len(texts))
	var wg sync.WaitGroup
	for i, s := range texts {
		wg.Go(func() { beside[i], _ = e.Run(t.Context(), s) })
	}
	wg.Wait()
	for i := range texts {
		require.InDelta(t, 1, dot(alone[i], together[i]), 1e-5, texts[i])
		require.InDelta(t, 1, dot(alone[i], beside[i]), 1e-5, texts[i])
	}
}

// The poolings, against the model's own mean and against each other.
func TestPoolings(t *testing.T) {
	rt := onnxRuntime(t, nil)
	const s = "the old bridge, in winter light."
	embed := func(files map[string]string, pooled bool, o text.EmbedderOptions) []float32 {
		o.Model, o.Runtime = model(t, modelDir(t, pooled, files)), rt
		e, err := text.NewEmbedder(o)
		require.NoError(t, err)
		defer e.Close()
		v, err := e.Run(t.Context(), s)
		require.NoError(t, err)
		return v
	}
	mean := embed(nil, false, text.EmbedderOptions{})
	require.InDeltaSlice(t, embed(nil, true, text.EmbedderOptions{}), mean, 1e-5, "as the model's own sentence_embedding")
	cls := embed(nil, false, text.EmbedderOptions{Pooling: text.PoolCLS})
	most := embed(nil, false, text.EmbedderOptions{Pooling: text.PoolMax})
	require.NotEqual(t, mean, cls)
	require.NotEqual(t, mean, most)
	byFile := map[string]string{"1_Pooling/config.json": `{"pooling_mode_cls_token": true}`}
	require.Equal(t, cls, embed(byFile, false, text.EmbedderOptions{}))
	byFile["1_Pooling/config.json"] = `{"pooling_mode_max_tokens": true}`
	require.Equal(t, most, embed(byFile, false, text.EmbedderOptions{}))

	short := embed(nil, false, text.EmbedderOptions{Dim: 8})
	require.Len(t, short, 8)
	require.InDelta(t, 1, dot(short, short), 1e-5)
	raw := embed(nil, false, text.EmbedderOptions{NoNormalize: true})
	length := math.Sqrt(dot(raw, raw))
	for i := range raw {
		require.InDelta(t, mean[i], float64(raw[i])/length, 1e-5)
	}
	require.NotEqual(t, mean, embed(nil, false, text.EmbedderOptions{Prefix: "query: "}))
}

func TestLongTextsAreCut(t *testing.T) {
	e, err := text.NewEmbedder(text.EmbedderOptions{Model: model(t, modelDir(t, false, nil)), Runtime: onnxRuntime(t, nil)})
	require.NoError(t, err)
	defer e.Close()
	long, err := e.Run(t.Context(), strings.Repeat("river ", 500))
	require.NoError(t, err)
	cut, err := e.Run(t.Context(), strings.Repeat("river ", 62)) // and two special tokens
	require.NoError(t, err)
	require.InDeltaSlice(t, cut, long, 1e-5)
}

func TestModelEmbedderRefuses(t *testing.T) {
	rt := onnxRuntime(t, nil)
	noTokenizer := modelDir(t, false, nil)
	require.NoError(t, os.Remove(filepath.Join(noTokenizer, "tokenizer.json")))
	picture := string(testmodel.MobileNetV2(testmodel.PictureOptions{Thin: 8, Size: 32, Classes: 10}).Append(nil))
	for name, tt := range map[string]struct {
		o    text.EmbedderOptions
		want error
	}{
		"no tokenizer":        {text.EmbedderOptions{Model: model(t, noTokenizer)}, quintet.ErrModel},
		"a broken tokenizer":  {text.EmbedderOptions{Model: model(t, modelDir(t, false, map[string]string{"tokenizer.json": "{"}))}, quintet.ErrModel},
		"a broken config":     {text.EmbedderOptions{Model: model(t, modelDir(t, false, map[string]string{"1_Pooling/config.json": "["}))}, quintet.ErrModel},
		"no encoder":          {text.EmbedderOptions{Model: model(t, modelDir(t, false, map[string]string{"onnx/model.onnx": picture}))}, quintet.ErrModel},
		"a damaged model":     {text.EmbedderOptions{Model: model(t, modelDir(t, false, map[string]string{"onnx/model.onnx": "garbage"}))}, quintet.ErrModel},
		"too many dimensions": {text.EmbedderOptions{Model: model(t, modelDir(t, false, nil)), Dim: 33}, quintet.ErrOption},
	} {
		t.Run(name, func(t *testing.T) {
			tt.o.Runtime = rt
			_, err := text.NewEmbedder(tt.o)
			require.ErrorIs(t, err, tt.want)
			require.Zero(t, rt.SessionStats().References, "nothing is left loaded")
		})
	}
}

func TestEmbedderOptionsAreChecked(t *testing.T) {
	m := optimize.ModelBytes([]byte("unread"))
	for name, o := range map[string]text.EmbedderOptions{
		"a negative Dim":            {Model: m, Dim: -1},
		"negative tokens":           {Model: m, MaxTokens: -1},
		"negative bytes":            {Model: m, MaxBytes: -1},
		"an unknown pooling":        {Model: m, Pooling: 9},
		"pooling without a model":   {Pooling: text.PoolCLS},
		"a prefix without a model":  {Prefix: "query: "},
		"MaxTokens without a model": {MaxTokens: 5},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := text.NewEmbedder(o)
			require.ErrorIs(t, err, quintet.ErrOption)
		})
	}
	_, err := text.NewEmbedder(text.EmbedderOptions{Model: m})
	require.ErrorIs(t, err, quintet.ErrModel, "a model in memory has no tokenizer")
}

func BenchmarkModelEmbedder(b *testing.B) {
	e, err := text.NewEmbedder(text.EmbedderOptions{Model: model(b, modelDir(b, false, nil)), Runtime: onnxRuntime(b, nil)})
	require.NoError(b, err)
	defer e.Close()
	for _, words := range []int{8, 32} {
		s := synth.Prose(1, words)
		b.Run(fmt.Sprintf("words=%d/alone", words), func(b *testing.B) {
			for b.Loop() {
				_, err = e.Run(b.Context(), s)
			}
		})
		many := slices.Repeat([]string{s}, 64)
		b.Run(fmt.Sprintf("words=%d/batch=64", words), func(b *testing.B) {
			for b.Loop() {
				_, err = e.RunBatch(b.Context(), many)
			}
		})
	}
	require.NoError(b, err)
}
