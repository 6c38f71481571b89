package vision

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// Pipeline analyses pictures. It is safe for concurrent use.
type Pipeline struct {
	opt   Options
	dec   DecodeOptions
	faces *faceFinder // nil without TaskFaces
	eng   *optimize.Engine[Picture, Result]
}

var _ quintet.Pipeline[Picture, Result] = (*Pipeline)(nil)

// New returns a pipeline, or an error wrapping [quintet.ErrOption]. With TaskFaces
// it loads the model of [NewFaceDetector] and fails with its errors too.
func New(o Options) (*Pipeline, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	dec, err := DecodeOptions{Limits: o.Limits, GPS: o.GPS}.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("vision: %w", err)
	}
	p := &Pipeline{opt: o, dec: dec}
	if o.Tasks&TaskFaces != 0 {
		if p.faces, err = openFaceFinder(context.Background(), o.Faces); err != nil {
			return nil, err
		}
	}
	p.eng = optimize.NewEngine(o.Runtime, "vision", p.step)
	return p, nil
}

// Run analyses one picture. Its causes are those of [Decode], and
// [quintet.ErrInput] for a picture with both Data and Image or neither. A
// cancelled context ends it between two tasks, in TaskFaces sooner. An error of one of
// the options' models is an error of the picture.
func (p *Pipeline) Run(ctx context.Context, in Picture) (Result, error) { return p.eng.Run(ctx, in) }

// RunBatch analyses many pictures; see [quintet.Pipeline].
func (p *Pipeline) RunBatch(ctx context.Context, in []Picture) ([]Result, error) {
	return p.eng.RunBatch(ctx, in)
}

// Stream analyses pictures as they come; see [quintet.Pipeline].
func (p *Pipeline) Stream(ctx context.Context, in iter.Seq[Picture]) iter.Seq2[Result, error] {
	return p.eng.Stream(ctx, in)
}

// Close waits for running calls and gives the model back, if there is one; later
// calls return [quintet.ErrClosed].
func (p *Pipeline) Close() error {
	err := p.eng.Close()
	if p.faces != nil {
		err = errors.Join(err, p.faces.close())
	}
	return err
}

func (p *Pipeline) step(ctx context.Context, in Picture) (Result, error) {
	pic, info, err := openPicture(ctx, in, p.dec)
	if err != nil {
		return Result{}, err
	}
	r := Result{ID: in.ID}
	if p.asked(TaskProperties) {
		r.Properties = pic.properties()
		r.Properties.Info = info
	}
	if p.asked(TaskHashes) && ctx.Err() == nil {
		r.Hashes = pic.hashes()
	}
	if p.asked(TaskColors) && ctx.Err() == nil {
		if r.Colors, err = pic.dominant(p.opt.Colors); err != nil {
			return Result{}, err
		}
	}
	if p.asked(TaskFaces) && ctx.Err() == nil {
		if r.Faces, err = p.faces.find(ctx, pic); err != nil {
			return Result{}, err
		}
	}
	if err := p.recognize(ctx, Picture{ID: in.ID, Image: pic.img}, &r); err != nil {
		return Result{}, err
	}
	return r, ctx.Err()
}

func (p *Pipeline) asked(t Task) bool { return p.opt.Tasks&t != 0 }

// recognize fills in what the caller's models tell.
func (p *Pipeline) recognize(ctx context.Context, in Picture, r *Result) (err error) {
	if p.asked(TaskObjects) && ctx.Err() == nil {
		if r.Objects, err = p.opt.Objects.Run(ctx, in); err != nil {
			return err
		}
	}
	if p.asked(TaskLabels) && ctx.Err() == nil {
		if r.Labels, err = p.opt.Labels.Run(ctx, in); err != nil {
			return err
		}
	}
	if p.asked(TaskText) && ctx.Err() == nil {
		if r.Text, err = p.opt.Text.Run(ctx, in); err != nil {
			return err
		}
	}
	if p.asked(TaskEmbedding) && ctx.Err() == nil {
		r.Embedding, err = p.opt.Embedder.Run(ctx, in)
	}
	return err
}

// openPicture returns the upright pixels of a picture.
func openPicture(ctx context.Context, in Picture, o DecodeOptions) (*source, Info, error) {
	if (in.Image == nil) == (len(in.Data) == 0) {
		return nil, Info{}, fmt.Errorf("picture needs either Data or Image: %w", quintet.ErrInput)
	}
	if in.Image != nil {
		s, err := newSource(in.Image)
		if err != nil {
			return nil, Info{}, err
		}
		return s, Info{Width: s.w, Height: s.h, Orientation: 1}, o.Limits.size(s.w, s.h)
	}
	img, info, err := decode(ctx, in.Data, o)
	if err != nil {
		return nil, Info{}, err
	}
	s, err := newSource(img)
	return s, info, err
}
