package vision_test

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/vision"
)

func measured(t testing.TB, m image.Image) vision.Properties {
	t.Helper()
	p, err := vision.Measure(m)
	require.NoError(t, err)
	return p
}

// brighter adds to each sample, and clips.
func brighter(m *image.NRGBA, by int) *image.NRGBA {
	out := image.NewNRGBA(m.Rect)
	for i, v := range m.Pix {
		out.Pix[i] = uint8(min(max(int(v)+by, 0), 255))
		if i%4 == 3 {
			out.Pix[i] = v
		}
	}
	return out
}

func TestQualityFallsWithEveryFault(t *testing.T) {
	good := photograph(640, 480)
	small, err := vision.Resize(good, 160, 120, vision.Lanczos3)
	require.NoError(t, err)
	blurred, err := vision.Resize(small, 640, 480, vision.Bilinear)
	require.NoError(t, err)
	flat := image.NewNRGBA(good.Rect)
	for i, v := range good.Pix {
		flat.Pix[i] = 112 + v/8
		if i%4 == 3 {
			flat.Pix[i] = 255
		}
	}
	best := measured(t, good)
	require.InDelta(t, 0.8, best.Quality, 0.2)
	for name, m := range map[string]image.Image{
		"small": small, "blurred": blurred, "without contrast": flat,
		"overexposed": brighter(good, 130), "underexposed": brighter(good, -130),
	} {
		p := measured(t, m)
		require.Less(t, p.Quality, 0.95*best.Quality, name)
		require.False(t, p.Blank, name)
	}
}

func TestQualityIsItsFormula(t *testing.T) {
	p := measured(t, photograph(83, 61))
	parts := p.Sharpness / (p.Sharpness + 100) * (1 - p.Shadows - p.Highlights) *
		min(p.Contrast/50, 1) * math.Sqrt(83*61/1e6)
	require.InDelta(t, math.Pow(parts, 0.25), p.Quality, 1e-12)
}

func TestBlankPictures(t *testing.T) {
	page := uniform(400, 400, color.White)
	line := image.Rect(100, 200, 200, 202)
	written := uniform(400, 400, color.White)
	draw.Draw(written, line, image.Black, image.Point{}, draw.Src)
	dim := noise(3, 200, 200, false)
	capped := image.NewGray(dim.Bounds())
	for i, v := range asGray(dim).Pix {
		capped.Pix[i] = 4 + v/48
	}
	tests := map[string]struct {
		m     image.Image
		blank bool
	}{
		"an empty page":          {page, true},
		"a page with one stroke": {written, false},
		"noise of a capped lens": {capped, true},
		"noise":                  {dim, false},
		"a photograph":           {photograph(200, 150), false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) { require.Equal(t, tt.blank, measured(t, tt.m).Blank) })
	}
}

func ExampleMeasure() {
	for _, m := range []image.Image{photograph(800, 600), uniform(800, 600, color.White)} {
		p, err := vision.Measure(m)
		fmt.Printf("blank %t, quality %.1f %v\n", p.Blank, p.Quality, err)
	}
	// Output:
	// blank false, quality 0.8 <nil>
	// blank true, quality 0.0 <nil>
}
