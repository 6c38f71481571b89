package vision_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/vision"
)

// turned is the EXIF specification, word by word: it says at which side of the
// upright picture row 0 and column 0 of the stored one lie.
func turned(stored image.Image, orientation uint16) image.Image {
	sides := [9][2]string{1: {"top", "left"}, {"top", "right"}, {"bottom", "right"}, {"bottom", "left"},
		{"left", "top"}, {"right", "top"}, {"right", "bottom"}, {"left", "bottom"}}[orientation]
	size := stored.Bounds().Size()
	if orientation >= 5 {
		size.X, size.Y = size.Y, size.X
	}
	out := &grid{size: size, pix: make([]color.Color, size.X*size.Y)}
	place := func(p *image.Point, side string, distance int) {
		switch side {
		case "top":
			p.Y = distance
		case "bottom":
			p.Y = size.Y - 1 - distance
		case "left":
			p.X = distance
		case "right":
			p.X = size.X - 1 - distance
		}
	}
	b := stored.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			var p image.Point
			place(&p, sides[0], y-b.Min.Y)
			place(&p, sides[1], x-b.Min.X)
			out.pix[p.Y*size.X+p.X] = stored.At(x, y)
		}
	}
	return out
}

// grid keeps colours of any kind as they are. It is a type that package image
// does not know, too.
type grid struct {
	size image.Point
	pix  []color.Color
}

func (g *grid) ColorModel() color.Model { return color.NRGBA64Model }
func (g *grid) Bounds() image.Rectangle { return image.Rectangle{Max: g.size} }
func (g *grid) At(x, y int) color.Color { return g.pix[y*g.size.X+x] }

func TestPicturesAreTurnedUpright(t *testing.T) {
	gray := image.NewGray(image.Rect(0, 0, 37, 50))
	draw.Draw(gray, gray.Bounds(), photograph(37, 50), image.Point{}, draw.Src)
	files := map[string][]byte{
		"gray":               asJPEG(t, gray, 90),
		"4:2:0, even sides":  asJPEG(t, photograph(64, 34), 90),
		"4:2:0, odd sides":   asJPEG(t, photograph(63, 37), 90),
		"4:4:4":              libraryFile(t, "video-001.q50.444.jpeg"),
		"4:4:0, odd height":  libraryFile(t, "video-001.q50.440.jpeg"),
		"4:2:2, even width":  libraryFile(t, "video-001.q50.422.progressive.jpeg"),
		"4:1:1, odd quarter": libraryFile(t, "video-001.q50.411.jpeg"),
		"4:1:0":              libraryFile(t, "video-001.q50.410.jpeg"),
		"CMYK":               libraryFile(t, "video-001.cmyk.jpeg"),
		"RGB":                libraryFile(t, "video-001.rgb.jpeg"),
	}
	for name, data := range files {
		stored, _, err := vision.Decode(bytes.NewReader(data), vision.DecodeOptions{})
		require.NoError(t, err)
		size := stored.Bounds().Size()
		orientations := []uint16{1, 2, 3, 4, 5, 6, 7, 8}
		if size.X*size.Y > 5000 {
			orientations = []uint16{3, 6, 7} // enough for the other types
		}
		for _, o := range orientations {
			t.Run(fmt.Sprintf("%s, orientation %d", name, o), func(t *testing.T) {
				file := oriented(data, o)
				got, info, err := vision.Decode(bytes.NewReader(file), vision.DecodeOptions{})
				require.NoError(t, err)
				samePixels(t, nrgba(turned(stored, o)), nrgba(got))
				require.Equal(t, vision.Orientation(o), info.Orientation)
				require.Equal(t, got.Bounds().Size(), image.Pt(info.Width, info.Height))

				asIs := vision.DecodeOptions{IgnoreOrientation: true}
				got, info, err = vision.Decode(bytes.NewReader(file), asIs)
				require.NoError(t, err)
				samePixels(t, stored, got)
				require.Equal(t, vision.Orientation(o), info.Orientation)
				require.Equal(t, size, image.Pt(info.Width, info.Height))
			})
		}
	}
}

// nrgba rounds a picture to 8 bits a channel.
func nrgba(m image.Image) *image.NRGBA {
	out := image.NewNRGBA(image.Rectangle{Max: m.Bounds().Size()})
	for y := range out.Rect.Max.Y {
		for x := range out.Rect.Max.X {
			out.Set(x, y, m.At(m.Bounds().Min.X+x, m.Bounds().Min.Y+y))
		}
	}
	return out
}

func TestTurningKeepsTheType(t *testing.T) {
	for name, tt := range map[string]struct {
		file []byte
		want image.Image
	}{
		"YCbCr with an even grid":      {oriented(asJPEG(t, photograph(64, 34), 90), 6), &image.YCbCr{}},
		"YCbCr that would shift":       {oriented(asJPEG(t, photograph(63, 34), 90), 6), &image.NRGBA{}},
		"4:1:1 has no transpose":       {oriented(libraryFile(t, "video-001.q50.411.jpeg"), 6), &image.NRGBA{}},
		"a PNG of 16 bits":             {pngWithEXIF(libraryFile(t, "basn2c16.png"), 6), &image.RGBA64{}},
		"a PNG of 16 bits with alpha":  {pngWithEXIF(libraryFile(t, "basn6a16.png"), 6), &image.NRGBA64{}},
		"a PNG of 16 bits gray":        {pngWithEXIF(libraryFile(t, "basn0g16.png"), 6), &image.Gray16{}},
		"a PNG with a palette":         {pngWithEXIF(libraryFile(t, "basn3p04.png"), 6), &image.Paletted{}},
		"a PNG with alpha":             {pngWithEXIF(libraryFile(t, "basn6a08.png"), 6), &image.NRGBA{}},
		"an opaque PNG":                {pngWithEXIF(libraryFile(t, "basn2c08.png"), 6), &image.RGBA{}},
		"a lossy WebP":                 {webpWithEXIF(t, "blue-purple-pink-large.no-filter.lossy.webp", 6), nil},
		"a lossy WebP with alpha, odd": {webpWithEXIF(t, "yellow_rose.lossy-with-alpha.webp", 6), &image.NRGBA{}},
		"a lossless WebP":              {webpWithEXIF(t, "tux.lossless.webp", 6), &image.NRGBA{}},
	} {
		t.Run(name, func(t *testing.T) {
			stored, _, err := vision.Decode(bytes.NewReader(tt.file), vision.DecodeOptions{IgnoreOrientation: true})
			require.NoError(t, err)
			got, info, err := vision.Decode(bytes.NewReader(tt.file), vision.DecodeOptions{})
			require.NoError(t, err)
			require.EqualValues(t, 6, info.Orientation)
			if tt.want != nil {
				require.IsType(t, tt.want, got)
			}
			samePixels(t, nrgba(turned(stored, 6)), nrgba(got))
			header, err := vision.Inspect(bytes.NewReader(tt.file), vision.DecodeOptions{})
			require.NoError(t, err)
			require.Equal(t, info, header)
		})
	}
}

func pngWithEXIF(data []byte, orientation uint16) []byte {
	const afterIHDR = 8 + 25
	b := append(bytes.Clone(data[:afterIHDR]), pngChunk("eXIf", tiff(binary.LittleEndian, orientation))...)
	return append(b, data[afterIHDR:]...)
}

// webpWithEXIF puts the chunks of a file into an extended container with an EXIF
// chunk at its end.
func webpWithEXIF(t *testing.T, name string, orientation uint16) []byte {
	data := libraryFile(t, name)
	info, err := vision.Inspect(bytes.NewReader(data), vision.DecodeOptions{})
	require.NoError(t, err)
	chunks := data[12:]
	flags := byte(8)
	if string(chunks[:4]) == "VP8X" {
		flags |= chunks[8]
		chunks = chunks[18:]
	}
	return riff(vp8x(flags, info.Width, info.Height), chunks, riffChunk("EXIF", tiff(binary.BigEndian, orientation)))
}

func TestBrokenEXIFCostsOnlyTheOrientation(t *testing.T) {
	good := tiff(binary.BigEndian, 6)
	change := func(at int, b ...byte) []byte {
		c := bytes.Clone(good)
		copy(c[at:], b)
		return c
	}
	many := binary.BigEndian.AppendUint16(bytes.Clone(good[:8]), 600)
	for i := range 600 {
		tag := byte(0)
		if i == 550 {
			tag = 0x12 // the orientation, behind the last entry that is looked at
		}
		many = append(many, 1, tag, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0)
	}
	tests := map[string]struct {
		tiff []byte
		want vision.Orientation
	}{
		"good":                        {good, 6},
		"little endian":               {tiff(binary.LittleEndian, 8), 8},
		"empty":                       {nil, 1},
		"neither order":               {change(0, 'X', 'X'), 1},
		"orientation 0":               {tiff(binary.BigEndian, 0), 1},
		"orientation 9":               {tiff(binary.BigEndian, 9), 1},
		"another type":                {change(12, 0, 4), 1},
		"directory in the header":     {change(4, 0, 0, 0, 0), 1},
		"directory that is itself":    {change(22, 0, 0, 0, 8), 6},
		"directory behind the end":    {change(4, 0xff, 0xff, 0xff, 0xff), 1},
		"more entries than there are": {change(8, 0xff, 0xff), 6},
		"cut in its entry":            {good[:16], 1},
		"too many entries":            {many, 1},
	}
	plain := asJPEG(t, photograph(16, 8), 90)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			file := jpegWith(plain, 0xe1, append([]byte("Exif\x00\x00"), tt.tiff...))
			_, info, err := vision.Decode(bytes.NewReader(file), vision.DecodeOptions{})
			require.NoError(t, err)
			require.Equal(t, tt.want, info.Orientation)
		})
	}
}

// A rotated picture of 48 megapixels, as telephones make them, must fit the
// default limits: turning it plane by plane costs 1.5 bytes a pixel, not 4.
func TestTurningIsPartOfTheEstimate(t *testing.T) {
	photo := oriented(asJPEG(t, photograph(64, 48), 90), 6)
	_, _, err := vision.Decode(bytes.NewReader(photo), vision.DecodeOptions{Limits: vision.Limits{MaxMemory: 1}})
	var limit *vision.LimitError
	require.ErrorAs(t, err, &limit)
	require.EqualValues(t, 2*64*48*3/2, limit.Got)

	odd := oriented(asJPEG(t, photograph(63, 48), 90), 6)
	_, _, err = vision.Decode(bytes.NewReader(odd), vision.DecodeOptions{Limits: vision.Limits{MaxMemory: 1}})
	require.ErrorAs(t, err, &limit)
	require.EqualValues(t, 64*48*3/2+4*63*48, limit.Got)
}

func BenchmarkOrient(b *testing.B) {
	file := oriented(asJPEG(b, photograph(4000, 3000), 90), 6)
	for name, o := range map[string]vision.DecodeOptions{"upright": {}, "stored": {IgnoreOrientation: true}} {
		b.Run("pixels="+name, func(b *testing.B) {
			for b.Loop() {
				if _, _, err := vision.Decode(bytes.NewReader(file), o); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
