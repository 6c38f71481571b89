package dsp_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio/dsp"
	"github.com/quintet-ai/quintet/internal/synth"
)

// sung is a voice that glides from 200 Hz by an octave and back, with vibrato, in
// noise; a third of it in the middle is noise alone.
func sung(seed uint64, noise float64) (x []float32, hz []float64) {
	const rate, n = 16000, 3 * 16000
	phase := 0.0
	x, hz = synth.Noise(seed, n, noise), make([]float64, n)
	for i := range x {
		t := float64(i) / rate
		f := 200 * math.Exp2(0.5-0.5*math.Cos(2*math.Pi*t/3)+0.03*math.Sin(2*math.Pi*5*t))
		phase += 2 * math.Pi * f / rate
		if i < n/3 || i >= 2*n/3 {
			hz[i] = f
			x[i] += float32(0.1*math.Sin(phase) + 0.2*math.Sin(2*phase) + 0.1*math.Sin(3*phase))
		}
	}
	return x, hz
}

// score returns the shares of voiced frames within 50 cents of the truth and of
// frames that are rightly voiced or not, away from the changes.
func score(track []dsp.Pitch, hz []float64) (pitch, voicing float64) {
	right, voiced, decided, frames := 0, 0, 0, 0
	for i, p := range track {
		at := i * 160
		if at < 800 || at+800 >= len(hz) || (hz[at-800] > 0) != (hz[at+800] > 0) {
			continue
		}
		frames++
		if p.Voiced() == (hz[at] > 0) {
			decided++
		}
		if hz[at] > 0 {
			voiced++
			if p.Voiced() && math.Abs(1200*math.Log2(float64(p.Hz)/hz[at])) < 50 {
				right++
			}
		}
	}
	return float64(right) / float64(voiced), float64(decided) / float64(frames)
}

func TestPYINFollowsAVoiceInNoise(t *testing.T) {
	x, hz := sung(1, 0.15)
	p, err := dsp.NewPYIN(dsp.PYINOptions{})
	require.NoError(t, err)
	pitch, voicing := score(p.Track(nil, x), hz)
	yin, err := dsp.TrackPitch(x, dsp.YINOptions{})
	require.NoError(t, err)
	pitchYIN, voicingYIN := score(yin, hz)
	t.Logf("pitch %.3f, voicing %.3f; YIN %.3f and %.3f", pitch, voicing, pitchYIN, voicingYIN)
	require.Greater(t, pitch, 0.97)
	require.Greater(t, voicing, 0.97)
	require.Greater(t, pitch, pitchYIN)
}

func TestPYINFindsSteadyPitches(t *testing.T) {
	for _, rate := range []int{8000, 44100} {
		p, err := dsp.NewPYIN(dsp.PYINOptions{Rate: rate})
		require.NoError(t, err)
		for _, hz := range []float64{70, 261.63, 880} {
			got := p.Track(nil, voice(rate, rate/2, hz, 3))
			require.Len(t, got, 51)
			for _, f := range got[8:42] {
				require.InDelta(t, 0, 1200*math.Log2(float64(f.Hz)/hz), 20, "%v Hz at %d", hz, rate)
				require.Greater(t, f.Confidence, float32(0.5))
			}
		}
	}
}

func TestPYINDoesNotAllocateAgain(t *testing.T) {
	x, _ := sung(1, 0.1)
	p, err := dsp.NewPYIN(dsp.PYINOptions{})
	require.NoError(t, err)
	dst := p.Track(nil, x)
	want := append([]dsp.Pitch(nil), dst...)
	require.Zero(t, testing.AllocsPerRun(1, func() { dst = p.Track(dst, x) }))
	require.Equal(t, want, dst)
	require.Equal(t, want, p.Clone().Track(nil, x))
}

func TestPYINOfOddSignals(t *testing.T) {
	p, err := dsp.NewPYIN(dsp.PYINOptions{})
	require.NoError(t, err)
	require.Empty(t, p.Track(nil, nil))
	nan := voice(16000, 4000, 200, 2)
	nan[2000] = float32(math.NaN())
	for name, x := range map[string][]float32{
		"one sample": {1}, "silence": make([]float32, 8000), "noise": synth.Noise(1, 8000, 1), "NaN": nan,
		"largest": synth.Noise(1, 2000, math.MaxFloat32),
	} {
		for _, f := range p.Track(nil, x) {
			require.False(t, math.IsNaN(float64(f.Hz)) || f.Hz < 0 || f.Hz > 2200, name)
			require.True(t, f.Confidence >= 0 && f.Confidence <= 1, name)
			if name == "silence" || name == "noise" {
				require.False(t, f.Voiced(), name)
			}
		}
	}
	for _, o := range []dsp.PYINOptions{{Switch: 1}, {Rate: -1}, {FMin: 1e-9}} {
		_, err := dsp.NewPYIN(o)
		require.ErrorIs(t, err, quintet.ErrOption)
	}
}

func ExamplePYIN() {
	p, err := dsp.NewPYIN(dsp.PYINOptions{Rate: 16000})
	if err != nil {
		panic(err)
	}
	track := p.Track(nil, synth.Tone(16000, 16000, 440, 0.5))
	fmt.Printf("%.0f Hz at %v\n", track[50].Hz, track[50].Time)
	// Output: 440 Hz at 500ms
}

func BenchmarkPYIN(b *testing.B) {
	x, _ := sung(1, 0.1)
	p, err := dsp.NewPYIN(dsp.PYINOptions{})
	require.NoError(b, err)
	var dst []dsp.Pitch
	for b.Loop() {
		dst = p.Track(dst, x)
	}
	b.ReportMetric(3*float64(b.N)/b.Elapsed().Seconds(), "x-real-time")
}
