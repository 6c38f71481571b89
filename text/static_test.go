package text_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"log"
	"maps"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/pipetest"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/text"
)

// staticTokenizer has a few words and their pieces.
const staticTokenizer = `{
	"version": "1.0",
	"added_tokens": [{"id": 0, "content": "[UNK]", "special": true}, {"id": 1, "content": "[CLS]", "special": true}],
	"normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "lowercase": true},
	"pre_tokenizer": {"type": "BertPreTokenizer"},
	"post_processor": {"type": "BertProcessing", "cls": ["[CLS]", 1], "sep": ["[CLS]", 1]},
	"model": {
		"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
		"vocab": {"[UNK]": 0, "[CLS]": 1, "reef": 2, "fish": 3, "##es": 4, "none": 5}
	}
}`

// staticRows is the matrix of the tests: what is not a word would be seen.
var staticRows = []float32{100, 100, 100, 100, 3, 0, 0, 4, 1, 1, 0, 0}

// safetensors makes a file of a header and numbers.
func safetensors(header string, numbers []byte) []byte {
	out := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(out, header...), numbers...)
}

func floatBytes(x []float32) (out []byte) {
	for _, v := range x {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(v))
	}
	return out
}

const floatHeader = `{"__metadata__": {"format": "pt"}, "embeddings": {"dtype": "F32", "shape": [6, 2], "data_offsets": [0, 48]}}`

func staticFiles() fstest.MapFS {
	return fstest.MapFS{
		"model.safetensors": {Data: safetensors(floatHeader, floatBytes(staticRows))},
		"tokenizer.json":    {Data: []byte(staticTokenizer)},
		"config.json":       {Data: []byte(`{"normalize": true, "hidden_dim": 2}`)},
	}
}

func newStatic(t testing.TB, o text.StaticOptions) *text.StaticEmbedder {
	t.Helper()
	e, err := text.NewStaticEmbedder(o)
	require.NoError(t, err)
	t.Cleanup(func() { e.Close() })
	return e
}

func ExampleNewStaticEmbedder() {
	ctx := context.Background()
	files := staticFiles() // or os.DirFS of a directory with a model of model2vec
	e, err := text.NewStaticEmbedder(text.StaticOptions{Files: files})
	if err != nil {
		log.Fatal(err)
	}
	defer e.Close()
	a, err := e.Run(ctx, "fishes of the reef")
	if err != nil {
		log.Fatal(err)
	}
	b, err := e.Run(ctx, "fish")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d %.3f\n", e.Dim(), text.Cosine(a, b))
	// Output: 2 0.781
}

func TestStaticEmbedderContract(t *testing.T) {
	pipetest.Contract(t, pipetest.Case[string, []float32]{
		Name: "text.StaticEmbedder",
		New: func(t *testing.T, o quintet.Observer) quintet.Pipeline[string, []float32] {
			rt, err := optimize.New(optimize.Options{Workers: 2, Observer: o})
			require.NoError(t, err)
			return newStatic(t, text.StaticOptions{Files: staticFiles(), MaxBytes: 64, Runtime: rt})
		},
		Good: []string{"fish", "a reef", "fishes of a reef", "reef reef fish\xff"},
		Bad:  []string{"", " \n", "unknown words", strings.Repeat("fish ", 20)},
	})
}

func TestStaticEmbedderKnowsTheAnswers(t *testing.T) {
	halves := []byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0x42, 0, 0, 0, 0, 0, 0x44, 0, 0x3c, 0, 0x3c, 0, 0, 0, 0}
	small := []byte{0, 0, 0, 0, 3, 0, 0, 4, 1, 1, 0, 0}
	with := func(name, data string) fstest.MapFS {
		files := staticFiles()
		files[name] = &fstest.MapFile{Data: []byte(data)}
		return files
	}
	long := with("config.json", `{"normalize": false}`)
	tests := map[string]struct {
		opt  text.StaticOptions
		body string
		want []float32
	}{
		"the mean of two words":               {text.StaticOptions{Files: long}, "Reef fish", []float32{1.5, 2}},
		"pieces of a word":                    {text.StaticOptions{Files: long}, "fishes", []float32{0.5, 2.5}},
		"unknown words do not count":          {text.StaticOptions{Files: long}, "the reef is", []float32{3, 0}},
		"unit length as the file says":        {text.StaticOptions{Files: staticFiles()}, "reef fish", []float32{0.6, 0.8}},
		"unit length if the file is silent":   {text.StaticOptions{Files: with("config.json", "{}")}, "reef fish", []float32{0.6, 0.8}},
		"the caller wants none":               {text.StaticOptions{Files: staticFiles(), NoNormalize: true}, "reef", []float32{3, 0}},
		"the first number":                    {text.StaticOptions{Files: staticFiles(), Dim: 1}, "reef fish", []float32{1}},
		"cut at the limit of tokens":          {text.StaticOptions{Files: long, MaxTokens: 2}, "reef xyz reef fish", []float32{3, 0}},
		"numbers of half the size":            {text.StaticOptions{Files: with("model.safetensors", string(safetensors(`{"embeddings": {"dtype": "F16", "shape": [6, 2], "data_offsets": [0, 24]}}`, halves)))}, "reef fish", []float32{0.6, 0.8}},
		"numbers of a byte":                   {text.StaticOptions{Files: with("model.safetensors", string(safetensors(`{"embeddings": {"dtype": "I8", "shape": [6, 2], "data_offsets": [0, 12]}}`, small)))}, "reef fish", []float32{0.6, 0.8}},
		"numbers that do not begin the bytes": {text.StaticOptions{Files: with("model.safetensors", string(safetensors(`{"embeddings": {"dtype": "I8", "shape": [6, 2], "data_offsets": [3, 15]}}`, append([]byte("xyz"), small...))))}, "reef fish", []float32{0.6, 0.8}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e := newStatic(t, tt.opt)
			got, err := e.Run(t.Context(), tt.body)
			require.NoError(t, err)
			require.InDeltaSlice(t, tt.want, got, 1e-6)
			require.Equal(t, len(tt.want), e.Dim())
		})
	}
}

func TestStaticEmbedderReadsADirectory(t *testing.T) {
	dir := t.TempDir()
	for name, f := range staticFiles() {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), f.Data, 0o600))
	}
	v, err := newStatic(t, text.StaticOptions{Files: os.DirFS(dir)}).Run(t.Context(), "reef")
	require.NoError(t, err)
	require.Equal(t, []float32{1, 0}, v)
}

func TestStaticEmbedderRefuses(t *testing.T) {
	for name, o := range map[string]text.StaticOptions{
		"no files": {}, "a negative limit": {Files: staticFiles(), MaxTokens: -1}, "more than the model has": {Files: staticFiles(), Dim: 3},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := text.NewStaticEmbedder(o)
			require.ErrorIs(t, err, quintet.ErrOption)
		})
	}
	for name, change := range map[string]map[string]string{
		"a tokenizer that is none":      {"tokenizer.json": "{"},
		"a tokenizer of unknown parts":  {"tokenizer.json": `{"model": {"type": "Other"}}`},
		"a config that is none":         {"config.json": "[]"},
		"fewer vectors than tokens":     {"model.safetensors": string(safetensors(`{"embeddings": {"dtype": "I8", "shape": [1, 2], "data_offsets": [0, 2]}}`, make([]byte, 2)))},
		"no model":                      {"model.safetensors": ""},
		"a model that is cut off":       {"model.safetensors": string(safetensors(floatHeader, make([]byte, 47)))},
		"a model with weights of words": {"model.safetensors": string(safetensors(`{"weights": {}, "embeddings": {"dtype": "I8", "shape": [6, 1], "data_offsets": [0, 6]}}`, make([]byte, 6)))},
	} {
		t.Run(name, func(t *testing.T) {
			files := maps.Clone(staticFiles())
			for file, data := range change {
				files[file] = &fstest.MapFile{Data: []byte(data)}
			}
			_, err := text.NewStaticEmbedder(text.StaticOptions{Files: files})
			require.ErrorIs(t, err, quintet.ErrModel)
		})
	}
	for name := range staticFiles() {
		t.Run("without "+name, func(t *testing.T) {
			files := staticFiles()
			delete(files, name)
			_, err := text.NewStaticEmbedder(text.StaticOptions{Files: files})
			require.ErrorIs(t, err, quintet.ErrModel)
		})
	}
	t.Run("a file over the limit", func(t *testing.T) {
		_, err := text.NewStaticEmbedder(text.StaticOptions{Files: staticFiles(), MaxModelBytes: 20})
		require.ErrorIs(t, err, quintet.ErrModel)
	})
	t.Run("a vector that is no number", func(t *testing.T) {
		files := staticFiles()
		nan := append([]float32(nil), staticRows...)
		nan[4] = float32(math.NaN())
		files["model.safetensors"].Data = safetensors(floatHeader, floatBytes(nan))
		_, err := newStatic(t, text.StaticOptions{Files: files, NoNormalize: true}).Run(t.Context(), "reef")
		require.ErrorIs(t, err, quintet.ErrModel)
	})
}

func TestStaticMatrixRefuses(t *testing.T) {
	for name, header := range map[string]string{
		"another type":          `{"embeddings": {"dtype": "F64", "shape": [1, 2], "data_offsets": [0, 16]}}`,
		"another name":          `{"weight": {"dtype": "I8", "shape": [1, 2], "data_offsets": [0, 2]}}`,
		"a shape of one number": `{"embeddings": {"dtype": "I8", "shape": [2], "data_offsets": [0, 2]}}`,
		"one offset":            `{"embeddings": {"dtype": "I8", "shape": [1, 2], "data_offsets": [2]}}`,
		"offsets backwards":     `{"embeddings": {"dtype": "I8", "shape": [1, 2], "data_offsets": [4, 2]}}`,
		"offsets behind":        `{"embeddings": {"dtype": "I8", "shape": [1, 2], "data_offsets": [15, 17]}}`,
		"a negative offset":     `{"embeddings": {"dtype": "I8", "shape": [1, 2], "data_offsets": [-2, 0]}}`,
		"no rows":               `{"embeddings": {"dtype": "I8", "shape": [0, 2], "data_offsets": [0, 0]}}`,
		"another size":          `{"embeddings": {"dtype": "I8", "shape": [3, 2], "data_offsets": [0, 4]}}`,
		"a size that overflows": `{"embeddings": {"dtype": "F32", "shape": [4611686018427387904, 4], "data_offsets": [0, 0]}}`,
		"no object":             `[]`,
		"a part that is none":   `{"embeddings": 1}`,
	} {
		t.Run(name, func(t *testing.T) {
			file := safetensors(header, make([]byte, 16))
			_, err := text.ReadStaticMatrix(bytes.NewReader(file), uint64(len(file)))
			require.ErrorIs(t, err, quintet.ErrModel)
		})
	}
	t.Run("a header longer than the file", func(t *testing.T) {
		_, err := text.ReadStaticMatrix(strings.NewReader("\xff\xff\x0f\x00\x00\x00\x00\x00{}"), 10)
		require.ErrorIs(t, err, quintet.ErrModel)
	})
	t.Run("a length of all bits", func(t *testing.T) {
		_, err := text.ReadStaticMatrix(strings.NewReader(strings.Repeat("\xff", 16)), 16)
		require.ErrorIs(t, err, quintet.ErrModel)
	})
}

func FuzzStaticMatrix(f *testing.F) {
	f.Add([]byte(floatHeader), floatBytes(staticRows))
	f.Add([]byte(`{"embeddings": {"dtype": "F16", "shape": [2, 1], "data_offsets": [2, 6]}}`), []byte("123456"))
	f.Fuzz(func(t *testing.T, header, numbers []byte) {
		file := safetensors(string(header), numbers)
		rows, err := text.ReadStaticMatrix(bytes.NewReader(file), uint64(len(file)))
		if err != nil {
			require.ErrorIs(t, err, quintet.ErrModel)
			return
		}
		require.NotEmpty(t, rows)
		for _, row := range rows {
			require.Len(t, row, len(rows[0]))
		}
		require.LessOrEqual(t, len(rows)*len(rows[0]), len(numbers))
	})
}

func BenchmarkStaticEmbedder(b *testing.B) {
	e, body := newStatic(b, text.StaticOptions{Files: staticFiles()}), strings.Repeat("fishes of the reef ", 30)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if _, err := e.Run(b.Context(), body); err != nil {
			b.Fatal(err)
		}
	}
}
