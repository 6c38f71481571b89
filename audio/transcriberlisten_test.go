package audio_test

import (
	"context"
	"iter"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/internal/synth"
	"github.com/quintet-ai/quintet/optimize"
)

// heardLive returns the events of a loop.
func heardLive(t *testing.T, events iter.Seq2[audio.TranscriptEvent, error]) (final, drafts []audio.TranscriptEvent) {
	t.Helper()
	for e, err := range events {
		require.NoError(t, err)
		if e.Final {
			final = append(final, e)
		} else {
			drafts = append(drafts, e)
		}
	}
	return final, drafts
}

func finalLines(events []audio.TranscriptEvent) []string {
	var segments []audio.TranscriptSegment
	for _, e := range events {
		segments = append(segments, e.TranscriptSegment)
	}
	return lines(segments)
}

// sentence says one sentence in a window of eight seconds.
func sentence() *tinyWhisper {
	m := newTinyWhisper(8, "Hello", "Ġworld", ".")
	return m.say("<|transcribe|>", "<0.00>", "Hello", "Ġworld", ".", "<1.00>", "<|endoftext|>")
}

func TestTranscribingLiveSound(t *testing.T) {
	reading := speech(t)
	silence := make([]float32, 32000)
	sound := mono(slices.Concat(reading.Samples, silence, reading.Samples, silence))
	model := sentence().model(t, "merged")
	tr := newTranscriber(t, audio.TranscriberOptions{Model: model, PartialEvery: 2 * time.Second})
	spoken, err := newVoiceDetector(t, audio.VoiceDetectorOptions{MinSilence: 700 * ms, Pad: 200 * ms, MaxSegment: 8 * time.Second}).
		Run(t.Context(), sound)
	require.NoError(t, err)
	require.Len(t, spoken, 2)
	for name, c := range map[string]audio.Clip{"as it is": sound, "of another rate": resample(t, sound, 44100)} {
		final, drafts := heardLive(t, tr.Listen(t.Context(), inParts(rand.New(rand.NewPCG(1, 2)), c, 9000)))
		require.Len(t, final, 2, name)
		for i, e := range final {
			require.Equal(t, "Hello world.", e.Text)
			require.Equal(t, "en", e.Language)
			require.InDelta(t, spoken[i].Start.Seconds(), e.Start.Seconds(), 0.05)
			require.InDelta(t, spoken[i].Start.Seconds()+1, e.End.Seconds(), 0.05)
		}
		require.Greater(t, len(drafts), 3)
		for _, e := range drafts {
			require.Equal(t, "Hello world.", e.Text)
			require.Greater(t, e.End, e.Start)
		}
	}
	quiet := newTranscriber(t, audio.TranscriberOptions{Model: model, NoPartials: true})
	final, drafts := heardLive(t, quiet.Listen(t.Context(), inParts(rand.New(rand.NewPCG(1, 2)), sound, 40_000)))
	require.Len(t, final, 2)
	require.Empty(t, drafts)
}

func TestSilenceIsNotTranscribedLive(t *testing.T) {
	tr := newTranscriber(t, audio.TranscriberOptions{Model: sentence().model(t, "merged")})
	for name, c := range map[string]audio.Clip{
		"silence": mono(make([]float32, 80_000)), "noise": mono(synth.Noise(1, 80_000, 0.1)), "nothing": {Rate: 48000, Channels: 2},
	} {
		final, drafts := heardLive(t, tr.Listen(t.Context(), inParts(rand.New(rand.NewPCG(1, 2)), c, 9000)))
		require.Empty(t, final, name)
		require.Empty(t, drafts, name)
	}
	final, _ := heardLive(t, tr.Listen(t.Context(), slices.Values([]audio.Clip{})))
	require.Empty(t, final)
}

// Without the detector windows are cut where it is quiet.
func TestTranscribingLiveWithoutTheDetector(t *testing.T) {
	tone := synth.Tone(16000, 16000*7/2, 440, 0.5)
	clear(tone[27000:29000]) // in the last third of the first window
	tr := newTranscriber(t, audio.TranscriberOptions{Model: hello().model(t, "split"), NoVoiceDetector: true, NoPartials: true})
	final, _ := heardLive(t, tr.Listen(t.Context(), inParts(rand.New(rand.NewPCG(1, 2)), mono(tone), 5000)))
	require.Equal(t, []string{"0.10-0.80 Hello world.", "0.90-1.60 Bye!"}, finalLines(final)[:2])
	require.InDelta(t, 28000.0/16000+0.1, final[2].Start.Seconds(), 0.06)
}

// A draft that comes to nothing is taken back: the model hears a word in the quiet begin,
// and nothing in the whole.
func TestADraftThatComesToNothing(t *testing.T) {
	m := newTinyWhisper(2, "Hello")
	chain := []string{"<|transcribe|>", "<0.00>", "Hello", "<0.20>", "<|endoftext|>"}
	for i := range chain[1:] {
		m.set(m.quiet, 20, chain[i], chain[i+1])
	}
	m.set(m.quiet, 30, "<|startoftranscript|>", "<|en|>")
	m.say("<|transcribe|>", "<0.00>", "<|endoftext|>")
	tr := newTranscriber(t, audio.TranscriberOptions{Model: m.model(t, "split"), NoVoiceDetector: true, PartialEvery: 500 * ms})
	x := slices.Concat(synth.Noise(1, 10_000, 1e-5), synth.Noise(1, 10_000, 0.5))
	final, drafts := heardLive(t, tr.Listen(t.Context(), inParts(rand.New(rand.NewPCG(1, 2)), mono(x), 4000)))
	require.Len(t, drafts, 1)
	require.Equal(t, "Hello", drafts[0].Text)
	require.Equal(t, []string{"0.00-1.25 "}, finalLines(final))
}

func TestListeningEndsWithItsFirstError(t *testing.T) {
	model := sentence().model(t, "merged")
	tr := newTranscriber(t, audio.TranscriberOptions{Model: model})
	second := mono(make([]float32, 16000))
	bad := mono([]float32{float32(math.NaN())})
	other := audio.Clip{Rate: 8000, Channels: 1, Samples: make([]float32, 100)}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	tests := map[string]struct {
		ctx   context.Context
		sound []audio.Clip
		want  error
	}{
		"a sample that is no number": {t.Context(), []audio.Clip{second, bad, second}, quintet.ErrInput},
		"another rate":               {t.Context(), []audio.Clip{second, other, second}, quintet.ErrInput},
		"a rate far too low":         {t.Context(), []audio.Clip{{Rate: 10, Channels: 1}}, quintet.ErrInput},
		"the end of the context":     {ended, []audio.Clip{second}, context.Canceled},
		"no sound and no context":    {ended, nil, context.Canceled},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var errs []error
			for _, err := range tr.Listen(tt.ctx, slices.Values(tt.sound)) {
				errs = append(errs, err)
			}
			require.Len(t, errs, 1)
			require.ErrorIs(t, errs[0], tt.want)
			require.True(t, strings.HasPrefix(errs[0].Error(), "audio.Transcriber.Listen: "), errs[0])
		})
	}
	closed, err := audio.NewTranscriber(audio.TranscriberOptions{Model: model})
	require.NoError(t, err)
	require.NoError(t, closed.Close())
	for _, err := range closed.Listen(t.Context(), slices.Values([]audio.Clip{second})) {
		require.ErrorIs(t, err, quintet.ErrClosed)
	}
	for range tr.Listen(t.Context(), inParts(rand.New(rand.NewPCG(1, 2)), speech(t), 9000)) {
		break
	}
}

// failing is a backend whose decoders fail when they run.
type failing struct{ optimize.Backend }

type failingSession struct{ optimize.Session }

func (f failing) Load(ctx context.Context, m optimize.Model, o optimize.SessionOptions) (optimize.Session, error) {
	s, err := f.Backend.Load(ctx, m, o)
	if err == nil && s.Inputs()[0].Name == "input_ids" {
		s = failingSession{s}
	}
	return s, err
}

func (failingSession) Run(context.Context, []optimize.Tensor) ([]optimize.Tensor, error) {
	return nil, errBroken
}

func TestErrorsOfTheModelAreTold(t *testing.T) {
	rt, err := optimize.New(optimize.Options{Backend: failing{nativeBackend(t)}})
	require.NoError(t, err)
	tr := newTranscriber(t, audio.TranscriberOptions{Model: hello().model(t, "split"), NoVoiceDetector: true, Runtime: rt})
	_, err = tr.Run(t.Context(), tone2())
	require.ErrorIs(t, err, errBroken)
	for _, err := range tr.Listen(t.Context(), slices.Values([]audio.Clip{tone2()})) {
		require.ErrorIs(t, err, errBroken)
	}
}
