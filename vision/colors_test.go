package vision_test

import (
	"encoding/json"
	"image"
	"image/color"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vision"
)

// stripes are columns of the given colours, of equal width.
func stripes(w, h int, colors ...color.NRGBA) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetNRGBA(x, y, colors[x*len(colors)/w])
		}
	}
	return m
}

func TestDominantColors(t *testing.T) {
	red, green, blue := color.NRGBA{255, 0, 0, 255}, color.NRGBA{0, 255, 0, 255}, color.NRGBA{0, 0, 255, 255}
	white, almost := color.NRGBA{255, 255, 255, 255}, color.NRGBA{253, 255, 254, 255}
	tests := map[string]struct {
		m    image.Image
		k    int
		want []vision.Swatch
	}{
		"one colour": {stripes(30, 20, red), 5, []vision.Swatch{{vision.RGB{255, 0, 0}, 1}}},
		"ties are ordered by colour": {stripes(64, 64, red, blue), 5,
			[]vision.Swatch{{vision.RGB{0, 0, 255}, 0.5}, {vision.RGB{255, 0, 0}, 0.5}}},
		"the most common first": {stripes(64, 64, red, blue, blue, green, blue, green, blue, blue), 3,
			[]vision.Swatch{{vision.RGB{0, 0, 255}, 0.625}, {vision.RGB{0, 255, 0}, 0.25}, {vision.RGB{255, 0, 0}, 0.125}}},
		"what nobody can tell apart is one": {stripes(64, 64, white, almost), 5,
			[]vision.Swatch{{vision.RGB{254, 255, 255}, 1}}},
		"what nobody sees does not count": {stripes(64, 64, red, color.NRGBA{0, 255, 0, 0}), 5,
			[]vision.Swatch{{vision.RGB{255, 0, 0}, 1}}},
		"nothing at all": {stripes(64, 64, color.NRGBA{0, 255, 0, 0}), 5, nil},
		"a third seen counts a third": {stripes(64, 64, red, color.NRGBA{0, 0, 255, 85}), 5,
			[]vision.Swatch{{vision.RGB{255, 0, 0}, 0.75}, {vision.RGB{0, 0, 255}, 0.25}}},
		"one pixel": {stripes(1, 1, green), 1, []vision.Swatch{{vision.RGB{0, 255, 0}, 1}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := vision.Dominant(tt.m, tt.k)
			require.NoError(t, err)
			require.Len(t, got, len(tt.want))
			for i, s := range got {
				require.Equal(t, tt.want[i].Color, s.Color)
				require.InDelta(t, tt.want[i].Share, s.Share, 1e-9)
			}
		})
	}
}

func TestDominantColorsOfAPhotograph(t *testing.T) {
	m := photograph(300, 200)
	for _, k := range []int{1, 2, 3, 5, 16, 32} {
		got, err := vision.Dominant(m, k)
		require.NoError(t, err)
		require.NotEmpty(t, got)
		require.LessOrEqual(t, len(got), k)
		sum := 0.0
		for i, s := range got {
			sum += s.Share
			if i > 0 {
				require.GreaterOrEqual(t, got[i-1].Share, s.Share)
			}
		}
		require.InDelta(t, 1, sum, 1e-9)
		again, err := vision.Dominant(m, k)
		require.NoError(t, err)
		require.Equal(t, got, again)
	}
}

func TestDominantRefusesNumbersItCannotFind(t *testing.T) {
	for _, k := range []int{-1, 0, 33} {
		_, err := vision.Dominant(photograph(8, 8), k)
		require.ErrorIs(t, err, quintet.ErrOption)
	}
}

func TestRGBText(t *testing.T) {
	c := vision.RGB{255, 128, 1}
	require.Equal(t, "#ff8001", c.String())
	require.Equal(t, color.NRGBA{255, 128, 1, 255}, color.NRGBAModel.Convert(c))
	b, err := json.Marshal(c)
	require.NoError(t, err)
	var back vision.RGB
	require.NoError(t, json.Unmarshal(b, &back))
	require.Equal(t, c, back)
	for _, s := range []string{"", "#", "ff8001", "#ff80011", "#gg8001", "#+f8001"} {
		require.ErrorIs(t, back.UnmarshalText([]byte(s)), quintet.ErrInput, s)
	}
}

func BenchmarkDominant(b *testing.B) {
	m := photograph(1152, 864)
	for b.Loop() {
		if _, err := vision.Dominant(m, 5); err != nil {
			b.Fatal(err)
		}
	}
}
