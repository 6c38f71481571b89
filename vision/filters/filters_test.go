package filters_test

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vision"
	"github.com/quintet-ai/quintet/vision/filters"
)

// dot is a gray picture with one white pixel in the middle.
func dot() *image.NRGBA {
	m := image.NewNRGBA(image.Rect(10, 20, 31, 41))
	for y := m.Rect.Min.Y; y < m.Rect.Max.Y; y++ {
		for x := m.Rect.Min.X; x < m.Rect.Max.X; x++ {
			m.SetNRGBA(x, y, color.NRGBA{100, 100, 100, 255})
		}
	}
	m.SetNRGBA(20, 30, color.NRGBA{255, 255, 255, 255})
	return m
}

func TestBlurSpreadsAndSharpenGathers(t *testing.T) {
	soft, err := filters.Blur(dot(), 1)
	require.NoError(t, err)
	require.Equal(t, image.Rect(0, 0, 21, 21), soft.Rect)
	require.InDelta(t, 100+155/(2*math.Pi), soft.NRGBAAt(10, 10).R, 3, "the peak of the Gaussian")
	require.Greater(t, soft.NRGBAAt(11, 10).R, uint8(105))
	sharp, err := filters.Sharpen(soft, 1)
	require.NoError(t, err)
	require.Greater(t, sharp.NRGBAAt(10, 10).R, soft.NRGBAAt(10, 10).R)
}

func TestRotateTurnsTheCorners(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 4, 2))
	m.SetNRGBA(0, 0, color.NRGBA{255, 0, 0, 255})
	turned, err := filters.Rotate(m, 90, vision.RGB{})
	require.NoError(t, err)
	require.Equal(t, image.Rect(0, 0, 2, 4), turned.Rect)
	require.Equal(t, uint8(255), turned.NRGBAAt(0, 3).R)
	oblique, err := filters.Rotate(dot(), 45, vision.RGB{R: 1, G: 2, B: 3})
	require.NoError(t, err)
	require.Equal(t, color.NRGBA{1, 2, 3, 255}, oblique.NRGBAAt(0, 0))
}

func TestAdjustments(t *testing.T) {
	tests := map[string]struct {
		do   filters.Adjustment
		want color.NRGBA
	}{
		"nothing":      {filters.Adjustment{}, color.NRGBA{200, 100, 50, 255}},
		"white":        {filters.Adjustment{Brightness: 100}, color.NRGBA{255, 255, 255, 255}},
		"no contrast":  {filters.Adjustment{Contrast: -100}, color.NRGBA{127, 127, 127, 255}},
		"no colour":    {filters.Adjustment{Saturation: -100}, color.NRGBA{125, 125, 125, 255}},
		"brighter":     {filters.Adjustment{Gamma: 2}, color.NRGBA{226, 160, 113, 255}},
		"gray":         {filters.Adjustment{Grayscale: true}, color.NRGBA{124, 124, 124, 255}},
		"the negative": {filters.Adjustment{Invert: true}, color.NRGBA{55, 155, 205, 255}},
	}
	m := image.NewNRGBA(image.Rect(0, 0, 1, 1))
	m.SetNRGBA(0, 0, color.NRGBA{200, 100, 50, 255})
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := filters.Adjust(m, tt.do)
			require.NoError(t, err)
			c := got.NRGBAAt(0, 0)
			for i, want := range []uint8{tt.want.R, tt.want.G, tt.want.B, tt.want.A} {
				require.InDelta(t, want, []uint8{c.R, c.G, c.B, c.A}[i], 1, fmt.Sprint(c))
			}
		})
	}
	require.Equal(t, color.NRGBA{200, 100, 50, 255}, m.NRGBAAt(0, 0), "the picture itself stays")
}

func TestBadPicturesAndValuesAreErrors(t *testing.T) {
	outside := image.NewPaletted(image.Rect(0, 0, 8, 8), color.Palette{color.Black})
	outside.Pix[9] = 77
	for name, m := range map[string]image.Image{
		"an index outside of the palette": outside, "nil": nil, "empty": &image.Gray{},
		"more bounds than memory": &image.NRGBA{Rect: image.Rect(0, 0, 9, 9), Stride: 36},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := filters.Blur(m, 1)
			require.ErrorIs(t, err, quintet.ErrInput)
			_, err = filters.Adjust(m, filters.Adjustment{Grayscale: true})
			require.ErrorIs(t, err, quintet.ErrInput)
			_, err = filters.Rotate(m, 3, vision.RGB{})
			require.ErrorIs(t, err, quintet.ErrInput)
		})
	}
	for _, bad := range []float64{0, -1, math.NaN(), math.Inf(1), 101} {
		_, err := filters.Blur(dot(), bad)
		require.ErrorIs(t, err, quintet.ErrOption)
		_, err = filters.Sharpen(dot(), bad)
		require.ErrorIs(t, err, quintet.ErrOption)
	}
	_, err := filters.Rotate(dot(), math.NaN(), vision.RGB{})
	require.ErrorIs(t, err, quintet.ErrOption)
	for _, a := range []filters.Adjustment{{Brightness: 101}, {Contrast: -101}, {Saturation: math.NaN()}, {Gamma: 11}} {
		_, err := filters.Adjust(dot(), a)
		require.ErrorIs(t, err, quintet.ErrOption)
	}
}

func ExampleAdjust() {
	m := image.NewNRGBA(image.Rect(0, 0, 1, 1))
	m.SetNRGBA(0, 0, color.NRGBA{200, 100, 50, 255})
	negative, err := filters.Adjust(m, filters.Adjustment{Invert: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(negative.NRGBAAt(0, 0))
	// Output: {55 155 205 255}
}
