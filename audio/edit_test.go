package audio_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/audio/dsp"
	"github.com/quintet-ai/quintet/internal/synth"
)

func TestGainIsInDecibels(t *testing.T) {
	c := audio.Clip{ID: "a", Rate: 8000, Channels: 2, Samples: []float32{0.5, -0.25, 0, math.MaxFloat32}}
	got, err := c.Gain(20)
	require.NoError(t, err)
	require.Equal(t, audio.Clip{ID: "a", Rate: 8000, Channels: 2, Samples: []float32{5, -2.5, 0, math.MaxFloat32}}, got)
	require.Equal(t, float32(0.5), c.Samples[0])
	for _, bad := range []float64{math.NaN(), math.Inf(1), -201} {
		_, err := c.Gain(bad)
		require.ErrorIs(t, err, quintet.ErrOption)
	}
}

func TestFadesRiseAndFall(t *testing.T) {
	c := audio.Clip{Rate: 1000, Channels: 2, Samples: make([]float32, 2*100)}
	for i := range c.Samples {
		c.Samples[i] = 1
	}
	got := c.Fade(20*time.Millisecond, 10*time.Millisecond)
	require.Equal(t, float32(1), c.Samples[0], "the clip was changed")
	for frame := range 100 {
		want := 1.0
		if frame < 20 {
			want = 0.5 - 0.5*math.Cos(math.Pi*float64(frame)/20)
		} else if frame >= 90 {
			want = 0.5 - 0.5*math.Cos(math.Pi*float64(99-frame)/10)
		}
		require.InDelta(t, want, got.Samples[2*frame], 1e-6)
		require.InDelta(t, want, got.Samples[2*frame+1], 1e-6)
	}
	require.Equal(t, c, c.Fade(0, -time.Second))
	requireFinite(t, c.Fade(time.Hour, time.Hour).Samples)
	require.Empty(t, audio.Clip{Rate: 8000, Channels: 1}.Fade(time.Second, time.Second).Samples)
	require.Equal(t, []float32{0}, audio.Clip{Rate: 1, Channels: 1, Samples: []float32{1}}.Fade(time.Second, 0).Samples)
}

func TestNormalizeReachesTheTarget(t *testing.T) {
	c := audio.Clip{Rate: 48000, Channels: 2, Samples: synth.Noise(1, 2*48000, 0.02)}
	for name, tt := range map[string]struct {
		o    audio.NormalizeOptions
		want func(c audio.Clip) float64
	}{
		"loudness": {audio.NormalizeOptions{}, func(c audio.Clip) float64 {
			l, err := dsp.MeasureLoudness(c.Samples, dsp.LoudnessOptions{Rate: 48000, Channels: 2})
			require.NoError(t, err)
			return l.Integrated + 23
		}},
		"root mean square": {audio.NormalizeOptions{Level: audio.LevelRMS, Target: -30}, func(c audio.Clip) float64 {
			return dsp.DBFS(dsp.RMS(c.Samples)) + 30
		}},
		"peak": {audio.NormalizeOptions{Level: audio.LevelPeak}, func(c audio.Clip) float64 {
			return dsp.DBFS(dsp.Peak(c.Samples)) + 1
		}},
		"a peak that the target would exceed": {audio.NormalizeOptions{Target: -1, Peak: -3}, func(c audio.Clip) float64 {
			return dsp.DBFS(dsp.Peak(c.Samples)) + 3
		}},
	} {
		t.Run(name, func(t *testing.T) {
			got, gain, err := c.Normalize(tt.o)
			require.NoError(t, err)
			require.InDelta(t, 0, tt.want(got), 0.01)
			require.Greater(t, gain, 0.0)
		})
	}
}

func TestNormalizeLeavesWhatHasNoLevel(t *testing.T) {
	for _, n := range []int{0, 1, 100} {
		for level := audio.LevelLoudness; level <= audio.LevelPeak; level++ {
			c := audio.Clip{Rate: 8000, Channels: 1, Samples: make([]float32, n)}
			got, gain, err := c.Normalize(audio.NormalizeOptions{Level: level})
			require.NoError(t, err)
			require.Zero(t, gain)
			require.Equal(t, c, got)
		}
	}
	_, _, err := audio.Clip{}.Normalize(audio.NormalizeOptions{})
	require.ErrorIs(t, err, quintet.ErrInput)
	for _, o := range []audio.NormalizeOptions{{Level: 3}, {Target: 1}, {Peak: math.NaN()}} {
		_, _, err := audio.Clip{Rate: 1, Channels: 1}.Normalize(o)
		require.ErrorIs(t, err, quintet.ErrOption)
	}
}

func TestTrimCutsSilenceAtTheEnds(t *testing.T) {
	c := audio.Clip{Rate: 1000, Channels: 2, Samples: make([]float32, 2*1000)}
	for frame := 300; frame < 500; frame++ {
		if frame < 350 || frame >= 450 { // a pause inside stays
			c.Samples[2*frame] = 0.5
		}
	}
	got, from, err := c.Trim(0, 0)
	require.NoError(t, err)
	require.Equal(t, 300*time.Millisecond, from)
	require.Equal(t, 200, got.Frames())
	got, from, err = c.Trim(-40, 50*time.Millisecond)
	require.NoError(t, err)
	require.Equal(t, 250*time.Millisecond, from)
	require.Equal(t, 300, got.Frames())
	got, from, err = c.Trim(0, time.Hour)
	require.NoError(t, err)
	require.Zero(t, from)
	require.Equal(t, 1000, got.Frames())
	for _, silent := range []audio.Clip{{}, {Rate: 8000, Channels: 1}, {Rate: 8, Channels: 1, Samples: []float32{0}}} {
		got, _, err := silent.Trim(0, 0)
		require.NoError(t, err)
		require.Empty(t, got.Samples)
	}
	_, _, err = c.Trim(1, 0)
	require.ErrorIs(t, err, quintet.ErrOption)
	_, _, err = c.Trim(math.NaN(), 0)
	require.ErrorIs(t, err, quintet.ErrOption)
}

func ExampleClip_Normalize() {
	c := audio.Clip{Rate: 48000, Channels: 1, Samples: synth.Tone(48000, 48000, 1000, 0.01)}
	loud, gain, err := c.Normalize(audio.NormalizeOptions{})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.1f dB, peak %.2f\n", gain, dsp.Peak(loud.Samples))
	// Output: 20.0 dB, peak 0.10
}
