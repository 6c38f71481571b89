package prosetagger

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/jdkato/prose/v2"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/text"
)

// Options configures a [Tagger]. The zero value is good.
type Options struct {
	// MaxSentence is the longest sentence in bytes that is looked at. Default:
	// 2000.
	MaxSentence int
}

// Tagger finds entities. It is a [text.EntityRecognizer] and safe for concurrent use.
type Tagger struct {
	opt   Options
	model *prose.Model
	mu    sync.Mutex // prose does not say that a model can be shared
}

var _ text.EntityRecognizer = (*Tagger)(nil)

// New loads the models of prose, which takes a tenth of a second and 100 MB of
// allocations, or returns an error wrapping [quintet.ErrOption].
func New(o Options) (*Tagger, error) {
	if o.MaxSentence < 0 {
		return nil, fmt.Errorf("prosetagger: MaxSentence is %d: %w", o.MaxSentence, quintet.ErrOption)
	}
	if o.MaxSentence == 0 {
		o.MaxSentence = 2000
	}
	d, err := prose.NewDocument("", prose.WithSegmentation(false))
	if err != nil {
		return nil, fmt.Errorf("prosetagger: %w: %w", err, quintet.ErrModel)
	}
	return &Tagger{opt: o, model: d.Model}, nil
}

// Run returns the people (text.EntityPerson) and places (text.EntityLocation) of an
// English body, in order, with a score of 1: prose has none. It looks at ctx between
// sentences.
func (t *Tagger) Run(ctx context.Context, body string) ([]text.Entity, error) {
	var out []text.Entity
	for _, s := range text.Sentences(body) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if s.Len() > t.opt.MaxSentence {
			continue
		}
		tokens, err := t.tokens(s.Of(body) + " .") // it labels the last word of a text by what is behind
		if err != nil {
			return nil, err
		}
		out = appendEntities(out, body, s.Start, s.End, tokens)
	}
	return out, nil
}

func (t *Tagger) tokens(sentence string) (tokens []prose.Token, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	defer func() {
		if v := recover(); v != nil { // prose panics where others return errors
			err = fmt.Errorf("prosetagger: prose panicked: %v: %w", v, quintet.ErrInput)
		}
	}()
	d, err := prose.NewDocument(sentence, prose.WithSegmentation(false), prose.UsingModel(t.model))
	if err != nil {
		return nil, fmt.Errorf("prosetagger: %w: %w", err, quintet.ErrInput)
	}
	return d.Tokens(), nil
}

var labels = map[string]string{"PERSON": text.EntityPerson, "GPE": text.EntityLocation}

// appendEntities appends those of the tokens of body[at:end]. prose has no places for
// its tokens, so they are looked for from the end of the one before.
func appendEntities(out []text.Entity, body string, at, end int, tokens []prose.Token) []text.Entity {
	open := false // the last entity may go on
	for _, token := range tokens {
		start, stop, ok := find(body[:end], at, token.Text)
		if !ok {
			open = false
			continue
		}
		at = stop
		begin, kind, _ := strings.Cut(token.Label, "-")
		label, known := labels[kind]
		switch {
		case open && begin == "I":
			out[len(out)-1].End = stop // whatever its kind, as prose does
		case !known:
			open = false
		case open && out[len(out)-1].Label == label:
			out[len(out)-1].End = stop
		default:
			out = append(out, text.Entity{Span: text.Span{Start: start, End: stop}, Label: label, Score: 1})
			open = true
		}
	}
	return out
}

// reach bounds how far a token is looked for: behind white space, or a token that was
// not found.
const reach = 256

// find returns where a token stands in s from at on. prose turns quotation marks into
// those of ASCII before it splits a text.
func find(s string, at int, token string) (start, end int, ok bool) {
	for start = at; start < min(len(s), at+reach); start++ {
		if end, ok := matches(s, start, token); ok && token != "" {
			return start, end, true
		}
	}
	return 0, 0, false
}

// matches returns where the token that begins at i in s ends.
func matches(s string, i int, token string) (end int, ok bool) {
	for _, want := range token {
		if i >= len(s) {
			return 0, false
		}
		got, size := utf8.DecodeRuneInString(s[i:])
		if got != want && plain(got) != want {
			return 0, false
		}
		i += size
	}
	return i, true
}

func plain(r rune) rune {
	switch r {
	case '‘', '’':
		return '\''
	case '“', '”':
		return '"'
	}
	return r
}
