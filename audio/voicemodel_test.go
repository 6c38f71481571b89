package audio_test

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/internal/synth"
	"github.com/quintet-ai/quintet/internal/testmodels"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/optimize/onnx"
)

const embedded = "models/silero_vad_v6_16k.onnx"

// onnxRuntime returns the backend of ONNX Runtime; without its library the test is
// skipped.
func onnxRuntime(t testing.TB) optimize.Backend {
	t.Helper()
	b, err := onnx.New(onnx.Options{Dev: true, Devices: []string{"cpu"}})
	if err != nil {
		t.Skipf("no ONNX Runtime: %v", err)
	}
	t.Cleanup(func() { require.NoError(t, b.Close()) })
	return b
}

func loadModel(t testing.TB, b optimize.Backend, path string) optimize.Session {
	t.Helper()
	m, err := optimize.OpenModel(path)
	require.NoError(t, err)
	s, err := b.Load(context.Background(), m, optimize.SessionOptions{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func tensorOf[T optimize.Element](t testing.TB, data []T, shape ...int) optimize.Tensor {
	t.Helper()
	x, err := optimize.NewTensor(data, shape...)
	require.NoError(t, err)
	return x
}

// published runs the model as it was published, frame by frame, as its authors do.
func published(t testing.TB, s optimize.Session, samples []float32) (out []float32) {
	t.Helper()
	state := tensorOf(t, make([]float32, 256), 2, 1, 128)
	rate := tensorOf(t, []int64{16000})
	samples = slices.Concat(make([]float32, 64), samples, make([]float32, 511))
	for at := 0; at+576 <= len(samples); at += 512 {
		got, err := s.Run(t.Context(), []optimize.Tensor{tensorOf(t, samples[at:at+576], 1, 576), state, rate})
		require.NoError(t, err)
		p, err := optimize.Data[float32](got[0])
		require.NoError(t, err)
		out, state = append(out, p...), got[1]
	}
	return out
}

// spoken are real speech, and sounds that are none.
func spoken(t testing.TB) map[string]audio.Clip {
	sounds := map[string]audio.Clip{
		"reading": speech(t), "noise": mono(synth.Noise(9, 20_000, 0.3)), "melody": mono(melody(20_000)),
		"quiet": mono(synth.Noise(9, 20_001, 1e-6)), "loud": mono(synth.Noise(9, 20_000, 1e4)),
	}
	if f, err := os.Open("../../shared/data/audio/jfk.wav"); err == nil {
		defer f.Close()
		clip, _, err := audio.Decode(f, audio.DecodeOptions{})
		require.NoError(t, err)
		sounds["a famous speech"] = clip
	}
	return sounds
}

func worst(a, b []float32) (d float64) {
	for i := range a {
		d = max(d, math.Abs(float64(a[i])-float64(b[i])))
	}
	return d
}

func TestFramesAgreeWithThePublishedModel(t *testing.T) {
	theirs := loadModel(t, nativeBackend(t), testmodels.Path(t, "silero_vad_v6.onnx"))
	d := newVoiceDetector(t, audio.VoiceDetectorOptions{})
	for name, clip := range spoken(t) {
		got, err := d.Probabilities(t.Context(), clip)
		require.NoError(t, err)
		want := published(t, theirs, clip.Samples)
		require.Len(t, got, len(want))
		require.Less(t, worst(want, got), 1e-5, name)
	}
}

func TestFramesAgreeWithONNXRuntime(t *testing.T) {
	ort := onnxRuntime(t)
	theirs := loadModel(t, ort, testmodels.Path(t, "silero_vad_v6.onnx"))
	rt, err := optimize.New(optimize.Options{Backend: ort})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, rt.Close()) })
	own := newVoiceDetector(t, audio.VoiceDetectorOptions{})
	onORT := newVoiceDetector(t, audio.VoiceDetectorOptions{Runtime: rt})
	require.Equal(t, 1, rt.SessionStats().Loaded)
	for name, clip := range spoken(t) {
		want := published(t, theirs, clip.Samples)
		for where, d := range map[string]*audio.VoiceDetector{"native": own, "ONNX Runtime": onORT} {
			got, err := d.Probabilities(t.Context(), clip)
			require.NoError(t, err)
			require.Len(t, got, len(want))
			off := worst(want, got)
			t.Logf("%s, %s: %d frames differ by at most %.2g", name, where, len(got), off)
			require.Less(t, off, 1e-5, name)
		}
		segments, err := own.Run(t.Context(), clip)
		require.NoError(t, err)
		same, err := onORT.Run(t.Context(), clip)
		require.NoError(t, err)
		require.Equal(t, times(segments), times(same))
	}
}

// The model sees 64 samples of the frame before. Given the frame alone, the
// published one runs and finds that nobody ever speaks; ours does not take it.
func TestFramesWithoutTheirContext(t *testing.T) {
	clip := speech(t)
	theirs := loadModel(t, nativeBackend(t), testmodels.Path(t, "silero_vad_v6.onnx"))
	state, rate := tensorOf(t, make([]float32, 256), 2, 1, 128), tensorOf(t, []int64{16000})
	var without []float32
	for frame := range slices.Chunk(clip.Samples[:220*512], 512) {
		got, err := theirs.Run(t.Context(), []optimize.Tensor{tensorOf(t, frame, 1, 512), state, rate})
		require.NoError(t, err)
		p, err := optimize.Data[float32](got[0])
		require.NoError(t, err)
		without, state = append(without, p[0]), got[1]
	}
	with := published(t, theirs, clip.Samples)
	t.Logf("frames of speech: %d with it, %d without, highest %.3f", loud(with), loud(without), slices.Max(without))
	require.Equal(t, 204, loud(with))
	require.Zero(t, loud(without))

	ours := loadModel(t, nativeBackend(t), embedded)
	h, c := tensorOf(t, make([]float32, 128), 1, 1, 128), tensorOf(t, make([]float32, 128), 1, 1, 128)
	_, err := ours.Run(t.Context(), []optimize.Tensor{tensorOf(t, clip.Samples[:512], 1, 512), h, c})
	require.ErrorIs(t, err, quintet.ErrInput)
}

// Recordings of Debian's pocketsphinx-testdata, if it is installed: the share of
// frames that is speech is that of the study of models.
func TestSpeechOfRecordings(t *testing.T) {
	d := newVoiceDetector(t, audio.VoiceDetectorOptions{})
	for folder, want := range map[string][2]float64{"librivox": {0.83, 0.93}, "cards": {0.54, 0.86}} {
		files, err := filepath.Glob("/usr/share/pocketsphinx/test/data/" + folder + "/*.wav")
		require.NoError(t, err)
		if len(files) == 0 {
			t.Skip("pocketsphinx-testdata is not installed")
		}
		for _, path := range files {
			p, err := d.Probabilities(t.Context(), decodeFile(t, path))
			require.NoError(t, err)
			share := float64(loud(p)) / float64(len(p))
			t.Logf("%s: %.0f %% of %d frames, highest %.3f", filepath.Base(path), 100*share, len(p), slices.Max(p))
			require.True(t, share >= want[0]-0.01 && share <= want[1]+0.01, "%s: %.3f", path, share)
		}
	}
}

func FuzzSpeechSegments(f *testing.F) {
	type u16 = uint16
	f.Add([]byte("yyyyyyyyyyyyyyy!!!!!!!!yyyyyyyyy"), u16(0), uint8(40), u16(250), u16(100), u16(30), u16(0))
	f.Add([]byte{255, 90, 255, 0, 255, 0, 0, 0, 0, 255}, u16(7), uint8(90), u16(1), u16(1), u16(400), u16(900))
	f.Fuzz(func(t *testing.T, quanta []byte, short u16, threshold uint8, minSpeech, minSilence, pad, most u16) {
		p := make([]float32, len(quanta))
		for i, q := range quanta {
			p[i] = float32(q) / 255
		}
		length := time.Duration(len(p)) * audio.VoiceFrame
		if len(p) > 0 {
			length -= time.Duration(short) % audio.VoiceFrame
		}
		o := audio.VoiceDetectorOptions{
			Threshold: float64(threshold) / 100, MinSpeech: time.Duration(minSpeech) * ms,
			MinSilence: time.Duration(minSilence) * ms, Pad: time.Duration(pad) * ms, MaxSegment: time.Duration(most) * ms,
		}
		got, err := audio.SpeechSegments(p, length, o)
		if err != nil {
			if !errors.Is(err, quintet.ErrOption) {
				t.Fatal(err)
			}
			return
		}
		end := time.Duration(0)
		for _, s := range got {
			if s.Start < end || s.End <= s.Start || s.End > length || o.MaxSegment > 0 && s.End-s.Start > o.MaxSegment {
				t.Fatalf("%+v after %v in %v, at most %v", s, end, length, o.MaxSegment)
			}
			if !(s.Score >= 0 && s.Score <= 1+1e-9) {
				t.Fatalf("score %v", s.Score)
			}
			end = s.End
		}
		if want := naiveSegments(p, length, o); !slices.Equal(want, times(got)) {
			t.Fatalf("%+v: got %v, want %v", o, got, want)
		}
	})
}
