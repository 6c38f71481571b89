package server

import (
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

// build makes the pipelines with the tasks of the options, so that options which make
// no sense are refused before the first request.
func (s *Server) build() (err error) {
	o := &s.serving
	if o.Text != nil {
		s.texts.build = func(t uint) (textPipeline, error) {
			opt := *o.Text
			if t != 0 {
				opt.Tasks = text.Task(t)
			}
			opt.Runtime = orElse(opt.Runtime, s.opt.Runtime)
			return text.New(opt)
		}
		_, err = s.texts.of(0)
	}
	if o.Vision != nil && err == nil {
		s.images.build = func(t uint) (imagePipeline, error) {
			opt := *o.Vision
			if t != 0 {
				opt.Tasks = vision.Task(t)
			}
			opt.Runtime = orElse(opt.Runtime, s.opt.Runtime)
			return vision.New(opt)
		}
		_, err = s.images.of(0)
	}
	if o.Audio != nil && err == nil {
		s.sounds.build = func(t uint) (soundPipeline, error) {
			opt := *o.Audio
			if t != 0 {
				opt.Tasks = audio.Task(t)
			}
			opt.Runtime = orElse(opt.Runtime, s.opt.Runtime)
			return audio.New(opt)
		}
		_, err = s.sounds.of(0)
	}
	if o.Graph != nil && err == nil {
		s.graphs.build = func(t uint) (graphPipeline, error) {
			opt := *o.Graph
			if t != 0 {
				opt.Tasks = graph.Task(t)
			}
			opt.Runtime = orElse(opt.Runtime, s.opt.Runtime)
			return graph.New[string](opt)
		}
		_, err = s.graphs.of(0)
	}
	return err
}
