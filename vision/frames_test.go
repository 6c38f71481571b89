package vision_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"io"
	"os/exec"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vision"
)

func TestMJPEGFramesAreTheFiles(t *testing.T) {
	a, b := asJPEG(t, photograph(40, 30), 90), oriented(asJPEG(t, photograph(16, 16), 50), 6)
	// A thumbnail inside of a segment has an end of its own.
	nested := jpegWith(b, 0xe2, append([]byte("thumbnail"), a...))
	filled := append(append(append([]byte{}, a[:2]...), 0xff, 0xff), a[2:]...)
	part := func(file []byte) []byte {
		return fmt.Appendf(nil, "\r\n--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%s", len(file), file)
	}
	for name, tt := range map[string]struct {
		stream []byte
		want   [][]byte
	}{
		"nothing":       {nil, nil},
		"one":           {a, [][]byte{a}},
		"three":         {bytes.Join([][]byte{a, nested, b}, nil), [][]byte{a, nested, b}},
		"padding":       {bytes.Join([][]byte{{0, 0}, a, {0, 0, 0}, b, {0xff}}, nil), [][]byte{a, b}},
		"filled marker": {bytes.Join([][]byte{filled, b}, nil), [][]byte{filled, b}},
		"multipart":     {bytes.Join([][]byte{part(a), part(b), []byte("\r\n--frame--\r\n")}, nil), [][]byte{a, b}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := collect(vision.MJPEGFrames(iotest.OneByteReader(bytes.NewReader(tt.stream)), vision.Limits{}))
			require.NoError(t, err)
			require.Len(t, got, len(tt.want))
			for i := range got {
				require.Equal(t, fmt.Sprint(i), got[i].ID)
				require.Equal(t, tt.want[i], got[i].Data)
			}
		})
	}
}

func TestABrokenFrameDoesNotEndAnMJPEG(t *testing.T) {
	a := asJPEG(t, photograph(40, 30), 90)
	broken := append(bytes.Clone(a[:4]), 0, 1) // a segment shorter than its length
	stream := bytes.Join([][]byte{a, broken, a, a[:len(a)/2], a, a[:len(a)/2]}, nil)
	var good, bad []string
	for p, err := range vision.MJPEGFrames(bytes.NewReader(stream), vision.Limits{}) {
		if err != nil {
			require.ErrorIs(t, err, quintet.ErrInput)
			bad = append(bad, err.Error())
			continue
		}
		require.Equal(t, a, p.Data)
		good = append(good, p.ID)
	}
	require.Equal(t, []string{"0", "2", "4"}, good)
	require.Equal(t, []string{
		"frame 1: jpeg segment of 1 bytes: invalid input", "frame 3: jpeg begins inside of another: invalid input",
		fmt.Sprintf("frame 5: jpeg ends after %d bytes: invalid input", len(a)/2),
	}, bad)
}

func TestMJPEGFramesAreBounded(t *testing.T) {
	a := asJPEG(t, photograph(40, 30), 90)
	got, err := collect(vision.MJPEGFrames(bytes.NewReader(a), vision.Limits{MaxBytes: int64(len(a)) - 1}))
	var limit *vision.LimitError
	require.ErrorAs(t, err, &limit)
	require.Equal(t, vision.LimitError{Field: "Bytes", Got: int64(len(a)), Max: int64(len(a)) - 1}, *limit)
	require.Empty(t, got)
	_, err = collect(vision.MJPEGFrames(strings.NewReader(strings.Repeat("beans", 20_000)), vision.Limits{}))
	require.ErrorIs(t, err, quintet.ErrInput)
	cut := errors.New("wire cut")
	n := 0
	for _, err := range vision.MJPEGFrames(io.MultiReader(bytes.NewReader(a[:50]), iotest.ErrReader(cut)), vision.Limits{}) {
		require.ErrorIs(t, err, cut)
		n++
	}
	require.Equal(t, 1, n)
	_, err = collect(vision.MJPEGFrames(nil, vision.Limits{MaxBytes: -1}))
	require.ErrorIs(t, err, quintet.ErrOption)
}

func TestRawFrames(t *testing.T) {
	a, b := photograph(5, 4), photograph(5, 4)
	b.Pix[0] ^= 255
	var stream []byte
	for _, m := range []*image.NRGBA{a, b} {
		for i := 0; i < len(m.Pix); i += 4 {
			m.Pix[i+3] = 255
			stream = append(stream, m.Pix[i:i+3]...)
		}
	}
	got, err := collect(vision.RawFrames(iotest.HalfReader(bytes.NewReader(stream)), 5, 4, vision.Limits{}))
	require.NoError(t, err)
	require.Equal(t, []vision.Picture{{ID: "0", Image: a}, {ID: "1", Image: b}}, got)

	got, err = collect(vision.RawFrames(bytes.NewReader(stream[:len(stream)-1]), 5, 4, vision.Limits{}))
	require.ErrorIs(t, err, quintet.ErrInput)
	require.EqualError(t, err, "frame 1: it is not whole: invalid input")
	require.Len(t, got, 1)
	_, err = collect(vision.RawFrames(bytes.NewReader(nil), 0, 4, vision.Limits{}))
	require.ErrorIs(t, err, quintet.ErrOption)
	for _, size := range []image.Point{{20000, 1}, {16000, 16000}, {8000, 6000}} {
		_, err = collect(vision.RawFrames(bytes.NewReader(nil), size.X, size.Y, vision.Limits{MaxMemory: 100 << 20}))
		var limit *vision.LimitError
		require.ErrorAs(t, err, &limit)
	}
}

// y4m is a video of two frames whose samples count up.
func y4m(head string, samples int) []byte {
	b := []byte(head + "\n")
	for f := range 2 {
		b = append(b, "FRAME Ip\n"...)
		for i := range samples {
			b = append(b, uint8(i*7+f))
		}
	}
	return b
}

func TestY4MFramesOfEverySampling(t *testing.T) {
	for name, tt := range map[string]struct {
		c       string
		samples int
		ratio   image.YCbCrSubsampleRatio
	}{
		"no word":   {"", 15 + 2*6, image.YCbCrSubsampleRatio420},
		"4:2:0":     {" C420mpeg2", 15 + 2*6, image.YCbCrSubsampleRatio420},
		"4:2:2":     {" C422", 15 + 2*9, image.YCbCrSubsampleRatio422},
		"4:4:4":     {" C444", 15 + 2*15, image.YCbCrSubsampleRatio444},
		"4:1:1":     {" C411", 15 + 2*6, image.YCbCrSubsampleRatio411},
		"no colour": {" Cmono", 15, -1},
	} {
		t.Run(name, func(t *testing.T) {
			data := y4m("YUV4MPEG2 W5 H3 F30000:1001 Ip A1:1"+tt.c+" XCOLORRANGE=FULL", tt.samples)
			v, err := vision.OpenY4M(bytes.NewReader(data), vision.Limits{})
			require.NoError(t, err)
			require.Equal(t, []int{5, 3}, []int{v.Width, v.Height})
			require.InDelta(t, 29.97, v.Rate, 0.001)
			require.False(t, v.Interlaced)
			got, err := collect(v.Frames())
			require.NoError(t, err)
			require.Len(t, got, 2)
			require.Equal(t, "1", got[1].ID)
			if tt.ratio < 0 {
				require.Equal(t, uint8(7*3+1), got[1].Image.(*image.Gray).Pix[3])
				return
			}
			m := got[1].Image.(*image.YCbCr)
			require.Equal(t, tt.ratio, m.SubsampleRatio)
			require.Equal(t, uint8(7*3+1), m.Y[3])
			require.Equal(t, uint8(7*16+1), m.Cb[1])
			require.Equal(t, uint8((tt.samples-1)*7+1), m.Cr[len(m.Cr)-1])
		})
	}
}

func TestSamplesOfTelevisionAreStretched(t *testing.T) {
	data := append([]byte("YUV4MPEG2 W4 H1 It C444\nFRAME\n"), 0, 16, 126, 235, 16, 128, 240, 255, 128, 128, 128, 128)
	v, err := vision.OpenY4M(bytes.NewReader(data), vision.Limits{})
	require.NoError(t, err)
	require.True(t, v.Interlaced)
	got, err := collect(v.Frames())
	require.NoError(t, err)
	m := got[0].Image.(*image.YCbCr)
	require.Equal(t, []uint8{0, 0, 128, 255}, m.Y)
	require.Equal(t, []uint8{1, 128, 255, 255}, m.Cb)
}

func TestBadY4Ms(t *testing.T) {
	good := string(y4m("YUV4MPEG2 W5 H3", 27))
	for name, tt := range map[string]struct {
		data   string
		frames int
		cause  error
	}{
		"nothing":            {"", 0, quintet.ErrInput},
		"another format":     {"RIFF\n", 0, quintet.ErrInput},
		"no size":            {"YUV4MPEG2 F1:1\n", 0, quintet.ErrInput},
		"a size of words":    {"YUV4MPEG2 Wide H3\n", 0, quintet.ErrInput},
		"a negative size":    {"YUV4MPEG2 W-5 H3\n", 0, quintet.ErrInput},
		"ten bits":           {"YUV4MPEG2 W5 H3 C420p10\n", 0, quintet.ErrUnsupported},
		"a line without end": {"YUV4MPEG2 " + strings.Repeat("X", 5000), 0, quintet.ErrInput},
		"half a line":        {"YUV4MPEG2 W5", 0, quintet.ErrInput},
		"too large":          {"YUV4MPEG2 W50000 H50000\n", 0, quintet.ErrInput},
		"half a frame":       {good[:len(good)-3], 1, quintet.ErrInput},
		"half a word":        {good + "FRA", 2, quintet.ErrInput},
		"another word":       {good + "FRAMED\n", 2, quintet.ErrInput},
	} {
		t.Run(name, func(t *testing.T) {
			var got []vision.Picture
			v, err := vision.OpenY4M(strings.NewReader(tt.data), vision.Limits{})
			if err == nil {
				got, err = collect(v.Frames())
			}
			require.ErrorIs(t, err, tt.cause)
			require.Len(t, got, tt.frames)
		})
	}
}

// ffmpeg writes both formats; a video of it comes out as it went in.
func TestVideosOfFFmpeg(t *testing.T) {
	tool, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Skipf("no ffmpeg: %v", err)
	}
	var raw []byte
	m := photograph(64, 48)
	for i := 0; i < len(m.Pix); i += 4 {
		raw = append(raw, m.Pix[i:i+3]...)
	}
	convert := func(to ...string) []byte {
		args := append([]string{"-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "64x48", "-r", "25", "-i", "-"}, to...)
		cmd := exec.Command(tool, append(args, "-")...)
		cmd.Stdin = bytes.NewReader(bytes.Repeat(raw, 3))
		out, err := cmd.Output()
		require.NoError(t, err)
		return out
	}
	near := func(got []vision.Picture, err error) {
		require.NoError(t, err)
		require.Len(t, got, 3)
		for _, p := range got {
			if p.Image == nil {
				p.Image, _, err = vision.Decode(bytes.NewReader(p.Data), vision.DecodeOptions{})
				require.NoError(t, err)
			}
			want, err := vision.Measure(m)
			require.NoError(t, err)
			have, err := vision.Measure(p.Image)
			require.NoError(t, err)
			require.InDelta(t, want.MeanLuma, have.MeanLuma, 1.5)
			require.InDelta(t, want.Contrast, have.Contrast, 2)
		}
	}
	for _, format := range []string{"yuv420p", "yuv422p", "yuv444p", "yuvj420p", "gray"} {
		data := convert("-f", "yuv4mpegpipe", "-strict", "-1", "-pix_fmt", format)
		v, err := vision.OpenY4M(bytes.NewReader(data), vision.Limits{})
		require.NoError(t, err, "%s: %.99q", format, data)
		require.Equal(t, 25.0, v.Rate)
		near(collect(v.Frames()))
	}
	near(collect(vision.MJPEGFrames(bytes.NewReader(convert("-f", "mjpeg", "-q:v", "2")), vision.Limits{})))
	near(collect(vision.MJPEGFrames(bytes.NewReader(convert("-f", "mpjpeg", "-q:v", "2")), vision.Limits{})))
	near(collect(vision.RawFrames(bytes.NewReader(convert("-f", "rawvideo", "-pix_fmt", "rgb24")), 64, 48, vision.Limits{})))
}

// Whatever the bytes, the readers of video end, and all errors have a cause.
func FuzzVideoFrames(f *testing.F) {
	f.Add(y4m("YUV4MPEG2 W5 H3", 27))
	a := asJPEG(f, photograph(9, 9), 50)
	f.Add(bytes.Join([][]byte{a, a[:40], a}, nil))
	l := vision.Limits{MaxPixels: 1 << 12, MaxBytes: 1 << 10}
	f.Fuzz(func(t *testing.T, data []byte) {
		size := 0
		for p, err := range vision.MJPEGFrames(bytes.NewReader(data), l) {
			if err != nil && !hasCause(err) {
				t.Fatal(err)
			}
			size += len(p.Data)
		}
		if size > len(data) {
			t.Fatalf("%d bytes of %d", size, len(data))
		}
		v, err := vision.OpenY4M(bytes.NewReader(data), l)
		if err == nil {
			_, err = collect(v.Frames())
		}
		if err != nil && !hasCause(err) {
			t.Fatal(err)
		}
	})
}
