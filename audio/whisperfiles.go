package audio

import (
	"errors"
	"fmt"

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
	c.readAlignment(g)
	return c, nil
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
		bounded("samples of a window", c.samples, c.hop, maxWindow),
		bounded("frames of a window", c.samples/c.hop, 1, maxContext),
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

// readAlignment takes the heads that show where words are; if no file names them, all
// of the later half of the layers, as the reference implementation does.
func (c *whisperConfig) readAlignment(g generationConfig) {
	if c.alignment = g.Alignment; len(c.alignment) > 0 {
		return
	}
	for layer := c.layers / 2; layer < c.layers; layer++ {
		for head := range c.heads {
			c.alignment = append(c.alignment, [2]int{layer, head})
		}
	}
}

// checkAlignment returns why those heads cannot be used, or nil.
func (c *whisperConfig) checkAlignment() error {
	for _, h := range c.alignment {
		if h[0] < 0 || h[0] >= c.layers || h[1] < 0 || h[1] >= c.heads {
			return fmt.Errorf("alignment_heads has %v, the decoder %d layers of %d heads: %w",
				h, c.layers, c.heads, quintet.ErrModel)
		}
	}
	return nil
}

// check returns why the options make no sense for the model, or nil.
func (c *whisperConfig) check(o TranscriberOptions) error {
	_, known := c.languages[o.Language]
	if o.Words {
		if err := c.checkAlignment(); err != nil {
			return err
		}
	}
	switch {
	case o.Language != "" && len(c.languages) > 0 && !known:
		return fmt.Errorf("the model knows %d languages, but none %q: %w",
			len(c.languages), o.Language, quintet.ErrOption)
	case o.Translate && c.translate < 0:
		return fmt.Errorf("the model does not translate: %w", quintet.ErrOption)
	case o.MaxTokens > c.context/2:
		return fmt.Errorf("MaxTokens is %d, the model's limit %d: %w", o.MaxTokens, c.context/2, quintet.ErrOption)
	case (o.Prompt != "" || o.PreviousText) && c.previous < 0:
		return fmt.Errorf("the model takes neither Prompt nor PreviousText: %w", quintet.ErrOption)
	}
	return nil
}
