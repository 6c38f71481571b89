package audio

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// Transcriber writes down what is said in a clip, or in sound while it comes
// ([Transcriber.Listen]). It is safe for concurrent use.
//
// Only what a [VoiceDetector] finds is given to the model, put together into windows of
// at most what the model hears at once; times are those of the clip. A clip without
// speech has no segments, nor has a window that the model itself takes for silence.
//
// A Whisper model decodes as the reference implementation does: Radford et al., Robust
// Speech Recognition via Large-Scale Weak Supervision, 2022. It differs where that may
// run on: a text that repeats its end for 32 tokens is cut there and counts as failed, a
// window begins at least a thirtieth of a window behind the last one, and the rest of a
// window of less than a fifth of a second is left out. Each hypothesis is decoded alone,
// so beams and drawing cost as many runs of the decoder as there are hypotheses, but
// little memory. A CTC model gives its most likely text; a segment is a stretch of
// speech.
//
// No published weights could be had where this was written. What is tested is all
// that is around them, with small graphs whose text is known: the features, the
// tokenizer, the rules, the search, the passing on of keys and values in each form of the
// decoder, and times. Not tested are the quality of the text, speed and memory with
// real models, and names of inputs other than those that the exporter Optimum gives.
// Graphs must take and give float32.
type Transcriber struct {
	opt   TranscriberOptions
	model recognizer
	voice *voice // nil without the detector
	to    resamplers
	eng   *optimize.Engine[Clip, Transcript]
	live  *optimize.Engine[liveWork, struct{}]
}

var _ quintet.Pipeline[Clip, Transcript] = (*Transcriber)(nil)

const transcriberName = "audio.Transcriber"

// recognizer is a loaded model of speech. It is safe for concurrent use.
type recognizer interface {
	rate() int       // of the samples that it takes
	longest() int    // samples of a take
	packs() bool     // several pieces of speech are better given together
	wordTimes() bool // it knows the times of words

	// transcribe returns the text of a take and moves h on. Of a draft speed counts,
	// and h is a copy.
	transcribe(ctx context.Context, t *take, h *history, draft bool) ([]TranscriptSegment, error)
	close() error
}

// history is what one take leaves for the next of the same sound.
type history struct {
	language string
	score    float64 // probability of language
	tokens   []int32 // of earlier text
	windows  uint64  // so far
}

// history begins a sound.
func (t *Transcriber) history() history {
	if t.opt.Language == "" {
		return history{}
	}
	return history{language: t.opt.Language, score: 1}
}

// NewTranscriber loads a model and returns a transcriber. The directory of a Whisper
// model holds
//
//	config.json, generation_config.json, preprocessor_config.json, tokenizer.json
//	encoder_model.onnx
//	decoder_model_merged.onnx, or decoder_model.onnx and decoder_with_past_model.onnx
//
// where decoder_model.onnx alone will do but is slow; that of a CTC model, such as
// wav2vec 2.0,
//
//	config.json, preprocessor_config.json, vocab.json, tokenizer_config.json (optional)
//	model.onnx
//
// The graphs may stand in a folder onnx, and may have a common suffix, as in
// encoder_model_quantized.onnx: then Model names that file.
//
// Without a model, or where a file is missing or does not fit, the error wraps
// [quintet.ErrModel] and says which. It wraps [quintet.ErrOption] for options that
// make no sense for the model, and is what optimize.Runtime.Session fails with.
func NewTranscriber(o TranscriberOptions) (*Transcriber, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	ctx := context.Background()
	model, err := openRecognizer(ctx, o)
	if err != nil {
		return nil, err
	}
	t := &Transcriber{opt: o, model: model, to: resamplers{rate: model.rate()}}
	if !o.NoVoiceDetector {
		if t.voice, err = newVoice(ctx, o.gate(lasting(model.longest(), model.rate()))); err != nil {
			return nil, errors.Join(err, model.close())
		}
	}
	t.eng = optimize.NewEngine(o.Runtime, transcriberName, t.step)
	t.live = optimize.NewEngine(o.Runtime, transcriberName+".Listen", runLiveWork)
	return t, nil
}

// WordTimes reports whether the model's files give the times of words, for which
// TranscriberOptions.Words asks: CTC models do, Whisper only where its decoder has the
// outputs cross_attentions. Otherwise segments are all that has times.
func (t *Transcriber) WordTimes() bool { return t.model.wordTimes() }

// Run returns what is said in a clip.
func (t *Transcriber) Run(ctx context.Context, c Clip) (Transcript, error) { return t.eng.Run(ctx, c) }

// RunBatch writes down every clip; see [quintet.Pipeline] for its errors.
func (t *Transcriber) RunBatch(ctx context.Context, cs []Clip) ([]Transcript, error) {
	return t.eng.RunBatch(ctx, cs)
}

// Stream writes down clips as they are pulled, each for itself. For one sound in
// many parts there is [Transcriber.Listen].
func (t *Transcriber) Stream(ctx context.Context, cs iter.Seq[Clip]) iter.Seq2[Transcript, error] {
	return t.eng.Stream(ctx, cs)
}

// Close waits for running calls and releases t. What listens gets
// [quintet.ErrClosed] with its next sound.
func (t *Transcriber) Close() error {
	err := errors.Join(t.eng.Close(), t.live.Close(), t.model.close())
	if t.voice != nil {
		err = errors.Join(err, t.voice.close())
	}
	return err
}

// step is the whole of the work on one clip.
func (t *Transcriber) step(ctx context.Context, c Clip) (Transcript, error) {
	if err := t.check(c); err != nil {
		return Transcript{}, err
	}
	sound, err := c.Mono().resample(ctx, t.to.from(c.Rate))
	if err != nil {
		return Transcript{}, err
	}
	parts, err := t.takes(ctx, sound, c)
	if err != nil {
		return Transcript{}, err
	}
	out := Transcript{ID: c.ID, Duration: c.Duration()}
	h := t.history()
	for i := range parts {
		segments, err := t.model.transcribe(ctx, &parts[i], &h, false)
		if err != nil {
			return Transcript{}, err
		}
		out.Segments = append(out.Segments, within(segments, out.Duration)...)
	}
	if len(out.Segments) > 0 {
		out.Language, out.LanguageScore, out.Translated = h.language, h.score, t.opt.Translate
	}
	return out, ctx.Err()
}

// check returns why a clip cannot be transcribed, or nil.
func (t *Transcriber) check(c Clip) error {
	if err := c.check(); err != nil {
		return err
	}
	if err := c.checkFinite(); err != nil {
		return err
	}
	return checkUpsample(c.Rate, max(t.to.rate, voiceRate), "speech")
}

// takes cuts the clip, which is also given at the model's rate.
func (t *Transcriber) takes(ctx context.Context, sound, c Clip) ([]take, error) {
	longest, packs := t.model.longest(), t.model.packs()
	switch {
	case len(sound.Samples) == 0:
		return nil, nil
	case t.voice != nil:
		heard := c
		if sound.Rate == voiceRate {
			heard = sound // it is resampled already
		}
		speech, err := t.voice.segments(ctx, heard, c.Duration())
		return takes(sound, speech, longest, packs), err
	case packs: // the model finds the ends of its windows itself
		longest = len(sound.Samples)
	}
	return cutQuietly(sound, longest), nil
}

// within bounds times that rounding to samples may have moved beyond the clip.
func within(segments []TranscriptSegment, length time.Duration) []TranscriptSegment {
	out := segments[:0]
	for _, s := range segments {
		s.Start, s.End = min(s.Start, length), min(s.End, length)
		for i := range s.Words {
			w := &s.Words[i]
			w.Start, w.End = min(w.Start, length), min(w.End, length)
		}
		if s.Start < s.End {
			out = append(out, s)
		}
	}
	return out
}
