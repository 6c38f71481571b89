package audio_test

import (
	"context"
	"errors"
	"math"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/internal/pipetest"
	"github.com/quintet-ai/quintet/internal/synth"
	"github.com/quintet-ai/quintet/optimize"
)

// reading is seven seconds of a novel read aloud, at 16 kHz.
const reading = "../examples/quickstart/samples/reading.wav"

func newVoiceDetector(t testing.TB, o audio.VoiceDetectorOptions) *audio.VoiceDetector {
	t.Helper()
	d, err := audio.NewVoiceDetector(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.Close()) })
	return d
}

func speech(t testing.TB) audio.Clip {
	t.Helper()
	f, err := os.Open(reading)
	require.NoError(t, err)
	defer f.Close()
	clip, _, err := audio.Decode(f, audio.DecodeOptions{ID: "reading"})
	require.NoError(t, err)
	return clip
}

// mono is a clip at 16 kHz.
func mono(samples []float32) audio.Clip {
	return audio.Clip{Rate: 16000, Channels: 1, Samples: samples}
}

func TestVoiceDetectorContract(t *testing.T) {
	clip := speech(t)
	c := pipetest.Case[audio.Clip, []audio.Segment]{
		Name: "audio.VoiceDetector",
		New: func(t *testing.T, o quintet.Observer) quintet.Pipeline[audio.Clip, []audio.Segment] {
			rt, err := optimize.New(optimize.Options{Workers: 2, Observer: o})
			require.NoError(t, err)
			d, err := audio.NewVoiceDetector(audio.VoiceDetectorOptions{Runtime: rt})
			require.NoError(t, err)
			return d
		},
		Good: []audio.Clip{clip.Slice(0, time.Second), clip.Slice(3*time.Second, 4500*time.Millisecond), {Rate: 8000, Channels: 1}},
	}
	for _, clip := range invalidClips() {
		c.Bad = append(c.Bad, clip)
	}
	pipetest.Contract(t, c)
}

func TestSpeechIsFound(t *testing.T) {
	clip := speech(t)
	got, err := newVoiceDetector(t, audio.VoiceDetectorOptions{}).Run(t.Context(), clip)
	require.NoError(t, err)
	var total time.Duration
	end := time.Duration(0)
	for _, s := range got {
		require.GreaterOrEqual(t, s.Start, end)
		require.Greater(t, s.End, s.Start)
		require.Greater(t, s.Score, 0.5)
		total, end = total+s.End-s.Start, s.End
	}
	require.LessOrEqual(t, end, clip.Duration())
	require.InDelta(t, 0.92, total.Seconds()/clip.Duration().Seconds(), 0.06, "the reader pauses once or twice")
}

// The eleven seconds of a speech that the study of models counted 233 frames in.
func TestFamousSpeech(t *testing.T) {
	clip := decodeFile(t, "../../shared/data/audio/jfk.wav")
	p, err := newVoiceDetector(t, audio.VoiceDetectorOptions{}).Probabilities(t.Context(), clip)
	require.NoError(t, err)
	require.Len(t, p, 344)
	require.Equal(t, 233, loud(p[:343]))
}

func loud(p []float32) (n int) {
	for _, v := range p {
		if v >= 0.5 {
			n++
		}
	}
	return n
}

func TestSoundWithoutASpeaker(t *testing.T) {
	const n = 80_000
	rng := synth.Rand(3)
	white := make([]float32, n)
	for i := range white {
		white[i] = float32(rng.NormFloat64()) * 0.05
	}
	d := newVoiceDetector(t, audio.VoiceDetectorOptions{})
	for name, sound := range map[string][]float32{
		"silence":     make([]float32, n),
		"white noise": white,
		"pink noise":  pink(rng.NormFloat64, n),
		"hum":         sum(synth.Tone(16000, n, 50, 0.2), synth.Tone(16000, n, 150, 0.05)),
		"clicks":      clicks(rng.NormFloat64, n),
		"a melody":    melody(n),
		"a constant":  slices.Repeat([]float32{0.5}, n),
		"full scale":  synth.Noise(4, n, 1),
	} {
		t.Run(name, func(t *testing.T) {
			p, err := d.Probabilities(t.Context(), mono(sound))
			require.NoError(t, err)
			t.Logf("false frames %d of %d, highest %.3f", loud(p), len(p), slices.Max(p))
			require.Zero(t, loud(p))
		})
	}
}

func sum(a, b []float32) []float32 {
	out := slices.Clone(a)
	for i, v := range b {
		out[i] += v
	}
	return out
}

// pink is white noise through Kellet's filter of three poles.
func pink(white func() float64, n int) []float32 {
	out := make([]float32, n)
	var b [3]float64
	for i := range out {
		w := white()
		b[0] = 0.99765*b[0] + w*0.0990460
		b[1] = 0.96300*b[1] + w*0.2965164
		b[2] = 0.57*b[2] + w*1.0526913
		out[i] = float32(0.05 * (b[0] + b[1] + b[2] + w*0.1848))
	}
	return out
}

func clicks(white func() float64, n int) []float32 {
	out := make([]float32, n)
	for i := range out {
		if i%4000 < 20 {
			out[i] = float32(white() * 0.5)
		}
	}
	return out
}

// melody climbs the twelve semitones over 220 Hz, two in a second, with five
// harmonics.
func melody(n int) []float32 {
	out := make([]float32, n)
	for i := range out {
		at := float64(i) / 16000
		f := 220 * math.Pow(2, float64(int(at*2)%12)/12)
		for h := 1.0; h <= 5; h++ {
			out[i] += float32(0.1 / h * math.Sin(2*math.Pi*f*h*at))
		}
	}
	return out
}

func TestSpeechInNoise(t *testing.T) {
	clip := speech(t)
	d := newVoiceDetector(t, audio.VoiceDetectorOptions{})
	clean, err := d.Probabilities(t.Context(), clip)
	require.NoError(t, err)
	var power float64
	for _, v := range clip.Samples {
		power += float64(v) * float64(v) / float64(len(clip.Samples))
	}
	for _, tt := range []struct {
		db, least float64
	}{{20, 0.95}, {10, 0.9}, {5, 0.85}, {0, 0.7}, {-5, 0.3}} {
		rng := synth.Rand(5)
		noisy := mono(slices.Clone(clip.Samples))
		for i := range noisy.Samples {
			noisy.Samples[i] += float32(rng.NormFloat64() * math.Sqrt(power/math.Pow(10, tt.db/10)))
		}
		p, err := d.Probabilities(t.Context(), noisy)
		require.NoError(t, err)
		t.Logf("%3.0f dB: %d frames of %d, %d without noise", tt.db, loud(p), len(p), loud(clean))
		require.GreaterOrEqual(t, float64(loud(p)), tt.least*float64(loud(clean)))
	}
}

func TestOtherRatesAndChannels(t *testing.T) {
	clip := speech(t).Slice(0, 3*time.Second)
	d := newVoiceDetector(t, audio.VoiceDetectorOptions{})
	want, err := d.Run(t.Context(), clip)
	require.NoError(t, err)
	stereo := audio.Clip{Rate: clip.Rate, Channels: 2}
	for _, v := range clip.Samples {
		stereo.Samples = append(stereo.Samples, 2*v, 0)
	}
	got, err := d.Run(t.Context(), stereo)
	require.NoError(t, err)
	require.Equal(t, want, got, "the mean of the channels counts")

	for _, rate := range []int{8000, 11025, 44100, 96_001} {
		got, err := d.Run(t.Context(), resample(t, clip, rate))
		require.NoError(t, err)
		require.Len(t, got, len(want), "%d Hz", rate)
		for i := range got {
			require.InDelta(t, want[i].Start, got[i].Start, float64(100*ms), "%d Hz", rate)
			require.InDelta(t, want[i].End, got[i].End, float64(200*ms), "%d Hz", rate)
		}
	}
}

func TestProbabilitiesAreOfTheResampledMix(t *testing.T) {
	clip := resample(t, speech(t).Slice(0, 2*time.Second), 44100)
	stereo := audio.Clip{Rate: clip.Rate, Channels: 2}
	for i, v := range clip.Samples {
		stereo.Samples = append(stereo.Samples, v, float32(math.Sin(float64(i)))/8)
	}
	d := newVoiceDetector(t, audio.VoiceDetectorOptions{})
	got, err := d.Probabilities(t.Context(), stereo)
	require.NoError(t, err)
	want, err := d.Probabilities(t.Context(), resample(t, stereo.Mono(), 16000))
	require.NoError(t, err)
	require.InDeltaSlice(t, want, got, 1e-6) // the runs of the model end at other frames
}

func TestExtremeClips(t *testing.T) {
	d := newVoiceDetector(t, audio.VoiceDetectorOptions{})
	for name, tt := range map[string]struct {
		clip   audio.Clip
		frames int
	}{
		"empty":                   {audio.Clip{Rate: 44100, Channels: 2}, 0},
		"one sample":              {mono([]float32{1}), 1},
		"one sample at 768 kHz":   {audio.Clip{Rate: audio.MaxRate, Channels: 1, Samples: []float32{1}}, 1},
		"one sample at 1 kHz":     {audio.Clip{Rate: 1000, Channels: 1, Samples: []float32{1}}, 1},
		"one sample over a frame": {mono(make([]float32, 513)), 2},
		"a thousand channels":     {audio.Clip{Rate: 16000, Channels: 1000, Samples: make([]float32, 600_000)}, 2},
		"the loudest":             {mono(slices.Repeat([]float32{math.MaxFloat32, -math.MaxFloat32}, 20_000)), 79},
		"loudest at another rate": {audio.Clip{Rate: 44100, Channels: 1, Samples: slices.Repeat([]float32{math.MaxFloat32}, 44100)}, 32},
		"half a minute":           {audio.Clip{Rate: 8000, Channels: 1, Samples: make([]float32, 30*8000)}, 938},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := d.Probabilities(t.Context(), tt.clip)
			require.NoError(t, err)
			require.Len(t, p, tt.frames)
			for _, v := range p {
				require.True(t, v >= 0 && v <= 1, "%v", v)
			}
			_, err = audio.SpeechSegments(p, tt.clip.Duration(), audio.VoiceDetectorOptions{})
			require.NoError(t, err)
		})
	}
}

func TestALoudBangIsForgotten(t *testing.T) {
	clip := speech(t)
	d := newVoiceDetector(t, audio.VoiceDetectorOptions{})
	bang := mono(slices.Repeat([]float32{math.MaxFloat32, -math.MaxFloat32}, 4000))
	bang.Samples = append(append(bang.Samples, make([]float32, 16000)...), clip.Samples...)
	clean, err := d.Probabilities(t.Context(), clip)
	require.NoError(t, err)
	p, err := d.Probabilities(t.Context(), bang)
	require.NoError(t, err)
	require.InDelta(t, loud(clean), loud(p[47:]), 0.1*float64(loud(clean)))
}

func TestErrorsOfProbabilities(t *testing.T) {
	d := newVoiceDetector(t, audio.VoiceDetectorOptions{})
	_, err := d.Probabilities(t.Context(), audio.Clip{Rate: 999, Channels: 1})
	require.ErrorIs(t, err, quintet.ErrInput)
	require.EqualError(t, err, "audio.VoiceDetector.Probabilities: rate is 999 Hz, speech at 16000 Hz wants 1000: invalid input")
	require.NoError(t, d.Close())
	_, err = d.Probabilities(t.Context(), mono(nil))
	require.ErrorIs(t, err, quintet.ErrClosed)
	require.EqualError(t, err, "audio.VoiceDetector.Probabilities: closed")
}

// countdown is a context that ends after it was asked a number of times.
type countdown struct {
	context.Context
	left int
}

func (c *countdown) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

func TestRunStopsInTheMiddle(t *testing.T) {
	d := newVoiceDetector(t, audio.VoiceDetectorOptions{})
	for _, after := range []int{0, 1, 5, 30} {
		_, err := d.Run(&countdown{t.Context(), after}, mono(make([]float32, 40*16000)))
		require.ErrorIs(t, err, context.Canceled)
	}
}

// refusing is a backend that cannot run anything.
type refusing struct{ optimize.Backend }

func (refusing) Load(context.Context, optimize.Model, optimize.SessionOptions) (optimize.Session, error) {
	return nil, quintet.ErrUnsupported
}

// broken is a backend that fails.
type broken struct{ optimize.Backend }

var errBroken = errors.New("out of order")

func (broken) Load(context.Context, optimize.Model, optimize.SessionOptions) (optimize.Session, error) {
	return nil, errBroken
}

func TestBackends(t *testing.T) {
	native := nativeBackend(t)
	clip := speech(t).Slice(0, time.Second)
	want, err := newVoiceDetector(t, audio.VoiceDetectorOptions{}).Run(t.Context(), clip)
	require.NoError(t, err)

	used, err := optimize.New(optimize.Options{Backend: native})
	require.NoError(t, err)
	d := newVoiceDetector(t, audio.VoiceDetectorOptions{Runtime: used})
	require.Equal(t, 1, used.SessionStats().Loaded, "the runtime's backend has the model")
	got, err := d.Run(t.Context(), clip)
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.NoError(t, d.Close())
	require.Zero(t, used.SessionStats().Loaded)

	weak, err := optimize.New(optimize.Options{Backend: refusing{native}})
	require.NoError(t, err)
	got, err = newVoiceDetector(t, audio.VoiceDetectorOptions{Runtime: weak}).Run(t.Context(), clip)
	require.NoError(t, err, "the native backend can run it")
	require.Equal(t, want, got)

	bad, err := optimize.New(optimize.Options{Backend: broken{native}})
	require.NoError(t, err)
	_, err = audio.NewVoiceDetector(audio.VoiceDetectorOptions{Runtime: bad})
	require.ErrorIs(t, err, errBroken)
}
