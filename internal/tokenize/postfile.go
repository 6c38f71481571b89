package tokenize

import (
	"encoding/json"
	"fmt"

	"github.com/quintet-ai/quintet"
)

// addPostProcessor reads the post-processor, whose special tokens must exist.
func (s sections) addPostProcessor(p *definition) (err error) {
	if p.post, err = s.postProcessor(); err != nil {
		return err
	}
	for _, x := range append(p.post.single[:len(p.post.single):len(p.post.single)], p.post.pair...) {
		if _, ok := p.token(x.id); x.sequence < 0 && !ok {
			return fmt.Errorf("special token has id %d, which is no token: %w", x.id, quintet.ErrModel)
		}
	}
	return nil
}

// postProcessor reads the post-processor: any number of ByteLevel and at most
// one that adds tokens.
func (s sections) postProcessor() (*postProcessor, error) {
	p := plainTemplate()
	if s.null("post_processor") {
		return p, nil
	}
	adds := 0
	err := flatten(s["post_processor"], "processors", func(name string, raw json.RawMessage) error {
		if name != "ByteLevel" {
			if adds++; adds > 1 {
				return fmt.Errorf("a second part that adds tokens: %w", quintet.ErrModel)
			}
		}
		return p.read(name, raw)
	})
	return p, err
}

func (p *postProcessor) read(name string, raw json.RawMessage) error {
	switch name {
	case "ByteLevel":
		f, err := readByteLevel(raw)
		p.trimming(f.TrimOffsets, f.AddPrefixSpace)
		return err
	case "TemplateProcessing":
		return p.readTemplate(raw)
	case "BertProcessing":
		return p.readBert(raw)
	case "RobertaProcessing":
		return p.readRoberta(raw)
	}
	return errUnknownPart()
}

func (p *postProcessor) trimming(trim, prefix bool) {
	if trim {
		p.trim, p.keepPrefix = true, prefix
	}
}

// idToken is ["[SEP]", 102].
type idToken struct{ id int32 }

func (t *idToken) UnmarshalJSON(b []byte) error {
	var pair []json.RawMessage
	if err := json.Unmarshal(b, &pair); err != nil {
		return err
	}
	var name string
	var id uint32
	if len(pair) != 2 || json.Unmarshal(pair[0], &name) != nil || json.Unmarshal(pair[1], &id) != nil || id > 1<<31-1 {
		return fmt.Errorf("%s instead of a token and its id", b)
	}
	t.id = int32(id)
	return nil
}

func (p *postProcessor) readBert(raw json.RawMessage) error {
	var f struct {
		typed
		Sep idToken `json:"sep"`
		Cls idToken `json:"cls"`
	}
	if err := fill(raw, &f, "sep", "cls"); err != nil {
		return err
	}
	a, b := part{}, part{sequence: 1, typeID: 1}
	cls, sep, sepB := part{-1, f.Cls.id, 0}, part{-1, f.Sep.id, 0}, part{-1, f.Sep.id, 1}
	p.single, p.pair = []part{cls, a, sep}, []part{cls, a, sep, b, sepB}
	return nil
}

func (p *postProcessor) readRoberta(raw json.RawMessage) error {
	var f struct {
		typed
		Sep            idToken `json:"sep"`
		Cls            idToken `json:"cls"`
		TrimOffsets    bool    `json:"trim_offsets"`
		AddPrefixSpace bool    `json:"add_prefix_space"`
	}
	if err := fill(raw, &f, "sep", "cls", "trim_offsets", "add_prefix_space"); err != nil {
		return err
	}
	p.trimming(f.TrimOffsets, f.AddPrefixSpace)
	a, b := part{}, part{sequence: 1}
	cls, sep := part{-1, f.Cls.id, 0}, part{-1, f.Sep.id, 0}
	p.single, p.pair = []part{cls, a, sep}, []part{cls, a, sep, sep, b, sep}
	p.bareSingle, p.barePair = []part{a}, []part{a, b}
	return nil
}

// pieceFile is {"Sequence": {...}} or {"SpecialToken": {...}}.
type pieceFile struct {
	Sequence, SpecialToken *struct {
		ID     string `json:"id"`
		TypeID uint32 `json:"type_id"`
	}
}

type specialFile struct {
	ID     string   `json:"id"`
	IDs    []uint32 `json:"ids"`
	Tokens []string `json:"tokens"`
}

const maxTemplate = 1 << 10 // tokens that a template may add

func (p *postProcessor) readTemplate(raw json.RawMessage) error {
	var f struct {
		typed
		Single   []pieceFile            `json:"single"`
		Pair     []pieceFile            `json:"pair"`
		Specials map[string]specialFile `json:"special_tokens"`
	}
	err := fill(raw, &f, "single", "pair", "special_tokens")
	if err == nil {
		p.single, err = templateParts(f.Single, f.Specials, 1)
	}
	if err == nil {
		p.pair, err = templateParts(f.Pair, f.Specials, 2)
	}
	p.bareSingle, p.barePair = withoutSpecial(p.single), withoutSpecial(p.pair)
	return err
}

// templateParts reads a template of so many sequences.
func templateParts(pieces []pieceFile, specials map[string]specialFile, sequences int) (parts []part, err error) {
	for _, f := range pieces {
		switch {
		case f.Sequence != nil && f.SpecialToken == nil:
			k := map[string]int{"A": 0, "B": 1}
			n, ok := k[f.Sequence.ID]
			if !ok || n >= sequences {
				return nil, fmt.Errorf("sequence %q: %w", f.Sequence.ID, quintet.ErrModel)
			}
			parts = append(parts, part{sequence: n, typeID: int32(f.Sequence.TypeID)})
		case f.SpecialToken != nil && f.Sequence == nil:
			token, ok := specials[f.SpecialToken.ID]
			if !ok {
				return nil, fmt.Errorf("special token %q is not listed: %w", f.SpecialToken.ID, quintet.ErrModel)
			}
			for _, id := range token.IDs {
				parts = append(parts, part{-1, int32(id & (1<<31 - 1)), int32(f.SpecialToken.TypeID)})
			}
		default:
			return nil, fmt.Errorf("neither sequence nor special token: %w", quintet.ErrModel)
		}
		if len(parts) > maxTemplate {
			return nil, fmt.Errorf("more than %d tokens: %w", maxTemplate, quintet.ErrModel)
		}
	}
	return parts, nil
}
