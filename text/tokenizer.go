package text

import (
	"errors"
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/tokenize"
	"github.com/quintet-ai/quintet/optimize"
)

// TokenizerOptions configures a [Tokenizer]. The zero value follows the file, but
// does not pad.
type TokenizerOptions struct {
	// MaxTokens is the number of tokens at which texts are cut, special ones
	// included. Default: what the file says; most say nothing, and then texts
	// are not cut.
	MaxTokens int

	// NoTruncation leaves texts whole, whatever the file says.
	NoTruncation bool

	// Strict refuses what would be cut, with an error wrapping
	// quintet.ErrInput.
	Strict bool

	// NoSpecialTokens leaves out the tokens that the file puts around texts,
	// such as [CLS] and [SEP].
	NoSpecialTokens bool

	// Pad fills encodings up as the file says, and those of EncodeBatch at
	// least to the longest of them. The padding token is the file's, or else
	// [PAD] or <pad>, or else token 0.
	Pad bool
}

// Tokenizer turns text into the token ids of a model and back, as the Hugging Face
// tokenizers do: the ids are the same. It is safe for concurrent use and has
// nothing to close.
//
// It is for callers who run a model themselves or count tokens. The pipelines of
// this package read tokenizer.json themselves; for the words of a language see
// [Tokens].
type Tokenizer struct {
	tokens *tokenize.Tokenizer
	opt    TokenizerOptions
}

// Encoding is what a model reads of a text. The slices are of equal length, one
// element for each token, and belong to the caller.
type Encoding struct {
	IDs     []int32 `json:"ids"`      // numbers in the vocabulary
	TypeIDs []int32 `json:"type_ids"` // which of two texts, as the model numbers them

	AttentionMask     []int32 `json:"attention_mask"`      // 1 for tokens, 0 for padding
	SpecialTokensMask []int32 `json:"special_tokens_mask"` // 1 for what is not of the text: special tokens, padding

	// Spans say where tokens come from, in bytes of the text: whole characters,
	// also of a token that is only some bytes of one. Those of the second text
	// are in the second text. Special tokens and padding have the zero Span.
	Spans []Span `json:"spans"`

	// WordIDs count the words of each text, as the model's pre-tokenizer cuts
	// them; SequenceIDs are 0 for the first text and 1 for the second. Both
	// are -1 for special tokens and padding.
	WordIDs     []int32 `json:"word_ids"`
	SequenceIDs []int32 `json:"sequence_ids"`

	Truncated bool `json:"truncated"` // it does not hold all tokens of the text
}

// Len returns the number of tokens.
func (e Encoding) Len() int { return len(e.IDs) }

// NewTokenizer reads a tokenizer.json, of which it keeps nothing. It fails with
// [quintet.ErrModel] if that is damaged or has a part that this package does not
// know, which the error names, and with [quintet.ErrOption].
func NewTokenizer(file []byte, o TokenizerOptions) (*Tokenizer, error) {
	if o.NoTruncation && (o.MaxTokens != 0 || o.Strict) {
		return nil, fmt.Errorf("text: NoTruncation with MaxTokens or Strict: %w", quintet.ErrOption)
	}
	to := tokenize.Options{
		Truncation: tokenize.Truncation{MaxTokens: o.MaxTokens}, NoTruncation: o.NoTruncation,
		NoPadding: !o.Pad, NoSpecialTokens: o.NoSpecialTokens,
	}
	tk, err := tokenize.Load(file, to)
	if err != nil {
		return nil, fmt.Errorf("text: %w", err)
	}
	if o.Pad && tk.Padding() == (tokenize.Padding{}) {
		to.Padding.MultipleOf = 1
		for _, token := range []string{"[PAD]", "<pad>"} {
			if id, ok := tk.ID(token); ok {
				to.Padding.ID = id
				break
			}
		}
		if tk, err = tk.With(to); err != nil {
			return nil, fmt.Errorf("text: %w", err)
		}
	}
	return &Tokenizer{tk, o}, nil
}

// OpenTokenizer reads the tokenizer.json of a model. See [NewTokenizer].
func OpenTokenizer(m optimize.Model, o TokenizerOptions) (*Tokenizer, error) {
	file, err := m.File("tokenizer.json")
	if err != nil {
		return nil, fmt.Errorf("text: %w", err)
	}
	return NewTokenizer(file, o)
}

// Encode returns the tokens of s. Bytes that are not UTF-8 are read as U+FFFD. It
// fails only with Strict.
func (t *Tokenizer) Encode(s string) (Encoding, error) {
	return t.checked("Encode", -1, t.tokens.Encode(tokenize.Encoding{}, s))
}

// EncodePair returns the tokens of two texts, such as a question and a passage, as
// one encoding. Of texts that are too long the file says which is cut, by default
// the longer one.
func (t *Tokenizer) EncodePair(a, b string) (Encoding, error) {
	return t.checked("EncodePair", -1, t.tokens.EncodePair(tokenize.Encoding{}, a, b))
}

// EncodeBatch returns the tokens of each text. An error is of single texts, as
// [quintet.ItemErrors] lists them, whose encodings have no tokens.
func (t *Tokenizer) EncodeBatch(texts []string) ([]Encoding, error) {
	encodings := make([]tokenize.Encoding, len(texts))
	longest := 0
	for i, s := range texts {
		encodings[i] = t.tokens.Encode(tokenize.Encoding{}, s)
		longest = max(longest, encodings[i].Len())
	}
	out := make([]Encoding, len(texts))
	var errs []error
	for i, e := range encodings {
		if t.opt.Pad {
			e = t.tokens.Pad(e, longest)
		}
		var err error
		if out[i], err = t.checked("EncodeBatch", i, e); err != nil {
			errs = append(errs, err)
		}
	}
	return out, errors.Join(errs...)
}

// EncodeWindows returns all tokens of s in as many encodings as it takes, the first
// of which is that of Encode; each shares stride tokens with the next. The Hugging
// Face tokenizers call this overflowing tokens. A stride that is negative, or not
// less than the tokens of s that one encoding has room for, is [quintet.ErrOption].
func (t *Tokenizer) EncodeWindows(s string, stride int) ([]Encoding, error) {
	windows, err := t.tokens.EncodeWindows(s, stride)
	if err != nil {
		return nil, fmt.Errorf("text: %w", err)
	}
	out := make([]Encoding, len(windows))
	for i, w := range windows {
		out[i] = newEncoding(w)
	}
	return out, nil
}

// Decode returns the text of the tokens, without special ones if skipSpecial is
// set. Ids that are no token are left out. It is not the inverse of Encode: models
// change case and white space.
func (t *Tokenizer) Decode(ids []int32, skipSpecial bool) string {
	return t.tokens.Decode(ids, skipSpecial)
}

// VocabSize returns the number of tokens, added ones included.
func (t *Tokenizer) VocabSize() int { return t.tokens.VocabSize() }

// TokenOf returns the token of an id as the file writes it, such as "##ing", and
// whether there is one.
func (t *Tokenizer) TokenOf(id int32) (string, bool) { return t.tokens.Token(id) }

// IDOf returns the id of a token as the file writes it, and whether there is one.
func (t *Tokenizer) IDOf(token string) (int32, bool) { return t.tokens.ID(token) }

// MaxTokens returns the number of tokens at which texts are cut, 0 if they are not.
func (t *Tokenizer) MaxTokens() int { return t.tokens.Truncation().MaxTokens }

// checked returns an encoding unless it was cut and must not be.
func (t *Tokenizer) checked(method string, index int, e tokenize.Encoding) (Encoding, error) {
	if t.opt.Strict && e.Truncated {
		err := fmt.Errorf("text has more than %d tokens: %w", t.MaxTokens(), quintet.ErrInput)
		return Encoding{}, &quintet.Error{Op: "text.Tokenizer." + method, Index: index, Err: err}
	}
	return newEncoding(e), nil
}

func newEncoding(e tokenize.Encoding) Encoding {
	out := Encoding{
		IDs: e.IDs, TypeIDs: e.TypeIDs, AttentionMask: e.AttentionMask, SpecialTokensMask: e.SpecialMask,
		Spans: make([]Span, len(e.Offsets)), WordIDs: e.WordIDs, SequenceIDs: e.SequenceIDs, Truncated: e.Truncated,
	}
	for i, at := range e.Offsets {
		out.Spans[i] = Span(at)
	}
	return out
}
