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

// cadence plays chords, each a root in semitones over the tonic and whether it is
// minor, as tones with harmonics.
func cadence(rate, tonic int, chords []struct {
	root  int
	minor bool
}) (x []float32) {
	for _, c := range chords {
		third := 4
		if c.minor {
			third = 3
		}
		part := make([]float32, rate/2)
		for _, step := range []int{0, third, 7} {
			hz := 261.63 * math.Pow(2, float64(tonic+(c.root+step)%12)/12)
			for i, v := range voice(rate, len(part), hz, 3) {
				part[i] += 0.3 * v
			}
		}
		x = append(x, part...)
	}
	return x
}

type chords = []struct {
	root  int
	minor bool
}

func TestKeysOfCadences(t *testing.T) {
	major := chords{{0, false}, {5, false}, {7, false}, {0, false}}
	minor := chords{{0, true}, {5, true}, {7, false}, {0, true}}
	for tonic := range dsp.PitchClasses {
		for _, rate := range []int{11025, 44100} {
			c, err := dsp.ChromaOf(cadence(rate, tonic, major), rate, 0)
			require.NoError(t, err)
			require.Equal(t, dsp.Key{Tonic: tonic}, c.Keys()[0].Key)
			c, err = dsp.ChromaOf(cadence(rate, tonic, minor), rate, 0)
			require.NoError(t, err)
			require.Equal(t, dsp.Key{Tonic: tonic, Minor: true}, c.Keys()[0].Key)
		}
	}
}

func TestChromaOfATone(t *testing.T) {
	for midi := 48; midi < 84; midi++ {
		hz := 440 * math.Pow(2, float64(midi-69)/12)
		c, err := dsp.ChromaOf(synth.Tone(16000, 16000, hz, 0.5), 16000, 0)
		require.NoError(t, err)
		require.Greater(t, c[midi%12], 0.95, "note %d", midi)
		c, err = dsp.ChromaOf(synth.Tone(16000, 16000, hz*415/440, 0.5), 16000, 415)
		require.NoError(t, err)
		require.Greater(t, c[midi%12], 0.95, "note %d, tuned down", midi)
	}
}

func TestChromaOfOddSignals(t *testing.T) {
	nan := synth.Tone(16000, 8000, 440, 0.5)
	nan[100] = float32(math.NaN())
	for name, x := range map[string][]float32{
		"no samples": nil, "one sample": {1}, "silence": make([]float32, 9000), "NaN": nan,
		"the largest": synth.Noise(1, 9000, math.MaxFloat32), "the smallest": synth.Noise(1, 9000, 1e-44),
	} {
		t.Run(name, func(t *testing.T) {
			c, err := dsp.ChromaOf(x, 16000, 0)
			require.NoError(t, err)
			sum := 0.0
			for _, v := range c {
				require.GreaterOrEqual(t, v, 0.0)
				sum += v
			}
			require.True(t, sum == 0 || math.Abs(sum-1) < 1e-9, sum)
			for _, k := range c.Keys() {
				require.LessOrEqual(t, math.Abs(k.Score), 1+1e-9)
			}
		})
	}
	require.Nil(t, dsp.Chroma{}.Keys())
	_, err := dsp.ChromaOf(nil, 1, 0)
	require.ErrorIs(t, err, quintet.ErrOption)
	_, err = dsp.ChromaOf(nil, 16000, math.NaN())
	require.ErrorIs(t, err, quintet.ErrOption)
}

func TestKeysHaveNames(t *testing.T) {
	require.Equal(t, "F# major", dsp.Key{Tonic: 6}.String())
	require.Equal(t, "Key(12) minor", dsp.Key{Tonic: 12, Minor: true}.String())
}

func ExampleChroma_Keys() {
	triad := make([]float32, 22050)
	for _, hz := range []float64{440, 523.25, 659.26} { // A, C, E
		for i, v := range synth.Tone(22050, len(triad), hz, 0.3) {
			triad[i] += v
		}
	}
	c, err := dsp.ChromaOf(triad, 22050, 0)
	if err != nil {
		panic(err)
	}
	fmt.Println(c.Keys()[0].Key)
	// Output: A minor
}

func BenchmarkChroma(b *testing.B) {
	x := synth.Noise(1, 10*22050, 0.3)
	for b.Loop() {
		_, err := dsp.ChromaOf(x, 22050, 0)
		require.NoError(b, err)
	}
}
