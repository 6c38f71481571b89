package tokenize

import (
	"encoding/json"
	"fmt"
	"math"

	"github.com/quintet-ai/quintet"
)

// build makes the model and its vocabulary.
func (m *modelFile) build(p *definition) error {
	if len(m.vocab) == 0 {
		return fmt.Errorf("no vocabulary: %w", quintet.ErrModel)
	}
	v, err := m.vocabulary()
	if err != nil {
		return err
	}
	p.vocab = v
	name, err := m.kind()
	if err != nil {
		return err
	}
	if m.scored != (name == "Unigram") {
		return fmt.Errorf("%s with the vocabulary of another model: %w", name, quintet.ErrModel)
	}
	if len(m.merges) > 0 && name != "BPE" {
		return fmt.Errorf("%s with merges: %w", name, quintet.ErrModel)
	}
	switch name {
	case "BPE":
		p.model, err = m.bpe(v, lastIsByteLevel(p.splitters))
	case "WordPiece":
		p.model, err = m.wordPiece(v)
	case "WordLevel":
		p.model, err = m.wordLevel(v)
	case "Unigram":
		p.model, err = m.unigram(v)
	default:
		return fmt.Errorf("%s: %w", name, errUnknownPart())
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// kind returns the type of the model. Old files do not say it.
func (m *modelFile) kind() (name string, err error) {
	raw, ok := m.settings["type"]
	if ok {
		err = json.Unmarshal(raw, &name)
		delete(m.settings, "type")
		return name, err
	}
	_, wordPiece := m.settings["max_input_chars_per_word"]
	switch {
	case m.scored:
		return "Unigram", nil
	case len(m.merges) > 0:
		return "BPE", nil
	case wordPiece:
		return "WordPiece", nil
	}
	return "", fmt.Errorf("no type: %w", quintet.ErrModel)
}

// config reads the settings into v.
func (m *modelFile) config(v any, need ...string) error {
	raw, err := json.Marshal(m.settings)
	if err != nil {
		return err
	}
	return fill(raw, v, need...)
}

// vocabulary numbers the tokens. Ids may have gaps, but not many: a table by id
// must not be larger than the file.
func (m *modelFile) vocabulary() (*vocabulary, error) {
	all := string(m.text)
	most := int32(0)
	for _, e := range m.vocab {
		most = max(most, e.id)
	}
	if int(most) > 8*len(m.vocab)+1<<16 {
		return nil, fmt.Errorf("id %d in a vocabulary of %d tokens: %w", most, len(m.vocab), quintet.ErrModel)
	}
	v := &vocabulary{
		ids:    make(map[string]int32, len(m.vocab)),
		tokens: make([]string, most+1),
		has:    make([]bool, most+1),
	}
	for _, e := range m.vocab {
		token := all[e.start:e.end]
		v.ids[token], v.tokens[e.id], v.has[e.id] = e.id, token, true
	}
	return v, nil
}

// unknown returns the id of the unknown token.
func unknown(v *vocabulary, token string) (int32, error) {
	id, ok := v.ids[token]
	if !ok {
		return 0, fmt.Errorf("unknown token %q is not in the vocabulary: %w", token, quintet.ErrModel)
	}
	return id, nil
}

func (m *modelFile) wordPiece(v *vocabulary) (model, error) {
	var f struct {
		Unk    string `json:"unk_token"`
		Prefix string `json:"continuing_subword_prefix"`
		Max    uint32 `json:"max_input_chars_per_word"`
	}
	if err := m.config(&f, "unk_token", "continuing_subword_prefix", "max_input_chars_per_word"); err != nil {
		return nil, err
	}
	unk, err := unknown(v, f.Unk)
	if err != nil {
		return nil, err
	}
	return newWordPiece(v, unk, f.Prefix, int(min(f.Max, math.MaxInt32))), nil
}

func (m *modelFile) wordLevel(v *vocabulary) (model, error) {
	var f struct {
		Unk string `json:"unk_token"`
	}
	if err := m.config(&f, "unk_token"); err != nil {
		return nil, err
	}
	unk, err := unknown(v, f.Unk)
	return &wordLevel{v, unk}, err
}

func (m *modelFile) unigram(v *vocabulary) (model, error) {
	var f struct {
		Unk          *uint32 `json:"unk_id"`
		ByteFallback bool    `json:"byte_fallback"`
	}
	if err := m.config(&f); err != nil {
		return nil, err
	}
	if f.Unk == nil || int64(*f.Unk) >= int64(len(m.vocab)) {
		return nil, fmt.Errorf("no unk_id in the vocabulary: %w", quintet.ErrModel)
	}
	scores := make([]float64, len(m.vocab))
	for i, e := range m.vocab {
		scores[i] = e.score
	}
	return newUnigram(v, scores, int32(*f.Unk), f.ByteFallback), nil
}

func (m *modelFile) bpe(v *vocabulary, raw bool) (model, error) {
	var f struct {
		Dropout      *float64 `json:"dropout"`
		Unk          *string  `json:"unk_token"`
		Prefix       string   `json:"continuing_subword_prefix"`
		Suffix       string   `json:"end_of_word_suffix"`
		FuseUnk      bool     `json:"fuse_unk"`
		ByteFallback bool     `json:"byte_fallback"`
		IgnoreMerges bool     `json:"ignore_merges"`
	}
	if err := m.config(&f); err != nil {
		return nil, err
	}
	if f.Dropout != nil && *f.Dropout != 0 {
		return nil, fmt.Errorf("dropout %v makes ids random: %w", *f.Dropout, quintet.ErrModel)
	}
	unk := int32(-1)
	if f.Unk != nil {
		var err error
		if unk, err = unknown(v, *f.Unk); err != nil {
			return nil, err
		}
	}
	merges, err := m.mergeTable(v, len(f.Prefix))
	if err != nil {
		return nil, err
	}
	c := bpeConfig{f.Prefix, f.Suffix, f.FuseUnk, f.ByteFallback, f.IgnoreMerges}
	return newBPE(v, merges, c, unk, raw), nil
}

func (m *modelFile) mergeTable(v *vocabulary, prefix int) (*mergeTable, error) {
	t := newMergeTable(len(m.merges) / 4)
	var joined []byte
	for k := 0; k < len(m.merges); k += 4 {
		a, b := m.text[m.merges[k]:m.merges[k+1]], m.text[m.merges[k+2]:m.merges[k+3]]
		joined = append(append(joined[:0], a...), b[min(prefix, len(b)):]...)
		var ids [3]int32
		for i, token := range [][]byte{a, b, joined} {
			id, ok := v.ids[string(token)]
			if !ok {
				return nil, fmt.Errorf("merge of %q and %q: %q is not in the vocabulary: %w", a, b, token, quintet.ErrModel)
			}
			ids[i] = id
		}
		t.add(ids[0], ids[1], ids[2])
	}
	return t, nil
}

// lastIsByteLevel reports whether words come to the model as letters of bytes,
// and if so lets them come as the bytes themselves.
func lastIsByteLevel(all []splitter) bool {
	var byteLevels []*byteLevel
	for _, x := range all {
		if s, ok := x.(*byteLevel); ok {
			byteLevels = append(byteLevels, s)
		}
	}
	if len(byteLevels) != 1 || all[len(all)-1] != splitter(byteLevels[0]) {
		return false
	}
	byteLevels[0].raw = true
	return true
}
