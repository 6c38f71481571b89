package audio_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio"
)

func decode(t *testing.T, b []byte) (audio.Clip, audio.Info) {
	t.Helper()
	clip, info, err := audio.Decode(bytes.NewReader(b), audio.DecodeOptions{})
	require.NoError(t, err)
	return clip, info
}

// The files were written by SoX and FFmpeg; beside each is what SoX makes of it.
func TestDecodeAgreesWithSoX(t *testing.T) {
	files, err := filepath.Glob("testdata/wav/*.wav")
	require.NoError(t, err)
	require.Len(t, files, 14)
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), ".wav")
		t.Run(name, func(t *testing.T) {
			b, err := os.ReadFile(path)
			require.NoError(t, err)
			raw, err := os.ReadFile(strings.TrimSuffix(path, ".wav") + ".f32")
			require.NoError(t, err)
			want := make([]float32, len(raw)/4)
			require.NoError(t, binary.Read(bytes.NewReader(raw), binary.LittleEndian, want))

			clip, info := decode(t, b)
			require.Equal(t, 8000, clip.Rate)
			require.Equal(t, len(want)/104, clip.Channels)
			require.InDeltaSlice(t, want, clip.Samples, 1e-9)
			encoding, _, _ := strings.Cut(name, "-")
			require.Equal(t, encoding, info.Encoding.String())
			require.False(t, info.Truncated)
			require.Zero(t, info.NonFinite)
			format := audio.WAV
			if strings.HasSuffix(name, "rf64") {
				format = audio.RF64
			}
			require.Equal(t, format, info.Format)
		})
	}
}

func TestNonFiniteSamplesBecomeZero(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	single, _ := binary.Append(nil, binary.LittleEndian, []float32{1, float32(inf), -2, float32(nan), float32(-inf)})
	double, _ := binary.Append(nil, binary.LittleEndian, []float64{1, inf, -2, nan, 1e300})
	w := wav{data: math.MaxUint32, codec: 3, channels: 1, rate: 8000}
	for _, file := range []wav{
		w.with(func(w *wav) { w.frame, w.bits, w.body = 4, 32, single }),
		w.with(func(w *wav) { w.frame, w.bits, w.body = 8, 64, double }),
	} {
		clip, info := decode(t, file.bytes())
		require.Equal(t, []float32{1, 0, -2, 0, 0}, clip.Samples)
		require.Equal(t, 3, info.NonFinite)
	}
}

func TestNoReaderIsRefused(t *testing.T) {
	_, _, err := audio.Decode(nil, audio.DecodeOptions{})
	require.EqualError(t, err, "audio: no reader: invalid input")
}

func TestErrorsOfTheReaderAreKept(t *testing.T) {
	file := honest(make([]int16, 100_000)...).bytes()
	broken := errors.New("connection reset")
	for _, at := range []int{0, 10, 30, 50, 100_000} {
		for _, cause := range []error{broken, io.ErrUnexpectedEOF} {
			r := io.MultiReader(bytes.NewReader(file[:at]), iotest.ErrReader(cause))
			clip, _, err := audio.Decode(r, audio.DecodeOptions{})
			require.ErrorIs(t, err, cause)
			require.NotErrorIs(t, err, quintet.ErrInput)
			require.Zero(t, clip)
		}
	}
}

func TestDecodeReadsFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.wav")
	require.NoError(t, os.WriteFile(path, honest(1, 2, 3).bytes(), 0o644))
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	clip, _, err := audio.Decode(f, audio.DecodeOptions{})
	require.NoError(t, err)
	require.Equal(t, 3, clip.Frames())
}
