package main

import (
	"errors"
	"io"
	"path/filepath"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/text"
	"github.com/quintet-ai/quintet/vision"
)

// models are what reads the files and the questions. The last three are nil where no flag
// names one.
type models struct {
	texts *text.Embedder
	look  *vision.Pipeline
	hear  *audio.Pipeline

	scribe  quintet.Pipeline[audio.Clip, audio.Transcript]
	sights  vision.VectorEmbedder               // CLIP's part for pictures
	phrases quintet.Pipeline[string, []float32] // and for texts
	closers []io.Closer
}

// keep notes what close ends.
func keep[C io.Closer](m *models, c C, err error) C {
	if err == nil {
		m.closers = append(m.closers, c)
	}
	return c
}

func (m *models) close() (err error) {
	for _, c := range m.closers {
		err = errors.Join(err, c.Close())
	}
	return err
}

func openModels(c command) (m *models, err error) {
	m = &models{}
	if err := errors.Join(m.openTexts(c), m.openSounds(c), m.openPictures(c)); err != nil {
		return nil, errors.Join(err, m.close())
	}
	return m, nil
}

func (m *models) openTexts(c command) error {
	o := text.EmbedderOptions{}
	if c.model != "" {
		file, err := optimize.OpenModel(c.model)
		if err != nil {
			return err
		}
		o.Model = file
	}
	e, err := text.NewEmbedder(o)
	m.texts = keep(m, e, err)
	return err
}

func (m *models) openSounds(c command) error {
	p, err := audio.New(audio.Options{Tasks: audio.TaskProperties | audio.TaskSpeech | audio.TaskTempo | audio.TaskKey})
	if m.hear = keep(m, p, err); err != nil || c.whisper == "" {
		return err
	}
	file, err := optimize.OpenModel(c.whisper)
	if err != nil {
		return err
	}
	t, err := audio.NewTranscriber(audio.TranscriberOptions{Model: file})
	m.scribe = keep(m, t, err)
	return err
}

func (m *models) openPictures(c command) error {
	o := vision.Options{Tasks: vision.TaskProperties | vision.TaskColors | vision.TaskFaces, Colors: 3}
	if c.ocr != "" {
		r, err := vision.OpenReader(c.ocr, vision.ReaderOptions{})
		if keep(m, r, err); err != nil {
			return err
		}
		o.Tasks, o.Text = o.Tasks|vision.TaskText, r
	}
	if c.labels != "" {
		file, err := optimize.OpenModel(c.labels)
		if err != nil {
			return err
		}
		names, err := vision.NewClassifier(vision.ClassifierOptions{Model: file, MaxLabels: 3, MinScore: 0.2})
		if keep(m, names, err); err != nil {
			return err
		}
		o.Tasks, o.Labels = o.Tasks|vision.TaskLabels, names
	}
	if c.clip != "" {
		if err := m.openCLIP(c.clip); err != nil {
			return err
		}
	}
	p, err := vision.New(o)
	m.look = keep(m, p, err)
	return err
}

// openCLIP opens the two parts of CLIP, whose vectors lie in one space.
func (m *models) openCLIP(dir string) error {
	file, err := optimize.OpenModel(filepath.Join(dir, "vision_model.onnx"))
	if err != nil {
		return err
	}
	sights, err := vision.NewEmbedder(vision.EmbedderOptions{Model: file})
	if m.sights = keep(m, sights, err); err != nil {
		return err
	}
	if file, err = optimize.OpenModel(filepath.Join(dir, "text_model.onnx")); err != nil {
		return err
	}
	const most = 77 // tokens that CLIP was trained with
	phrases, err := text.NewEmbedder(text.EmbedderOptions{Model: file, MaxTokens: most})
	m.phrases = keep(m, phrases, err)
	return err
}
