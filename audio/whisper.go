package audio

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio/dsp"
	"github.com/quintet-ai/quintet/internal/tokenize"
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
		return nil, fmt.Errorf("preprocessor_config.json: %v: %w", err, quintet.ErrModel) // no option of the caller's
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
		if !draft {
			if err := w.addWords(ctx, t, at, win, spans, found, h.language); err != nil {
				return nil, err
			}
			w.remember(h, win, spans)
		}
		for _, s := range found {
			if s.Text != "" && s.Start < s.End {
				out = append(out, s)
			}
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
