package main

import (
	"context"
	"image"

	"github.com/quintet-ai/quintet/internal/report"
	"github.com/quintet-ai/quintet/vision"
)

// visionFaceFigures are of the photographs with faces.
func visionFaceFigures() []report.Figure {
	return []report.Figure{
		{Name: "vision/faces_recall", Unit: "%", Goal: report.AtLeast(99), Measure: func(m *report.Meter) ([]float64, error) {
			found, wrong, all, err := faceCounts()
			m.Note("%d of %d faces, %d other", found, all, wrong)
			return []float64{100 * float64(found) / float64(max(all, 1))}, err
		}},
		{Name: "vision/faces_false", Goal: report.AtMost(0), Measure: func(*report.Meter) ([]float64, error) {
			_, wrong, _, err := faceCounts()
			return []float64{float64(wrong)}, err
		}},
		{Name: "vision/faces", Unit: "ms", Goal: report.AtMost(12), Parallel: true, Measure: faceTime},
	}
}

// faceCounts returns how many faces are found, what else is, and how many there are.
func faceCounts() (found, wrong, all int, err error) {
	pictures, boxes, err := peopled()
	if err != nil {
		return 0, 0, 0, err
	}
	d, err := vision.NewFaceDetector(vision.FaceDetectorOptions{})
	if err != nil {
		return 0, 0, 0, err
	}
	defer d.Close()
	for i, m := range pictures {
		faces, err := d.Run(context.Background(), vision.Picture{Image: m})
		if err != nil {
			return 0, 0, 0, err
		}
		hits := matched(faces, boxes[i])
		found, wrong, all = found+hits, wrong+len(faces)-hits, all+len(boxes[i])
	}
	return found, wrong, all, nil
}

// matched counts faces whose middle lies in a box that no face before has.
func matched(faces []vision.Face, boxes []image.Rectangle) (n int) {
	taken := make([]bool, len(boxes))
next:
	for _, f := range faces {
		middle := f.Box.Min.Add(f.Box.Max).Div(2)
		for i, b := range boxes {
			if !taken[i] && middle.In(b) {
				taken[i] = true
				n++
				continue next
			}
		}
	}
	return n
}

// faceTime is the CPU time of a photograph that is decoded.
func faceTime(m *report.Meter) ([]float64, error) {
	pictures, _, err := peopled()
	if err != nil {
		return nil, err
	}
	d, err := vision.NewFaceDetector(vision.FaceDetectorOptions{})
	if err != nil {
		return nil, err
	}
	defer d.Close()
	var out []float64
	for _, ns := range m.Nanoseconds(func(n int) {
		for range n {
			for _, p := range pictures {
				_, err = d.Run(context.Background(), vision.Picture{Image: p})
				if err != nil {
					return
				}
			}
		}
	}) {
		out = append(out, ns/1e6/float64(len(pictures)))
	}
	return out, err
}
