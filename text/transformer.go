package text

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/tokenize"
	"github.com/quintet-ai/quintet/optimize"
)

// transformer is a text model in the Hugging Face layout: an ONNX file,
// tokenizer.json, and optional files that say how it was trained.
type transformer struct {
	tokens  *tokenize.Tokenizer
	session optimize.Session
	pad     int32
}

// transformerInputs are the inputs that a text model may have.
var transformerInputs = []string{"input_ids", "attention_mask", "token_type_ids"}

// openTransformer loads a model. The caller closes it.
func openTransformer(
	ctx context.Context, rt *optimize.Runtime, m optimize.Model, o optimize.SessionOptions, maxTokens int,
) (*transformer, error) {
	if rt == nil {
		rt = optimize.Default()
	}
	var config struct {
		Pad int32 `json:"pad_token_id"`
	}
	tokens, err := loadTokenizer(m, maxTokens)
	if err == nil {
		err = readJSON(m, "config.json", &config)
	}
	if err != nil {
		return nil, err
	}
	session, err := rt.Session(ctx, m, o)
	if err != nil {
		return nil, err
	}
	t := &transformer{tokens, session, config.Pad}
	for _, in := range session.Inputs() {
		if !slices.Contains(transformerInputs, in.Name) || len(in.Shape) != 2 ||
			in.DType != optimize.Int64 && in.DType != optimize.Int32 {
			err := fmt.Errorf("text: input %v is not one of a text model: %w", in, quintet.ErrModel)
			return nil, errors.Join(err, t.close())
		}
	}
	return t, nil
}

func (t *transformer) close() error { return t.session.Close() }

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

// cutAt has encodings cut at maxTokens, the text that s names in those of pairs.
func (t *transformer) cutAt(maxTokens int, s tokenize.Strategy) error {
	o := tokenize.Options{NoPadding: true, Truncation: tokenize.Truncation{MaxTokens: maxTokens, Strategy: s}}
	tokens, err := t.tokens.With(o)
	if err != nil {
		return fmt.Errorf("text: %w", err)
	}
	t.tokens = tokens
	return nil
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

// length estimates the tokens of a text: words of English are about five bytes
// and a third over a token each.
func (t *transformer) length(s string) int {
	n := len(s)/4 + 2
	if m := t.tokens.Truncation().MaxTokens; m > 0 {
		n = min(n, m)
	}
	return n
}

// encode returns the tokens of each text, with prefix before it.
func (t *transformer) encode(texts []string, prefix string) []tokenize.Encoding {
	out := make([]tokenize.Encoding, len(texts))
	for i, s := range texts {
		out[i] = t.tokens.Encode(tokenize.Encoding{}, prefix+s)
	}
	return out
}

// run computes the outputs of a batch, padded to a length that padded chooses
// from the longest one's.
func (t *transformer) run(ctx context.Context, encodings []tokenize.Encoding, padded func(int) int) ([]optimize.Tensor, error) {
	longest := 0
	for _, x := range encodings {
		longest = max(longest, x.Len())
	}
	if longest == 0 {
		return nil, fmt.Errorf("text has no tokens: %w", quintet.ErrInput)
	}
	inputs, err := t.inputs(encodings, max(longest, padded(longest)))
	if err != nil {
		return nil, err
	}
	return t.session.Run(ctx, inputs)
}

// inputs lays the encodings out as the model's inputs, of n tokens each.
func (t *transformer) inputs(encodings []tokenize.Encoding, n int) ([]optimize.Tensor, error) {
	var inputs []optimize.Tensor
	for _, info := range t.session.Inputs() {
		of, pad := func(x tokenize.Encoding) []int32 { return x.IDs }, t.pad
		switch info.Name {
		case "attention_mask":
			pad = 0
			of = func(x tokenize.Encoding) []int32 { return x.AttentionMask }
		case "token_type_ids":
			pad = 0
			of = func(x tokenize.Encoding) []int32 { return x.TypeIDs }
		}
		var x optimize.Tensor
		var err error
		if info.DType == optimize.Int32 {
			x, err = table(encodings, n, of, pad)
		} else {
			x, err = table(encodings, n, of, int64(pad))
		}
		if err != nil {
			return nil, err
		}
		inputs = append(inputs, x)
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

// acceptable runs what check lets pass as one batch and fails the rest item by
// item.
func acceptable[In, Out any](in []In, check func(In) error, run func([]In) ([]Out, error)) ([]Out, error) {
	out := make([]Out, len(in))
	var good []In
	var at []int
	var errs []error
	for i, v := range in {
		if err := check(v); err != nil {
			errs = append(errs, optimize.FailItem(i, err))
			continue
		}
		good, at = append(good, v), append(at, i)
	}
	if len(good) == 0 {
		return out, errors.Join(errs...)
	}
	got, err := run(good)
	if err != nil && got == nil {
		for _, i := range at {
			errs = append(errs, optimize.FailItem(i, err))
		}
		return out, errors.Join(errs...)
	}
	for i, v := range got {
		out[at[i]] = v
	}
	for i, err := range quintet.ItemErrors(err) {
		errs = append(errs, optimize.FailItem(at[i], errors.Unwrap(err)))
	}
	return out, errors.Join(errs...)
}

// checkText refuses what no model should get.
func checkText(s string, maxBytes int) error {
	switch {
	case len(s) > maxBytes:
		return fmt.Errorf("text has %d bytes, limit %d: %w", len(s), maxBytes, quintet.ErrInput)
	case strings.TrimSpace(s) == "":
		return errBlank
	}
	return nil
}
