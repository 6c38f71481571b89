package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/vision"
)

// models are the caller's, for what the package has none of its own.
type models struct {
	objects *vision.ObjectDetector
	text    *vision.Reader
}

// openModels loads the models that the flags name.
func openModels(c command) (m models, err error) {
	if c.objects != "" {
		file, err := optimize.OpenModel(c.objects)
		if err != nil {
			return m, err
		}
		if m.objects, err = vision.NewObjectDetector(vision.ObjectDetectorOptions{Model: file}); err != nil {
			return m, err
		}
	}
	if c.text != "" {
		m.text, err = vision.OpenReader(c.text, vision.ReaderOptions{Characters: vision.ASCII})
	}
	if err != nil {
		return models{}, errors.Join(err, m.close())
	}
	return m, nil
}

func (m models) close() (err error) {
	if m.objects != nil {
		err = m.objects.Close()
	}
	if m.text != nil {
		err = errors.Join(err, m.text.Close())
	}
	return err
}

// options returns those of the analysis with the models.
func (m models) options(c command) vision.Options {
	o := vision.Options{
		Tasks: vision.TaskProperties | vision.TaskHashes | vision.TaskFaces, GPS: c.gps,
		Faces: vision.FaceDetectorOptions{Tiles: c.tiles},
	}
	if m.objects != nil {
		o.Tasks |= vision.TaskObjects
		o.Objects = m.objects
	}
	if m.text != nil {
		o.Tasks |= vision.TaskText
		o.Text = m.text
	}
	return o
}

// things says what there is in a photograph, the most frequent first as they were found.
func things(objects []vision.Object) string {
	count := map[string]int{}
	var labels []string
	for _, o := range objects {
		if count[o.Label]++; count[o.Label] == 1 {
			labels = append(labels, o.Label)
		}
	}
	slices.SortStableFunc(labels, func(a, b string) int { return count[b] - count[a] })
	for i, l := range labels {
		if n := count[l]; n > 1 {
			labels[i] = fmt.Sprintf("%d %s", n, l)
		}
	}
	return strings.Join(labels, ", ")
}
