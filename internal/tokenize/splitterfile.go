package tokenize

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"github.com/quintet-ai/quintet"
)

// splitters reads the pre-tokenizer.
func (s sections) splitters() (all []splitter, err error) {
	if s.null("pre_tokenizer") {
		return nil, nil
	}
	err = flatten(s["pre_tokenizer"], "pretokenizers", func(name string, raw json.RawMessage) error {
		step, err := readSplitter(name, raw)
		all = append(all, step)
		return err
	})
	return all, err
}

func readSplitter(name string, raw json.RawMessage) (splitter, error) {
	switch name {
	case "BertPreTokenizer":
		return bertWords{}, fill(raw, &typed{})
	case "Whitespace":
		return wordsAndRest{}, fill(raw, &typed{})
	case "WhitespaceSplit":
		return patternSplit{p: oneOf{space}, behavior: removed}, fill(raw, &typed{})
	case "ByteLevel":
		f, err := readByteLevel(raw)
		return &byteLevel{addPrefixSpace: f.AddPrefixSpace, useRegex: f.regex()}, err
	case "Metaspace":
		m, err := readMetaspace(raw)
		return &m, err
	case "CharDelimiterSplit":
		var f struct {
			typed
			Delimiter string `json:"delimiter"`
		}
		err := fill(raw, &f, "delimiter")
		if err == nil && utf8.RuneCountInString(f.Delimiter) != 1 {
			err = fmt.Errorf("delimiter %q: %w", f.Delimiter, quintet.ErrModel)
		}
		return patternSplit{p: literal{[]byte(f.Delimiter)}, behavior: removed}, err
	case "Punctuation":
		var f struct {
			typed
			Behavior string `json:"behavior"`
		}
		f.Behavior = "Isolated"
		if err := fill(raw, &f); err != nil {
			return nil, err
		}
		b, err := behaviorOf(f.Behavior)
		return patternSplit{p: oneOf{bertPunct}, behavior: b}, err
	case "Digits":
		var f struct {
			typed
			Individual bool `json:"individual_digits"`
		}
		err := fill(raw, &f, "individual_digits")
		s := patternSplit{p: oneOf{numeric}, behavior: contiguous}
		if f.Individual {
			s.behavior = isolated
		}
		return s, err
	case "Split":
		return readSplit(raw)
	}
	return nil, errUnknownPart()
}

func readSplit(raw json.RawMessage) (splitter, error) {
	var f struct {
		typed
		Pattern  patternFile `json:"pattern"`
		Behavior string      `json:"behavior"`
		Invert   bool        `json:"invert"`
	}
	if err := fill(raw, &f, "pattern", "behavior", "invert"); err != nil {
		return nil, err
	}
	b, err := behaviorOf(f.Behavior)
	if err != nil {
		return nil, err
	}
	p, err := f.Pattern.compile()
	return patternSplit{p, b, f.Invert}, err
}

func behaviorOf(name string) (behavior, error) {
	for b, known := range [...]string{"Isolated", "Removed", "Contiguous", "MergedWithPrevious", "MergedWithNext"} {
		if name == known {
			return behavior(b), nil
		}
	}
	return 0, fmt.Errorf("behavior %q: %w", name, quintet.ErrModel)
}

// byteLevelFile is ByteLevel as a pre-tokenizer, post-processor or decoder.
type byteLevelFile struct {
	typed
	AddPrefixSpace bool  `json:"add_prefix_space"`
	TrimOffsets    bool  `json:"trim_offsets"`
	UseRegex       *bool `json:"use_regex"`
}

func (f byteLevelFile) regex() bool { return f.UseRegex == nil || *f.UseRegex }

func readByteLevel(raw json.RawMessage) (f byteLevelFile, err error) {
	return f, fill(raw, &f, "add_prefix_space", "trim_offsets")
}

func readMetaspace(raw json.RawMessage) (m metaspace, err error) {
	var f struct {
		typed
		Replacement    string  `json:"replacement"`
		AddPrefixSpace *bool   `json:"add_prefix_space"`
		Scheme         *string `json:"prepend_scheme"`
		Split          *bool   `json:"split"`
		StrRep         string  `json:"str_rep"` // of old files, the same as replacement
	}
	if err := fill(raw, &f, "replacement"); err != nil {
		return m, err
	}
	if utf8.RuneCountInString(f.Replacement) != 1 {
		return m, fmt.Errorf("replacement %q: %w", f.Replacement, quintet.ErrModel)
	}
	m.mark, m.cut = f.Replacement, f.Split == nil || *f.Split
	if f.Scheme != nil {
		switch *f.Scheme {
		case "always":
		case "first":
			m.scheme = prependFirst
		case "never":
			m.scheme = prependNever
		default:
			return m, fmt.Errorf("prepend_scheme %q: %w", *f.Scheme, quintet.ErrModel)
		}
	}
	if f.AddPrefixSpace != nil && !*f.AddPrefixSpace && m.scheme != prependNever {
		return m, fmt.Errorf("add_prefix_space contradicts prepend_scheme: %w", quintet.ErrModel)
	}
	return m, nil
}
