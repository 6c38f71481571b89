package audio

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/tokenize"
	"github.com/quintet-ai/quintet/optimize"
)

// whisperConfig is what the files of a Whisper model say. Tokens that a model does not
// have are -1.
type whisperConfig struct {
	rate, mels, fft, hop int
	samples              int // of a window
	positions            int // of the encoder's output, the unit of time
	context              int // tokens that the decoder can hold
	layers, heads, width int // of the decoder; width is that of a head
	vocab                int
	median               int // frames of the filter before alignment
	tk                   *tokenize.Tokenizer

	start, end            int32
	noTimes, firstTime    int32 // tokens from firstTime on are times
	previous, silence     int32
	transcribe, translate int32
	languages             map[string]int32 // empty for a model of one language
	maxFirst              int              // position of the latest first time, -1 for no limit
	alignment             [][2]int         // layers and heads that show where words are

	never []bool // tokens that are no part of a transcript
	first []bool // those that do not begin one
	text  []bool // those that are text
}

// generationConfig is what is read of generation_config.json.
type generationConfig struct {
	Start        *int           `json:"decoder_start_token_id"`
	End          tokenList      `json:"eos_token_id"`
	NoTimes      *int           `json:"no_timestamps_token_id"`
	Previous     *int           `json:"prev_sot_token_id"`
	Multilingual bool           `json:"is_multilingual"`
	Languages    map[string]int `json:"lang_to_id"`
	Tasks        map[string]int `json:"task_to_id"`
	Suppress     []int          `json:"suppress_tokens"`
	SuppressFrom []int          `json:"begin_suppress_tokens"`
	MaxFirst     *int           `json:"max_initial_timestamp_index"`
	Alignment    [][2]int       `json:"alignment_heads"`
}

// Bounds of what files may ask for, far above every published model.
const (
	maxWindow  = 1 << 23 // samples
	maxContext = 1 << 14
	maxVocab   = 1 << 21
	maxLayers  = 1 << 10
)

// readWhisper reads the files beside the graphs.
func readWhisper(m optimize.Model, config modelConfig, sound preprocessorConfig) (*whisperConfig, error) {
	var g generationConfig
	if err := readOptional(m, "generation_config.json", &g); err != nil {
		return nil, err
	}
	data, err := m.File("tokenizer.json")
	if err != nil {
		return nil, err
	}
	tk, err := tokenize.Load(data, tokenize.Options{NoTruncation: true, NoPadding: true, NoSpecialTokens: true})
	if err != nil {
		return nil, fmt.Errorf("tokenizer.json: %w", err)
	}
	c := &whisperConfig{tk: tk, vocab: config.Vocab, context: config.Context, positions: config.Positions}
	if err := errors.Join(c.readSound(config, sound), c.readSizes(config)); err != nil {
		return nil, err
	}
	if err := c.readTokens(config, g); err != nil {
		return nil, err
	}
	c.mark(config, g)
	return c, c.readAlignment(config, g)
}

// bounded returns an error if a number of a file is not from least to most.
func bounded(what string, n, least, most int) error {
	if n < least || n > most {
		return fmt.Errorf("%s is %d, must be from %d to %d: %w", what, n, least, most, quintet.ErrModel)
	}
	return nil
}

func (c *whisperConfig) readSound(config modelConfig, sound preprocessorConfig) error {
	c.rate, c.mels, c.fft, c.hop = sound.Rate, sound.Mels, sound.FFT, sound.Hop
	err := errors.Join(
		bounded("sampling_rate", c.rate, 1000, MaxRate), bounded("feature_size", c.mels, 1, 1024),
		bounded("n_fft", c.fft, 2, 1<<13), bounded("hop_length", c.hop, 1, 1<<16),
		bounded("chunk_length", sound.Chunk, 1, 3600),
		bounded("max_source_positions", c.positions, 1, maxContext),
	)
	if err != nil {
		return err
	}
	c.samples = sound.Chunk * c.rate
	err = errors.Join(
		bounded("samples of a window", c.samples, c.hop, maxWindow), bounded("frames of a window", c.samples/c.hop, 1, maxContext),
	)
	if err != nil {
		return err
	}
	if c.samples%c.hop != 0 || c.samples%c.positions != 0 {
		return fmt.Errorf("a window of %d samples is no multiple of hop_length %d and max_source_positions %d: %w",
			c.samples, c.hop, c.positions, quintet.ErrModel)
	}
	return nil
}

func (c *whisperConfig) readSizes(config modelConfig) error {
	c.layers, c.heads, c.median = config.Layers, config.Heads, 7
	if config.MedianFilter != nil {
		c.median = *config.MedianFilter
	}
	err := errors.Join(
		bounded("max_target_positions", c.context, 8, maxContext), bounded("vocab_size", c.vocab, 2, maxVocab),
		bounded("decoder_layers", c.layers, 1, maxLayers), bounded("decoder_attention_heads", c.heads, 1, maxLayers),
		bounded("d_model", config.Width, 1, 1<<20), bounded("median_filter_width", c.median, 1, 99),
	)
	if err == nil {
		c.width = max(config.Width/c.heads, 1)
	}
	return err
}

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

// readAlignment takes the heads that show where words are; if no file names them, all
// of the later half of the layers, as the reference implementation does.
func (c *whisperConfig) readAlignment(config modelConfig, g generationConfig) error {
	for _, h := range g.Alignment {
		if h[0] < 0 || h[0] >= c.layers || h[1] < 0 || h[1] >= c.heads {
			return fmt.Errorf("alignment_heads has %v, the decoder %d layers of %d heads: %w",
				h, c.layers, c.heads, quintet.ErrModel)
		}
	}
	if c.alignment = g.Alignment; len(c.alignment) > 0 {
		return nil
	}
	for layer := c.layers / 2; layer < c.layers; layer++ {
		for head := range c.heads {
			c.alignment = append(c.alignment, [2]int{layer, head})
		}
	}
	return nil
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

// check returns why the options make no sense for the model, or nil.
func (c *whisperConfig) check(o TranscriberOptions) error {
	_, known := c.languages[o.Language]
	switch {
	case o.Language != "" && len(c.languages) > 0 && !known:
		return fmt.Errorf("the model knows %d languages, but none %q: %w", len(c.languages), o.Language, quintet.ErrOption)
	case o.Translate && c.translate < 0:
		return fmt.Errorf("the model does not translate: %w", quintet.ErrOption)
	case o.MaxTokens > c.context/2:
		return fmt.Errorf("MaxTokens is %d, the model's limit %d: %w", o.MaxTokens, c.context/2, quintet.ErrOption)
	case (o.Prompt != "" || o.PreviousText) && c.previous < 0:
		return fmt.Errorf("the model takes neither Prompt nor PreviousText: %w", quintet.ErrOption)
	}
	return nil
}
