package vision_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"log"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vision"
)

// planted is a gray picture with a part of another picture in it.
func planted(w, h int, at image.Rectangle, part image.Image) *image.NRGBA {
	m := uniform(w, h, color.Gray{120})
	draw.Draw(m, at, part, part.Bounds().Min, draw.Src)
	return m
}

func faceAt(x, y, size int) vision.Face { return vision.Face{Box: image.Rect(x, y, x+size, y+size)} }

func TestSmartCropFindsWhatWasPlanted(t *testing.T) {
	tests := map[string]struct {
		size, spot image.Point // the spot has 60 pixels a side
		w, h       int
	}{
		"on the left":           {image.Pt(600, 200), image.Pt(10, 70), 1, 1},
		"on the right":          {image.Pt(600, 200), image.Pt(530, 70), 1, 1},
		"off the middle":        {image.Pt(600, 200), image.Pt(150, 30), 1, 1},
		"at the top":            {image.Pt(200, 600), image.Pt(70, 0), 3, 2},
		"at the bottom":         {image.Pt(200, 600), image.Pt(70, 540), 3, 2},
		"in a long panorama":    {image.Pt(6000, 100), image.Pt(4321, 20), 1, 1},
		"in a picture as asked": {image.Pt(300, 200), image.Pt(10, 10), 3, 2},
		"in a small picture":    {image.Pt(150, 60), image.Pt(0, 0), 1, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			spot := image.Rectangle{tt.spot, tt.spot.Add(image.Pt(60, 60))}
			for what, part := range map[string]image.Image{
				"detail": asGray(noise(1, 60, 60, false)), "a colour": uniform(60, 60, color.NRGBA{200, 60, 30, 255}),
			} {
				box, err := vision.SmartCrop(planted(tt.size.X, tt.size.Y, spot, part), tt.w, tt.h)
				require.NoError(t, err)
				require.True(t, spot.In(box), "%s: %v in %v", what, spot, box)
				require.True(t, box.In(image.Rectangle{Max: tt.size}))
				require.InDelta(t, float64(tt.w)/float64(tt.h), float64(box.Dx())/float64(box.Dy()), 0.03)
				require.True(t, box.Dx() == tt.size.X || box.Dy() == tt.size.Y, "as large as the picture allows")
			}
		})
	}
}

func TestSmartCropKeepsFaces(t *testing.T) {
	detail := planted(600, 200, image.Rect(500, 20, 600, 180), noise(1, 100, 160, false))
	tests := map[string]struct {
		faces []vision.Face
		box   image.Rectangle
	}{
		"no face":                    {nil, image.Rect(400, 0, 600, 200)},
		"a face and detail far away": {[]vision.Face{faceAt(100, 60, 80)}, image.Rect(40, 0, 240, 200)},
		"faces beside each other":    {[]vision.Face{faceAt(20, 60, 40), faceAt(120, 60, 40)}, image.Rect(0, 0, 200, 200)},
		"faces too far apart":        {[]vision.Face{faceAt(10, 60, 40), faceAt(300, 60, 80)}, image.Rect(240, 0, 440, 200)},
		"a face larger than the box": {[]vision.Face{faceAt(10, 0, 300)}, image.Rect(60, 0, 260, 200)},
		"a face outside":             {[]vision.Face{faceAt(-500, 0, 100), faceAt(9000, 0, 5)}, image.Rect(400, 0, 600, 200)},
		"a face that is empty":       {[]vision.Face{{}}, image.Rect(400, 0, 600, 200)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			box, err := vision.SmartCrop(detail, 10, 10, tt.faces...)
			require.NoError(t, err)
			require.InDelta(t, tt.box.Min.X, box.Min.X, 45, "%v", box)
			for _, f := range tt.faces {
				if name == "a face and detail far away" || name == "faces beside each other" {
					require.True(t, f.Box.In(box), "%v in %v", f.Box, box)
				}
			}
			moved := *detail
			moved.Rect = moved.Rect.Add(image.Pt(-1000, 77))
			for i := range tt.faces {
				tt.faces[i].Box = tt.faces[i].Box.Add(image.Pt(-1000, 77))
			}
			same, err := vision.SmartCrop(&moved, 10, 10, tt.faces...)
			require.NoError(t, err)
			require.Equal(t, box.Add(image.Pt(-1000, 77)), same)
		})
	}
}

func TestSmartCropOfNothingIsTheMiddle(t *testing.T) {
	for _, m := range []image.Image{
		uniform(600, 200, color.White), uniform(600, 200, color.NRGBA{30, 90, 200, 255}), uniform(600, 200, color.Transparent),
	} {
		box, err := vision.SmartCrop(m, 1, 1)
		require.NoError(t, err)
		require.Equal(t, image.Rect(200, 0, 400, 200), box)
	}
}

func TestASmartThumbnailIsThePartOfItsBox(t *testing.T) {
	m := planted(600, 200, image.Rect(430, 70, 490, 130), noise(1, 60, 60, false))
	for name, faces := range map[string][]vision.Face{"without faces": nil, "with a face": {faceAt(60, 60, 50)}} {
		box, err := vision.SmartCrop(m, 50, 50, faces...)
		require.NoError(t, err)
		part, err := vision.Crop(m, box)
		require.NoError(t, err)
		want, err := vision.Resize(part, 50, 50, vision.Lanczos3)
		require.NoError(t, err)
		got, err := vision.Thumbnail(m, 50, 50, vision.FitSmart, faces...)
		require.NoError(t, err)
		off := 0
		for i := range got.Pix {
			off += max(int(got.Pix[i])-int(want.Pix[i]), int(want.Pix[i])-int(got.Pix[i]))
		}
		require.Less(t, float64(off)/float64(len(got.Pix)), 6.0, name) // the box is rounded to pixels
	}
}

// The face of a photograph stays in its thumbnails of every aspect, also where there
// is more detail elsewhere.
func TestTheFaceOfAPhotographIsKept(t *testing.T) {
	_, m := portrait(t)
	faces, err := detector(t, vision.FaceDetectorOptions{}).Run(t.Context(), vision.Picture{Image: m})
	require.NoError(t, err)
	require.Len(t, faces, 1)
	for _, size := range []image.Point{{100, 40}, {100, 30}, {40, 100}, {30, 100}, {64, 64}} {
		box, err := vision.SmartCrop(m, size.X, size.Y, faces...)
		require.NoError(t, err)
		require.True(t, faces[0].Box.In(box), "%v: %v in %v", size, faces[0].Box, box)
	}
}

func TestSmartCropRefusals(t *testing.T) {
	for _, size := range []image.Point{{}, {0, 5}, {5, -1}} {
		_, err := vision.SmartCrop(photograph(5, 5), size.X, size.Y)
		require.ErrorIs(t, err, quintet.ErrOption)
	}
	_, err := vision.SmartCrop(nil, 5, 5)
	require.ErrorIs(t, err, quintet.ErrInput)
	_, err = vision.Thumbnail(photograph(5, 5), 1<<30, 1, vision.FitSmart)
	require.ErrorIs(t, err, quintet.ErrInput)
	spec := vision.TensorSpec{Width: 2, Height: 2, Fit: vision.FitSmart}
	_, err = vision.ReadTensor(t.Context(), bytes.NewReader(poster()), spec, make([]float32, 12))
	require.ErrorIs(t, err, quintet.ErrOption)
}

// Whatever the sizes and the face, the box lies in the picture and is not empty.
func FuzzSmartCrop(f *testing.F) {
	f.Add(uint16(600), uint16(200), 1, 1, 10, 10, 40)
	f.Add(uint16(1), uint16(900), 1<<40, 1, -5, 1<<30, 7)
	f.Add(uint16(900), uint16(1), 1, 1<<62, 3, 3, 1<<61)
	f.Fuzz(func(t *testing.T, sw, sh uint16, w, h, x, y, size int) {
		m := photograph(int(sw%1000)+1, int(sh%1000)+1)
		if w <= 0 || h <= 0 {
			return
		}
		box, err := vision.SmartCrop(m, w, h, faceAt(x, y, size))
		if err != nil || box.Empty() || !box.In(m.Rect) {
			t.Fatalf("%v of %v, %v", box, m.Rect, err)
		}
	})
}

func ExampleSmartCrop() {
	data, err := os.ReadFile("../examples/quickstart/samples/astronaut.jpg")
	if err != nil {
		log.Fatal(err)
	}
	d, err := vision.NewFaceDetector(vision.FaceDetectorOptions{})
	if err != nil {
		log.Fatal(err)
	}
	defer d.Close()
	m, _, err := vision.Decode(bytes.NewReader(data), vision.DecodeOptions{})
	if err != nil {
		log.Fatal(err)
	}
	faces, err := d.Run(context.Background(), vision.Picture{Image: m})
	if err != nil {
		log.Fatal(err)
	}
	middle := image.Rect(0, 171, 512, 341) // what FitCover shows of 512 by 512 pixels
	box, err := vision.SmartCrop(m, 300, 100, faces...)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("the face is in the middle:", faces[0].Box.In(middle), "in the box:", faces[0].Box.In(box))
	banner, err := vision.Thumbnail(m, 300, 100, vision.FitSmart, faces...)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(banner.Bounds().Size())
	// Output:
	// the face is in the middle: false in the box: true
	// (300,100)
}

func BenchmarkSmartCrop(b *testing.B) {
	rgb := photograph(4000, 3000)
	yuv, _, err := vision.Decode(bytes.NewReader(asJPEG(b, rgb, 95)), vision.DecodeOptions{})
	require.NoError(b, err)
	for kind, m := range map[string]image.Image{"nrgba": rgb, "ycbcr": yuv} {
		b.Run("src="+kind, func(b *testing.B) {
			for b.Loop() {
				if _, err := vision.SmartCrop(m, 1, 1); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
