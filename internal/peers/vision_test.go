package main

import (
	"image"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/vision"
)

func TestOutcomesOfTheSameTask(t *testing.T) {
	ours := outcome{224, 224, 101.5}
	require.True(t, ours.alike(outcome{224, 224, 100.2}), "filters differ")
	require.False(t, ours.alike(outcome{224, 168, 101.5}), "another size")
	require.False(t, ours.alike(outcome{224, 224, 97}), "another picture")
}

func TestOutcomeIsTheMeanSample(t *testing.T) {
	m := image.NewNRGBA(image.Rect(2, 3, 6, 5))
	for i := range m.Pix {
		m.Pix[i] = []uint8{10, 20, 60, 255}[i%4]
	}
	require.Equal(t, outcome{4, 2, 30}, made{picture: m}.outcome())
	plane := make([]float32, 3*tensorSide*tensorSide)
	require.InDelta(t, 127.5, made{tensor: plane}.outcome().mean, 1e-6)
}

func TestMatchedFacesCountOnceForABox(t *testing.T) {
	face := func(x int) vision.Face { return vision.Face{Box: image.Rect(x, 0, x+10, 10)} }
	boxes := []image.Rectangle{image.Rect(0, 0, 10, 10), image.Rect(100, 0, 110, 10)}
	require.Equal(t, 1, matched([]vision.Face{face(1), face(2), face(50)}, boxes))
	require.Equal(t, 2, matched([]vision.Face{face(101), face(3)}, boxes))
}

func TestVisionFiguresMeasure(t *testing.T) {
	out := measured(t, "vision/error_balanced_12mp", visionFigures())
	require.NotContains(t, out, "error(")
	require.NotContains(t, out, " short")
}
