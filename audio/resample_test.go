package audio_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/internal/synth"
)

// middle leaves out the eighths at the ends, where the filter sees silence.
func middle(x []float32) []float32 { return x[len(x)/8 : len(x)*7/8] }

// meter fits a sine of hz to the middle of x by least squares. It returns its
// amplitude, its phase against one that starts with the clip, and the ratio of its
// power to that of the rest in decibels.
func meter(x []float32, rate int, hz float64) (amplitude, phase, snr float64) {
	first := len(x) / 8
	x = middle(x)
	var cc, ss, cs, xc, xs float64
	for i, v := range x {
		sin, cos := math.Sincos(2 * math.Pi * hz * float64(first+i) / float64(rate))
		cc, ss, cs = cc+cos*cos, ss+sin*sin, cs+cos*sin
		xc, xs = xc+float64(v)*cos, xs+float64(v)*sin
	}
	det := cc*ss - cs*cs
	a, b := (xc*ss-xs*cs)/det, (xs*cc-xc*cs)/det
	var rest float64
	for i, v := range x {
		sin, cos := math.Sincos(2 * math.Pi * hz * float64(first+i) / float64(rate))
		d := float64(v) - a*cos - b*sin
		rest += d * d
	}
	amplitude = math.Hypot(a, b)
	return amplitude, math.Atan2(a, b), decibels(amplitude * amplitude / 2 * float64(len(x)) / rest)
}

func decibels(power float64) float64 { return 10 * math.Log10(power) }

// tone is a sine at half scale, long enough for about 1500 samples at the lower rate.
func tone(from, to int, hz float64) audio.Clip {
	n := 1500 * from / min(from, to)
	return audio.Clip{Rate: from, Channels: 1, Samples: synth.Tone(from, n, hz, 0.5)}
}

func resample(t testing.TB, c audio.Clip, rate int) audio.Clip {
	t.Helper()
	out, err := c.Resample(rate)
	require.NoError(t, err)
	require.Equal(t, rate, out.Rate)
	require.Equal(t, c.Channels, out.Channels)
	return out
}

func TestTonesBelowTheBandEdgePass(t *testing.T) {
	for _, rates := range [][2]int{{44100, 16000}, {48000, 16000}, {8000, 16000}, {44100, 48000},
		{22050, 16000}, {96000, 8000}, {44100, 16001}, {16000, 44101}, {16000, 400}} {
		half := float64(min(rates[0], rates[1])) / 2
		for _, share := range []float64{0.125, 0.5, 0.87} {
			hz := math.Round(share * half)
			got := resample(t, tone(rates[0], rates[1], hz), rates[1])
			amplitude, phase, snr := meter(got.Samples, rates[1], hz)
			name := fmt.Sprintf("%v, %v Hz", rates, hz)
			require.InDelta(t, 0, 20*math.Log10(amplitude/0.5), 0.001, name)
			require.InDelta(t, 0, phase, 1e-5, "%s: the tone is delayed", name)
			require.Greater(t, snr, 120.0, name)
		}
	}
}

func TestTonesAboveTheBandDoNotAlias(t *testing.T) {
	for _, rates := range [][2]int{{44100, 16000}, {48000, 16000}, {96000, 8000}, {44100, 16001}, {200000, 4999}} {
		half := float64(rates[1]) / 2
		for _, share := range []float64{1.04, 1.125, 1.5, 2.3} {
			got := resample(t, tone(rates[0], rates[1], share*half), rates[1])
			var sum float64
			for _, v := range middle(got.Samples) {
				sum += float64(v) * float64(v)
			}
			alias := decibels(sum / float64(len(middle(got.Samples))) / 0.125)
			require.Less(t, alias, -115.0, "%v, %v of half the rate", rates, share)
		}
	}
}

// The figures of 44.1 to 16 kHz: signal-to-noise ratio and gain of tones in the band,
// what comes through of tones above it, all in decibels relative to the tone.
func TestEvaluateResampler(t *testing.T) {
	level := func(hz float64) (gain, snr, rest float64) {
		x := resample(t, tone(44100, 16000, hz), 16000).Samples
		amplitude, _, snr := meter(x, 16000, hz)
		var sum float64
		for _, v := range middle(x) {
			sum += float64(v) * float64(v)
		}
		return 20 * math.Log10(amplitude/0.5), snr, decibels(sum / float64(len(middle(x))) / 0.125)
	}
	for _, hz := range []float64{1000, 4000, 6900} {
		gain, snr, _ := level(hz)
		t.Logf("%.0f Hz: gain %.4f dB, signal to noise %.1f dB", hz, gain, snr)
		require.Greater(t, snr, 120.0)
	}
	for _, hz := range []float64{8400, 9000, 12000, 20000} {
		_, _, rest := level(hz)
		t.Logf("%.0f Hz: alias %.1f dB", hz, rest)
		require.Less(t, rest, -115.0)
	}
	gain, _, _ := level(0.955 * 8000)
	require.InDelta(t, -6.02, gain, 0.01)
}

func TestResampledLengths(t *testing.T) {
	for _, from := range []int{1, 8000, 44100, audio.MaxRate} {
		for _, to := range []int{1, 3, 16000, audio.MaxRate} {
			for _, frames := range []int{0, 1, 2, 31} {
				c := audio.Clip{Rate: from, Channels: 1, Samples: synth.Noise(1, frames, 1)}
				if want := (frames*to + from - 1) / from; want < 200_000 {
					got := resample(t, c, to)
					require.Len(t, got.Samples, want, "%d frames from %d to %d", frames, from, to)
					requireFinite(t, got.Samples)
				}
			}
		}
	}
}

func requireFinite(t testing.TB, x []float32) {
	t.Helper()
	for i, v := range x {
		if v-v != 0 {
			t.Fatalf("sample %d is %v", i, v)
		}
	}
}

// naiveResample is the filter applied as it is defined, at each output position in
// float64, by the doc comment of Resample.
func naiveResample(x []float32, from, to, i int) float64 {
	const zeros, beta, cutoff = 48, 12, 0.955
	lower := min(1, float64(to)/float64(from))
	at := float64(i) * float64(from) / float64(to)
	var sum, weights float64
	for j := int(at - zeros/lower); float64(j) <= at+zeros/lower; j++ {
		d := (float64(j) - at) * lower
		if math.Abs(d) >= zeros {
			continue
		}
		w := besselI0(beta * math.Sqrt(1-d*d/zeros/zeros))
		if d != 0 {
			w *= math.Sin(math.Pi*cutoff*d) / (math.Pi * cutoff * d)
		}
		weights += w
		if j >= 0 && j < len(x) {
			sum += w * float64(x[j])
		}
	}
	return sum / weights
}

func besselI0(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; term > 1e-15*sum; k++ {
		term *= x * x / 4 / (k * k)
		sum += term
	}
	return sum
}

func TestResampleIsItsDefinition(t *testing.T) {
	for _, rates := range [][2]int{{3, 2}, {2, 3}, {44100, 16000}, {16000, 44101}, {44100, 16001}, {25, 1}} {
		x := synth.Noise(2, 400, 1)
		got := resample(t, audio.Clip{Rate: rates[0], Channels: 1, Samples: x}, rates[1])
		for i, v := range got.Samples {
			if want := naiveResample(x, rates[0], rates[1], i); math.Abs(want-float64(v)) > 2e-6 {
				t.Fatalf("%v, sample %d is %v, want %v", rates, i, v, want)
			}
		}
	}
}

func TestChannelsAreResampledApart(t *testing.T) {
	left, right := synth.Noise(1, 500, 1), synth.Noise(2, 500, 1)
	c := audio.Clip{ID: "c", Rate: 44100, Channels: 2}
	for i := range left {
		c.Samples = append(c.Samples, left[i], right[i])
	}
	before := append([]float32(nil), c.Samples...)
	got := resample(t, c, 16000)
	require.Equal(t, "c", got.ID)
	require.Equal(t, before, c.Samples)
	l := resample(t, audio.Clip{Rate: 44100, Channels: 1, Samples: left}, 16000)
	r := resample(t, audio.Clip{Rate: 44100, Channels: 1, Samples: right}, 16000)
	for i := range l.Samples {
		require.Equal(t, l.Samples[i], got.Samples[2*i])
		require.Equal(t, r.Samples[i], got.Samples[2*i+1])
	}
}

func TestResampleAtTheSameRateSharesTheSamples(t *testing.T) {
	c := stereo(8000, 5)
	got := resample(t, c, 8000)
	require.Equal(t, c, got)
	require.Same(t, &c.Samples[0], &got.Samples[0])
}

func TestAConstantStaysConstant(t *testing.T) {
	c := audio.Clip{Rate: 44100, Channels: 1, Samples: make([]float32, 44100)}
	for i := range c.Samples {
		c.Samples[i] = 0.25
	}
	for _, rate := range []int{16000, 16001, 48000, 441} {
		for _, v := range middle(resample(t, c, rate).Samples) {
			if math.Abs(float64(v)-0.25) > 1e-6 {
				t.Fatalf("%d Hz: %v", rate, v)
			}
		}
	}
}

func TestHugeSamplesStayFinite(t *testing.T) {
	c := audio.Clip{Rate: 44100, Channels: 2, Samples: make([]float32, 2000)}
	for i := range c.Samples {
		c.Samples[i] = math.MaxFloat32 * float32(1-i/20%2*2)
	}
	requireFinite(t, resample(t, c, 16000).Samples)
	requireFinite(t, resample(t, c, 96000).Samples)
}

func TestResampleRefuses(t *testing.T) {
	good := stereo(8000, 5)
	half := audio.Clip{Rate: 1, Channels: 2, Samples: []float32{1}}
	infinite := audio.Clip{Rate: 1, Channels: 1, Samples: []float32{float32(math.Inf(-1))}}
	long := audio.Clip{Rate: 1, Channels: 1, Samples: make([]float32, 3000)}
	tests := map[string]struct {
		clip  audio.Clip
		rate  int
		cause error
		text  string
	}{
		"to no rate":        {good, 0, quintet.ErrOption, "resample to 0 Hz, must be from 1 to 768000"},
		"to too high a one": {good, audio.MaxRate + 1, quintet.ErrOption, "resample to 768001 Hz, must be from 1 to 768000"},
		"from no rate":      {audio.Clip{Channels: 1}, 8000, quintet.ErrInput, "rate is 0 Hz, must be from 1 to 768000"},
		"half a frame":      {half, 8000, quintet.ErrInput, "1 samples do not divide into 2 channels"},
		"infinite samples":  {infinite, 8000, quintet.ErrInput, "sample 0 is -Inf"},
		"a giant result":    {long, audio.MaxRate, quintet.ErrInput, "50m0s at 768000 Hz has more than 2147483648 samples"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := tt.clip.Resample(tt.rate)
			require.ErrorIs(t, err, tt.cause)
			require.EqualError(t, err, "audio: "+tt.text+": "+tt.cause.Error())
			require.Zero(t, got)
		})
	}
}

func BenchmarkResample(b *testing.B) {
	const seconds = 10
	for _, rates := range [][2]int{{44100, 16000}, {48000, 16000}, {8000, 16000}, {44100, 16001}} {
		c := audio.Clip{Rate: rates[0], Channels: 1, Samples: synth.Noise(1, seconds*rates[0], 0.5)}
		b.Run(fmt.Sprintf("from=%d/to=%d/polyphase", rates[0], rates[1]), func(b *testing.B) {
			for b.Loop() {
				resample(b, c, rates[1])
			}
			b.ReportMetric(seconds*float64(b.N)/b.Elapsed().Seconds(), "x-real-time")
		})
	}
	c := audio.Clip{Rate: 44100, Channels: 1, Samples: synth.Noise(1, 44100/100, 0.5)}
	b.Run("from=44100/to=16000/naive", func(b *testing.B) { // 10 ms only
		for b.Loop() {
			for i := range 160 {
				naiveResample(c.Samples, 44100, 16000, i)
			}
		}
		b.ReportMetric(0.01*float64(b.N)/b.Elapsed().Seconds(), "x-real-time")
	})
}
