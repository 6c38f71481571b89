package main

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/text"
	"github.com/quintet-ai/quintet/vision"
)

// Report is everything the program found out, as -json prints it.
type Report struct {
	Device   optimize.Device `json:"device"`
	Texts    []text.Result   `json:"texts"`
	Pictures []vision.Result `json:"pictures"`
	Sounds   []audio.Result  `json:"sounds"`
	Refused  []Refused       `json:"refused,omitempty"`
	Passages int             `json:"passages"`
	Query    string          `json:"query"`
	Hits     []Hit           `json:"hits"`
	Links    Links           `json:"links"`
	Took     []Took          `json:"took"`
}

// Refused is a file that could not be used, and why.
type Refused struct {
	Name string `json:"name"`
	Why  string `json:"why"`
}

// Took is the time that all calls of one pipeline took together.
type Took struct {
	Pipeline string        `json:"pipeline"`
	Items    int           `json:"items"`
	Time     time.Duration `json:"time"`
}

// stopwatch is an observer that adds up the times of the pipelines.
type stopwatch struct {
	mu   sync.Mutex
	took []Took
}

// Observe implements quintet.Observer.
func (s *stopwatch) Observe(e quintet.Event) {
	if e.Pipeline == "session" {
		return // the loads of models are in the times of the calls that wait for them
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.took {
		if s.took[i].Pipeline == e.Pipeline {
			s.took[i].Items += e.Items
			s.took[i].Time += e.Took
			return
		}
	}
	s.took = append(s.took, Took{e.Pipeline, e.Items, e.Took})
}

// analyse runs the five domains over the files.
func analyse(ctx context.Context, files []file, query string) (*Report, error) {
	var watch stopwatch
	rt, err := optimize.New(optimize.Options{Observer: &watch})
	if err != nil {
		return nil, err
	}
	r := &Report{Device: rt.Devices()[0], Query: query}
	passages, err := r.read(ctx, rt, files)
	if err != nil {
		return nil, err
	}
	if len(passages) == 0 {
		return r, nil
	}
	r.Passages = len(passages)
	near, err := r.search(ctx, rt, passages)
	if err != nil {
		return nil, err
	}
	if err := r.link(ctx, rt, passages, near); err != nil {
		return nil, err
	}
	r.Took = watch.took
	return r, nil
}

// senses are the pipelines that files are read with.
type senses struct {
	text  *text.Pipeline
	sight *vision.Pipeline
	sound *audio.Pipeline
}

// read hands every file to the domain of its content and returns what can be
// searched: the paragraphs of texts, and a sentence about every picture and sound.
// A file that is refused stops nothing.
func (r *Report) read(ctx context.Context, rt *optimize.Runtime, files []file) (found []passage, err error) {
	var s senses
	if s.text, err = text.New(text.Options{Runtime: rt}); err != nil {
		return nil, err
	}
	defer s.text.Close()
	if s.sight, err = vision.New(vision.Options{
		Tasks: vision.TaskProperties | vision.TaskHashes | vision.TaskColors | vision.TaskFaces, Runtime: rt,
	}); err != nil {
		return nil, err
	}
	defer s.sight.Close()
	if s.sound, err = audio.New(audio.Options{Runtime: rt}); err != nil {
		return nil, err
	}
	defer s.sound.Close()

	for _, f := range files {
		passages, err := r.readFile(ctx, s, f)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			r.Refused = append(r.Refused, Refused{f.name, err.Error()})
			continue
		}
		found = append(found, passages...)
	}
	return found, nil
}

// readFile lets the content decide which sense a file is for.
func (r *Report) readFile(ctx context.Context, s senses, f file) ([]passage, error) {
	switch {
	case len(bytes.TrimSpace(f.data)) == 0:
		return nil, errEmpty
	case vision.Sniff(f.data) != "":
		p, err := s.sight.Run(ctx, vision.Picture{ID: f.name, Data: f.data})
		if err != nil {
			return nil, err
		}
		r.Pictures = append(r.Pictures, p)
		return []passage{{f.name, describePicture(p)}}, nil
	case audio.Sniff(f.data) != "":
		clip, _, err := audio.Decode(bytes.NewReader(f.data), audio.DecodeOptions{})
		if err != nil {
			return nil, err
		}
		clip.ID = f.name
		a, err := s.sound.Run(ctx, clip)
		if err != nil {
			return nil, err
		}
		r.Sounds = append(r.Sounds, a)
		return []passage{{f.name, describeSound(a)}}, nil
	case isText(f.data):
		t, err := s.text.Run(ctx, text.Document{ID: f.name, Body: string(f.data)})
		if err != nil {
			return nil, err
		}
		r.Texts = append(r.Texts, t)
		return paragraphs(f.name, string(f.data)), nil
	}
	return nil, errors.New("neither a text in UTF-8 nor a picture nor a sound")
}
