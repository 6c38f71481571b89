package audio_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/audio/dsp"
	"github.com/quintet-ai/quintet/internal/synth"
)

func measure(t *testing.T, c audio.Clip) audio.Properties {
	t.Helper()
	p, err := audio.Measure(c)
	require.NoError(t, err)
	return p
}

func TestPropertiesOfATone(t *testing.T) {
	p := measure(t, audio.Clip{Rate: 8000, Channels: 1, Samples: synth.Tone(8000, 16000, 1000, 0.5)})
	require.Equal(t, 2*time.Second, p.Duration)
	require.Equal(t, 8000, p.Rate)
	require.Equal(t, 1, p.Channels)
	require.Equal(t, 16000, p.Frames)
	require.InDelta(t, 0.5/math.Sqrt2, p.RMS, 1e-6)
	require.InDelta(t, -9.03, p.RMSDBFS, 0.01)
	require.InDelta(t, 0.5, p.Peak, 1e-6)
	require.InDelta(t, -6.02, p.PeakDBFS, 0.01)
	require.InDelta(t, 3.01, p.Crest, 0.01)
	require.InDelta(t, 0, p.DCOffset, 1e-6)
	require.Zero(t, p.Clipped)
	require.Zero(t, p.Silence)
	require.InDelta(t, 0.25, p.ZeroCrossingRate, 1e-3)
}

func TestPropertiesOfDigitalSilence(t *testing.T) {
	want := audio.Properties{
		Duration: time.Second, Rate: 8000, Channels: 2, Frames: 8000,
		RMSDBFS: dsp.MinDBFS, PeakDBFS: dsp.MinDBFS, Silence: 1,
	}
	require.Equal(t, want, measure(t, audio.Clip{Rate: 8000, Channels: 2, Samples: make([]float32, 16000)}))

	want = audio.Properties{Rate: 8000, Channels: 2, RMSDBFS: dsp.MinDBFS, PeakDBFS: dsp.MinDBFS}
	require.Equal(t, want, measure(t, audio.Clip{Rate: 8000, Channels: 2}))
}

func TestPropertiesOfOneSample(t *testing.T) {
	p := measure(t, audio.Clip{Rate: 1, Channels: 1, Samples: []float32{-0.5}})
	require.Equal(t, audio.Properties{
		Duration: time.Second, Rate: 1, Channels: 1, Frames: 1, RMS: 0.5, RMSDBFS: p.PeakDBFS,
		Peak: 0.5, PeakDBFS: p.PeakDBFS, DCOffset: -0.5,
	}, p)
}

func TestTheWorstChannelGivesTheOffset(t *testing.T) {
	c := audio.Clip{Rate: 8000, Channels: 2}
	for range 100 {
		c.Samples = append(c.Samples, 0.1, -0.1, 0.1, -0.2)
	}
	p := measure(t, c)
	require.InDelta(t, -0.15, p.DCOffset, 1e-6)
	require.Zero(t, p.ZeroCrossingRate, "signs change between channels only")
}

func TestClippedSamplesAreCounted(t *testing.T) {
	const highest = 32767.0 / 32768
	c := audio.Clip{Rate: 8000, Channels: 1, Samples: []float32{0.9999, highest, 1, -1, -highest, 2, 0.5}}
	require.Equal(t, 5, measure(t, c).Clipped)
}

func TestSilenceIsASharesOfBlocks(t *testing.T) {
	c := audio.Clip{Rate: 1000, Channels: 1, Samples: make([]float32, 95)} // blocks of 20, the last of 15
	c.Samples[25] = 0.5
	for i := 40; i < 60; i++ {
		c.Samples[i] = 0.9e-3 // just under -60 dBFS
	}
	c.Samples[94] = 1.1e-3 * 4 // alone among 15: just over
	require.InDelta(t, 3.0/5, measure(t, c).Silence, 1e-9)
}

func TestTheLargestSamplesAreMeasured(t *testing.T) {
	p := measure(t, audio.Clip{Rate: 8000, Channels: 1, Samples: []float32{math.MaxFloat32, -math.MaxFloat32}})
	require.InEpsilon(t, math.MaxFloat32, p.RMS, 1e-6)
	require.InDelta(t, 0, p.Crest, 1e-6)
	require.Equal(t, 2, p.Clipped)
}

func TestMeasureRefuses(t *testing.T) {
	for name, c := range map[string]audio.Clip{
		"no rate":                 {Channels: 1},
		"no channel":              {Rate: 8000},
		"channels by the billion": {Rate: 8000, Channels: 1 << 30},
		"half a frame":            {Rate: 8000, Channels: 2, Samples: []float32{1}},
		"not a number":            {Rate: 8000, Channels: 1, Samples: []float32{float32(math.NaN())}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := audio.Measure(c)
			require.ErrorIs(t, err, quintet.ErrInput)
		})
	}
}
