package audio_test

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/audio"
)

// ISO/IEC 11172-4 calls a decoder fully accurate whose error has a root mean square
// below 2^-15/sqrt(12) and stays below 2^-14. The bound here is a tenth of that.
func TestMP3AgreesWithMpg123(t *testing.T) {
	files, err := filepath.Glob("testdata/mp3/*.mp3")
	require.NoError(t, err)
	require.Len(t, files, 14)
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			file, err := os.ReadFile(path)
			require.NoError(t, err)
			reference, err := os.ReadFile(path + ".flac")
			require.NoError(t, err)
			clip, info := decode(t, file)
			want, _ := decode(t, reference)
			require.False(t, info.Truncated)
			require.Equal(t, want.Rate, clip.Rate)
			require.Equal(t, want.Channels, clip.Channels)
			require.Equal(t, want.Frames(), clip.Frames())
			sum := 0.0
			for i, v := range clip.Samples {
				d := float64(v) - float64(want.Samples[i])
				sum += d * d
			}
			require.Less(t, math.Sqrt(sum/float64(len(clip.Samples))), math.Exp2(-15)/math.Sqrt(12)/10)
			require.Less(t, distance(clip.Samples, want.Samples), math.Exp2(-14)/10)
		})
	}
}

// mp3File returns a file of testdata/mp3.
func mp3File(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata/mp3", name))
	require.NoError(t, err)
	return b
}

// Encoders of live streams may change the number of channels; the clip keeps that of
// its first frame.
func TestMP3MayChangeItsChannels(t *testing.T) {
	mono, stereo := mp3File(t, "mono-8.mp3"), mp3File(t, "stereo-8.mp3")
	for name, files := range map[string][2][]byte{"one, then two": {mono, stereo}, "two, then one": {stereo, mono}} {
		t.Run(name, func(t *testing.T) {
			first, _ := decode(t, files[0])
			clip, _ := decode(t, bytes.Join(files[:], nil))
			require.Equal(t, first.Channels, clip.Channels)
			require.Greater(t, clip.Frames(), first.Frames()+1000)
		})
	}
}

// After a gap the decoder finds the stream again, and what comes later is not changed.
func TestMP3GoesOnBehindDamage(t *testing.T) {
	file := mp3File(t, "stereo-44.mp3")[1044:] // so nothing says where the sound ends
	whole, _ := decode(t, file)
	for name, damaged := range map[string][]byte{
		"bytes that are missing": append(bytes.Clone(file[:1500]), file[1550:]...),
		"bytes too many":         append(append(bytes.Clone(file[:1500]), make([]byte, 999)...), file[1500:]...),
		"bytes that are wrong":   append(append(bytes.Clone(file[:1500]), make([]byte, 100)...), file[1600:]...),
	} {
		t.Run(name, func(t *testing.T) {
			clip, _ := decode(t, damaged)
			n := 2 * 44 * 50 // 50 ms
			got, want := clip.Samples[len(clip.Samples)-n:], whole.Samples[len(whole.Samples)-n:]
			require.LessOrEqual(t, distance(got, want), 1e-6)
		})
	}
}

func TestMP3OfAFreeBitRateIsRefusedByName(t *testing.T) {
	_, _, err := audio.Decode(bytes.NewReader([]byte("\xff\xfb\x00\x64"+string(make([]byte, 99)))), audio.DecodeOptions{})
	requireRefusal(t, err)
	require.ErrorContains(t, err, "free bit rate")
}
