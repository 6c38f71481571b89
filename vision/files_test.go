package vision_test

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/image/webp"

	"github.com/quintet-ai/quintet/internal/synth"
)

// libraryPaths asks the go command where the sources of the decoders are.
var libraryPaths = sync.OnceValues(func() ([]string, error) {
	var dirs [2]string
	for i, args := range [][]string{{"env", "GOROOT"}, {"list", "-m", "-f", "{{.Dir}}", "golang.org/x/image"}} {
		out, err := exec.Command("go", args...).Output()
		if err != nil {
			return nil, err
		}
		dirs[i] = strings.TrimSpace(string(out))
	}
	var paths []string
	for _, pattern := range []string{
		filepath.Join(dirs[0], "src/image/testdata/*"), filepath.Join(dirs[0], "src/image/png/testdata/*.png"),
		filepath.Join(dirs[0], "src/image/png/testdata/pngsuite/*.png"), filepath.Join(dirs[1], "testdata/*"),
	} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			return nil, err
		}
		paths = append(paths, found...)
	}
	return slices.DeleteFunc(paths, func(p string) bool { return decoderOf(p) == nil }), nil
})

// libraryFiles returns the pictures that the decoders' own tests use.
func libraryFiles(t testing.TB) []string {
	t.Helper()
	paths, err := libraryPaths()
	if err != nil {
		t.Skipf("no go command to ask for the decoders' test files: %v", err)
	}
	require.Greater(t, len(paths), 120)
	return paths
}

// libraryFile returns one of them by its name.
func libraryFile(t testing.TB, name string) []byte {
	t.Helper()
	for _, p := range libraryFiles(t) {
		if filepath.Base(p) == name {
			data, err := os.ReadFile(p)
			require.NoError(t, err)
			return data
		}
	}
	t.Fatalf("no file %s", name)
	return nil
}

func decoderOf(path string) func(data []byte) (image.Image, error) {
	switch filepath.Ext(path) {
	case ".jpeg", ".jpg":
		return func(data []byte) (image.Image, error) { return jpeg.Decode(bytes.NewReader(data)) }
	case ".png":
		return func(data []byte) (image.Image, error) { return png.Decode(bytes.NewReader(data)) }
	case ".gif":
		return func(data []byte) (image.Image, error) { return gif.Decode(bytes.NewReader(data)) }
	case ".webp":
		return func(data []byte) (image.Image, error) { return webp.Decode(bytes.NewReader(data)) }
	}
	return nil
}

func asJPEG(t testing.TB, m image.Image, quality int) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, m, &jpeg.Options{Quality: quality}))
	return b.Bytes()
}

func asPNG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, m))
	return b.Bytes()
}

func asGIF(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, gif.Encode(&b, m, nil))
	return b.Bytes()
}

// tiff is an EXIF block with one entry, the orientation.
func tiff(order binary.AppendByteOrder, orientation uint16) []byte {
	b := []byte("MM")
	if order == binary.AppendByteOrder(binary.LittleEndian) {
		b = []byte("II")
	}
	b = order.AppendUint16(b, 42)
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 1)
	b = order.AppendUint16(b, 0x0112)
	b = order.AppendUint16(b, 3)
	b = order.AppendUint32(b, 1)
	b = order.AppendUint16(b, orientation)
	b = order.AppendUint16(b, 0)
	return order.AppendUint32(b, 0)
}

// jpegSegment returns a marker with its segment.
func jpegSegment(marker byte, body []byte) []byte {
	b := binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(body)+2))
	return append(b, body...)
}

// jpegWith inserts a segment behind the start of a JPEG.
func jpegWith(data []byte, marker byte, body []byte) []byte {
	return append(append([]byte("\xff\xd8"), jpegSegment(marker, body)...), data[2:]...)
}

// oriented inserts an EXIF orientation into a JPEG.
func oriented(data []byte, orientation uint16) []byte {
	return jpegWith(data, 0xe1, append([]byte("Exif\x00\x00"), tiff(binary.BigEndian, orientation)...))
}

// samePixels compares pictures by what At returns, which is what they mean.
func samePixels(t testing.TB, want, got image.Image) {
	t.Helper()
	require.Equal(t, want.Bounds().Size(), got.Bounds().Size())
	if reflect.DeepEqual(want, got) {
		return // much faster
	}
	a, b := want.Bounds().Min, got.Bounds().Min
	for y := range want.Bounds().Dy() {
		for x := range want.Bounds().Dx() {
			r0, g0, b0, a0 := want.At(a.X+x, a.Y+y).RGBA()
			r1, g1, b1, a1 := got.At(b.X+x, b.Y+y).RGBA()
			if r0 != r1 || g0 != g1 || b0 != b1 || a0 != a1 {
				t.Fatalf("pixel %d,%d: want %v, got %v", x, y, want.At(a.X+x, a.Y+y), got.At(b.X+x, b.Y+y))
			}
		}
	}
}

// nearPixels compares the samples of pictures of one type, which may differ by one;
// those of CMYK, which were converted, by two.
func nearPixels(t testing.TB, want, got image.Image) {
	t.Helper()
	require.Equal(t, want.Bounds(), got.Bounds())
	for y := range want.Bounds().Dy() {
		for x := range want.Bounds().Dx() {
			a, b := samples(want.At(x, y)), samples(got.At(x, y))
			for i := range a {
				if d := int(a[i]) - int(b[i]); d < -1 || d > 1 {
					if _, ok := want.(*image.CMYK); !ok || d < -2 || d > 2 {
						t.Fatalf("pixel %d,%d: want %v, got %v", x, y, a, b)
					}
				}
			}
		}
	}
}

func samples(c color.Color) []uint8 {
	switch c := c.(type) {
	case color.Gray:
		return []uint8{c.Y}
	case color.YCbCr:
		return []uint8{c.Y, c.Cb, c.Cr}
	case color.CMYK:
		return []uint8{c.C, c.M, c.Y, c.K}
	}
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	return []uint8{n.R, n.G, n.B, n.A}
}

// photograph is a picture with gradients, edges and grain.
func photograph(w, h int) *image.NRGBA { return synth.Picture(7, w, h) }
