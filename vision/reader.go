package vision

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// Reader reads the text in pictures (OCR) with models that the caller brings, those
// of PP-OCR: one finds lines, one tells whether they are upside down, one reads them
// (Du and others, arXiv:2009.09941). A line that is read with a score below 0.8 is also
// read the other way round, if there is a model for the orientation; the better counts.
// It is safe for concurrent use.
//
// On the native backend a line of 45 characters takes about as much time as the same
// models in ONNX Runtime times 0.7, of which a twentieth is not spent in the models.
//
// It reads print. Handwriting, letters on a curve and lines whose letters stand below
// one another are beyond these models. Text lower than 8 pixels, after the picture was
// scaled to MaxSide, is often not found. Brackets, commas and what looks alike, such as
// "l" and "I", "0" and "o", are what goes wrong first. A table is read row by row, but
// one whose cells are long and stand in columns is taken for columns of running text.
type Reader struct {
	dec   DecodeOptions
	lines *lineReader
	eng   *optimize.Engine[Picture, Reading]
}

var _ quintet.Pipeline[Picture, Reading] = (*Reader)(nil)

// NewReader loads the models. It fails with [quintet.ErrOption], also for an alphabet
// that is not as long as the model says, with [quintet.ErrModel] for models that take
// or give something else than [ReaderOptions] says, and with what
// [optimize.Runtime.Session] fails with.
func NewReader(o ReaderOptions) (*Reader, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	dec, err := DecodeOptions{Limits: o.Limits}.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("vision: %w", err)
	}
	lines, err := openLineReader(context.Background(), o)
	if err != nil {
		return nil, err
	}
	r := &Reader{dec: dec, lines: lines}
	r.eng = optimize.NewEngine(o.Runtime, "vision.Reader", r.step)
	return r, nil
}

// Run reads one picture. A picture without text has no lines and no error. Causes of
// errors are those of [Pipeline.Run] and of the models, [quintet.ErrModel] among them
// if one gives what it should not; a cancelled context ends it between two operators
// of a model.
//
// Time is that of detection, which MaxSide bounds, and of each line, which grows with
// its length over its height.
func (r *Reader) Run(ctx context.Context, in Picture) (Reading, error) { return r.eng.Run(ctx, in) }

// RunBatch reads many pictures; see [quintet.Pipeline].
func (r *Reader) RunBatch(ctx context.Context, in []Picture) ([]Reading, error) {
	return r.eng.RunBatch(ctx, in)
}

// Stream reads pictures as they come; see [quintet.Pipeline].
func (r *Reader) Stream(ctx context.Context, in iter.Seq[Picture]) iter.Seq2[Reading, error] {
	return r.eng.Stream(ctx, in)
}

// Close waits for running calls and gives the models back; later calls return
// [quintet.ErrClosed].
func (r *Reader) Close() error { return errors.Join(r.eng.Close(), r.lines.close()) }

func (r *Reader) step(ctx context.Context, in Picture) (Reading, error) {
	s, _, err := openPicture(ctx, in, r.dec)
	if err != nil {
		return Reading{}, err
	}
	return r.lines.read(ctx, s)
}
