package tokenize

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/quintet-ai/quintet"
)

// sections are the values of a tokenizer.json that are read after the model.
type sections map[string]json.RawMessage

var sectionNames = []string{
	"version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder",
}

// readFile reads a tokenizer.json.
func readFile(data []byte) (*definition, error) {
	r := &jsonReader{b: data}
	s, model := sections{}, (*modelFile)(nil)
	r.object(func(key []byte) {
		switch name := string(key); {
		case name == "model":
			model = readModel(r)
		case slices.Contains(sectionNames, name):
			s[name] = r.raw()
		default:
			r.fail("unknown part %q", name)
		}
	})
	if r.err == nil && r.peek() != 0 {
		r.fail("more after the end")
	}
	switch {
	case r.err != nil:
		return nil, r.err
	case model == nil:
		return nil, fmt.Errorf("no model: %w", quintet.ErrModel)
	}
	return s.build(model)
}

// build makes the parts in the order in which they need each other.
func (s sections) build(m *modelFile) (*definition, error) {
	p := &definition{classes: classes()}
	steps := []struct {
		name string
		make func() error
	}{
		{"version", s.checkVersion},
		{"normalizer", func() (err error) { p.normalizers, err = s.normalizers(); return err }},
		{"pre_tokenizer", func() (err error) { p.splitters, err = s.splitters(); return err }},
		{"model", func() error { return m.build(p) }},
		{"added_tokens", func() error { return s.addTokens(p) }},
		{"post_processor", func() error { return s.addPostProcessor(p) }},
		{"decoder", func() (err error) { p.decoders, err = s.decoders(); return err }},
		{"truncation", func() (err error) { p.file.Truncation, err = s.truncation(); return err }},
		{"padding", func() (err error) { p.file.Padding, err = s.padding(); return err }},
	}
	for _, step := range steps {
		if err := step.make(); err != nil {
			if !errors.Is(err, quintet.ErrModel) {
				err = fmt.Errorf("%w: %w", err, quintet.ErrModel)
			}
			return nil, fmt.Errorf("%s: %w", step.name, err)
		}
	}
	p.noDecoder = s.null("decoder")
	return p, nil
}

func (s sections) null(name string) bool { return len(s[name]) == 0 || string(s[name]) == "null" }

func (s sections) checkVersion() error {
	if v := string(s["version"]); !s.null("version") && v != `"1.0"` {
		return fmt.Errorf("%s is not 1.0: %w", v, quintet.ErrModel)
	}
	return nil
}

// fill reads a JSON object into v, a pointer to a struct. Fields that v does
// not have are an error, and so are missing ones that need names.
func fill(raw json.RawMessage, v any, need ...string) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("%w: %w", err, quintet.ErrModel)
	}
	if len(need) == 0 {
		return nil
	}
	var has map[string]json.RawMessage
	if err := json.Unmarshal(raw, &has); err != nil {
		return fmt.Errorf("%w: %w", err, quintet.ErrModel)
	}
	for _, name := range need {
		if _, ok := has[name]; !ok {
			return fmt.Errorf("no %q: %w", name, quintet.ErrModel)
		}
	}
	return nil
}

// kind returns the type of a part.
func kind(raw json.RawMessage) (string, error) {
	var t struct{ Type *string }
	if err := json.Unmarshal(raw, &t); err != nil {
		return "", fmt.Errorf("%w: %w", err, quintet.ErrModel)
	}
	if t.Type == nil {
		return "", fmt.Errorf("no type: %w", quintet.ErrModel)
	}
	return *t.Type, nil
}

// typed is the field that all parts have.
type typed struct {
	Type string `json:"type"`
}

// maxSteps bounds the steps of a normalizer, pre-tokenizer or decoder.
const maxSteps = 64

// flatten returns the parts of a part, which may be a sequence of sequences,
// by their types. list is the name of its elements.
func flatten(raw json.RawMessage, list string, visit func(name string, raw json.RawMessage) error) error {
	steps := 0
	var walk func(raw json.RawMessage, depth int) error
	walk = func(raw json.RawMessage, depth int) error {
		name, err := kind(raw)
		if err != nil {
			return err
		}
		if steps++; steps > maxSteps || depth > 8 {
			return fmt.Errorf("more than %d steps: %w", maxSteps, quintet.ErrModel)
		}
		if name != "Sequence" {
			if err := visit(name, raw); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			return nil
		}
		var seq map[string]json.RawMessage
		if err := json.Unmarshal(raw, &seq); err != nil {
			return err
		}
		var elements []json.RawMessage
		if len(seq) != 2 {
			return fmt.Errorf("sequence of other than %s: %w", list, quintet.ErrModel)
		}
		if err := json.Unmarshal(seq[list], &elements); err != nil {
			return fmt.Errorf("sequence of other than %s: %w", list, quintet.ErrModel)
		}
		for _, e := range elements {
			if err := walk(e, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	return walk(raw, 0)
}

func errUnknownPart() error { return fmt.Errorf("no such part here: %w", quintet.ErrModel) }

// patternFile is {"String": ...} or {"Regex": ...}.
type patternFile struct{ String, Regex *string }

func (p patternFile) compile() (pattern, error) {
	switch {
	case p.String != nil && *p.String != "":
		return literal{[]byte(*p.String)}, nil
	case p.Regex != nil:
		return newPattern(*p.Regex)
	}
	return nil, fmt.Errorf("empty pattern: %w", quintet.ErrModel)
}
