package audio

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// ctcVocab is what the outputs of a CTC model stand for.
type ctcVocab struct {
	tokens  []string
	blank   int    // the output for no character
	between int    // that for the gap between words, -1 without one
	none    []bool // outputs that are no text
}

// ctcTokenizerConfig is what is read of tokenizer_config.json.
type ctcTokenizerConfig struct {
	Delimiter *tokenName `json:"word_delimiter_token"`
	Pad       *tokenName `json:"pad_token"`
	Begin     *tokenName `json:"bos_token"`
	End       *tokenName `json:"eos_token"`
	Unknown   *tokenName `json:"unk_token"`
}

// tokenName is a token as a string, or as an object with its content.
type tokenName string

// UnmarshalJSON implements [json.Unmarshaler].
func (t *tokenName) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '{' {
		var long struct{ Content string }
		err := json.Unmarshal(b, &long)
		*t = tokenName(long.Content)
		return err
	}
	return json.Unmarshal(b, (*string)(t))
}

// readCTCVocab reads vocab.json and what the other files say about its tokens.
func readCTCVocab(m optimize.Model, config modelConfig) (ctcVocab, error) {
	var ids map[string]int
	var names ctcTokenizerConfig
	if err := readJSON(m, "vocab.json", &ids); err != nil {
		return ctcVocab{}, err
	}
	if err := readOptional(m, "tokenizer_config.json", &names); err != nil {
		return ctcVocab{}, err
	}
	size := max(config.Vocab, len(ids))
	if err := bounded("vocab_size", size, 2, maxVocab); err != nil {
		return ctcVocab{}, err
	}
	v := ctcVocab{tokens: make([]string, size), none: make([]bool, size), blank: -1, between: -1}
	for i := range v.none {
		v.none[i] = true
	}
	for token, id := range ids {
		if id < 0 || id >= size || !v.none[id] {
			return v, fmt.Errorf("vocab.json has %q for output %d of %d: %w", token, id, size, quintet.ErrModel)
		}
		v.tokens[id], v.none[id] = token, false
	}
	return v, v.readSpecials(config, names, ids)
}

// readSpecials finds the tokens that are no text.
func (v *ctcVocab) readSpecials(config modelConfig, names ctcTokenizerConfig, ids map[string]int) error {
	specials := []*int{config.Pad, config.Begin}
	for i := range config.End {
		specials = append(specials, &config.End[i])
	}
	for _, name := range []*tokenName{names.Pad, names.Begin, names.End, names.Unknown} {
		if name == nil {
			continue
		}
		if id, ok := ids[string(*name)]; ok {
			specials = append(specials, &id)
			if name == names.Pad {
				v.blank = id
			}
		}
	}
	if config.Pad != nil {
		v.blank = *config.Pad
	}
	if v.blank < 0 || v.blank >= len(v.tokens) {
		return fmt.Errorf("neither config.json nor tokenizer_config.json names the padding, which is the output for "+
			"no character: %w", quintet.ErrModel)
	}
	for _, id := range specials {
		if id != nil && *id >= 0 && *id < len(v.none) {
			v.none[*id] = true
		}
	}
	delimiter := tokenName("|") // where the file is silent
	if names.Delimiter != nil {
		delimiter = *names.Delimiter
	}
	if id, ok := ids[string(delimiter)]; ok && id != v.blank {
		v.between = id
		v.none[id] = false
	}
	return nil
}

// letter is a token in frames [from, to).
type letter struct {
	id       int
	from, to int
	score    float64 // mean probability
}

// collapse takes the most likely output of each frame, joins equal neighbours, and
// leaves out what is no text.
func (v ctcVocab) collapse(frames [][]float32) (out []letter) {
	last := v.blank
	for i, logits := range frames {
		best := v.blank
		for id, x := range logits {
			if x > logits[best] || logits[best] != logits[best] {
				best = id
			}
		}
		switch k := len(out) - 1; {
		case best == last && !v.none[best] && k >= 0:
			p := v.probability(logits, best)
			n := float64(out[k].to - out[k].from)
			out[k].score = (out[k].score*n + p) / (n + 1)
			out[k].to = i + 1
		case !v.none[best] && best != v.blank:
			out = append(out, letter{best, i, i + 1, v.probability(logits, best)})
		}
		last = best
	}
	return out
}

func (v ctcVocab) probability(logits []float32, id int) float64 {
	p := math.Exp(float64(logits[id]) - logSumExp(logits))
	if p != p {
		return 0
	}
	return min(p, 1)
}

// ctcWord is a word in frames [from, to).
type ctcWord struct {
	text     string
	from, to int
	score    float64 // mean probability of its letters
}

// words puts letters together; a blank in a token counts as a gap, too.
func (v ctcVocab) words(letters []letter) (out []ctcWord) {
	n := 0 // letters of the open word
	for _, l := range letters {
		text := v.tokens[l.id]
		if l.id == v.between || strings.TrimSpace(text) == "" {
			n = 0
			continue
		}
		if n == 0 {
			out = append(out, ctcWord{from: l.from})
		}
		w := &out[len(out)-1]
		w.text, w.to = w.text+strings.TrimSpace(text), l.to
		w.score = (w.score*float64(n) + l.score) / float64(n+1)
		n++
	}
	return out
}

// meanProbability is the geometric mean of the probabilities of letters.
func meanProbability(letters []letter) float64 {
	var sum float64
	for _, l := range letters {
		sum += logOf(l.score)
	}
	return math.Exp(sum / float64(max(len(letters), 1)))
}
