package dsp_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio/dsp"
	"github.com/quintet-ai/quintet/internal/synth"
)

// naiveCQT is one value by the formula in the doc comment.
func naiveCQT(x []float32, o dsp.CQTOptions, at, bin int) float64 {
	r := math.Pow(2, 2/float64(o.BinsPerOctave))
	hz := o.FMin * math.Pow(2, float64(bin)/float64(o.BinsPerOctave))
	length := (r + 1) / (r - 1) * float64(o.Rate) / hz
	from, to := int(math.Floor(-length/2)), int(math.Floor(length/2))
	var re, im, total float64
	for t := from; t < to; t++ {
		h := 0.5 - 0.5*math.Cos(2*math.Pi*float64(t-from)/float64(to-from))
		total += h
		if at+t >= 0 && at+t < len(x) {
			sin, cos := math.Sincos(2 * math.Pi * hz * float64(t) / float64(o.Rate))
			re, im = re+h*cos*float64(x[at+t]), im-h*sin*float64(x[at+t])
		}
	}
	return math.Sqrt(length) * math.Hypot(re, im) / total
}

func TestCQTIsTheDefinition(t *testing.T) {
	for name, o := range map[string]dsp.CQTOptions{
		"defaults": {}, "semitone thirds": {Rate: 8000, FMin: 110, Bins: 100, BinsPerOctave: 36, Hop: 300},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := dsp.NewCQT(o)
			require.NoError(t, err)
			o = c.Options()
			x := voice(o.Rate, o.Rate/2, 261.63, 6)
			for i, v := range synth.Noise(1, len(x), 0.1) {
				x[i] += v
			}
			s := new(dsp.Spectrogram)
			c.Spectrogram(s, x)
			require.Equal(t, 1+len(x)/o.Hop, s.Frames)
			for _, i := range []int{0, s.Frames / 2, s.Frames - 1} {
				largest := dsp.Peak(s.Row(i))
				for bin, v := range s.Row(i) {
					require.InDelta(t, naiveCQT(x, o, i*o.Hop, bin), v, 0.003*largest, "frame %d bin %d", i, bin)
				}
			}
			require.Zero(t, testing.AllocsPerRun(2, func() { c.Spectrogram(s, x) }))
			row := make([]float32, o.Bins)
			c.Clone().Frame(row, x, 1)
			require.Equal(t, s.Row(1), row)
		})
	}
}

func TestCQTOfASine(t *testing.T) {
	c, err := dsp.NewCQT(dsp.CQTOptions{})
	require.NoError(t, err)
	for _, bin := range []int{12, 40, 80} {
		x := synth.Tone(22050, 22050, c.Hz(bin), 0.5)
		row := make([]float32, 84)
		c.Frame(row, x, 21)
		q := 1 / (math.Pow(2, 1.0/6) - 1) * (math.Pow(2, 1.0/6) + 1)
		require.InEpsilon(t, 0.25*math.Sqrt(q*22050/c.Hz(bin)), row[bin], 0.01)
		require.Equal(t, dsp.Peak(row), float64(row[bin]))
	}
}

func TestCQTOfOddSignals(t *testing.T) {
	c, err := dsp.NewCQT(dsp.CQTOptions{})
	require.NoError(t, err)
	s := new(dsp.Spectrogram)
	for _, x := range [][]float32{nil, {1}, make([]float32, 100), synth.Noise(1, 600, math.MaxFloat32)} {
		c.Spectrogram(s, x)
		requireFinite(t, s.Data)
	}
	require.Panics(t, func() { c.Frame(make([]float32, 84), nil, 0) })
	for _, o := range []dsp.CQTOptions{{Rate: -1}, {Hop: -1}, {FMin: 0.01}, {FMin: math.NaN()}, {Bins: 110}, {BinsPerOctave: 200}} {
		_, err := dsp.NewCQT(o)
		require.ErrorIs(t, err, quintet.ErrOption)
	}
}

func BenchmarkCQT(b *testing.B) {
	x := synth.Noise(1, 10*22050, 0.5)
	c, err := dsp.NewCQT(dsp.CQTOptions{})
	require.NoError(b, err)
	s := new(dsp.Spectrogram)
	b.Run("plan", func(b *testing.B) {
		for b.Loop() {
			c.Spectrogram(s, x)
		}
		b.ReportMetric(10*float64(b.N)/b.Elapsed().Seconds(), "x-real-time")
	})
	b.Run("naive", func(b *testing.B) { // one frame
		for b.Loop() {
			for bin := range 84 {
				naiveCQT(x, c.Options(), len(x)/2, bin)
			}
		}
		b.ReportMetric(512.0/22050*float64(b.N)/b.Elapsed().Seconds(), "x-real-time")
	})
}
