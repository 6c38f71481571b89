package audio_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/internal/synth"
)

const ms = time.Millisecond

// run is a probability and how many frames have it.
type run [2]float64

func frames(runs ...run) (out []float32) {
	for _, r := range runs {
		out = append(out, slices.Repeat([]float32{float32(r[0])}, int(r[1]))...)
	}
	return out
}

// span is the begin and the end of a segment in milliseconds.
type span [2]int64

func spans(segments []audio.Segment) (out []span) {
	for _, s := range segments {
		out = append(out, span{s.Start.Milliseconds(), s.End.Milliseconds()})
	}
	return out
}

func TestSegmentsOfProbabilities(t *testing.T) {
	cut := audio.VoiceDetectorOptions{MaxSegment: 960 * ms, MinSilence: 400 * ms}
	standard := audio.VoiceDetectorOptions{}
	for name, tt := range map[string]struct {
		p    []float32
		o    audio.VoiceDetectorOptions
		want []span // frames of 32 ms, 30 ms of padding
	}{
		"nothing":                  {nil, standard, nil},
		"silence":                  {frames(run{0, 50}), standard, nil},
		"speech from begin to end": {frames(run{1, 20}), standard, []span{{0, 640}}},
		"padding on both sides":    {frames(run{0, 5}, run{1, 10}, run{0, 9}), standard, []span{{130, 510}}},
		"too short":                {frames(run{0, 5}, run{1, 7}, run{0, 9}), standard, nil},
		"just long enough":         {frames(run{0, 5}, run{1, 8}, run{0, 9}), standard, []span{{130, 446}}},
		"too short at the end":     {frames(run{0, 5}, run{1, 7}), standard, nil},
		"a pause too short to end": {frames(run{1, 10}, run{0, 4}, run{1, 10}), standard, []span{{0, 768}}},
		"a pause that ends": {
			frames(run{1, 10}, run{0, 5}, run{1, 10}),
			standard, []span{{0, 350}, {450, 800}},
		},
		"between the thresholds": {
			frames(run{0.4, 10}, run{0.5, 10}, run{0.36, 20}, run{0, 5}),
			standard, []span{{290, 1310}},
		},
		"doubt after a silence": {
			frames(run{1, 10}, run{0, 1}, run{0.4, 9}, run{0, 1}),
			standard, []span{{0, 350}},
		},
		"silence at the end counts": {frames(run{1, 10}, run{0, 3}), standard, []span{{0, 416}}},
		"padding shared": {
			frames(run{1, 10}, run{0, 5}, run{1, 10}),
			audio.VoiceDetectorOptions{Pad: 100 * ms}, []span{{0, 400}, {400, 800}},
		},
		"a high threshold": {
			frames(run{0.8, 20}, run{0, 9}),
			audio.VoiceDetectorOptions{Threshold: 0.9}, nil,
		},
		"a low threshold": {
			frames(run{0, 10}, run{0.1, 20}, run{0, 9}),
			audio.VoiceDetectorOptions{Threshold: 0.1}, []span{{290, 990}},
		},
		"cut at the longest silence": {
			frames(run{1, 6}, run{0, 4}, run{1, 6}, run{0, 6}, run{1, 20}),
			cut, []span{{0, 542}, {674, 1344}},
		},
		"cut at the first of equals": {
			frames(run{1, 6}, run{0, 5}, run{1, 6}, run{0, 5}, run{1, 9}),
			cut, []span{{0, 222}, {322, 992}},
		},
		"cut in the middle of speech": {frames(run{1, 40}), cut, []span{{0, 912}, {912, 1280}}},
	} {
		t.Run(name, func(t *testing.T) {
			length := time.Duration(len(tt.p)) * audio.VoiceFrame
			got, err := audio.SpeechSegments(tt.p, length, tt.o)
			require.NoError(t, err)
			require.Equal(t, tt.want, spans(got))
			require.Equal(t, naiveSegments(tt.p, length, tt.o), times(got))
		})
	}
}

func TestScoreIsTheMeanOfTheSpeech(t *testing.T) {
	p := frames(run{0, 5}, run{0.5, 6}, run{1, 6}, run{0.1, 9})
	got, err := audio.SpeechSegments(p, 26*audio.VoiceFrame, audio.VoiceDetectorOptions{})
	require.NoError(t, err)
	require.Len(t, got, 1)
	require.InDelta(t, 0.75, got[0].Score, 1e-9)

	// A pause inside counts, and a cut shares the frames out.
	p = frames(run{0.8, 6}, run{0, 4}, run{0.6, 26})
	got, err = audio.SpeechSegments(p, 36*audio.VoiceFrame, audio.VoiceDetectorOptions{MaxSegment: time.Second, MinSilence: time.Second})
	require.NoError(t, err)
	require.Len(t, got, 2)
	require.InDelta(t, 0.8, got[0].Score, 1e-6)
	require.InDelta(t, 0.6, got[1].Score, 1e-6)
}

// times leaves the scores out.
func times(segments []audio.Segment) (out []audio.Segment) {
	for _, s := range segments {
		out = append(out, audio.Segment{Start: s.Start, End: s.End})
	}
	return out
}

// naiveSegments is the rule in two passes over the whole: first bare segments, then
// their padding.
func naiveSegments(p []float32, length time.Duration, o audio.VoiceDetectorOptions) []audio.Segment {
	o = filled(o)
	return padded(bare(p, length, o), length, o.Pad)
}

func filled(o audio.VoiceDetectorOptions) audio.VoiceDetectorOptions {
	set := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	set(&o.MinSpeech, 250*ms)
	set(&o.MinSilence, 100*ms)
	set(&o.Pad, 30*ms)
	set(&o.MaxSegment, math.MaxInt64)
	if o.Threshold == 0 {
		o.Threshold = 0.5
	}
	return o
}

func bare(p []float32, length time.Duration, o audio.VoiceDetectorOptions) (out []audio.Segment) {
	type silence struct{ from, to time.Duration }
	const none = -1 * ms
	low, longest := max(o.Threshold-0.15, 0.01), o.MaxSegment-audio.VoiceFrame-2*o.Pad
	begin, quiet := none, none
	var silences []silence
	for i, v := range p {
		now, loud := time.Duration(i)*audio.VoiceFrame, float64(v) >= o.Threshold
		if loud && quiet != none {
			if now-quiet > 98*ms {
				silences = append(silences, silence{quiet, now})
			}
			quiet = none
		}
		if loud && begin == none {
			begin = now
			continue
		}
		if begin != none && now-begin > longest {
			if len(silences) == 0 {
				out = append(out, audio.Segment{Start: begin, End: now})
				begin, quiet = none, none
				continue
			}
			at := silences[0]
			for _, s := range silences {
				if s.to-s.from > at.to-at.from {
					at = s
				}
			}
			out = append(out, audio.Segment{Start: begin, End: at.from})
			begin, quiet = at.to, none
			silences = slices.DeleteFunc(silences, func(s silence) bool { return s.from <= at.to })
		}
		if begin != none && float64(v) < low {
			if quiet == none {
				quiet = now
			}
			if now-quiet >= o.MinSilence {
				if quiet-begin > o.MinSpeech {
					out = append(out, audio.Segment{Start: begin, End: quiet})
				}
				begin, quiet, silences = none, none, nil
			}
		}
	}
	if begin != none && length-begin > o.MinSpeech {
		out = append(out, audio.Segment{Start: begin, End: length})
	}
	return out
}

func padded(bare []audio.Segment, length, pad time.Duration) []audio.Segment {
	out := slices.Clone(bare)
	for i, s := range bare {
		before, after := pad, pad
		if i > 0 {
			before = min(pad, (s.Start-bare[i-1].End)/2)
		}
		if i+1 < len(bare) {
			after = min(pad, (bare[i+1].Start-s.End)/2)
		}
		out[i] = audio.Segment{Start: max(s.Start-before, 0), End: min(s.End+after, length)}
	}
	return out
}

// restless returns probabilities that stay where they are for a few frames.
func restless(rng *rand.Rand, n int) []float32 {
	out := make([]float32, 0, n)
	for len(out) < n {
		v := []float32{0, 0.2, 0.34, 0.36, 0.45, 0.5, 0.7, 1}[rng.IntN(8)]
		out = append(out, slices.Repeat([]float32{v}, min(1+rng.IntN(12), n-len(out)))...)
	}
	return out
}

func randomOptions(rng *rand.Rand) audio.VoiceDetectorOptions {
	o := audio.VoiceDetectorOptions{
		Threshold: []float64{0, 0.05, 0.36, 0.7, 1}[rng.IntN(5)], MinSpeech: time.Duration(rng.IntN(500)) * ms,
		MinSilence: time.Duration(rng.IntN(700)) * ms, Pad: time.Duration(rng.IntN(400)) * ms,
	}
	if rng.IntN(2) == 0 {
		f := filled(o)
		o.MaxSegment = f.MinSpeech + 2*f.Pad + audio.VoiceFrame + time.Duration(rng.IntN(2000))*ms
	}
	return o
}

func TestSegmentsAreThoseOfTheNaiveRule(t *testing.T) {
	rng := synth.Rand(1)
	found := 0
	for range 1000 {
		p, o := restless(rng, rng.IntN(300)), randomOptions(rng)
		length := time.Duration(len(p)) * audio.VoiceFrame
		if len(p) > 0 {
			length -= time.Duration(rng.Int64N(int64(audio.VoiceFrame)))
		}
		got, err := audio.SpeechSegments(p, length, o)
		require.NoError(t, err)
		require.Equal(t, naiveSegments(p, length, o), times(got), "%+v of %v\n%v", o, length, p)
		found += len(got)
	}
	require.Greater(t, found, 1000)
}

func TestBadProbabilities(t *testing.T) {
	nan := float32(math.NaN())
	for name, tt := range map[string]struct {
		p      []float32
		length time.Duration
		text   string
	}{
		"too few":      {make([]float32, 3), time.Second, "3 probabilities for 1s, which has 32 frames"},
		"too many":     {make([]float32, 3), 64 * ms, "3 probabilities for 64ms, which has 2 frames"},
		"no time":      {make([]float32, 1), 0, "1 probabilities for 0s, which has 0 frames"},
		"negative":     {nil, -1, "0 probabilities for -1ns, which has 0 frames"},
		"not a number": {[]float32{0, nan}, 64 * ms, "probability 1 is NaN, must be from 0 to 1"},
		"over one":     {[]float32{1.5}, 32 * ms, "probability 0 is 1.5, must be from 0 to 1"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := audio.SpeechSegments(tt.p, tt.length, audio.VoiceDetectorOptions{})
			require.ErrorIs(t, err, quintet.ErrInput)
			require.EqualError(t, err, "audio: "+tt.text+": invalid input")
		})
	}
}

func TestVoiceOptionsAreChecked(t *testing.T) {
	for name, tt := range map[string]struct {
		o    audio.VoiceDetectorOptions
		text string
	}{
		"negative threshold": {audio.VoiceDetectorOptions{Threshold: -0.1}, "Threshold is -0.1, must be from 0 to 1"},
		"percent":            {audio.VoiceDetectorOptions{Threshold: 50}, "Threshold is 50, must be from 0 to 1"},
		"no number":          {audio.VoiceDetectorOptions{Threshold: math.NaN()}, "Threshold is NaN, must be from 0 to 1"},
		"negative time":      {audio.VoiceDetectorOptions{MinSpeech: -1}, "MinSpeech is -1ns, must be from 0 to 24h0m0s"},
		"endless padding":    {audio.VoiceDetectorOptions{Pad: math.MaxInt64}, "Pad is 2562047h47m16.854775807s, must be from 0 to 24h0m0s"},
		"too short a maximum": {audio.VoiceDetectorOptions{MaxSegment: 300 * ms},
			"MaxSegment is 300ms, must be at least 342ms"},
	} {
		t.Run(name, func(t *testing.T) {
			want := "audio: " + tt.text + ": invalid option"
			_, err := audio.SpeechSegments(nil, 0, tt.o)
			require.ErrorIs(t, err, quintet.ErrOption)
			require.EqualError(t, err, want)
			_, err = audio.NewVoiceDetector(tt.o)
			require.EqualError(t, err, want)
			_, err = audio.New(audio.Options{Speech: tt.o})
			require.EqualError(t, err, want)
		})
	}
}
