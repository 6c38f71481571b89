package audio_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/internal/pipetest"
	"github.com/quintet-ai/quintet/internal/synth"
	"github.com/quintet-ai/quintet/optimize"
)

// lines are the segments of a transcript, one per string.
func lines(segments []audio.TranscriptSegment) (out []string) {
	for _, s := range segments {
		out = append(out, fmt.Sprintf("%.2f-%.2f %s", s.Start.Seconds(), s.End.Seconds(), s.Text))
	}
	return out
}

// hello says two sentences in two seconds.
func hello() *tinyWhisper {
	m := newTinyWhisper(2, "Hello", "Ġworld", ".", "ĠBye", "!")
	return m.say("<|transcribe|>", "<0.10>", "Hello", "Ġworld", ".", "<0.80>").
		say("<0.90>", "ĠBye", "!", "<1.60>").
		say("<0.80>", "<0.90>").say("<1.60>", "<|endoftext|>")
}

// tone2 is two seconds of sound that is not silence.
func tone2() audio.Clip { return mono(synth.Tone(16000, 32000, 440, 0.5)) }

// transcribe runs a model on a clip, without the detector.
func transcribe(t testing.TB, m *tinyWhisper, c audio.Clip, o audio.TranscriberOptions) audio.Transcript {
	t.Helper()
	o.Model, o.NoVoiceDetector = m.model(t, "split"), true
	got, err := newTranscriber(t, o).Run(t.Context(), c)
	require.NoError(t, err)
	return got
}

func TestKnownTextInEveryFormOfTheDecoder(t *testing.T) {
	for _, form := range []string{"alone", "split", "merged"} {
		for _, beams := range []int{1, 3} {
			t.Run(fmt.Sprintf("%s, %d beams", form, beams), func(t *testing.T) {
				m := hello()
				m.attention = 0.1
				tr := newTranscriber(t, audio.TranscriberOptions{Model: m.model(t, form), NoVoiceDetector: true, Beams: beams})
				got, err := tr.Run(t.Context(), tone2())
				require.NoError(t, err)
				require.Equal(t, []string{"0.10-0.80 Hello world.", "0.90-1.60 Bye!"}, lines(got.Segments))
				require.Equal(t, "en", got.Language)
				require.Greater(t, got.LanguageScore, 0.9)
				require.Equal(t, 2*time.Second, got.Duration)
				require.Equal(t, "Hello world. Bye!", got.Text())
				for _, s := range got.Segments {
					require.Greater(t, s.Score, 0.5)
					require.Less(t, s.NoSpeech, 0.1)
					require.Zero(t, s.Temperature)
					require.Nil(t, s.Words)
				}
			})
		}
	}
}

// With much attention the next token depends on every earlier one, so only a decoder
// whose keys and values are passed on rightly gives the text of one that gets all
// tokens again.
func TestPastKeysAndValuesArePassedOn(t *testing.T) {
	rng := synth.Rand(11)
	texts := map[string]bool{}
	for seed := range uint64(4) {
		m := newTinyWhisper(2, "a", "Ġb", "c", "Ġd", "e")
		for from := range m.vocab() {
			for to := range m.vocab() {
				m.loud[[2]int{from, to}] = float32(rng.NormFloat64())
				if to >= m.id("<0.00>") { // there are many
					m.loud[[2]int{from, to}] -= 4
				}
			}
		}
		m.attention = 0.5
		var want []audio.TranscriptSegment
		for _, form := range []string{"alone", "split", "merged"} {
			o := audio.TranscriberOptions{Model: m.model(t, form), NoVoiceDetector: true, Temperatures: []float64{0}, Language: "en",
				MinLogProb: -100, NoSpeech: 1, Beams: 1 + 3*int(seed%2)}
			got, err := newTranscriber(t, o).Run(t.Context(), tone2())
			require.NoError(t, err)
			if form == "alone" {
				want = got.Segments
				texts[got.Text()] = true
				t.Logf("%q", lines(want))
			}
			require.Equal(t, lines(want), lines(got.Segments), form)
		}
	}
	require.Greater(t, len(texts), 3)
}

func TestTheModelOnDisk(t *testing.T) {
	for _, folder := range []string{"", "onnx"} {
		for _, suffix := range []string{"", "_quantized"} {
			dir := t.TempDir()
			require.NoError(t, os.MkdirAll(filepath.Join(dir, folder), 0o700))
			for name, file := range hello().files("merged") {
				if stem, ok := strings.CutSuffix(name, ".onnx"); ok {
					name = filepath.Join(folder, stem+suffix+".onnx")
				}
				require.NoError(t, os.WriteFile(filepath.Join(dir, name), file.Data, 0o600))
			}
			path := dir
			if suffix != "" {
				path = filepath.Join(dir, folder, "encoder_model"+suffix+".onnx")
			}
			model, err := optimize.OpenModel(path)
			require.NoError(t, err)
			got, err := newTranscriber(t, audio.TranscriberOptions{Model: model, NoVoiceDetector: true}).Run(t.Context(), tone2())
			require.NoError(t, err)
			require.Equal(t, "Hello world. Bye!", got.Text())
		}
	}
}

func TestTheLanguageAndTheTask(t *testing.T) {
	german := hello()
	german.set(german.loud, 14, "<|startoftranscript|>", "<|de|>")
	german.say("<|translate|>", "<0.00>", "ĠBye", "!", "<1.60>")
	got := transcribe(t, german, tone2(), audio.TranscriberOptions{})
	require.Equal(t, "de", got.Language)
	require.InDelta(t, 1/(1+math.Exp(-4)+math.Exp(-14)), got.LanguageScore, 1e-6)
	require.Equal(t, "Hello world. Bye!", got.Text())

	got = transcribe(t, german, tone2(), audio.TranscriberOptions{Language: "zh", Translate: true})
	require.Equal(t, "zh", got.Language)
	require.EqualValues(t, 1, got.LanguageScore)
	require.True(t, got.Translated)
	require.Equal(t, []string{"0.00-1.60 Bye!"}, lines(got.Segments))

	english := hello()
	delete(english.generation, "is_multilingual")
	delete(english.generation, "lang_to_id")
	english.set(english.loud, 12, "<|startoftranscript|>", "<0.00>")
	english.say("<0.00>", "ĠBye", "!")
	got = transcribe(t, english, tone2(), audio.TranscriberOptions{})
	require.Empty(t, got.Language)
	require.Equal(t, []string{"0.00-1.60 Bye!"}, lines(got.Segments))
}

func TestSilenceHasNoText(t *testing.T) {
	silence := mono(make([]float32, 32000))
	got := transcribe(t, hello(), silence, audio.TranscriberOptions{})
	require.Empty(t, got.Segments, "the model takes it for silence")
	require.Empty(t, got.Language)

	// A model that is sure of what nobody said, as real ones are.
	sure := newTinyWhisper(2, "Thank", "Ġyou", ".")
	for i, token := range []string{"<0.00>", "Thank", "Ġyou", ".", "<1.00>", "<|endoftext|>"} {
		sure.set(sure.quiet, 20, []string{"<|transcribe|>", "<0.00>", "Thank", "Ġyou", ".", "<1.00>"}[i], token)
	}
	require.Equal(t, "Thank you.", transcribe(t, sure, silence, audio.TranscriberOptions{}).Text(), "without the detector")
	tr := newTranscriber(t, audio.TranscriberOptions{Model: sure.model(t, "merged")})
	for _, c := range []audio.Clip{silence, mono(synth.Noise(2, 48000, 0.05)), {Rate: 44100, Channels: 2}, tone2()} {
		got, err := tr.Run(t.Context(), c)
		require.NoError(t, err)
		require.Empty(t, got.Segments)
	}
}

// A window that is silence is not tried again at other temperatures.
func TestSilenceIsDecodedOnce(t *testing.T) {
	r := &recording{Backend: nativeBackend(t)}
	rt, err := optimize.New(optimize.Options{Backend: r})
	require.NoError(t, err)
	got := transcribe(t, hello(), mono(make([]float32, 32000)), audio.TranscriberOptions{Runtime: rt})
	require.Empty(t, got.Segments)
	require.Len(t, r.prompts(), 1)
	require.LessOrEqual(t, len(r.fed), 2+30, "the language, the prompt and one text")
}

// A model that cannot stop is cut; when drawn, its text ends.
func TestLoopsEnd(t *testing.T) {
	m := newTinyWhisper(2, "la", "Ġla")
	m.say("<|transcribe|>", "<0.00>", "la", "Ġla", "Ġla")
	got := transcribe(t, m, tone2(), audio.TranscriberOptions{Temperatures: []float64{0}, MaxTokens: 30})
	require.LessOrEqual(t, len(got.Segments[0].Text), 3*30)
	big := newTinyWhisper(2, "la", "Ġla")
	big.say("<|transcribe|>", "<0.00>", "la", "Ġla", "Ġla")
	files := big.files("split")
	files["config.json"].Data = []byte(strings.Replace(string(files["config.json"].Data),
		`"max_target_positions":60`, `"max_target_positions":400`, 1))
	model, err := optimize.ModelFS(files, "")
	require.NoError(t, err)
	for _, beams := range []int{1, 2} {
		tr := newTranscriber(t, audio.TranscriberOptions{Model: model, NoVoiceDetector: true, Temperatures: []float64{0}, Beams: beams})
		got, err = tr.Run(t.Context(), tone2())
		require.NoError(t, err)
		require.Equal(t, []string{"0.00-2.00 la la"}, lines(got.Segments))
	}

	m.set(m.loud, 9, "Ġla", "<1.00>")
	m.say("<1.00>", "<|endoftext|>")
	o := audio.TranscriberOptions{Temperatures: []float64{0, 1}, MaxTokens: 30, MinLogProb: -0.9, MaxCompression: 1.4, Seed: 3}
	got = transcribe(t, m, tone2(), o)
	require.EqualValues(t, 1, got.Segments[0].Temperature)
	require.Less(t, got.Segments[0].Compression, 1.4)
	require.Equal(t, got, transcribe(t, m, tone2(), o), "a seed makes it repeatable")
}

// recording is a backend that notes what decoders are fed.
type recording struct {
	optimize.Backend
	mu    sync.Mutex
	fed   [][]int64
	named map[string][]int64 // the latest inputs of whole numbers
}

type recordingSession struct {
	optimize.Session
	r *recording
}

func (r *recording) Load(ctx context.Context, m optimize.Model, o optimize.SessionOptions) (optimize.Session, error) {
	s, err := r.Backend.Load(ctx, m, o)
	if err != nil {
		return nil, err
	}
	return recordingSession{s, r}, nil
}

func (s recordingSession) Run(ctx context.Context, in []optimize.Tensor) ([]optimize.Tensor, error) {
	if ids, err := optimize.Data[int64](in[0]); err == nil {
		s.r.mu.Lock()
		s.r.fed, s.r.named = append(s.r.fed, slices.Clone(ids)), map[string][]int64{}
		for i, info := range s.Inputs() {
			if v, err := optimize.Data[int64](in[i]); err == nil {
				s.r.named[info.Name] = slices.Clone(v)
			}
		}
		s.r.mu.Unlock()
	}
	return s.Session.Run(ctx, in)
}

// prompts are the first runs of each window.
func (r *recording) prompts() (out [][]int64) {
	for _, ids := range r.fed {
		if len(ids) > 1 {
			out = append(out, ids)
		}
	}
	return out
}

func TestPrompts(t *testing.T) {
	m := hello()
	ids := func(tokens ...string) (out []int64) {
		for _, token := range tokens {
			out = append(out, int64(m.id(token)))
		}
		return out
	}
	start := []string{"<|startoftranscript|>", "<|en|>", "<|transcribe|>"}
	text := []string{"Hello", "Ġworld", ".", "ĠBye", "!"}
	four := mono(synth.Tone(16000, 64000, 440, 0.5))
	tests := map[string]struct {
		o    audio.TranscriberOptions
		want [][]int64
	}{
		"windows know nothing of one another": {audio.TranscriberOptions{}, [][]int64{ids(start...), ids(start...)}},
		"previous text": {audio.TranscriberOptions{PreviousText: true},
			[][]int64{ids(start...), ids(slices.Concat([]string{"<|startofprev|>"}, text, start)...)}},
		"a prompt stands before each window": {audio.TranscriberOptions{Prompt: "world! "}, [][]int64{
			ids(slices.Concat([]string{"<|startofprev|>", "Ġworld", "!"}, start)...),
			ids(slices.Concat([]string{"<|startofprev|>", "Ġworld", "!"}, start)...),
		}},
		"both": {audio.TranscriberOptions{Prompt: "world", PreviousText: true}, [][]int64{
			ids(slices.Concat([]string{"<|startofprev|>", "Ġworld"}, start)...),
			ids(slices.Concat([]string{"<|startofprev|>", "Ġworld"}, text, start)...),
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := &recording{Backend: nativeBackend(t)}
			rt, err := optimize.New(optimize.Options{Backend: r})
			require.NoError(t, err)
			tt.o.Runtime = rt
			got := transcribe(t, m, four, tt.o)
			require.Equal(t, []string{"0.10-0.80 Hello world.", "0.90-1.60 Bye!", "2.10-2.80 Hello world.", "2.90-3.60 Bye!"},
				lines(got.Segments))
			require.Equal(t, tt.want, r.prompts())
		})
	}
}

// A window begins where the last complete segment of the one before ended.
func TestWindowsGoOnBehindTheLastCompleteSegment(t *testing.T) {
	m := newTinyWhisper(2, "Hello", "Ġworld")
	m.say("<|transcribe|>", "<0.00>", "Hello", "<1.20>", "<1.22>", "Ġworld", "<|endoftext|>")
	got := transcribe(t, m, mono(synth.Tone(16000, 48000, 440, 0.5)), audio.TranscriberOptions{})
	require.Equal(t, []string{"0.00-1.20 Hello", "1.20-2.40 Hello"}, lines(got.Segments)[:2])
	require.Len(t, got.Segments, 3)
	require.Equal(t, 3*time.Second, got.Segments[2].End, "not behind the clip")

	// One that never gets anywhere has a bounded number of windows.
	slow := newTinyWhisper(2, "Hello", "Ġworld")
	slow.say("<|transcribe|>", "<0.00>", "Hello", "<0.02>", "<0.04>", "Ġworld", "<|endoftext|>")
	got = transcribe(t, slow, tone2(), audio.TranscriberOptions{})
	require.LessOrEqual(t, len(got.Segments), 31)
}

// long is hello in a window of 16 seconds, with the second sentence later.
func long() *tinyWhisper {
	m := newTinyWhisper(16, "Hello", "Ġworld", ".", "ĠBye", "!")
	return m.say("<|transcribe|>", "<0.00>", "Hello", "Ġworld", ".", "<2.00>").
		say("<9.00>", "ĠBye", "!", "<10.00>").
		say("<2.00>", "<9.00>").say("<10.00>", "<|endoftext|>")
}

// Speech is put together for the model; times are those of the whole sound.
func TestTimesAreThoseOfTheWholeSound(t *testing.T) {
	reading := speech(t)
	silence := make([]float32, 8*16000)
	sound := mono(slices.Concat(silence[:16000], reading.Samples, silence, reading.Samples, silence[:8000]))
	second := time.Second + reading.Duration() + 8*time.Second
	found, err := newVoiceDetector(t, audio.VoiceDetectorOptions{MinSilence: 700 * ms, Pad: 200 * ms, MaxSegment: 16 * time.Second}).
		Run(t.Context(), sound)
	require.NoError(t, err)
	require.Len(t, found, 2)

	for name, clip := range map[string]audio.Clip{"as it is": sound, "of another rate": resample(t, sound, 22050)} {
		got, err := newTranscriber(t, audio.TranscriberOptions{Model: long().model(t, "merged")}).Run(t.Context(), clip)
		require.NoError(t, err)
		require.Len(t, got.Segments, 2, name)
		a, b := got.Segments[0], got.Segments[1]
		near := func(want, got time.Duration) { require.InDelta(t, want.Seconds(), got.Seconds(), 0.05, name) }
		near(found[0].Start, a.Start)
		near(found[0].Start+2*time.Second, a.End)
		cut := found[1].Start - found[0].End // what the model did not hear
		near(found[0].Start+9*time.Second+cut, b.Start)
		near(found[0].Start+10*time.Second+cut, b.End)
		require.Greater(t, b.Start, second)
		require.Less(t, b.End, clip.Duration())
	}
}

func TestTakeTimes(t *testing.T) {
	pieces := [][2]int{{100, 200}, {500, 600}, {900, 950}}
	for at, want := range map[int][2]float64{
		0: {10, 10}, 50: {15, 15}, 100: {50, 20}, 101: {50.1, 50.1}, 200: {90, 60}, 225: {92.5, 92.5}, 250: {95, 95}, 999: {95, 95}, -1: {10, 10},
	} {
		start, end := audio.TakeTimes(10, pieces, at)
		require.InDelta(t, want[0], start, 1e-9, at)
		require.InDelta(t, want[1], end, 1e-9, at)
	}
}

func TestQuietest(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		x := synth.Noise(rng.Uint64(), 3000+rng.IntN(2000), 0.5)
		quiet := 1800 + rng.IntN(600)
		clear(x[quiet : quiet+400])
		n := audio.Quietest(x, 2900, 1000)
		require.GreaterOrEqual(t, n, quiet)
		require.LessOrEqual(t, n, quiet+400)
	}
	require.Equal(t, 5, audio.Quietest(make([]float32, 5), 5, 1000))
	require.Equal(t, 1, audio.Quietest(make([]float32, 5), 1, 1000))
}

func TestTranscriberContract(t *testing.T) {
	model := hello().model(t, "merged")
	clip := speech(t)
	c := pipetest.Case[audio.Clip, audio.Transcript]{
		Name: "audio.Transcriber",
		New: func(t *testing.T, o quintet.Observer) quintet.Pipeline[audio.Clip, audio.Transcript] {
			rt, err := optimize.New(optimize.Options{Workers: 2, Observer: o})
			require.NoError(t, err)
			tr, err := audio.NewTranscriber(audio.TranscriberOptions{Model: model, Runtime: rt})
			require.NoError(t, err)
			return tr
		},
		Good: []audio.Clip{clip.Slice(0, time.Second), clip.Slice(3*time.Second, 4*time.Second), {Rate: 8000, Channels: 1}},
	}
	for _, clip := range invalidClips() {
		c.Bad = append(c.Bad, clip)
	}
	pipetest.Contract(t, c)
}

func TestBackendsOfATranscriber(t *testing.T) {
	m := hello()
	for name, b := range map[string]optimize.Backend{"weak": refusing{nativeBackend(t)}, "native": nativeBackend(t)} {
		rt, err := optimize.New(optimize.Options{Backend: b})
		require.NoError(t, err)
		require.Equal(t, "Hello world. Bye!",
			transcribe(t, m, tone2(), audio.TranscriberOptions{Runtime: rt}).Text(), name)
	}
	rt, err := optimize.New(optimize.Options{Backend: broken{nativeBackend(t)}})
	require.NoError(t, err)
	_, err = audio.NewTranscriber(audio.TranscriberOptions{Model: m.model(t, "split"), Runtime: rt})
	require.ErrorIs(t, err, errBroken)
}

func TestTranscribingOnONNXRuntime(t *testing.T) {
	rt, err := optimize.New(optimize.Options{Backend: onnxRuntime(t)})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, rt.Close()) })
	for _, form := range []string{"alone", "split", "merged"} {
		m := hello()
		m.attention = 0.1
		tr := newTranscriber(t, audio.TranscriberOptions{Model: m.model(t, form), Runtime: rt, NoVoiceDetector: true})
		got, err := tr.Run(t.Context(), tone2())
		require.NoError(t, err)
		require.Equal(t, []string{"0.10-0.80 Hello world.", "0.90-1.60 Bye!"}, lines(got.Segments), form)
	}
}
