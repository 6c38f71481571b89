package audio_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/audio/dsp"
	"github.com/quintet-ai/quintet/internal/synth"
)

// song is a clip of chords of C major, one a second, with a drum on each of 120 beats a
// minute.
func song(rate int) audio.Clip {
	clip := audio.Clip{Rate: rate, Channels: 2}
	chords := [][]float64{{261.63, 329.63, 392.00}, {349.23, 440, 523.25}, {392, 493.88, 587.33}, {261.63, 329.63, 392}}
	for i := range 8 * rate {
		t := float64(i) / float64(rate)
		v := 0.0
		for _, hz := range chords[i/rate%4] {
			v += 0.1 * math.Sin(2*math.Pi*hz*t)
		}
		beat := math.Mod(t, 0.5)
		v += 0.5 * math.Exp(-30*beat) * math.Sin(2*math.Pi*60*beat)
		clip.Samples = append(clip.Samples, float32(v), float32(v/2))
	}
	return clip
}

func TestMusicIsDescribed(t *testing.T) {
	clip := song(44100)
	r, err := newPipeline(t, audio.Options{
		Tasks: audio.TaskTempo | audio.TaskKey | audio.TaskChords | audio.TaskLoudness | audio.TaskFingerprint,
	}).Run(t.Context(), clip)
	require.NoError(t, err)
	require.InEpsilon(t, 120, r.Tempo[0].BPM, 0.02)
	require.LessOrEqual(t, len(r.Tempo), 5)
	require.Len(t, r.Key, 5)
	require.Equal(t, "C major", r.Key[0].Key.String())

	var names []string
	for _, c := range r.Chords {
		if c.End-c.Start > 500*ms {
			names = append(names, c.String())
		}
	}
	require.Equal(t, []string{"C:maj", "F:maj", "G:maj", "C:maj"}, names[:4])

	want, err := dsp.MeasureLoudness(clip.Samples, dsp.LoudnessOptions{Rate: 44100, Channels: 2})
	require.NoError(t, err)
	require.Equal(t, want, *r.Loudness)
	print, err := audio.Fingerprint(clip)
	require.NoError(t, err)
	require.NotEmpty(t, print)
	require.Equal(t, print, r.Fingerprint)
}

// Loudness of a rate that the meter does not know is that of the resampled clip.
func TestLoudnessOfALowRate(t *testing.T) {
	low := mono(synth.Tone(2000, 4000, 500, 0.5))
	low.Rate = 2000
	p := newPipeline(t, audio.Options{Tasks: audio.TaskLoudness})
	r, err := p.Run(t.Context(), low)
	require.NoError(t, err)
	high, err := p.Run(t.Context(), mono(synth.Tone(16000, 32000, 500, 0.5)))
	require.NoError(t, err)
	require.InDelta(t, high.Loudness.Integrated, r.Loudness.Integrated, 0.1)

	_, err = p.Run(t.Context(), audio.Clip{Rate: 8000, Channels: 65})
	require.ErrorIs(t, err, quintet.ErrInput)
	require.EqualError(t, err, "audio.Run: clip has 65 channels, loudness is of at most 64: invalid input")
}

// Pitch is tracked in pieces, and yet as if at once.
func TestPitchIsThatOfTheWholeClip(t *testing.T) {
	x := synth.Noise(1, 2.5*16000, 0.01)
	phase := 0.0
	for i := range x {
		phase += 2 * math.Pi * (200 + 100*math.Sin(float64(i)/4000)) / 16000
		if i/8000%3 > 0 {
			x[i] += float32(0.5 * math.Sin(phase))
		}
	}
	plan, err := dsp.NewPYIN(dsp.PYINOptions{})
	require.NoError(t, err)
	want := plan.Track(nil, x)
	require.Equal(t, want, rounded(audio.TrackPitch(t.Context(), plan, x, 70), want))
	voiced := 0
	for _, p := range want {
		if p.Voiced() {
			voiced++
		}
	}
	require.InDelta(t, 3./5, float64(voiced)/float64(len(want)), 0.05)
	require.Empty(t, audio.TrackPitch(t.Context(), plan, nil, 70))
}

// rounded gives got the confidences of want where they differ by rounding.
func rounded(got, want []dsp.Pitch) []dsp.Pitch {
	for i := range min(len(got), len(want)) {
		if math.Abs(float64(got[i].Confidence-want[i].Confidence)) < 1e-4 {
			got[i].Confidence = want[i].Confidence
		}
	}
	return got
}

func TestPitchOfAClip(t *testing.T) {
	p := newPipeline(t, audio.Options{Tasks: audio.TaskPitch | audio.TaskFaults})
	clip := audio.Clip{Rate: 48000, Channels: 2}
	for _, v := range synth.Tone(48000, 14400, 220, 0.5) {
		clip.Samples = append(clip.Samples, v, v)
	}
	r, err := p.Run(t.Context(), clip)
	require.NoError(t, err)
	require.Len(t, r.Pitch, 31)
	require.InDelta(t, 220, r.Pitch[15].Hz, 1)
	require.Equal(t, 150*ms, r.Pitch[15].Time)
}

func TestSilences(t *testing.T) {
	tone, nothing := synth.Tone(8000, 4000, 440, 0.5), make([]float32, 6000)
	faint := synth.Tone(8000, 6000, 440, 0.005) // -49 dBFS
	span := func(from, to time.Duration) audio.Span { return audio.Span{Start: from * ms, End: to * ms} }
	tests := map[string]struct {
		parts [][]float32
		o     audio.SilenceOptions
		want  []audio.Span
	}{
		"nothing at all":           {nil, audio.SilenceOptions{}, nil},
		"a tone":                   {[][]float32{tone}, audio.SilenceOptions{}, nil},
		"silence":                  {[][]float32{nothing}, audio.SilenceOptions{}, []audio.Span{span(0, 750)}},
		"in the middle":            {[][]float32{tone, nothing, tone}, audio.SilenceOptions{}, []audio.Span{span(500, 1250)}},
		"at both ends":             {[][]float32{nothing, tone, nothing}, audio.SilenceOptions{}, []audio.Span{span(0, 750), span(1250, 2000)}},
		"faint sound is sound":     {[][]float32{tone, faint, tone}, audio.SilenceOptions{}, nil},
		"unless below a threshold": {[][]float32{tone, faint, tone}, audio.SilenceOptions{Threshold: -40}, []audio.Span{span(500, 1250)}},
		"a short one":              {[][]float32{tone, nothing[:3000], tone}, audio.SilenceOptions{}, nil},
		"a short one counts":       {[][]float32{tone, nothing[:3000], tone}, audio.SilenceOptions{Shortest: 300 * ms}, []audio.Span{span(500, 870)}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			clip := audio.Clip{Rate: 8000, Channels: 1, Samples: slices.Concat(tt.parts...)}
			got, err := audio.Silences(clip, tt.o)
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}
	_, err := audio.Silences(audio.Clip{Rate: 8000, Channels: 1}, audio.SilenceOptions{Shortest: -1})
	require.ErrorIs(t, err, quintet.ErrOption)
	for name, clip := range invalidClips() {
		if clip.Rate != 1 {
			_, err := audio.Silences(clip, audio.SilenceOptions{})
			require.ErrorIs(t, err, quintet.ErrInput, name)
			_, err = audio.Faults(clip)
			require.ErrorIs(t, err, quintet.ErrInput, name)
		}
	}
}

func TestFaults(t *testing.T) {
	stereo := func(left, right []float32) audio.Clip {
		clip := audio.Clip{Rate: 1000, Channels: 2}
		for i, v := range left {
			clip.Samples = append(clip.Samples, v, right[i])
		}
		return clip
	}
	still := make([]float32, 1000)
	with := func(at int, values ...float32) []float32 {
		x := slices.Clone(still)
		copy(x[at:], values)
		return x
	}
	clipping := func(channel int, from, to time.Duration, n int) audio.Fault {
		return audio.Fault{Kind: audio.FaultClipping, Channel: channel, Span: audio.Span{Start: from * ms, End: to * ms}, Samples: n}
	}
	two := with(20, 1, 1, 1)
	copy(two[150:], []float32{-1, -1, -1})
	far := slices.Clone(two)
	copy(far[300:], []float32{1, 1, 1, 1})
	offset := slices.Repeat([]float32{0.01}, 1000)
	tests := map[string]struct {
		clip audio.Clip
		want []audio.Fault
	}{
		"none":                    {stereo(still, still), nil},
		"nothing":                 {audio.Clip{Rate: 1000, Channels: 2}, nil},
		"a peak of two samples":   {stereo(with(20, 1, 1), still), nil},
		"three from peak to peak": {stereo(with(20, 1, -1, 1, -1), still), nil},
		"three samples":           {stereo(still, with(20, 1, 2, 1)), []audio.Fault{clipping(1, 20, 23, 3)}},
		"below the middle":        {stereo(with(20, -1, -1, -1), still), []audio.Fault{clipping(0, 20, 23, 3)}},
		"at the very end":         {stereo(with(997, 1, 1, 1), still), []audio.Fault{clipping(0, 997, 1000, 3)}},
		"two far from another":    {stereo(two, still), []audio.Fault{clipping(0, 20, 23, 3), clipping(0, 150, 153, 3)}},
		"in order of time": {stereo(far, with(100, 1, 1, 1)), []audio.Fault{
			clipping(0, 20, 23, 3), clipping(1, 100, 103, 3), clipping(0, 150, 153, 3), clipping(0, 300, 304, 4)}},
		"near ones are one": {stereo(with(20, 1, 1, 1, 0, 0, -1, -1, -1), still), []audio.Fault{clipping(0, 20, 28, 6)}},
		"an offset": {stereo(still, offset), []audio.Fault{
			{Kind: audio.FaultOffset, Channel: 1, Span: audio.Span{End: time.Second}, Offset: 0.01}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := audio.Faults(tt.clip)
			require.NoError(t, err)
			for i := range got {
				got[i].Offset = math.Round(got[i].Offset*1e6) / 1e6
			}
			require.Equal(t, tt.want, got)
		})
	}
}
