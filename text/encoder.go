package text

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/tokenize"
	"github.com/quintet-ai/quintet/optimize"
)

// encoder computes embeddings with a transformer model in the Hugging Face
// layout: an ONNX file, tokenizer.json, and optional files that say how it was
// trained.
type encoder struct {
	opt     EmbedderOptions
	tokens  *tokenize.Tokenizer
	session optimize.Session
	pooling Pooling
	output  int // of the session
	dim     int // of a vector of the model; -1 if it does not say
	pad     int32
}

// newEncoder loads what o names.
func newEncoder(ctx context.Context, o EmbedderOptions) (*encoder, error) {
	e := &encoder{opt: o, pooling: o.Pooling}
	var err error
	if e.tokens, err = loadTokenizer(o.Model, o.MaxTokens); err != nil {
		return nil, err
	}
	if e.pooling == PoolModel {
		if e.pooling, err = poolingOf(o.Model); err != nil {
			return nil, err
		}
	}
	var config struct {
		Pad int32 `json:"pad_token_id"`
	}
	if err := readJSON(o.Model, "config.json", &config); err != nil {
		return nil, err
	}
	e.pad = config.Pad
	rt := o.Runtime
	if rt == nil {
		rt = optimize.Default()
	}
	if e.session, err = rt.Session(ctx, o.Model, o.Session); err != nil {
		return nil, err
	}
	if err := e.bind(); err != nil {
		return nil, errors.Join(err, e.session.Close())
	}
	return e, nil
}

// loadTokenizer reads tokenizer.json. Texts are cut at maxTokens or, if that is
// 0, where the files say, at last at 512.
func loadTokenizer(m optimize.Model, maxTokens int) (*tokenize.Tokenizer, error) {
	data, err := m.File("tokenizer.json")
	if err != nil {
		return nil, fmt.Errorf("text: %w", err)
	}
	tk, err := tokenize.Load(data, tokenize.Options{NoPadding: true})
	if err != nil {
		return nil, fmt.Errorf("text: tokenizer.json: %w", err)
	}
	if maxTokens == 0 {
		maxTokens = tk.Truncation().MaxTokens
	}
	if maxTokens == 0 {
		if maxTokens, err = longestInput(m); err != nil {
			return nil, err
		}
	}
	tk, err = tk.With(tokenize.Options{NoPadding: true, Truncation: tokenize.Truncation{MaxTokens: maxTokens}})
	if err != nil {
		return nil, fmt.Errorf("text: %w", err)
	}
	return tk, nil
}

// longestInput returns how many tokens the model was made for.
func longestInput(m optimize.Model) (int, error) {
	var sentence struct {
		Max int `json:"max_seq_length"`
	}
	if err := readJSON(m, "sentence_bert_config.json", &sentence); err != nil || sentence.Max > 0 {
		return sentence.Max, err
	}
	var config struct {
		Max int `json:"max_position_embeddings"`
	}
	if err := readJSON(m, "config.json", &config); err != nil || config.Max > 0 {
		return min(config.Max, 512), err
	}
	return 512, nil
}

func poolingOf(m optimize.Model) (Pooling, error) {
	var config struct {
		CLS bool `json:"pooling_mode_cls_token"`
		Max bool `json:"pooling_mode_max_tokens"`
	}
	err := readJSON(m, "1_Pooling/config.json", &config)
	switch {
	case err != nil:
		return 0, err
	case config.CLS:
		return PoolCLS, nil
	case config.Max:
		return PoolMax, nil
	}
	return PoolMean, nil
}

// readJSON reads an optional file of a model; v stays as it is without it.
func readJSON(m optimize.Model, name string, v any) error {
	data, err := m.File(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("text: %w", err)
	}
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("text: %s: %w: %w", name, err, quintet.ErrModel)
	}
	return nil
}

// encoderInputs are the inputs that an encoder may have.
var encoderInputs = []string{"input_ids", "attention_mask", "token_type_ids"}

// bind checks that the model is an encoder and chooses the output.
func (e *encoder) bind() error {
	for _, in := range e.session.Inputs() {
		if !slices.Contains(encoderInputs, in.Name) || len(in.Shape) != 2 ||
			in.DType != optimize.Int64 && in.DType != optimize.Int32 {
			return fmt.Errorf("text: input %v is not one of a text encoder: %w", in, quintet.ErrModel)
		}
	}
	outputs := e.session.Outputs()
	if len(outputs) == 0 {
		return fmt.Errorf("text: the model has no output: %w", quintet.ErrModel)
	}
	for i, out := range outputs {
		if out.Name == "sentence_embedding" {
			e.output = i // pooled by the model itself
		}
	}
	out := outputs[e.output]
	if out.DType != optimize.Float32 || len(out.Shape) != 2 && len(out.Shape) != 3 {
		return fmt.Errorf("text: output %v is no embedding: %w", out, quintet.ErrModel)
	}
	e.dim = out.Shape[len(out.Shape)-1]
	if e.dim > 0 && e.opt.Dim > e.dim {
		return fmt.Errorf("text: Dim is %d, the model has %d: %w", e.opt.Dim, e.dim, quintet.ErrOption)
	}
	return nil
}

// length estimates the tokens of a text: words of English are about five bytes
// and a third over a token each.
func (e *encoder) length(s string) int {
	n := len(s)/4 + 2
	if m := e.tokens.Truncation().MaxTokens; m > 0 {
		n = min(n, m)
	}
	return n
}

// embed computes the vectors of a batch, padded to a length that padded chooses
// from the longest text's.
func (e *encoder) embed(ctx context.Context, texts []string, padded func(int) int) ([][]float32, error) {
	encodings := make([]tokenize.Encoding, len(texts))
	longest := 0
	for i, s := range texts {
		encodings[i] = e.tokens.Encode(tokenize.Encoding{}, e.opt.Prefix+s)
		longest = max(longest, encodings[i].Len())
	}
	if longest == 0 {
		return nil, fmt.Errorf("text has no tokens: %w", quintet.ErrInput)
	}
	inputs, err := e.inputs(encodings, max(longest, padded(longest)))
	if err != nil {
		return nil, err
	}
	outputs, err := e.session.Run(ctx, inputs)
	if err != nil {
		return nil, err
	}
	return e.vectors(outputs[e.output], encodings)
}

// inputs lays the encodings out as the model's inputs, of n tokens each.
func (e *encoder) inputs(encodings []tokenize.Encoding, n int) ([]optimize.Tensor, error) {
	var inputs []optimize.Tensor
	for _, info := range e.session.Inputs() {
		of, pad := func(x tokenize.Encoding) []int32 { return x.IDs }, e.pad
		switch info.Name {
		case "attention_mask":
			pad = 0
			of = func(x tokenize.Encoding) []int32 { return x.AttentionMask }
		case "token_type_ids":
			pad = 0
			of = func(x tokenize.Encoding) []int32 { return x.TypeIDs }
		}
		var t optimize.Tensor
		var err error
		if info.DType == optimize.Int32 {
			t, err = table(encodings, n, of, pad)
		} else {
			t, err = table(encodings, n, of, int64(pad))
		}
		if err != nil {
			return nil, err
		}
		inputs = append(inputs, t)
	}
	return inputs, nil
}

// table has a row of n numbers for each encoding, filled up with pad. The
// attention mask keeps a model from looking at those.
func table[T int32 | int64](
	encodings []tokenize.Encoding, n int, of func(tokenize.Encoding) []int32, pad T,
) (optimize.Tensor, error) {
	data := make([]T, 0, len(encodings)*n)
	for i, x := range encodings {
		for _, v := range of(x) {
			data = append(data, T(v))
		}
		for len(data) < (i+1)*n {
			data = append(data, pad)
		}
	}
	return optimize.NewTensor(data, len(encodings), n)
}

// vectors pools, cuts and normalises the output of a batch.
func (e *encoder) vectors(t optimize.Tensor, encodings []tokenize.Encoding) ([][]float32, error) {
	data, err := optimize.Data[float32](t)
	if err != nil {
		return nil, err
	}
	shape := t.Shape()
	dim := shape[len(shape)-1]
	if shape[0] != len(encodings) || dim == 0 || e.opt.Dim > dim {
		return nil, fmt.Errorf("output %v for %d texts and Dim %d: %w", t, len(encodings), e.opt.Dim, quintet.ErrModel)
	}
	row := len(data) / len(encodings)
	out := make([][]float32, len(encodings))
	var errs []error
	for i, x := range encodings {
		v := make([]float32, dim)
		if len(shape) == 2 {
			copy(v, data[i*row:])
		} else {
			e.pooling.pool(v, data[i*row:(i+1)*row], max(x.Len(), 1))
		}
		if e.opt.Dim > 0 {
			v = v[:e.opt.Dim:e.opt.Dim]
		}
		if !e.opt.NoNormalize {
			if err := toUnit(v); err != nil {
				errs = append(errs, optimize.FailItem(i, err))
			}
		}
		out[i] = v
	}
	return out, errors.Join(errs...)
}
