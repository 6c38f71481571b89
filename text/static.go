package text

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"iter"
	"math"
	"slices"
	"sync"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/tokenize"
	"github.com/quintet-ai/quintet/optimize"
)

// StaticEmbedder turns texts into vectors by the mean of the vectors of their tokens,
// as the models of model2vec do, which are made from transformers (Tulkens and van
// Dongen, "Model2Vec", 2024). It knows nothing of word order. It is safe for
// concurrent use.
type StaticEmbedder struct {
	opt       StaticOptions
	eng       quintet.Pipeline[string, []float32]
	tokens    *tokenize.Tokenizer
	unknown   int32 // id of the token that is left out, or -1
	vectors   staticMatrix
	normalize bool
	encodings sync.Pool // of *tokenize.Encoding
}

var _ quintet.Pipeline[string, []float32] = (*StaticEmbedder)(nil)

// NewStaticEmbedder loads a model. It fails with [quintet.ErrOption], and with
// [quintet.ErrModel] if the files are not there, do not fit each other, or have a
// part that is not known. What is read of model.safetensors is checked against the
// size of the file before memory is taken.
func NewStaticEmbedder(o StaticOptions) (*StaticEmbedder, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	e := &StaticEmbedder{opt: o, encodings: sync.Pool{New: func() any { return new(tokenize.Encoding) }}}
	if err := e.loadTokens(); err != nil {
		return nil, err
	}
	if err := e.loadConfig(); err != nil {
		return nil, err
	}
	if e.vectors, err = openStaticMatrix(o.Files, o.MaxModelBytes); err != nil {
		return nil, fmt.Errorf("text: model.safetensors: %w", err)
	}
	if n := e.tokens.VocabSize(); n > e.vectors.rows {
		return nil, fmt.Errorf("text: tokenizer.json has %d tokens, the model %d vectors: %w", n, e.vectors.rows, quintet.ErrModel)
	}
	if o.Dim > e.vectors.dim {
		return nil, fmt.Errorf("text: Dim is %d, the model has %d: %w", o.Dim, e.vectors.dim, quintet.ErrOption)
	}
	e.eng = optimize.NewEngine(o.Runtime, "text.StaticEmbedder", e.step)
	return e, nil
}

// loadTokens reads tokenizer.json. Like model2vec it leaves out special tokens and
// the one for what is unknown, which a Unigram model does not name.
func (e *StaticEmbedder) loadTokens() error {
	data, err := staticFile(e.opt.Files, "tokenizer.json")
	if err != nil {
		return err
	}
	var file struct {
		Model struct {
			Unknown string `json:"unk_token"`
		} `json:"model"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return fmt.Errorf("text: tokenizer.json: %w: %w", err, quintet.ErrModel)
	}
	e.tokens, err = tokenize.Load(data, tokenize.Options{NoTruncation: true, NoPadding: true, NoSpecialTokens: true})
	if err != nil {
		return fmt.Errorf("text: tokenizer.json: %w", err)
	}
	e.unknown = -1
	if id, ok := e.tokens.ID(file.Model.Unknown); ok && file.Model.Unknown != "" {
		e.unknown = id
	}
	return nil
}

// loadConfig learns whether vectors are made unit vectors.
func (e *StaticEmbedder) loadConfig() error {
	data, err := staticFile(e.opt.Files, "config.json")
	if err != nil {
		return err
	}
	config := struct {
		Normalize bool `json:"normalize"`
	}{true}
	if err := json.Unmarshal(data, &config); err != nil {
		return fmt.Errorf("text: config.json: %w: %w", err, quintet.ErrModel)
	}
	e.normalize = config.Normalize && !e.opt.NoNormalize
	return nil
}

func staticFile(files fs.FS, name string) ([]byte, error) {
	data, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, fmt.Errorf("text: %w: %w", err, quintet.ErrModel)
	}
	return data, nil
}

// Dim returns the length of the vectors.
func (e *StaticEmbedder) Dim() int {
	if e.opt.Dim > 0 {
		return e.opt.Dim
	}
	return e.vectors.dim
}

// Run returns the vector of one text; the caller owns it. A text longer than MaxBytes,
// of white space, or without a token that the model knows has none and gets an error
// wrapping [quintet.ErrInput].
func (e *StaticEmbedder) Run(ctx context.Context, s string) ([]float32, error) {
	return e.eng.Run(ctx, s)
}

// RunBatch returns the vectors of all texts; see [quintet.Pipeline] for its errors.
func (e *StaticEmbedder) RunBatch(ctx context.Context, texts []string) ([][]float32, error) {
	return e.eng.RunBatch(ctx, texts)
}

// Stream returns the vectors of texts as they are pulled.
func (e *StaticEmbedder) Stream(ctx context.Context, texts iter.Seq[string]) iter.Seq2[[]float32, error] {
	return e.eng.Stream(ctx, texts)
}

// Close waits for running calls. Later calls return [quintet.ErrClosed].
func (e *StaticEmbedder) Close() error { return e.eng.Close() }

func (e *StaticEmbedder) step(_ context.Context, s string) ([]float32, error) {
	if err := checkText(s, e.opt.MaxBytes); err != nil {
		return nil, err
	}
	ids := e.ids(s)
	if len(ids) == 0 {
		return nil, fmt.Errorf("text has no token of the model: %w", quintet.ErrInput)
	}
	v, row := make([]float32, e.vectors.dim), make([]float32, e.vectors.dim)
	for _, id := range ids {
		if id < 0 || int(id) >= e.vectors.rows {
			return nil, fmt.Errorf("token %d of %d vectors: %w", id, e.vectors.rows, quintet.ErrModel)
		}
		for i, x := range e.vectors.row(row, int(id)) {
			v[i] += x
		}
	}
	v = v[:e.Dim():e.Dim()]
	for i := range v {
		v[i] /= float32(len(ids))
		if x := float64(v[i]); math.IsNaN(x) || math.IsInf(x, 0) {
			return nil, fmt.Errorf("number %d of a vector is %v: %w", i, x, quintet.ErrModel)
		}
	}
	if !e.normalize {
		return v, nil
	}
	return v, toUnit(v)
}

// ids returns the tokens of a text that count.
func (e *StaticEmbedder) ids(s string) []int32 {
	dst := e.encodings.Get().(*tokenize.Encoding)
	*dst = e.tokens.Encode(*dst, s)
	ids := slices.DeleteFunc(slices.Clone(dst.IDs), func(id int32) bool { return id == e.unknown })
	if cap(dst.IDs) <= maxDesk {
		e.encodings.Put(dst)
	}
	return ids[:min(len(ids), e.opt.MaxTokens)]
}
