package vision_test

import (
	"bytes"
	"image"
	"image/color"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/image/draw"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vision"
)

// naiveProperties measures a gray picture by the definitions.
func naiveProperties(m *image.Gray) (mean, contrast, entropy, sharpness float64) {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	at := func(x, y int) float64 { return float64(m.GrayAt(m.Rect.Min.X+x, m.Rect.Min.Y+y).Y) }
	moments := func(v []float64) (mean, variance float64) {
		for _, x := range v {
			mean += x / float64(len(v))
		}
		for _, x := range v {
			variance += (x - mean) * (x - mean) / float64(len(v))
		}
		return mean, variance
	}
	var all, edges []float64
	count := map[float64]float64{}
	for y := range h {
		for x := range w {
			all = append(all, at(x, y))
			count[at(x, y)]++
			if x > 0 && y > 0 && x < w-1 && y < h-1 {
				edges = append(edges, at(x-1, y)+at(x+1, y)+at(x, y-1)+at(x, y+1)-4*at(x, y))
			}
		}
	}
	for _, n := range count {
		p := n / float64(len(all))
		entropy -= p * math.Log2(p)
	}
	mean, contrast = moments(all)
	_, sharpness = moments(edges)
	return mean, math.Sqrt(contrast), entropy, sharpness
}

func asGray(m image.Image) *image.Gray {
	g := image.NewGray(m.Bounds())
	draw.Draw(g, g.Rect, m, m.Bounds().Min, draw.Src)
	return g
}

func TestPropertiesAreThoseOfTheirDefinition(t *testing.T) {
	for name, m := range map[string]*image.Gray{
		"a photograph":       asGray(photograph(83, 61)),
		"noise":              asGray(noise(5, 40, 40, false)),
		"a part of a larger": asGray(photograph(83, 61)).SubImage(image.Rect(11, 7, 60, 50)).(*image.Gray),
		"three by three":     asGray(noise(6, 3, 3, false)),
	} {
		t.Run(name, func(t *testing.T) {
			p, err := vision.Measure(m)
			require.NoError(t, err)
			mean, contrast, entropy, sharpness := naiveProperties(m)
			require.InDelta(t, mean, p.MeanLuma, 1e-9)
			require.InDelta(t, contrast, p.Contrast, 1e-9)
			require.InDelta(t, entropy, p.Entropy, 1e-9)
			require.InDelta(t, sharpness, p.Sharpness, 1e-9*(1+sharpness))
			require.Equal(t, m.Rect.Dx(), p.Width)
			require.Equal(t, m.Rect.Dy(), p.Height)
		})
	}
}

func uniform(w, h int, c color.Color) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	draw.Draw(m, m.Rect, image.NewUniform(c), image.Point{}, draw.Src)
	return m
}

func TestPropertiesOfPlainPictures(t *testing.T) {
	checks := image.NewGray(image.Rect(0, 0, 64, 64))
	for i := range checks.Pix {
		checks.Pix[i] = uint8(255 * ((i%64 + i/64) % 2))
	}
	tests := map[string]struct {
		m    image.Image
		want vision.Properties
	}{
		"white":        {uniform(5, 4, color.White), vision.Properties{MeanLuma: 255, Highlights: 1}},
		"black":        {uniform(5, 4, color.Black), vision.Properties{Shadows: 1}},
		"red":          {uniform(5, 4, color.NRGBA{255, 0, 0, 255}), vision.Properties{MeanLuma: 76}},
		"green":        {uniform(5, 4, color.NRGBA{0, 255, 0, 255}), vision.Properties{MeanLuma: 150}},
		"blue":         {uniform(5, 4, color.NRGBA{0, 0, 255, 255}), vision.Properties{MeanLuma: 29}},
		"nothing":      {uniform(5, 4, color.Transparent), vision.Properties{MeanLuma: 255, Highlights: 1, Transparent: true}},
		"half a black": {uniform(5, 4, color.NRGBA{0, 0, 0, 51}), vision.Properties{MeanLuma: 204, Transparent: true}},
		"one pixel":    {uniform(1, 1, color.Gray{9}), vision.Properties{MeanLuma: 9}},
		"a line":       {uniform(70, 2, color.Gray{9}), vision.Properties{MeanLuma: 9}},
		"a chequered one": {checks, vision.Properties{
			MeanLuma: 127.5, Contrast: 127.5, Entropy: 1, Shadows: 0.5, Highlights: 0.5, Sharpness: 1020 * 1020}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := vision.Measure(tt.m)
			require.NoError(t, err)
			tt.want.Blank = name != "a chequered one"
			tt.want.Info = vision.Info{Width: tt.m.Bounds().Dx(), Height: tt.m.Bounds().Dy(), Orientation: 1}
			require.Equal(t, tt.want, got)
		})
	}
}

func TestPropertiesDoNotDependOnTheType(t *testing.T) {
	want, err := vision.Measure(photograph(61, 47))
	require.NoError(t, err)
	for name, m := range sources(t, 61, 47) {
		got, err := vision.Measure(m)
		require.NoError(t, err)
		require.Equal(t, want, got, name)
	}
}

func TestBlurTakesSharpness(t *testing.T) {
	m := photograph(400, 300)
	small, err := vision.Resize(m, 100, 75, vision.Bilinear)
	require.NoError(t, err)
	blurred, err := vision.Resize(small, 400, 300, vision.Bilinear)
	require.NoError(t, err)
	before, err := vision.Measure(m)
	require.NoError(t, err)
	after, err := vision.Measure(blurred)
	require.NoError(t, err)
	require.Less(t, after.Sharpness, before.Sharpness/10)
	require.InDelta(t, before.MeanLuma, after.MeanLuma, 1)
}

func TestHistogram(t *testing.T) {
	h, err := vision.LumaHistogram(&image.Gray{Pix: []byte{0, 0, 10, 255}, Stride: 2, Rect: image.Rect(0, 0, 2, 2)})
	require.NoError(t, err)
	require.EqualValues(t, 4, h.Pixels())
	require.EqualValues(t, 2, h[0])
	require.InDelta(t, 66.25, h.Mean(), 1e-12)
	require.InDelta(t, 1.5, h.Entropy(), 1e-12)
	require.InDelta(t, 0.75, h.Share(0, 10), 1e-12)
	require.InDelta(t, 0.25, h.Share(255, 255), 1e-12)
	require.Zero(t, h.Share(200, 100))

	var none vision.Histogram
	for _, v := range []float64{none.Mean(), none.StdDev(), none.Entropy(), none.Share(0, 255)} {
		require.Zero(t, v)
	}
}

func TestPartsRefuseBadPictures(t *testing.T) {
	long := image.NewPaletted(image.Rect(0, 0, 4, 4), color.Palette{color.Black})
	long.Pix[7] = 1
	for name, m := range map[string]image.Image{
		"nil": nil, "nil pointer": (*image.Gray)(nil), "empty": image.NewNRGBA(image.Rectangle{}),
		"no pixels": &image.Gray{Rect: image.Rect(0, 0, 3, 3), Stride: 3}, "index beyond palette": long,
		"a plane without end": image.NewUniform(color.White),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := vision.Measure(m)
			require.ErrorIs(t, err, quintet.ErrInput)
			_, err = vision.LumaHistogram(m)
			require.ErrorIs(t, err, quintet.ErrInput)
			_, err = vision.PerceptualHashes(m)
			require.ErrorIs(t, err, quintet.ErrInput)
			_, err = vision.Dominant(m, 3)
			require.ErrorIs(t, err, quintet.ErrInput)
		})
	}
}

func BenchmarkMeasure(b *testing.B) {
	rgb := photograph(1152, 864)
	yuv, _, err := vision.Decode(bytes.NewReader(asJPEG(b, rgb, 95)), vision.DecodeOptions{})
	require.NoError(b, err)
	for kind, m := range map[string]image.Image{"nrgba": rgb, "ycbcr": yuv} {
		b.Run("src="+kind, func(b *testing.B) {
			for b.Loop() {
				if _, err := vision.Measure(m); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
