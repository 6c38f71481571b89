package vision_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"image"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vision"
)

// addFiles seeds a fuzz target with small files of all kinds, good and bad.
func addFiles(f *testing.F) {
	small, err := hex.DecodeString(issue10532)
	if err != nil {
		f.Fatal(err)
	}
	m := photograph(19, 11)
	for _, data := range [][]byte{
		nil, small, asJPEG(f, m, 50), asPNG(f, m), asGIF(f, m), oriented(asJPEG(f, m, 50), 6),
		pngBomb(7000, 7000, 16, 6, 1, 3), gifBomb(99, 99, 99, 99, 100), riff(vp8(50, 50, 30)), riff(vp8l(50, 50)),
		riff(vp8x(16, 30, 30), riffChunk("ALPH", make([]byte, 901)), vp8(30, 30, 50)), jpegBomb(0xc2, 100, 100, 3, 20),
	} {
		f.Add(data)
	}
	names := []string{
		"basn0g01.png", "basn3p04-31i.png", "basn6a16.png", "triangle-001.gif", "gopher-doc.1bpp.lossless.webp",
		"video-005.gray.q50.2x2.progressive.jpeg", "video-001.q50.411.jpeg", "video-001.cmyk.jpeg",
	}
	for _, path := range libraryFiles(f) {
		if slices.Contains(names, filepath.Base(path)) {
			data, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
}

func hasCause(err error) bool {
	return errors.Is(err, quintet.ErrInput) || errors.Is(err, quintet.ErrUnsupported)
}

// Whatever the bytes, Decode returns a picture of the size that Inspect tells, or
// an error with a cause; it allocates no more than its limits and the length of
// the file justify; what it returns can be analysed; and the library's decoder
// sees the same size.
func FuzzDecode(f *testing.F) {
	addFiles(f)
	o := vision.DecodeOptions{Limits: vision.Limits{MaxPixels: 1 << 17, MaxMemory: 2 << 20}}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		var m image.Image
		var info vision.Info
		var err error
		got := allocated(func() { m, info, err = vision.Decode(bytes.NewReader(data), o) })
		garbage := 100 // bytes that a decoder lets go again, for each byte of the file
		if bytes.HasPrefix(data, []byte("RIFF")) {
			garbage = 8192 // scratch tables of VP8L, 20 kB for a Huffman tree of a few bytes
		}
		if most := uint64(2*o.Limits.MaxMemory) + uint64(garbage*len(data)) + 1<<20; got > most {
			t.Fatalf("%d bytes made Decode allocate %d: %v", len(data), got, err)
		}
		if err != nil {
			if !hasCause(err) {
				t.Fatalf("no cause: %v", err)
			}
			return
		}
		if b := m.Bounds(); b != image.Rect(0, 0, info.Width, info.Height) || int64(b.Dx()*b.Dy()) > o.Limits.MaxPixels {
			t.Fatalf("bounds %v of %+v", b, info)
		}
		if header, err := vision.Inspect(bytes.NewReader(data), o); err != nil || !reflect.DeepEqual(header, info) {
			t.Fatalf("Inspect: %+v, %v; Decode: %+v", header, err, info)
		}
		if _, err := vision.PerceptualHashes(m); err != nil {
			t.Fatal(err)
		}
		if info.Format == vision.JPEG || info.Format == vision.PNG {
			stored := vision.DecodeOptions{Limits: o.Limits, IgnoreOrientation: true}
			m, _, err = vision.Decode(bytes.NewReader(data), stored)
			want, wantErr := decoderOf("x." + string(info.Format))(data)
			if err != nil || wantErr != nil || m.Bounds() != want.Bounds() {
				t.Fatalf("library: %v, here: %v", wantErr, err)
			}
		}
	})
}

// Whatever the bytes and however they arrive, Inspect tells the same, without a
// panic, allocating a few times what it has read.
func FuzzInspect(f *testing.F) {
	addFiles(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		var info vision.Info
		var err error
		got := allocated(func() { info, err = vision.Inspect(bytes.NewReader(data), vision.DecodeOptions{}) })
		if most := uint64(6*len(data) + 64<<10); got > most {
			t.Fatalf("%d bytes made Inspect allocate %d", len(data), got)
		}
		if err != nil && !hasCause(err) {
			t.Fatalf("no cause: %v", err)
		}
		if err == nil && (info.Width <= 0 || info.Height <= 0 || info.Orientation < 1 || info.Orientation > 8) {
			t.Fatalf("%+v", info)
		}
		again, err2 := vision.Inspect(iotest.HalfReader(bytes.NewReader(data)), vision.DecodeOptions{})
		if !reflect.DeepEqual(again, info) || (err == nil) != (err2 == nil) {
			t.Fatalf("%+v, %v; in pieces %+v, %v", info, err, again, err2)
		}
	})
}

// Every filter gives the size that was asked for, and a flat picture stays flat.
func FuzzResize(f *testing.F) {
	f.Add(uint8(3), uint8(4), uint16(9), uint16(1), uint8(0), uint8(100))
	f.Add(uint8(255), uint8(1), uint16(1), uint16(700), uint8(3), uint8(255))
	f.Fuzz(func(t *testing.T, w, h uint8, ow, oh uint16, filter, value uint8) {
		m := image.NewGray(image.Rect(0, 0, int(w)+1, int(h)+1))
		for i := range m.Pix {
			m.Pix[i] = value
		}
		width, height := int(ow%800)+1, int(oh%800)+1
		got, err := vision.Resize(m, width, height, vision.Filter(filter%4))
		if err != nil {
			t.Fatal(err)
		}
		if got.Rect != image.Rect(0, 0, width, height) {
			t.Fatalf("bounds %v", got.Rect)
		}
		for i, v := range got.Pix {
			if i%4 < 3 && v != value || i%4 == 3 && v != 255 {
				t.Fatalf("byte %d is %d", i, v)
			}
		}
	})
}
