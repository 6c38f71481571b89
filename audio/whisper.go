package audio

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"sync"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio/dsp"
	"github.com/quintet-ai/quintet/internal/tokenize"
	"github.com/quintet-ai/quintet/optimize"
)

// whisper is a loaded Whisper model: Radford et al., Robust Speech Recognition via
// Large-Scale Weak Supervision, 2022.
type whisper struct {
	c      *whisperConfig
	g      *whisperGraphs
	opt    TranscriberOptions
	prompt []int32   // of the caller
	mels   sync.Pool // of *dsp.Mel
	words  bool      // are wanted and can be found
}

func openWhisper(
	ctx context.Context, o TranscriberOptions, config modelConfig, sound preprocessorConfig,
) (recognizer, error) {
	c, err := readWhisper(o.Model, config, sound)
	if err != nil {
		return nil, err
	}
	if err := c.check(o); err != nil {
		return nil, err
	}
	mel, err := dsp.NewMel(c.melOptions())
	if err != nil {
		return nil, errors.Join(err, quintet.ErrModel)
	}
	g, err := openWhisperGraphs(ctx, o, c)
	if err != nil {
		return nil, err
	}
	w := &whisper{c: c, g: g, opt: o}
	w.mels.New = func() any { return mel.Clone() }
	w.words = o.Words && w.wordTimes()
	if text := strings.TrimSpace(o.Prompt); text != "" {
		w.prompt = c.textOf(c.tk.Encode(tokenize.Encoding{}, " "+text).IDs)
	}
	return w, nil
}

// melOptions are those of the model's feature extractor.
func (c *whisperConfig) melOptions() dsp.MelOptions {
	o := dsp.WhisperLogMel(c.mels)
	o.Rate, o.FFTSize, o.Hop = c.rate, c.fft, c.hop
	return o
}

func (w *whisper) rate() int    { return w.c.rate }
func (w *whisper) longest() int { return w.c.samples }
func (w *whisper) packs() bool  { return true }
func (w *whisper) close() error { return w.g.close() }

func (w *whisper) wordTimes() bool {
	n := 0
	for _, info := range w.g.decoder.Outputs() {
		if strings.HasPrefix(info.Name, crossPrefix) {
			n++
		}
	}
	return n == w.c.layers
}

// features returns the log-mel spectrogram of a window, which silence fills up, as the
// encoder takes it: bands by frames.
func (w *whisper) features(samples []float32) []float32 {
	x := make([]float32, w.c.samples)
	copy(x, samples)
	mel := w.mels.Get().(*dsp.Mel)
	defer w.mels.Put(mel)
	var s dsp.Spectrogram
	mel.Spectrogram(&s, x)
	out := make([]float32, len(s.Data))
	for i := range s.Frames {
		for band, v := range s.Row(i) {
			out[band*s.Frames+i] = v
		}
	}
	return out
}

// window is what is known of a window of a take.
type window struct {
	sound   optimize.Tensor
	samples int // of the window that are sound, not filling
	outcome
}

// outcome is the text of a window with what it is judged by.
type outcome struct {
	hypothesis
	text        string
	temperature float64
	compression float64
	quiet       float64
}

// transcribe implements recognizer. It goes through the take as the reference
// implementation does: a window begins where the last complete segment of the one
// before ended.
func (w *whisper) transcribe(ctx context.Context, t *take, h *history, draft bool) ([]TranscriptSegment, error) {
	var out []TranscriptSegment
	step := w.c.samples / w.c.positions
	least := w.c.samples / 30 // so that a take has a bounded number of windows
	rest := w.c.samples / 150 // less than that, a fifth of a second, is no word
	for at := 0; len(t.samples)-at > step && (at == 0 || len(t.samples)-at > rest); {
		win, err := w.window(ctx, t.samples[at:min(at+w.c.samples, len(t.samples))], h, draft)
		if err != nil {
			return nil, err
		}
		if w.silent(win.outcome) {
			at += w.c.samples
			continue
		}
		spans, next := w.c.spans(win.tokens, win.samples/step)
		found := w.segments(t, at, win, spans)
		if w.words && !draft {
			if err := w.addWords(ctx, t, at, win, spans, found, h.language); err != nil {
				return nil, err
			}
		}
		for _, s := range found {
			if s.Text != "" && s.Start < s.End {
				out = append(out, s)
			}
		}
		if !draft {
			w.remember(h, win, spans)
		}
		at += max(next*step, least)
	}
	return out, nil
}

// silent reports whether a window has no text: the model takes it for silence, and is
// not sure of the text that it gave.
func (w *whisper) silent(o outcome) bool {
	return o.quiet > w.opt.NoSpeech && o.score() <= w.opt.MinLogProb
}

// remember keeps the text for the next window.
func (w *whisper) remember(h *history, win window, spans []span) {
	if !w.opt.PreviousText {
		return
	}
	if win.temperature > 0.5 { // too uncertain to go on from
		h.tokens = h.tokens[:0]
		return
	}
	for _, s := range spans {
		h.tokens = append(h.tokens, w.c.textOf(win.tokens[s.from:s.to])...)
	}
	if over := len(h.tokens) - w.c.context; over > 0 {
		h.tokens = append(h.tokens[:0], h.tokens[over:]...)
	}
}

// earlier returns what is put before a window: the caller's prompt, and then as much
// as there is room for of the text so far.
func (w *whisper) earlier(h *history) []int32 {
	room := w.c.context/2 - 1
	prompt := w.prompt[max(len(w.prompt)-room, 0):]
	text := h.tokens[max(len(h.tokens)-(room-len(prompt)), 0):]
	return append(append(make([]int32, 0, len(prompt)+len(text)), prompt...), text...)
}

// window decodes samples.
func (w *whisper) window(ctx context.Context, samples []float32, h *history, draft bool) (window, error) {
	win := window{samples: len(samples)}
	var err error
	if win.sound, err = w.g.encode(ctx, w.features(samples)); err != nil {
		return win, err
	}
	language, err := w.language(ctx, win.sound, h)
	if err != nil {
		return win, err
	}
	tokens, start := w.c.prompt(w.earlier(h), language, w.opt.Translate)
	limit := w.c.context / 2
	if w.opt.MaxTokens > 0 {
		limit = w.opt.MaxTokens
	}
	d, err := newDecoding(ctx, w.g, win.sound, tokens, start, limit)
	if err != nil {
		return win, err
	}
	if draft {
		win.outcome, err = w.attempt(ctx, d, 0, TranscriberOptions{Beams: 1}, nil)
		return win, err
	}
	h.windows++
	win.outcome, err = w.decode(ctx, d, rand.New(rand.NewPCG(w.opt.Seed, h.windows)))
	return win, err
}

// decode tries the temperatures in turn. If no text passes, the most likely of those
// that do not repeat themselves is the answer, or else of all.
func (w *whisper) decode(ctx context.Context, d *whisperDecoding, rng *rand.Rand) (outcome, error) {
	var best outcome
	for i, temperature := range w.opt.Temperatures {
		o, err := w.attempt(ctx, d, temperature, w.opt, rng)
		if err != nil {
			return o, err
		}
		unsure := o.score() < w.opt.MinLogProb
		if !w.repeats(o) && !unsure || unsure && o.quiet > w.opt.NoSpeech {
			return o, nil
		}
		if i == 0 || w.better(o, best) {
			best = o
		}
	}
	return best, nil
}

func (w *whisper) repeats(o outcome) bool { return o.loops || o.compression > w.opt.MaxCompression }

func (w *whisper) better(a, b outcome) bool {
	if w.repeats(a) != w.repeats(b) {
		return !w.repeats(a)
	}
	return a.score() > b.score()
}

func (w *whisper) attempt(
	ctx context.Context, d *whisperDecoding, temperature float64, o TranscriberOptions, rng *rand.Rand,
) (outcome, error) {
	h, err := d.run(ctx, temperature, o, rng)
	out := outcome{hypothesis: h, temperature: temperature, quiet: d.quiet}
	if err == nil {
		out.text = strings.TrimSpace(w.c.words(h.tokens))
		out.compression = compression(out.text)
	}
	return out, err
}

// language returns the language of a window, which is asked for once: until the
// model is sure, each window has its own.
func (w *whisper) language(ctx context.Context, sound optimize.Tensor, h *history) (string, error) {
	const sure = 0.5
	if len(w.c.languages) == 0 {
		return "", nil
	}
	if w.opt.Language != "" {
		h.language, h.score = w.opt.Language, 1
	}
	if h.score >= sure {
		return h.language, nil
	}
	out, err := w.g.begin(ctx, sound, []int32{w.c.start})
	if err != nil {
		return "", err
	}
	h.language, h.score = w.c.likeliest(out.logits[0])
	return h.language, nil
}

// likeliest returns the most likely language and its probability among all; of equal
// ones the first in the alphabet.
func (c *whisperConfig) likeliest(logits []float32) (name string, score float64) {
	var values []float32
	best := minusInf
	for n, id := range c.languages {
		v := logits[id]
		if v != v {
			v = minusInf
		}
		values = append(values, v)
		if name == "" || v > best || v == best && n < name {
			name, best = n, v
		}
	}
	if total := logSumExp(values); !math.IsInf(total, 0) {
		score = math.Exp(float64(best) - total)
	}
	return name, score
}
