package audio_test

import (
	"context"
	"iter"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/internal/synth"
)

// inParts cuts a clip at random places, into empty parts too.
func inParts(rng *rand.Rand, c audio.Clip, longest int) iter.Seq[audio.Clip] {
	return func(yield func(audio.Clip) bool) {
		for at := 0; at < len(c.Samples); {
			n := min(rng.IntN(longest+1)*c.Channels, len(c.Samples)-at)
			if !yield(audio.Clip{Rate: c.Rate, Channels: c.Channels, Samples: c.Samples[at : at+n]}) {
				return
			}
			at += n
		}
	}
}

// listen returns the segments that events make and checks that these pair up.
func listen(t *testing.T, events iter.Seq2[audio.VoiceEvent, error]) (out []audio.Segment) {
	t.Helper()
	open := false
	var start time.Duration
	for e, err := range events {
		require.NoError(t, err)
		require.NotEqual(t, open, !e.Ended, "%+v", e)
		if open = !e.Ended; open {
			require.Equal(t, audio.Segment{Start: e.Start}, e.Segment)
			start = e.Start
		} else {
			require.Equal(t, start, e.Start)
			out = append(out, e.Segment)
		}
	}
	require.False(t, open, "speech did not end")
	return out
}

func requireAlike(t *testing.T, want, got []audio.Segment, name string, a ...any) {
	t.Helper()
	require.Equal(t, times(want), times(got), append([]any{name}, a...)...)
	for i := range want {
		require.InDelta(t, want[i].Score, got[i].Score, 1e-6)
	}
}

func TestListenHearsWhatRunFinds(t *testing.T) {
	rng := synth.Rand(6)
	clip := speech(t)
	clip.Samples = slices.Concat(clip.Samples[:24_000], make([]float32, 9000), clip.Samples[40_000:56_300])
	for _, o := range []audio.VoiceDetectorOptions{
		{}, {MinSilence: ms, MinSpeech: ms, Pad: 200 * ms, Threshold: 0.8}, {MaxSegment: time.Second, MinSilence: 2 * time.Second},
	} {
		d := newVoiceDetector(t, o)
		for rate, longest := range map[int]int{16000: 100, 8000: 700, 44100: 5000, 48000: 100_000} {
			whole := resample(t, clip, rate)
			if rate == 8000 {
				whole = audio.Clip{Rate: rate, Channels: 3, Samples: tripled(whole.Samples)}
			}
			want, err := d.Run(t.Context(), whole)
			require.NoError(t, err)
			require.NotEmpty(t, want)
			got := listen(t, d.Listen(t.Context(), inParts(rng, whole, longest)))
			requireAlike(t, want, got, "%+v at %d Hz in parts of up to %d", o, rate, longest)
		}
	}
}

func tripled(x []float32) (out []float32) {
	for _, v := range x {
		out = append(out, 3*v, -v, v)
	}
	return out
}

func TestListenToRandomSounds(t *testing.T) {
	rng := synth.Rand(7)
	clip := speech(t)
	for range 10 {
		d := newVoiceDetector(t, randomOptions(rng))
		var sound []float32
		for range 1 + rng.IntN(3) {
			from := rng.IntN(len(clip.Samples) - 20_000)
			sound = append(sound, clip.Samples[from:from+rng.IntN(20_000)]...)
			sound = append(sound, make([]float32, rng.IntN(8000))...)
		}
		want, err := d.Run(t.Context(), mono(sound))
		require.NoError(t, err)
		requireAlike(t, want, listen(t, d.Listen(t.Context(), inParts(rng, mono(sound), 1+rng.IntN(20_000)))), "random")
	}
}

// Events must come when they are certain, not at the end.
func TestEventsComeInTime(t *testing.T) {
	clip := speech(t)
	sound := slices.Concat(clip.Samples[:40_000], make([]float32, 16000), clip.Samples[40_000:60_000], make([]float32, 16000))
	const part = 160 // 10 ms
	heard := 0
	parts := func(yield func(audio.Clip) bool) {
		for x := range slices.Chunk(sound, part) {
			if heard += len(x); !yield(mono(x)) {
				return
			}
		}
	}
	o := audio.VoiceDetectorOptions{MinSpeech: 300 * ms, MinSilence: 200 * ms}
	n := 0
	for e, err := range newVoiceDetector(t, o).Listen(t.Context(), parts) {
		require.NoError(t, err)
		now := time.Duration(heard) * time.Second / 16000
		if e.Ended {
			require.InDelta(t, 200*ms, now-e.End, float64(2*audio.VoiceFrame), "end at %v told at %v", e.End, now)
		} else {
			require.Less(t, now-e.Start, 600*ms, "begin at %v told at %v", e.Start, now)
		}
		n++
	}
	require.GreaterOrEqual(t, n, 4)
}

func TestListenFails(t *testing.T) {
	d := newVoiceDetector(t, audio.VoiceDetectorOptions{})
	second := mono(make([]float32, 16000))
	for name, tt := range map[string]struct {
		parts []audio.Clip
		text  string
	}{
		"not a number":       {[]audio.Clip{second, mono([]float32{float32(math.NaN())})}, "sample 0 is NaN"},
		"another rate":       {[]audio.Clip{second, {Rate: 8000, Channels: 1}}, "part has 8000 Hz and 1 channels, the first 16000 and 1"},
		"another width":      {[]audio.Clip{second, {Rate: 16000, Channels: 2}}, "part has 16000 Hz and 2 channels, the first 16000 and 1"},
		"no channels":        {[]audio.Clip{{Rate: 16000}}, "clip has 0 channels, must have 1 to 65535"},
		"too low a rate":     {[]audio.Clip{{Rate: 10, Channels: 1}}, "rate is 10 Hz, speech at 16000 Hz wants 1000"},
		"half a frame":       {[]audio.Clip{{Rate: 16000, Channels: 2, Samples: make([]float32, 3)}}, "3 samples do not divide into 2 channels"},
		"infinite in stereo": {[]audio.Clip{{Rate: 16000, Channels: 2, Samples: []float32{0, float32(math.Inf(1))}}}, "sample 1 is +Inf"},
	} {
		t.Run(name, func(t *testing.T) {
			var last error
			n := 0
			for e, err := range d.Listen(t.Context(), slices.Values(append(tt.parts, second))) {
				require.Zero(t, e)
				last = err
				n++
			}
			require.Equal(t, 1, n)
			require.ErrorIs(t, last, quintet.ErrInput)
			require.EqualError(t, last, "audio.VoiceDetector.Listen: "+tt.text+": invalid input")
		})
	}
}

func TestListenEnds(t *testing.T) {
	clip := speech(t)
	endless := func(yield func(audio.Clip) bool) {
		for yield(clip) {
		}
	}
	t.Run("with nothing to hear", func(t *testing.T) {
		d := newVoiceDetector(t, audio.VoiceDetectorOptions{})
		require.Empty(t, listen(t, d.Listen(t.Context(), slices.Values([]audio.Clip(nil)))))
		require.Empty(t, listen(t, d.Listen(t.Context(), slices.Values([]audio.Clip{mono(nil), mono(nil)}))))
	})
	t.Run("when the caller has heard enough", func(t *testing.T) {
		d := newVoiceDetector(t, audio.VoiceDetectorOptions{})
		for _, err := range d.Listen(t.Context(), endless) {
			require.NoError(t, err)
			break
		}
	})
	t.Run("with its context", func(t *testing.T) {
		d := newVoiceDetector(t, audio.VoiceDetectorOptions{})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var last error
		for e, err := range d.Listen(ctx, endless) {
			last = err
			if e.Ended {
				cancel()
			}
		}
		require.ErrorIs(t, last, context.Canceled)
		for _, err := range d.Listen(ctx, slices.Values([]audio.Clip(nil))) {
			require.ErrorIs(t, err, context.Canceled)
		}
	})
	t.Run("with its detector", func(t *testing.T) {
		d := newVoiceDetector(t, audio.VoiceDetectorOptions{})
		var closed sync.WaitGroup
		var last error
		for e, err := range d.Listen(t.Context(), endless) {
			last = err
			if e.Ended {
				closed.Go(func() { _ = d.Close() })
				closed.Wait()
			}
		}
		require.ErrorIs(t, last, quintet.ErrClosed)
		require.EqualError(t, last, "audio.VoiceDetector.Listen: closed")
	})
}

func TestManyListenAtOnce(t *testing.T) {
	d := newVoiceDetector(t, audio.VoiceDetectorOptions{})
	clip := speech(t).Slice(0, 2*time.Second)
	want, err := d.Run(t.Context(), clip)
	require.NoError(t, err)
	var all sync.WaitGroup
	got := make([][]audio.Segment, 6)
	for i := range got {
		all.Go(func() {
			for e, err := range d.Listen(t.Context(), inParts(synth.Rand(uint64(i)), clip, 4000)) {
				if err == nil && e.Ended {
					got[i] = append(got[i], e.Segment)
				}
			}
		})
	}
	all.Wait()
	for _, g := range got {
		requireAlike(t, want, g, "listener")
	}
}

func TestResamplingInPartsIsThatOfTheWhole(t *testing.T) {
	rng := synth.Rand(8)
	for _, from := range []int{1000, 11025, 44100, 700_001, audio.MaxRate} {
		for _, n := range []int{0, 1, 2000} {
			x := synth.Noise(uint64(n), n, 1)
			want := resample(t, audio.Clip{Rate: from, Channels: 1, Samples: x}, 16000).Samples
			for _, lengths := range [][]int{{1}, {rng.IntN(300), rng.IntN(3), rng.IntN(1000)}} {
				got := audio.ResampleInParts(x, from, 16000, lengths)
				require.True(t, slices.Equal(want, got), "%d samples at %d Hz in parts of %v", n, from, lengths)
			}
		}
	}
}
