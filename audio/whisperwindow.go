package audio

import (
	"context"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/quintet-ai/quintet/optimize"
)

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
