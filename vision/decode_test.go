package vision_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vision"
)

// The files include progressive, 4:1:0 to 4:4:4, restart markers, CMYK, RGB and
// gray JPEGs, all PNG colour types, interlaced files, lossy and lossless WebP,
// and truncated and invalid files.
func TestDecodeAgreesWithTheLibraryDecoders(t *testing.T) {
	refused := 0
	for _, path := range libraryFiles(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			data, err := os.ReadFile(path)
			require.NoError(t, err)
			want, wantErr := decoderOf(path)(data)
			got, info, err := vision.Decode(bytes.NewReader(data), vision.DecodeOptions{})
			if wantErr != nil {
				refused++
				require.ErrorIs(t, err, quintet.ErrInput)
				return
			}
			require.NoError(t, err)
			require.IsType(t, want, got)
			if info.Format == vision.JPEG {
				nearPixels(t, want, got) // the transforms round differently
			} else {
				samePixels(t, want, got)
			}
			require.Equal(t, image.Rect(0, 0, info.Width, info.Height), got.Bounds())

			header, err := vision.Inspect(iotest.HalfReader(bytes.NewReader(data)), vision.DecodeOptions{})
			require.NoError(t, err)
			require.Equal(t, info, header)
		})
	}
	require.Positive(t, refused)
}

func TestInspectReadsTheHeader(t *testing.T) {
	tests := map[string]struct {
		file string
		want vision.Info
	}{
		"baseline JPEG": {"video-001.jpeg", vision.Info{
			Format: vision.JPEG, Width: 150, Height: 103, Orientation: 1, Color: vision.ColorYCbCr, Depth: 8}},
		"progressive JPEG": {"video-001.progressive.jpeg", vision.Info{Progressive: true,
			Format: vision.JPEG, Width: 150, Height: 103, Orientation: 1, Color: vision.ColorYCbCr, Depth: 8}},
		"CMYK JPEG": {"video-001.cmyk.jpeg", vision.Info{
			Format: vision.JPEG, Width: 150, Height: 103, Orientation: 1, Color: vision.ColorCMYK, Depth: 8}},
		"RGB JPEG": {"video-001.rgb.jpeg", vision.Info{
			Format: vision.JPEG, Width: 150, Height: 103, Orientation: 1, Color: vision.ColorRGB, Depth: 8}},
		"gray JPEG": {"video-005.gray.jpeg", vision.Info{
			Format: vision.JPEG, Width: 150, Height: 103, Orientation: 1, Color: vision.ColorGray, Depth: 8}},
		"PNG of 16 bits with alpha": {"basn6a16.png", vision.Info{
			Format: vision.PNG, Width: 32, Height: 32, Orientation: 1, Color: vision.ColorRGB, Depth: 16, Alpha: true}},
		"PNG with a transparent index": {"basn3p08-trns.png", vision.Info{
			Format: vision.PNG, Width: 32, Height: 32, Orientation: 1, Color: vision.ColorPalette, Depth: 8, Alpha: true}},
		"interlaced PNG": {"benchRGB-interlace.png", vision.Info{
			Format: vision.PNG, Width: 256, Height: 256, Orientation: 1, Color: vision.ColorRGB, Depth: 8,
			Progressive: true}},
		"interlaced GIF": {"video-001.interlaced.gif", vision.Info{
			Format: vision.GIF, Width: 150, Height: 103, Orientation: 1, Color: vision.ColorPalette, Depth: 8,
			Progressive: true}},
		"lossy WebP": {"video-001.lossy.webp", vision.Info{
			Format: vision.WebP, Width: 150, Height: 103, Orientation: 1, Color: vision.ColorYCbCr, Depth: 8}},
		"lossy WebP with alpha": {"yellow_rose.lossy-with-alpha.webp", vision.Info{
			Format: vision.WebP, Width: 400, Height: 301, Orientation: 1, Color: vision.ColorYCbCr, Depth: 8, Alpha: true}},
		"lossless WebP": {"tux.lossless.webp", vision.Info{
			Format: vision.WebP, Width: 386, Height: 395, Orientation: 1, Color: vision.ColorRGB, Depth: 8, Alpha: true}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := vision.Inspect(bytes.NewReader(libraryFile(t, tt.file)), vision.DecodeOptions{})
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}
}

// endless counts what is read from it.
type endless struct {
	head io.Reader
	n    int64
}

func (e *endless) Read(p []byte) (int, error) {
	n, err := e.head.Read(p)
	if errors.Is(err, io.EOF) {
		clear(p)
		n, err = len(p), nil
	}
	e.n += int64(n)
	return n, err
}

func TestReadingIsBounded(t *testing.T) {
	photo := asJPEG(t, photograph(600, 400), 95)
	require.Greater(t, len(photo), 50_000)

	r := &endless{head: bytes.NewReader(photo)}
	_, err := vision.Inspect(r, vision.DecodeOptions{})
	require.NoError(t, err)
	require.Less(t, r.n, int64(10_000), "Inspect read the pixels")

	small := vision.DecodeOptions{Limits: vision.Limits{MaxBytes: 100_000}}
	var limit *vision.LimitError
	r = &endless{head: bytes.NewReader(photo)}
	_, _, err = vision.Decode(r, small)
	require.ErrorAs(t, err, &limit)
	require.Equal(t, vision.LimitError{Field: "Bytes", Got: 100_001, Max: 100_000}, *limit)
	require.Equal(t, int64(100_001), r.n)

	comments := bytes.Repeat(jpegSegment(0xfe, make([]byte, 60_000)), 3)
	commented := slices.Concat(photo[:2], comments, photo[2:])
	r = &endless{head: bytes.NewReader(commented)}
	_, err = vision.Inspect(r, small)
	require.ErrorAs(t, err, &limit)
	require.Equal(t, "Bytes", limit.Field)
	require.Equal(t, int64(100_001), r.n)
	r = &endless{head: bytes.NewReader(commented)}
	info, err := vision.Inspect(r, vision.DecodeOptions{})
	require.NoError(t, err)
	require.Equal(t, 600, info.Width)

	exact := vision.DecodeOptions{Limits: vision.Limits{MaxBytes: int64(len(photo))}}
	_, _, err = vision.Decode(iotest.HalfReader(bytes.NewReader(photo)), exact)
	require.NoError(t, err)
}

func TestAnErrorOfTheReaderIsPassedOn(t *testing.T) {
	broken := errors.New("disk on fire")
	for _, head := range []string{"", "\xff\xd8\xff"} {
		r := io.MultiReader(strings.NewReader(head), iotest.ErrReader(broken))
		_, _, err := vision.Decode(r, vision.DecodeOptions{})
		require.ErrorIs(t, err, broken)
		_, err = vision.Inspect(iotest.ErrReader(broken), vision.DecodeOptions{})
		require.ErrorIs(t, err, broken)
	}
}

func TestBadFilesAreRefusedWithTheirCause(t *testing.T) {
	photo := asJPEG(t, photograph(64, 48), 90)
	progressive := libraryFile(t, "video-001.progressive.jpeg")
	arithmetic, twelve := bytes.Clone(photo), bytes.Clone(photo)
	sof := bytes.Index(photo, []byte{0xff, 0xc0})
	arithmetic[sof+1] = 0xc9
	twelve[sof+4] = 12
	flat, twice := bytes.Clone(photo), bytes.Clone(photo)
	copy(flat[sof+5:], []byte{0, 0})
	twice = append(twice[:sof:sof], append(photo[sof:sof+19:sof+19], photo[sof:]...)...)

	tests := map[string]struct {
		data  []byte
		cause error
	}{
		"nothing":                  {nil, quintet.ErrInput},
		"one byte":                 {[]byte{0xff}, quintet.ErrInput},
		"text":                     {[]byte("Dear Sir or Madam, please find attached"), quintet.ErrInput},
		"zeros":                    {make([]byte, 1000), quintet.ErrInput},
		"a TIFF":                   {[]byte("II*\x00\x08\x00\x00\x00"), quintet.ErrUnsupported},
		"a BMP":                    {[]byte("BM\x46\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00"), quintet.ErrUnsupported},
		"a HEIC":                   {[]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00"), quintet.ErrUnsupported},
		"JPEG magic only":          {photo[:3], quintet.ErrInput},
		"JPEG cut in its header":   {photo[:sof+6], quintet.ErrInput},
		"JPEG cut in its scan":     {photo[:len(photo)-200], quintet.ErrInput},
		"JPEG without end marker":  {photo[:len(photo)-2], quintet.ErrInput},
		"JPEG of height 0":         {flat, quintet.ErrInput},
		"JPEG with two frames":     {twice, quintet.ErrInput},
		"JPEG, arithmetic coded":   {arithmetic, quintet.ErrUnsupported},
		"JPEG of 12 bits":          {twelve, quintet.ErrUnsupported},
		"progressive JPEG, cut":    {progressive[:len(progressive)/2], quintet.ErrInput},
		"PNG magic only":           {[]byte("\x89PNG\r\n\x1a\n"), quintet.ErrInput},
		"PNG cut in its data":      {asPNG(t, photograph(64, 48))[:3000], quintet.ErrInput},
		"PNG with a bad checksum":  {libraryFile(t, "invalid-crc32.png"), quintet.ErrInput},
		"GIF magic only":           {[]byte("GIF89a"), quintet.ErrInput},
		"GIF without a frame":      {[]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00\x3b"), quintet.ErrInput},
		"GIF cut in its data":      {asGIF(t, photograph(64, 48))[:1500], quintet.ErrInput},
		"GIF of unknown blocks":    {[]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00\x77\x00\x00"), quintet.ErrInput},
		"WebP magic only":          {[]byte("RIFF\x00\x00\x00\x00WEBP"), quintet.ErrInput},
		"WebP cut in its data":     {libraryFile(t, "video-001.lossy.webp")[:2000], quintet.ErrInput},
		"lossless WebP, cut":       {libraryFile(t, "tux.lossless.webp")[:2000], quintet.ErrInput},
		"animated WebP":            {riff(vp8x(2, 10, 10), riffChunk("ANIM", make([]byte, 6))), quintet.ErrUnsupported},
		"WAV, a RIFF of its own":   {[]byte("RIFF\x24\x00\x00\x00WAVEfmt "), quintet.ErrInput},
		"GIF frame off its canvas": {offCanvas(t), quintet.ErrInput},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			img, info, err := vision.Decode(bytes.NewReader(tt.data), vision.DecodeOptions{})
			require.ErrorIs(t, err, tt.cause)
			require.Nil(t, img)
			require.Zero(t, info)
		})
	}
}

// offCanvas moves the frame of a GIF to the right.
func offCanvas(t *testing.T) []byte {
	data := asGIF(t, photograph(20, 20))
	data[bytes.IndexByte(data[13+3*256:], 0x2c)+13+3*256+1] = 5
	return data
}

func TestEveryTruncationIsRefused(t *testing.T) {
	for _, data := range [][]byte{
		asJPEG(t, photograph(24, 16), 80), asPNG(t, photograph(9, 7)), asGIF(t, photograph(9, 7)),
		libraryFile(t, "blue-purple-pink.lossy.webp")[:600],
	} {
		for n := range len(data) - 1 {
			_, _, err := vision.Decode(bytes.NewReader(data[:n]), vision.DecodeOptions{})
			if n == len(data)-1 && bytes.HasPrefix(data, []byte("GIF")) {
				continue // all but the trailer
			}
			require.ErrorIs(t, err, quintet.ErrInput, "%d of %d bytes", n, len(data))
		}
	}
}

func TestContentDecidesAndTheAllowListHolds(t *testing.T) {
	only := func(f ...vision.Format) vision.DecodeOptions { return vision.DecodeOptions{Formats: f} }
	data := asPNG(t, photograph(8, 8)) // whatever a file is called
	_, info, err := vision.Decode(bytes.NewReader(data), only(vision.JPEG, vision.PNG))
	require.NoError(t, err)
	require.Equal(t, vision.PNG, info.Format)
	_, _, err = vision.Decode(bytes.NewReader(data), only(vision.JPEG))
	require.ErrorIs(t, err, quintet.ErrUnsupported)
	_, err = vision.Inspect(bytes.NewReader(data), only(vision.JPEG))
	require.ErrorIs(t, err, quintet.ErrUnsupported)
	_, _, err = vision.Decode(bytes.NewReader(data), only("tiff"))
	require.ErrorIs(t, err, quintet.ErrOption)
	_, err = vision.Inspect(bytes.NewReader(data), vision.DecodeOptions{Limits: vision.Limits{MaxSide: -1}})
	require.ErrorIs(t, err, quintet.ErrOption)
}

// A program may register what it likes; Decode does not look there.
func TestTheGlobalRegistryIsNotUsed(t *testing.T) {
	image.RegisterFormat("trap", "TRAP", func(io.Reader) (image.Image, error) { panic("called") },
		func(io.Reader) (image.Config, error) { panic("called") })
	_, _, err := vision.Decode(bytes.NewReader([]byte("TRAP and more")), vision.DecodeOptions{})
	require.ErrorIs(t, err, quintet.ErrInput)
}

func TestTheFirstFrameOfAnAnimationIsRead(t *testing.T) {
	frame := func(seed int, at image.Point, w, h int) *image.Paletted {
		m, err := gif.Decode(bytes.NewReader(asGIF(t, photograph(w, h))))
		require.NoError(t, err)
		p := m.(*image.Paletted)
		p.Rect = p.Rect.Add(at)
		return p
	}
	g := &gif.GIF{
		Image: []*image.Paletted{frame(1, image.Pt(3, 5), 20, 10), frame(2, image.Pt(0, 0), 40, 30)},
		Delay: []int{1, 1}, Config: image.Config{Width: 40, Height: 30},
	}
	var b bytes.Buffer
	require.NoError(t, gif.EncodeAll(&b, g))
	m, info, err := vision.Decode(&b, vision.DecodeOptions{})
	require.NoError(t, err)
	require.Equal(t, image.Rect(0, 0, 20, 10), m.Bounds())
	require.Equal(t, 20, info.Width)
	samePixels(t, g.Image[0], m)
}

func TestFlippedBytesNeverPanic(t *testing.T) {
	for _, name := range []string{
		"video-001.jpeg", "video-001.progressive.jpeg", "video-001.cmyk.jpeg", "basn3p04-31i.png", "basn6a16.png",
		"video-001.interlaced.gif", "yellow_rose-small.png", "video-001.lossy.webp", "gopher-doc.2bpp.lossless.webp",
	} {
		data := libraryFile(t, name)
		for i := 0; i < len(data); i += 1 + len(data)/40 {
			bad := bytes.Clone(data)
			bad[i] ^= 0x55
			m, _, err := vision.Decode(bytes.NewReader(bad), vision.DecodeOptions{})
			if err != nil {
				require.True(t, hasCause(err), "%s: %v", name, err)
				continue
			}
			_, err = vision.PerceptualHashes(m)
			require.NoError(t, err, fmt.Sprint(name, i))
		}
	}
}
