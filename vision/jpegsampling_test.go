package vision_test

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/vision"
)

// threeScans makes a JPEG of planes with any sampling factors, each in a scan of its
// own, out of gray ones that the standard library encodes.
func threeScans(t *testing.T, w, h int, factors [3][2]int, adobe []byte) (data []byte, planes [3]*image.Gray) {
	t.Helper()
	const most = 2
	frame := []byte{8, byte(h >> 8), byte(h), byte(w >> 8), byte(w), 3}
	var scans [3][]byte
	for i, f := range factors {
		m := image.NewGray(image.Rect(0, 0, (w*f[0]+most-1)/most, (h*f[1]+most-1)/most))
		for y := range m.Rect.Dy() {
			for x := range m.Rect.Dx() {
				m.SetGray(x, y, color.Gray{uint8(40 + 60*i + x*3%50 + y*2%30)})
			}
		}
		gray := asJPEG(t, m, 95)
		decoded, err := jpeg.Decode(bytes.NewReader(gray))
		require.NoError(t, err)
		planes[i] = decoded.(*image.Gray)

		sos := bytes.Index(gray, []byte{0xff, 0xda})
		if i == 0 {
			sof := bytes.Index(gray, []byte{0xff, 0xc0})
			dht := bytes.Index(gray, []byte{0xff, 0xc4})
			data = append(append([]byte{}, gray[:sof]...), gray[dht:sos]...)
		}
		scans[i] = gray[sos+10 : len(gray)-2]
		frame = append(frame, byte(i+1), byte(f[0]<<4|f[1]), 0)
	}
	if adobe != nil {
		data = jpegWith(data, 0xee, adobe)
	}
	data = append(data, jpegSegment(0xc0, frame)...)
	for i, scan := range scans {
		data = append(data, jpegSegment(0xda, []byte{1, byte(i + 1), 0, 0, 63, 0})...)
		data = append(data, scan...)
	}
	return binary.BigEndian.AppendUint16(data, 0xffd9), planes
}

// Each pixel gets the sample that covers it, also where package image has no name
// for the sampling or wants the planes woven.
func TestAnySamplingIsDecoded(t *testing.T) {
	noTransform := []byte("Adobe\x00\x64\x00\x00\x00\x00\x00")
	tests := map[string]struct {
		factors [3][2]int
		adobe   []byte
	}{
		"4:2:0":                         {[3][2]int{{2, 2}, {1, 1}, {1, 1}}, nil},
		"4:4:0":                         {[3][2]int{{2, 2}, {2, 1}, {2, 1}}, nil},
		"chroma of two resolutions":     {[3][2]int{{2, 2}, {1, 2}, {2, 1}}, nil},
		"chroma finer than luma":        {[3][2]int{{1, 1}, {2, 2}, {2, 2}}, nil},
		"RGB, blue and green are small": {[3][2]int{{2, 2}, {1, 2}, {1, 1}}, noTransform},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			const w, h = 45, 38
			data, planes := threeScans(t, w, h, tt.factors, tt.adobe)
			img, info, err := vision.Decode(bytes.NewReader(data), vision.DecodeOptions{})
			require.NoError(t, err)
			require.Equal(t, w, info.Width)
			for y := range h {
				for x := range w {
					got := samples(img.At(x, y))
					for i, f := range tt.factors {
						d := int(planes[i].GrayAt(x*f[0]/2, y*f[1]/2).Y) - int(got[i])
						if d < -1 || d > 1 {
							t.Fatalf("pixel %d,%d of plane %d is off by %d", x, y, i, d)
						}
					}
				}
			}
		})
	}
}
