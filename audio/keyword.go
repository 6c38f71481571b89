package audio

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// Keyword is a spoken word or a short phrase to be found.
type Keyword struct {
	// Name is what hits are called.
	Name string

	// Examples are recordings of it alone, best three to five, by the voices that
	// are to be heard. Silence at their ends is cut off. Each must have at least
	// 0.1 s of sound, at most 5 s.
	Examples []Clip
}

// KeywordSpotterOptions configures a [KeywordSpotter].
type KeywordSpotterOptions struct {
	// Keywords are what is looked for. Required.
	Keywords []Keyword

	// Model is an ONNX model that makes a vector of a window of sound: the mean of
	// its first output over all dimensions but the last. Default: none; sound is
	// compared by its mel-frequency cepstral coefficients, which depend on the
	// voice.
	Model optimize.Model

	// Input says how Model wants sound. Its Window, here 1 s by default, is what a
	// vector is of, and windows are filled with silence.
	Input ModelInput

	// Hop is the time from one window of Model to the next. Default: 80 ms.
	Hop time.Duration

	// Threshold is the least score of a hit, above 0 and at most 1. A lower one
	// finds more, and more of what is none. Default: 0.5.
	Threshold float64

	// Session says how Model is loaded.
	Session optimize.SessionOptions

	// Runtime runs the spotter. Default: optimize.Default().
	Runtime *optimize.Runtime
}

const (
	mostExample  = 5 * time.Second
	mostKeywords = 1000 // examples of all keywords
)

func (o KeywordSpotterOptions) withDefaults() (KeywordSpotterOptions, error) {
	examples := 0
	for _, k := range o.Keywords {
		if len(k.Examples) == 0 {
			return o, fmt.Errorf("audio: keyword %q has no example: %w", k.Name, quintet.ErrOption)
		}
		examples += len(k.Examples)
	}
	switch {
	case examples == 0 || examples > mostKeywords:
		return o, fmt.Errorf("audio: %d examples of keywords, want 1 to %d: %w", examples, mostKeywords, quintet.ErrOption)
	case !(o.Threshold >= 0 && o.Threshold <= 1):
		return o, fmt.Errorf("audio: Threshold is %v, must be from 0 to 1: %w", o.Threshold, quintet.ErrOption)
	case o.Hop < 0 || o.Hop > 0 && o.Hop < 10*time.Millisecond || o.Hop > time.Second:
		return o, fmt.Errorf("audio: Hop is %v, must be from 10ms to 1s: %w", o.Hop, quintet.ErrOption)
	}
	if o.Threshold == 0 {
		o.Threshold = 0.5
	}
	if o.Hop == 0 {
		o.Hop = 80 * time.Millisecond
	}
	if o.Input.Window == 0 {
		o.Input.Window = time.Second
	}
	o.Input.Fill = true
	return o, nil
}

// KeywordHit is a place where a keyword was spoken.
type KeywordHit struct {
	Keyword string        `json:"keyword"` // its name
	Start   time.Duration `json:"start"`   // from the begin of the clip
	End     time.Duration `json:"end"`     // likewise

	// Score is 0.5 where the sound differs from the nearest example twice as much
	// as the examples from one another, and near 1 where it is like it.
	Score float64 `json:"score"`
}

// KeywordSpotter finds words in sound by a few examples of each. Sound and examples are
// rows of vectors, compared by dynamic time warping, in which one may be up to twice as
// fast as the other: Sakoe, Chiba, IEEE Transactions on Acoustics, Speech and Signal
// Processing 26(1), 1978. It is safe for concurrent use.
type KeywordSpotter struct {
	opt      KeywordSpotterOptions
	listen   wordEar
	keywords []enrolled
	eng      *optimize.Engine[Clip, []KeywordHit]
}

var _ quintet.Pipeline[Clip, []KeywordHit] = (*KeywordSpotter)(nil)

// wordEar makes rows of vectors of length 1 of sound.
type wordEar interface {
	hear(ctx context.Context, c Clip) ([][]float32, error)
	hop() time.Duration
	close() error
}

// enrolled is a keyword with the vectors of its examples.
type enrolled struct {
	name     string
	examples [][][]float32
	scale    float64 // cost of a score of 0.5
}

// NewKeywordSpotter returns a spotter that has listened to its examples. Its error wraps
// [quintet.ErrOption] for options that make no sense, [quintet.ErrInput] for an example
// that is not valid or has too little or too much sound, and [quintet.ErrModel] for a
// model that does not fit; it also fails with what optimize.Runtime.Session fails with.
func NewKeywordSpotter(o KeywordSpotterOptions) (*KeywordSpotter, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	k := &KeywordSpotter{opt: o}
	ctx := context.Background()
	if o.Model.IsZero() {
		k.listen, err = newCepstralEar()
	} else {
		k.listen, err = newModelEar(ctx, o)
	}
	if err != nil {
		return nil, err
	}
	for _, word := range o.Keywords {
		e, err := k.enroll(ctx, word)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("audio: keyword %q: %w", word.Name, err), k.listen.close())
		}
		k.keywords = append(k.keywords, e)
	}
	k.opt.Keywords = nil // the sound is not needed any more
	k.eng = optimize.NewEngine(o.Runtime, "audio.KeywordSpotter", k.step)
	return k, nil
}

// Run returns where keywords are spoken in a clip, in order of time. Of hits that overlap
// by more than half of the shorter one the best is kept. It costs time in proportion to
// the product of the sound and of all examples.
func (k *KeywordSpotter) Run(ctx context.Context, c Clip) ([]KeywordHit, error) {
	return k.eng.Run(ctx, c)
}

// RunBatch looks through every clip; see [quintet.Pipeline] for its errors.
func (k *KeywordSpotter) RunBatch(ctx context.Context, cs []Clip) ([][]KeywordHit, error) {
	return k.eng.RunBatch(ctx, cs)
}

// Stream looks through clips as they are pulled, each for itself.
func (k *KeywordSpotter) Stream(ctx context.Context, cs iter.Seq[Clip]) iter.Seq2[[]KeywordHit, error] {
	return k.eng.Stream(ctx, cs)
}

// Close waits for running calls and releases k.
func (k *KeywordSpotter) Close() error { return errors.Join(k.eng.Close(), k.listen.close()) }

// enroll listens to the examples of a keyword.
func (k *KeywordSpotter) enroll(ctx context.Context, word Keyword) (enrolled, error) {
	e := enrolled{name: word.Name}
	for i, c := range word.Examples {
		err := c.check()
		if err == nil {
			err = c.checkFinite()
		}
		if err != nil {
			return e, fmt.Errorf("example %d: %w", i, err)
		}
		c = onlySound(c)
		if d := c.Duration(); d < shortestSound || d > mostExample {
			return e, fmt.Errorf("example %d has %v of sound, want %v to %v: %w", i, d, shortestSound, mostExample, quintet.ErrInput)
		}
		row, err := k.listen.hear(ctx, c)
		if err != nil {
			return e, fmt.Errorf("example %d: %w", i, err)
		}
		e.examples = append(e.examples, row)
	}
	e.scale = scaleOfExamples(e.examples)
	return e, nil
}

func (k *KeywordSpotter) step(ctx context.Context, c Clip) ([]KeywordHit, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if err := c.checkFinite(); err != nil {
		return nil, err
	}
	sound, err := k.listen.hear(ctx, c)
	if err != nil {
		return nil, err
	}
	var found []KeywordHit
	for _, word := range k.keywords {
		for _, example := range word.examples {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			for _, m := range warp(example, sound) {
				score := scoreOf(m.cost, word.scale)
				if score < k.opt.Threshold {
					continue
				}
				hop := k.listen.hop()
				end := min(time.Duration(m.end+1)*hop, c.Duration())
				found = append(found, KeywordHit{word.name, time.Duration(m.start) * hop, end, score})
			}
		}
	}
	return apart(found), ctx.Err()
}

// apart keeps of hits that overlap the best, and sorts them by time.
func apart(found []KeywordHit) []KeywordHit {
	slices.SortStableFunc(found, func(a, b KeywordHit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Start, b.Start))
	})
	var kept []KeywordHit
	for _, h := range found {
		if !slices.ContainsFunc(kept, func(b KeywordHit) bool {
			common := min(h.End, b.End) - max(h.Start, b.Start)
			return 2*common > min(h.End-h.Start, b.End-b.Start)
		}) {
			kept = append(kept, h)
		}
	}
	slices.SortFunc(kept, func(a, b KeywordHit) int { return cmp.Compare(a.Start, b.Start) })
	return kept
}
