package tokenize

import (
	"fmt"
	"slices"
	"sync"

	"github.com/quintet-ai/quintet"
)

// Tokenizer turns text into the token ids of a model and back. It is safe for
// concurrent use.
type Tokenizer struct {
	*definition
	opt   Options // with what the file says filled in
	cache *wordCache
	pool  *sync.Pool
}

// definition is what a model file says. Tokenizers of different options share it.
type definition struct {
	classes     *classTable
	vocab       *vocabulary
	model       model
	normalizers []normalizer
	splitters   []splitter
	post        *postProcessor
	decoders    []decoder
	noDecoder   bool

	added       map[int32]addedToken
	addedIDs    map[string]int32
	specials    map[string]bool
	addedRaw    *addedSet
	addedNormal *addedSet

	file Options
}

// Load reads a tokenizer.json. An error wraps [quintet.ErrModel] if the file
// is not one, is inconsistent, or names a part or a setting that this package
// does not have; it then says which. It wraps [quintet.ErrOption] if the
// options cannot be meant. Load keeps no reference to data.
//
// Like the reference library, Load takes the ids of added tokens from the
// vocabulary, or numbers them after it, whatever the file says.
func Load(data []byte, o Options) (*Tokenizer, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	p, err := readFile(data)
	if err != nil {
		return nil, fmt.Errorf("tokenize: %w", err)
	}
	return (&Tokenizer{definition: p, cache: newWordCache()}).With(o)
}

// With returns a tokenizer of the same model with other options: those of
// Load are forgotten. The two share their memory.
func (t *Tokenizer) With(o Options) (*Tokenizer, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	switch {
	case o.NoTruncation:
		o.Truncation = Truncation{}
	case o.Truncation.MaxTokens == 0:
		o.Truncation = t.file.Truncation
	}
	if !o.NoPadding && o.Padding.Length == 0 && o.Padding.MultipleOf == 0 {
		o.Padding = t.file.Padding
	}
	c := &Tokenizer{definition: t.definition, opt: o, cache: t.cache}
	if n := special(c.template(false)); o.Truncation.MaxTokens != 0 && o.Truncation.MaxTokens <= n {
		return nil, fmt.Errorf("tokenize: %d tokens leave no room beside %d special ones: %w",
			o.Truncation.MaxTokens, n, quintet.ErrOption)
	}
	c.pool = newScratchPool(c)
	return c, nil
}

// ID returns the id of a token, as it is written in the model file.
func (t *Tokenizer) ID(token string) (int32, bool) {
	if id, ok := t.addedIDs[token]; ok {
		return id, true
	}
	return t.vocab.id(token)
}

// Token returns the token of an id, as it is written in the model file.
func (t *Tokenizer) Token(id int32) (string, bool) { return t.token(id) }

func (p *definition) token(id int32) (string, bool) {
	if a, ok := p.added[id]; ok {
		return a.content, true
	}
	return p.vocab.token(id)
}

// VocabSize returns the number of tokens, added ones included.
func (t *Tokenizer) VocabSize() int {
	n := len(t.vocab.ids)
	for token := range t.addedIDs {
		if _, ok := t.vocab.ids[token]; !ok {
			n++
		}
	}
	return n
}

// SpecialIDs returns the ids of the special tokens, in ascending order. The
// caller owns the slice.
func (t *Tokenizer) SpecialIDs() []int32 {
	var ids []int32
	for token := range t.specials {
		if id, ok := t.addedIDs[token]; ok {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// SpecialTokens returns the number of special tokens that an encoding of one
// text, or of a pair, is given.
func (t *Tokenizer) SpecialTokens(pair bool) int { return special(t.template(pair)) }

// Truncation returns the truncation in force, which is zero if there is none.
func (t *Tokenizer) Truncation() Truncation { return t.opt.Truncation }

// Padding returns the padding in force, which is zero if there is none.
func (t *Tokenizer) Padding() Padding { return t.opt.Padding }
