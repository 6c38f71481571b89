package server

import (
	"cmp"
	"errors"
	"sync"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/graph"
	"github.com/quintet-ai/quintet/text"
	"github.com/quintet-ai/quintet/vision"
)

type (
	textPipeline  = quintet.Pipeline[text.Document, text.Result]
	imagePipeline = quintet.Pipeline[vision.Picture, vision.Result]
	soundPipeline = quintet.Pipeline[audio.Clip, audio.Result]
	graphPipeline = quintet.Pipeline[*graph.Graph[string], graph.Result[string]]
)

// perTask builds a pipeline for each set of tasks that is asked for, and keeps it.
// There are few sets: a domain has some dozen tasks, and clients ask for the same.
type perTask[P any] struct {
	build func(tasks uint) (P, error)

	mu    sync.Mutex
	built map[uint]P
}

// maxSets bounds the pipelines that are kept; beyond it the one that answers is built
// for the request alone, which costs a few allocations.
const maxSets = 256

func (t *perTask[P]) of(tasks uint) (P, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if p, ok := t.built[tasks]; ok {
		return p, nil
	}
	p, err := t.build(tasks)
	if err == nil && len(t.built) < maxSets {
		if t.built == nil {
			t.built = make(map[uint]P)
		}
		t.built[tasks] = p
	}
	return p, err
}

// prepare says how pipelines are built, and builds the one with the tasks of the options,
// so that options which make no sense are refused before the first request.
func (t *perTask[P]) prepare(build func(tasks uint) (P, error)) error {
	t.build = build
	_, err := t.of(0)
	return err
}

// build prepares the pipelines that are served.
func (s *Server) build() error {
	var errs []error
	if o := s.serving.Text; o != nil {
		errs = append(errs, s.texts.prepare(func(t uint) (textPipeline, error) {
			opt := *o
			opt.Tasks, opt.Runtime = cmp.Or(text.Task(t), opt.Tasks), cmp.Or(opt.Runtime, s.opt.Runtime)
			return text.New(opt)
		}))
	}
	if o := s.serving.Vision; o != nil {
		errs = append(errs, s.images.prepare(func(t uint) (imagePipeline, error) {
			opt := *o
			opt.Tasks, opt.Runtime = cmp.Or(vision.Task(t), opt.Tasks), cmp.Or(opt.Runtime, s.opt.Runtime)
			return vision.New(opt)
		}))
	}
	if o := s.serving.Audio; o != nil {
		errs = append(errs, s.sounds.prepare(func(t uint) (soundPipeline, error) {
			opt := *o
			opt.Tasks, opt.Runtime = cmp.Or(audio.Task(t), opt.Tasks), cmp.Or(opt.Runtime, s.opt.Runtime)
			return audio.New(opt)
		}))
	}
	if o := s.serving.Graph; o != nil {
		errs = append(errs, s.graphs.prepare(func(t uint) (graphPipeline, error) {
			opt := *o
			opt.Tasks, opt.Runtime = cmp.Or(graph.Task(t), opt.Tasks), cmp.Or(opt.Runtime, s.opt.Runtime)
			return graph.New[string](opt)
		}))
	}
	return errors.Join(errs...)
}
