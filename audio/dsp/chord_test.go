package dsp_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio/dsp"
	"github.com/quintet-ai/quintet/internal/synth"
)

func chordTracker(t testing.TB, o dsp.ChordOptions) *dsp.ChordTracker {
	t.Helper()
	c, err := dsp.NewChordTracker(o)
	require.NoError(t, err)
	return c
}

func TestChordsOfCadences(t *testing.T) {
	for _, rate := range []int{11025, 44100} {
		c := chordTracker(t, dsp.ChordOptions{Rate: rate})
		for tonic := range dsp.PitchClasses {
			x := cadence(rate, tonic, chords{{0, false}, {9, true}, {5, false}, {2, true}, {7, false}, {0, false}})
			got := c.Track(nil, x)
			require.Len(t, got, 6)
			for i, step := range []int{0, 9, 5, 2, 7, 0} {
				require.Equal(t, (tonic+step)%12, got[i].Root)
				require.Equal(t, step == 9 || step == 2, got[i].Quality == dsp.ChordMinor)
				require.InDelta(t, 0.5*float64(i), got[i].Start.Seconds(), 0.1)
				require.Greater(t, got[i].Score, 0.8)
			}
			require.InDelta(t, 3, got[5].End.Seconds(), 1e-3)
		}
	}
}

// A melody over the chords, noise 20 dB below and a bass: the share of time with the
// right name.
func TestChordsOfABusyTrack(t *testing.T) {
	const rate = 22050
	rng := synth.Rand(5)
	var steps chords
	for range 24 {
		steps = append(steps, struct {
			root  int
			minor bool
		}{rng.IntN(12), rng.IntN(2) == 0})
	}
	x := cadence(rate, 0, steps)
	for i, v := range synth.Noise(6, len(x), 0.05) {
		x[i] += v
	}
	for at := 0; at < len(x); at += rate / 4 { // a tone that need not belong to the chord
		hz := 523.25 * math.Exp2(float64(rng.IntN(12))/12)
		for i, v := range synth.Tone(rate, min(rate/4, len(x)-at), hz, 0.05) {
			x[at+i] += v
		}
	}
	track := chordTracker(t, dsp.ChordOptions{}).Track(nil, x)
	right := time.Duration(0)
	for _, c := range track {
		for i, s := range steps {
			from, to := max(c.Start, time.Duration(i)*time.Second/2), min(c.End, time.Duration(i+1)*time.Second/2)
			if to > from && c.Root == s.root && (c.Quality == dsp.ChordMinor) == s.minor && c.Quality != dsp.ChordNone {
				right += to - from
			}
		}
	}
	share := right.Seconds() / (0.5 * float64(len(steps)))
	t.Logf("%.3f of the time", share)
	require.Greater(t, share, 0.85)
}

func TestChordsOfOddSignals(t *testing.T) {
	c := chordTracker(t, dsp.ChordOptions{})
	require.Empty(t, c.Track(nil, nil))
	nan := synth.Noise(1, 30000, 1)
	nan[100] = float32(math.NaN())
	for name, x := range map[string][]float32{
		"one sample": {1}, "silence": make([]float32, 30000), "noise": synth.Noise(1, 60000, 0.5), "NaN": nan,
		"largest": synth.Noise(1, 30000, math.MaxFloat32),
	} {
		got := c.Track(nil, x)
		require.Zero(t, got[0].Start, name)
		for i, s := range got {
			require.Less(t, s.Start, s.End, name)
			require.True(t, s.Score >= 0 && s.Score <= 1, name)
			if i > 0 {
				require.Equal(t, got[i-1].End, s.Start, name)
				require.NotEqual(t, got[i-1].String(), s.String(), name)
			}
		}
		if name == "silence" || name == "one sample" {
			require.Equal(t, dsp.ChordNone, got[0].Quality, name)
		}
	}
	for _, o := range []dsp.ChordOptions{{Rate: 999}, {A4: 100}, {Change: 1}} {
		_, err := dsp.NewChordTracker(o)
		require.ErrorIs(t, err, quintet.ErrOption)
	}
}

func TestChordTrackerDoesNotAllocateAgain(t *testing.T) {
	x := cadence(22050, 0, chords{{0, false}, {9, true}})
	c := chordTracker(t, dsp.ChordOptions{})
	dst := c.Track(nil, x)
	require.Zero(t, testing.AllocsPerRun(2, func() { dst = c.Track(dst, x) }))
}

func ExampleChordTracker() {
	c, err := dsp.NewChordTracker(dsp.ChordOptions{Rate: 22050})
	if err != nil {
		panic(err)
	}
	x := make([]float32, 22050)
	for _, hz := range []float64{440, 523.25, 659.26} { // A, C, E
		for i, v := range synth.Tone(22050, len(x), hz, 0.2) {
			x[i] += v
		}
	}
	fmt.Println(c.Track(nil, x)[0])
	// Output: A:min
}
