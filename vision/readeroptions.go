package vision

import (
	"fmt"
	"math"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// ASCII has the printable characters of ASCII, for [ReaderOptions].
const ASCII = " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"

// ReaderOptions configures a [Reader]. Detection, Recognition and Alphabet are
// required; [OpenReader] fills them in.
type ReaderOptions struct {
	// Detection finds where text is (differentiable binarization). It takes float32
	// [1,3,h,w], blue, green, red, and gives for each pixel how likely it is text,
	// [1,1,h,w].
	Detection optimize.Model

	// Recognition reads a line. It takes float32 [n,3,48,w] and gives for each of some
	// columns the probabilities of its classes, [n,columns,classes]: none, the
	// characters of the alphabet, and a space unless that is among them.
	Recognition optimize.Model

	// Orientation tells whether a line is upside down. It takes float32 [n,3,48,192]
	// and gives the probabilities of no and yes, [n,2]. Default: lines are taken as
	// they stand, lines that go up or down as if they went down.
	Orientation optimize.Model

	// Alphabet are the characters that Recognition tells apart, in its order; see
	// [ReadAlphabet].
	Alphabet []string

	// Characters are those of the alphabet that may be read, such as [ASCII]; where
	// the model sees another, the most likely of them is taken. A model for Chinese
	// reads English much better so. Default: all.
	Characters string

	// SpacePrior multiplies the probability of a space, which PP-OCR models see far
	// too seldom. Default: 100.
	SpacePrior float64

	// PixelThreshold is the probability from which on a pixel is text. Default: 0.3.
	PixelThreshold float64

	// BoxThreshold drops boxes in which the mean probability is lower. Default: 0.4.
	BoxThreshold float64

	// Unclip is by how much a box grows on all sides, times its area over its
	// perimeter, since the model marks only the core of a line. Default: 1.5.
	Unclip float64

	// TurnThreshold is the probability from which on a line is upside down. Default:
	// 0.9.
	TurnThreshold float64

	// MinScore drops lines with a lower score. Default: 0.5.
	MinScore float64

	// MaxSide is the size to which a picture is scaled down to find text, in pixels of
	// its longer side, 32 to 4096. Time grows with its square. Lines are read from the
	// picture as it is. Default: 960.
	MaxSide int

	// MaxLines keeps the boxes with the highest scores. Default: 1000.
	MaxLines int

	// Batch is how many lines of similar width run through a model at once. Devices
	// that compute many at a time gain from it, processors lose. Default: 1.
	Batch int

	// Limits bound what one picture may cost, as in [Options].
	Limits Limits

	// Session says how the models are loaded.
	Session optimize.SessionOptions

	// Runtime runs the pipeline and the models. Default: optimize.Default().
	Runtime *optimize.Runtime
}

func (o ReaderOptions) withDefaults() (ReaderOptions, error) {
	if o.Detection == (optimize.Model{}) || o.Recognition == (optimize.Model{}) {
		return o, fmt.Errorf("vision: Detection or Recognition has no model: %w", quintet.ErrOption)
	}
	if len(o.Alphabet) == 0 {
		return o, fmt.Errorf("vision: Alphabet is empty: %w", quintet.ErrOption)
	}
	for _, f := range []struct {
		name          string
		v             *float64
		standard, max float64
	}{
		{"SpacePrior", &o.SpacePrior, 100, math.MaxFloat32}, {"PixelThreshold", &o.PixelThreshold, 0.3, 1},
		{"BoxThreshold", &o.BoxThreshold, 0.4, 1}, {"Unclip", &o.Unclip, 1.5, 10},
		{"TurnThreshold", &o.TurnThreshold, 0.9, 1}, {"MinScore", &o.MinScore, 0.5, 1},
	} {
		if !(*f.v >= 0 && *f.v <= f.max) { // nor NaN
			return o, fmt.Errorf("vision: %s is %v, want 0 to %v: %w", f.name, *f.v, f.max, quintet.ErrOption)
		}
		if *f.v == 0 {
			*f.v = f.standard
		}
	}
	return o.withDefaultSizes()
}

func (o ReaderOptions) withDefaultSizes() (ReaderOptions, error) {
	for _, n := range []struct {
		name               string
		v                  *int
		standard, min, max int
	}{
		{"MaxSide", &o.MaxSide, 960, mapStep, 4096}, {"MaxLines", &o.MaxLines, 1000, 1, math.MaxInt},
		{"Batch", &o.Batch, 1, 1, 256},
	} {
		if *n.v == 0 {
			*n.v = n.standard
		}
		if *n.v < n.min || *n.v > n.max {
			return o, fmt.Errorf("vision: %s is %d, want %d to %d: %w", n.name, *n.v, n.min, n.max, quintet.ErrOption)
		}
	}
	var err error
	if o.Limits, err = o.Limits.withDefaults(); err != nil {
		return o, fmt.Errorf("vision: %w", err)
	}
	if o.Runtime == nil {
		o.Runtime = optimize.Default()
	}
	return o, nil
}
