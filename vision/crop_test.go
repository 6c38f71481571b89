package vision_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vision"
)

func TestCropCopiesWhatLiesInTheBox(t *testing.T) {
	m := photograph(60, 40).SubImage(image.Rect(10, 10, 50, 40))
	got, err := vision.Crop(m, image.Rect(40, 0, 100, 15))
	require.NoError(t, err)
	require.Equal(t, image.Rect(0, 0, 10, 5), got.Rect)
	for y := range 5 {
		for x := range 10 {
			require.Equal(t, m.At(40+x, 10+y), got.At(x, y))
		}
	}
	_, err = vision.Crop(m, image.Rect(0, 0, 10, 10))
	require.ErrorIs(t, err, quintet.ErrOption)
	_, err = vision.Crop(nil, image.Rect(0, 0, 10, 10))
	require.ErrorIs(t, err, quintet.ErrInput)
}

func TestTurnGoesTheWayOfItsNumber(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 3, 2))
	m.SetNRGBA(0, 0, color.NRGBA{255, 0, 0, 255})
	for o, corner := range map[vision.Orientation]image.Point{
		1: {0, 0}, 2: {2, 0}, 3: {2, 1}, 4: {0, 1}, 5: {0, 0}, 6: {1, 0}, 7: {1, 2}, 8: {0, 2},
	} {
		got, err := vision.Turn(m, o)
		require.NoError(t, err)
		require.Equal(t, uint8(255), got.NRGBAAt(corner.X, corner.Y).R, "orientation %d", o)
	}
	require.Zero(t, m.NRGBAAt(2, 1), "the picture itself stays")
	_, err := vision.Turn(m, 9)
	require.ErrorIs(t, err, quintet.ErrOption)
}

func TestMarksAreFramesWithLabels(t *testing.T) {
	m := photograph(300, 200)
	red := vision.RGB{R: 255}
	got, err := vision.DrawMarks(m, []vision.Mark{
		{Box: image.Rect(50, 50, 100, 90), Label: "cat 0.93", Color: red},
		{Box: image.Rect(-20, -20, 20, 20), Label: "at the edge", Color: red},
		{Box: image.Rect(400, 400, 500, 500), Color: red},
		{Box: image.Rect(150, 150, 151, 151), Color: red},
	})
	require.NoError(t, err)
	require.Equal(t, m.Rect, got.Rect)
	paint := color.NRGBA{255, 0, 0, 255}
	for _, p := range []image.Point{{50, 50}, {99, 89}, {50, 70}, {75, 50}, {52, 40}, {19, 10}, {150, 150}} {
		require.Equal(t, paint, got.NRGBAAt(p.X, p.Y), "%v", p)
	}
	require.Equal(t, m.NRGBAAt(75, 70), got.NRGBAAt(75, 70), "inside of the frame")
	require.NotEqual(t, paint, m.NRGBAAt(50, 50), "the picture itself stays")
	white := 0
	for y := 33; y < 50; y++ {
		for x := 50; x < 110; x++ {
			if got.NRGBAAt(x, y) == (color.NRGBA{255, 255, 255, 255}) {
				white++
			}
		}
	}
	require.Greater(t, white, 40, "letters on red are white")
}

func TestEncodeJPEGIsReadBack(t *testing.T) {
	m := photograph(64, 48)
	for _, src := range []image.Image{m, grayOf(m)} {
		var b bytes.Buffer
		require.NoError(t, vision.EncodeJPEG(&b, src, vision.JPEGOptions{Quality: 95}))
		back, info, err := vision.Decode(&b, vision.DecodeOptions{})
		require.NoError(t, err)
		require.Equal(t, 64, info.Width)
		r0, g0, b0, _ := src.At(20, 20).RGBA()
		r1, g1, b1, _ := back.At(20, 20).RGBA()
		for i, want := range []uint32{r0, g0, b0} {
			require.InDelta(t, want>>8, []uint32{r1, g1, b1}[i]>>8, 25)
		}
	}
	clear := image.NewNRGBA(image.Rect(0, 0, 8, 8))
	var b bytes.Buffer
	require.NoError(t, vision.EncodeJPEG(&b, clear, vision.JPEGOptions{}))
	back, _, err := vision.Decode(&b, vision.DecodeOptions{})
	require.NoError(t, err)
	require.Equal(t, color.YCbCr{Y: 255, Cb: 128, Cr: 128}, back.At(4, 4), "what is transparent lies on white")
	require.ErrorIs(t, vision.EncodeJPEG(&b, m, vision.JPEGOptions{Quality: 101}), quintet.ErrOption)
	require.ErrorIs(t, vision.EncodeJPEG(&b, nil, vision.JPEGOptions{}), quintet.ErrInput)
}

func ExampleDrawMarks() {
	m := image.NewGray(image.Rect(0, 0, 40, 40))
	out, err := vision.DrawMarks(m, []vision.Mark{{Box: image.Rect(10, 10, 30, 30), Color: vision.RGB{G: 200}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(out.NRGBAAt(10, 20), out.NRGBAAt(20, 20))
	// Output: {0 200 0 255} {0 0 0 255}
}
