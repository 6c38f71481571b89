package main

import (
	"fmt"
	"image"
	"math"

	"github.com/quintet-ai/quintet/internal/report"
	"github.com/quintet-ai/quintet/vision"
)

// visionErrorFigures are how far the fast ways are from the exact one, in steps of
// 255, and how far the decoder is from that of Go.
func visionErrorFigures() (out []report.Figure) {
	for _, t := range []struct {
		name string
		file func(*photoSet) []byte
		q    vision.Quality
		goal report.Goal
	}{
		{"error_balanced_12mp", func(s *photoSet) []byte { return s.large }, vision.Balanced, report.AtMost(0.5)},
		{"error_fast_12mp", func(s *photoSet) []byte { return s.large }, vision.Fast, report.Goal{}},
		{"error_fast_1mp", func(s *photoSet) []byte { return s.medium }, vision.Fast, report.Goal{}},
	} {
		out = append(out, report.Figure{Name: "vision/" + t.name, Goal: t.goal, Peer: "exact",
			Measure: func(m *report.Meter) ([]float64, error) { return tensorError(m, t.file, t.q) }})
	}
	return append(out, report.Figure{Name: "vision/decode_12mp_luma", Goal: report.AtMost(1), Peer: "image/jpeg",
		Measure: lumaError})
}

// tensorError is the mean difference of two qualities.
func tensorError(m *report.Meter, file func(*photoSet) []byte, q vision.Quality) ([]float64, error) {
	s, err := visionPictures()
	if err != nil {
		return nil, err
	}
	exact, err := tensorOf(file, vision.Exact)(s)
	if err != nil {
		return nil, err
	}
	got, err := tensorOf(file, q)(s)
	if err != nil {
		return nil, err
	}
	sum, worst := 0.0, 0.0
	for i, v := range got.tensor {
		d := 127.5 * math.Abs(float64(v-exact.tensor[i]))
		sum, worst = sum+d, max(worst, d)
	}
	m.Note("of 255, at most %.1f", worst)
	return []float64{sum / float64(len(got.tensor))}, nil
}

// lumaError is the largest difference of a sample of luma.
func lumaError(m *report.Meter) ([]float64, error) {
	s, err := visionPictures()
	if err != nil {
		return nil, err
	}
	a, err := decodeWhole(s)
	if err != nil {
		return nil, err
	}
	b, err := decodeGo(s)
	if err != nil {
		return nil, err
	}
	ours, ok1 := a.picture.(*image.YCbCr)
	peer, ok2 := b.picture.(*image.YCbCr)
	if !ok1 || !ok2 {
		return nil, fmt.Errorf("pictures are %T and %T", a.picture, b.picture)
	}
	worst, differ := 0, 0
	for y := range ours.Rect.Dy() {
		line := peer.Y[y*peer.YStride:]
		for x, v := range ours.Y[y*ours.YStride:][:ours.Rect.Dx()] {
			if d := int(v) - int(line[x]); d != 0 {
				worst, differ = max(worst, d, -d), differ+1
			}
		}
	}
	m.Note("of 255; %.1f %% of the samples differ", 100*float64(differ)/float64(ours.Rect.Dx()*ours.Rect.Dy()))
	return []float64{float64(worst)}, nil
}
