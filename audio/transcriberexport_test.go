package audio

import (
	"context"
	"math/rand/v2"

	"github.com/quintet-ai/quintet/internal/tokenize"
	"github.com/quintet-ai/quintet/optimize"
)

// WhisperParts gives tests the parts of a Whisper model.
type WhisperParts struct{ w *whisper }

// OpenWhisperParts loads a model.
func OpenWhisperParts(o TranscriberOptions) (WhisperParts, error) {
	o, err := o.withDefaults()
	if err != nil {
		return WhisperParts{}, err
	}
	r, err := openRecognizer(context.Background(), o)
	if err != nil {
		return WhisperParts{}, err
	}
	return WhisperParts{r.(*whisper)}, nil
}

// Close releases the model.
func (p WhisperParts) Close() error { return p.w.close() }

// Tokenizer returns the model's tokenizer.
func (p WhisperParts) Tokenizer() *tokenize.Tokenizer { return p.w.c.tk }

// Apply applies the rules for what may follow tokens.
func (p WhisperParts) Apply(logits []float32, tokens []int32) {
	whisperRules{p.w.c}.apply(logits, tokens)
}

// Marks returns what the files say of a token.
func (p WhisperParts) Marks(id int) (never, first, text bool) {
	return p.w.c.never[id], p.w.c.first[id], p.w.c.text[id]
}

// MaxFirst returns the position of the latest first time.
func (p WhisperParts) MaxFirst() int { return p.w.c.maxFirst }

// Features returns what the encoder gets.
func (p WhisperParts) Features(samples []float32) []float32 { return p.w.features(samples) }

// Spans returns the segments of tokens as starts and ends, and the next window.
func (p WhisperParts) Spans(tokens []int32, units int) (out [][4]int, next int) {
	spans, next := p.w.c.spans(tokens, units)
	for _, s := range spans {
		out = append(out, [4]int{s.from, s.to, s.start, s.end})
	}
	return out, next
}

// Split returns the words of tokens and how many tokens each has.
func (p WhisperParts) Split(tokens []int32, language string) (words []string, sizes []int) {
	for _, w := range p.w.c.split(tokens, language) {
		words, sizes = append(words, w.text), append(sizes, w.tokens)
	}
	return words, sizes
}

// Decode decodes a window of sound at one temperature: the tokens, and their mean log
// probability.
func (p WhisperParts) Decode(samples []float32, temperature float64, seed uint64) ([]int32, float64, error) {
	ctx := context.Background()
	sound, err := p.w.g.encode(ctx, p.w.features(samples))
	if err != nil {
		return nil, 0, err
	}
	language, _, err := p.w.detect(ctx, sound)
	if err != nil {
		return nil, 0, err
	}
	prompt, start := p.w.c.prompt(nil, language, false)
	d, err := newDecoding(ctx, p.w.g, sound, prompt, start, p.w.opt.MaxTokens)
	if err != nil {
		return nil, 0, err
	}
	h, err := d.run(ctx, temperature, p.w.opt, rand.New(rand.NewPCG(seed, 0)))
	return h.tokens, h.score(), err
}

func (w *whisper) detect(ctx context.Context, sound optimize.Tensor) (string, float64, error) {
	var h history
	name, err := w.language(ctx, sound, &h)
	return name, h.score, err
}

// What tests compare with naive versions.
var (
	PathStarts       = pathStarts
	Medians          = medians
	Repeated         = repeated
	Compression      = compression
	Pick             = pick
	Largest          = largest
	LogSumExp        = logSumExp
	NormalizeSamples = normalizeSamples
	Quietest         = quietest
)

// TakeTimes puts pieces [first, last) of a sound together and returns when in the sound
// something starts, and ends, at a sample of the take.
func TakeTimes(rate int, pieces [][2]int, at int) (start, end float64) {
	t := take{rate: rate}
	for _, p := range pieces {
		t.add(make([]float32, p[1]-p[0]), p[0])
	}
	return t.start(at).Seconds(), t.end(at).Seconds()
}

// Collapse returns the words of a CTC model's logits, with their frames.
func Collapse(frames [][]float32, tokens []string, blank, between int) (words []string, from, to []int) {
	v := ctcVocab{tokens: tokens, blank: blank, between: between, none: make([]bool, len(tokens))}
	v.none[blank] = true
	for _, w := range v.words(v.collapse(frames)) {
		words, from, to = append(words, w.text), append(from, w.from), append(to, w.to)
	}
	return words, from, to
}
