package tokenize

import (
	"encoding/base64"
	"encoding/json"

	"golang.org/x/text/unicode/norm"
)

// normalizers reads the normalizer.
func (s sections) normalizers() (all []normalizer, err error) {
	if s.null("normalizer") {
		return nil, nil
	}
	err = flatten(s["normalizer"], "normalizers", func(name string, raw json.RawMessage) error {
		n, err := readNormalizer(name, raw)
		all = append(all, n...)
		return err
	})
	return all, err
}

func readNormalizer(name string, raw json.RawMessage) ([]normalizer, error) {
	simple := map[string]normalizer{
		"NFC": normalForm{norm.NFC}, "NFD": normalForm{norm.NFD},
		"NFKC": normalForm{norm.NFKC}, "NFKD": normalForm{norm.NFKD},
		"Lowercase": runeMap{lowerCase}, "StripAccents": runeMap{dropCombining},
		"Nmt": runeMap{nmt}, "ByteLevel": byteLetters{},
	}
	if n, ok := simple[name]; ok {
		return []normalizer{n}, fill(raw, &typed{})
	}
	switch name {
	case "BertNormalizer":
		return readBertNormalizer(raw)
	case "Strip":
		var f struct {
			typed
			Left  bool `json:"strip_left"`
			Right bool `json:"strip_right"`
		}
		err := fill(raw, &f, "strip_left", "strip_right")
		return []normalizer{strip{f.Left, f.Right}}, err
	case "Prepend":
		var f struct {
			typed
			Prepend string `json:"prepend"`
		}
		err := fill(raw, &f, "prepend")
		return []normalizer{prepend{f.Prepend}}, err
	case "Replace":
		r, err := readReplace(raw)
		return []normalizer{r}, err
	case "Precompiled":
		var f struct {
			typed
			Map string `json:"precompiled_charsmap"`
		}
		if err := fill(raw, &f, "precompiled_charsmap"); err != nil {
			return nil, err
		}
		data, err := base64.StdEncoding.DecodeString(f.Map)
		if err != nil {
			return nil, err
		}
		p, err := newPrecompiled(data)
		return []normalizer{p}, err
	}
	return nil, errUnknownPart()
}

func readBertNormalizer(raw json.RawMessage) (all []normalizer, err error) {
	var f struct {
		typed
		Clean   bool  `json:"clean_text"`
		Chinese bool  `json:"handle_chinese_chars"`
		Accents *bool `json:"strip_accents"`
		Lower   bool  `json:"lowercase"`
	}
	if err := fill(raw, &f, "clean_text", "handle_chinese_chars", "lowercase"); err != nil {
		return nil, err
	}
	if f.Clean {
		all = append(all, runeMap{cleanText})
	}
	if f.Chinese {
		all = append(all, spaceIdeographs{})
	}
	if f.Accents == nil && f.Lower || f.Accents != nil && *f.Accents {
		all = append(all, normalForm{norm.NFD}, runeMap{dropAccents})
	}
	if f.Lower {
		all = append(all, runeMap{lowerCase})
	}
	return all, nil
}

func readReplace(raw json.RawMessage) (r replace, err error) {
	var f struct {
		typed
		Pattern patternFile `json:"pattern"`
		Content string      `json:"content"`
	}
	if err := fill(raw, &f, "pattern", "content"); err != nil {
		return r, err
	}
	r.by = f.Content
	r.p, err = f.Pattern.compile()
	return r, err
}
