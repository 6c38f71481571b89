package audio

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/tokenize"
)

// named returns the id of the first of the tokens that exists, -1 without one.
func (c *whisperConfig) named(names ...string) int32 {
	for _, name := range names {
		if id, ok := c.tk.ID(name); ok && int(id) < c.vocab {
			return id
		}
	}
	return -1
}

// given returns the first number that a file gives, and else the token of a name.
func (c *whisperConfig) given(name string, ids ...*int) (int32, error) {
	for _, id := range ids {
		if id != nil {
			return int32(min(max(*id, -1), maxVocab)), bounded("id of "+name, *id, 0, c.vocab-1)
		}
	}
	id := c.named(name)
	if id < 0 {
		return id, fmt.Errorf("neither generation_config.json nor tokenizer.json has %s: %w", name, quintet.ErrModel)
	}
	return id, nil
}

func (c *whisperConfig) readTokens(config modelConfig, g generationConfig) error {
	var errs [4]error
	ends := append(g.End, config.End...)
	var end *int
	if len(ends) > 0 {
		end = &ends[0]
	}
	c.start, errs[0] = c.given("<|startoftranscript|>", g.Start, config.Start)
	c.end, errs[1] = c.given("<|endoftext|>", end)
	c.noTimes, errs[2] = c.given("<|notimestamps|>", g.NoTimes)
	c.previous, c.silence = c.named("<|startofprev|>"), c.named("<|nospeech|>", "<|nocaptions|>")
	if g.Previous != nil {
		c.previous, errs[3] = c.given("<|startofprev|>", g.Previous)
	}
	if err := errors.Join(errs[:]...); err != nil {
		return err
	}
	// Some tokenizers do not list the times, which follow <|notimestamps|>.
	if c.firstTime = c.named("<|0.00|>"); c.firstTime < 0 {
		c.firstTime = c.noTimes + 1
	}
	if err := bounded("token after <|0.00|>", int(c.firstTime)+1, int(c.end)+2, c.vocab-1); err != nil {
		return err
	}
	c.maxFirst = c.rate * c.positions / c.samples // a second, as the reference implementation
	if g.MaxFirst != nil {
		c.maxFirst = max(*g.MaxFirst, -1)
	}
	c.transcribe, c.translate = -1, -1
	if !g.Multilingual && len(g.Languages) == 0 {
		return nil
	}
	return c.readLanguages(g)
}

// languageToken is how a language is written in the vocabulary.
var languageToken = regexp.MustCompile(`^<\|([a-z]{2,3}(?:-[A-Za-z]+)?)\|>$`)

// readLanguages reads the languages and tasks of a model of many languages.
func (c *whisperConfig) readLanguages(g generationConfig) error {
	c.languages = map[string]int32{}
	for token, id := range g.Languages {
		m := languageToken.FindStringSubmatch(token)
		if m == nil || id < 0 || id >= c.vocab {
			return fmt.Errorf("lang_to_id has %q for token %d: %w", token, id, quintet.ErrModel)
		}
		c.languages[m[1]] = int32(id)
	}
	if len(c.languages) == 0 {
		for _, id := range c.tk.SpecialIDs() {
			token, _ := c.tk.Token(id)
			if m := languageToken.FindStringSubmatch(token); m != nil && int(id) < c.vocab {
				c.languages[m[1]] = id
			}
		}
	}
	if len(c.languages) == 0 {
		return fmt.Errorf("is_multilingual is set, but no token is a language: %w", quintet.ErrModel)
	}
	c.transcribe, c.translate = c.named("<|transcribe|>"), c.named("<|translate|>")
	for name, to := range map[string]*int32{"transcribe": &c.transcribe, "translate": &c.translate} {
		if id, ok := g.Tasks[name]; ok {
			if err := bounded("task_to_id of "+name, id, 0, c.vocab-1); err != nil {
				return err
			}
			*to = int32(id)
		}
	}
	if c.transcribe < 0 {
		return fmt.Errorf("no token for the task transcribe: %w", quintet.ErrModel)
	}
	return nil
}

// mark notes which tokens are what.
func (c *whisperConfig) mark(config modelConfig, g generationConfig) {
	c.never, c.first, c.text = make([]bool, c.vocab), make([]bool, c.vocab), make([]bool, c.vocab)
	set := func(marks []bool, ids []int) {
		for _, id := range ids {
			if id >= 0 && id < len(marks) {
				marks[id] = true
			}
		}
	}
	suppress, from := g.Suppress, g.SuppressFrom
	if suppress == nil {
		suppress = config.Suppress
	}
	if from == nil {
		from = config.SuppressFrom
	}
	if from == nil { // a blank, and nothing at all
		for _, id := range c.tk.Encode(tokenize.Encoding{}, " ").IDs {
			from = append(from, int(id))
		}
		from = append(from, int(c.end))
	}
	set(c.never, suppress)
	set(c.first, from)
	for id := range min(int(c.firstTime), c.vocab) {
		_, known := c.tk.Token(int32(id))
		c.text[id], c.never[id] = known, c.never[id] || !known
	}
	for _, id := range c.tk.SpecialIDs() {
		if int(id) < int(c.firstTime) {
			c.text[id], c.never[id] = false, true
		}
	}
	for id := int(c.firstTime) + c.positions + 1; id < c.vocab; id++ {
		c.never[id] = true
	}
	for _, id := range []int32{c.start, c.noTimes, c.previous, c.silence, c.transcribe, c.translate} {
		if id >= 0 {
			c.text[id], c.never[id] = false, true
		}
	}
	for _, id := range c.languages {
		c.text[id], c.never[id] = false, true
	}
	c.text[c.end], c.never[c.end] = false, false
}

// isTime reports whether a token is a time.
func (c *whisperConfig) isTime(id int32) bool { return id >= c.firstTime }

// words returns the text of tokens, without all that is none.
func (c *whisperConfig) words(tokens []int32) string { return c.tk.Decode(c.textOf(tokens), false) }

// textOf returns the tokens that are text.
func (c *whisperConfig) textOf(tokens []int32) []int32 {
	out := make([]int32, 0, len(tokens))
	for _, id := range tokens {
		if c.text[id] {
			out = append(out, id)
		}
	}
	return out
}

// prompt returns the tokens that a window begins with, and where in them the transcript
// starts.
func (c *whisperConfig) prompt(earlier []int32, language string, translate bool) (tokens []int32, start int) {
	if len(earlier) > 0 && c.previous >= 0 {
		tokens = append(append(tokens, c.previous), earlier...)
	}
	start = len(tokens)
	tokens = append(tokens, c.start)
	if len(c.languages) == 0 {
		return tokens, start
	}
	task := c.transcribe
	if translate {
		task = c.translate
	}
	return append(tokens, c.languages[language], task), start
}
