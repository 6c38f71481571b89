package audio_test

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/internal/synth"
)

func encode(t testing.TB, c audio.Clip, f audio.SampleFormat) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, audio.EncodeWAV(&b, c, f))
	return b.Bytes()
}

func TestEncodedClipsRoundTrip(t *testing.T) {
	steps := map[audio.SampleFormat]float64{audio.PCM16: 1 << 15, audio.PCM24: 1 << 23, audio.Float32: 1 << 30}
	for f, full := range steps {
		for _, channels := range []int{1, 2, 3, 64} {
			for _, frames := range []int{0, 1, 3, 20_000 / channels} {
				c := audio.Clip{Rate: 11025, Channels: channels, Samples: synth.Noise(1, frames*channels, 1)}
				for i, v := range c.Samples { // what the format can hold comes back exactly
					c.Samples[i] = float32(math.Round(float64(v)*full) / full)
				}
				file := encode(t, c, f)
				require.Zero(t, len(file)%2, "chunks are padded")
				got, info := decode(t, file)
				require.Equal(t, audio.Info{Format: audio.WAV, Encoding: f}, info)
				require.Equal(t, c.Rate, got.Rate)
				require.Equal(t, c.Channels, got.Channels)
				require.True(t, slices.Equal(c.Samples, got.Samples), "%v, %d channels", f, channels)
			}
		}
	}
}

func TestIntegersAreRoundedAndCut(t *testing.T) {
	const step = 1.0 / (1 << 15)
	c := audio.Clip{Rate: 8000, Channels: 1}
	c.Samples = []float32{1, -1, 2, -math.MaxFloat32, 0.4 * step, 0.6 * step, -0.5 * step}
	got, _ := decode(t, encode(t, c, audio.PCM16))
	require.Equal(t, []float32{1 - step, -1, 1 - step, -1, 0, step, -step}, got.Samples)

	got, _ = decode(t, encode(t, c, audio.Float32))
	require.Equal(t, c.Samples, got.Samples, "floats are kept as they are")
}

func TestWhatCannotBeEncodedIsRefused(t *testing.T) {
	good := audio.Clip{Rate: 8000, Channels: 1, Samples: []float32{0}}
	nan := audio.Clip{Rate: 1, Channels: 1, Samples: []float32{0, float32(math.NaN())}}
	half := audio.Clip{Rate: 1, Channels: 2, Samples: []float32{1}}
	wide := audio.Clip{Rate: 1, Channels: 40000}
	tests := map[string]struct {
		clip   audio.Clip
		format audio.SampleFormat
		cause  error
		text   string
	}{
		"mu-law":            {good, audio.MuLaw, quintet.ErrOption, "cannot write WAV of mulaw"},
		"an unknown format": {good, -1, quintet.ErrOption, "cannot write WAV of SampleFormat(-1)"},
		"no rate":           {audio.Clip{Channels: 1}, 0, quintet.ErrInput, "rate is 0 Hz, must be from 1 to 768000"},
		"no channel":        {audio.Clip{Rate: 1}, 0, quintet.ErrInput, "clip has 0 channels, must have 1 to 65535"},
		"half a frame":      {half, 0, quintet.ErrInput, "1 samples do not divide into 2 channels"},
		"not a number":      {nan, 0, quintet.ErrInput, "sample 1 is NaN"},
		"too wide a frame":  {wide, 0, quintet.ErrInput, "0 frames of 40000 channels do not fit into WAV"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			err := audio.EncodeWAV(&b, tt.clip, tt.format)
			require.ErrorIs(t, err, tt.cause)
			require.EqualError(t, err, "audio: "+tt.text+": "+tt.cause.Error())
			require.Zero(t, b.Len(), "nothing is written")
		})
	}
}

// full takes some bytes and then no more.
type full struct{ left int }

var errFull = errors.New("disk full")

func (f *full) Write(b []byte) (int, error) {
	if len(b) > f.left {
		return f.left, errFull
	}
	f.left -= len(b)
	return len(b), nil
}

func TestErrorsOfTheWriterAreKept(t *testing.T) {
	c := audio.Clip{Rate: 8000, Channels: 1, Samples: make([]float32, 50_001)}
	for _, left := range []int{0, 43, 60_000, 100_000} {
		require.ErrorIs(t, audio.EncodeWAV(&full{left}, c, audio.PCM24), errFull)
	}
}

func TestSampleFormatsHaveNamesAndSizes(t *testing.T) {
	sizes := map[string]int{
		"pcm8": 1, "pcm16": 2, "pcm24": 3, "pcm32": 4, "float32": 4, "float64": 8, "alaw": 1, "mulaw": 1,
	}
	for f := audio.PCM16; f <= audio.MuLaw; f++ {
		require.Equal(t, sizes[f.String()], f.Bytes(), f)
	}
	require.Zero(t, audio.SampleFormat(99).Bytes())
	text, err := audio.MuLaw.MarshalText()
	require.NoError(t, err)
	require.Equal(t, "mulaw", string(text))
}
