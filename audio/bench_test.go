package audio_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/internal/synth"
	"github.com/quintet-ai/quintet/internal/testmodels"
	"github.com/quintet-ai/quintet/optimize"
)

// minute is a minute of stereo at 44.1 kHz.
func minute() audio.Clip {
	return audio.Clip{Rate: 44100, Channels: 2, Samples: synth.Noise(1, 60*2*44100, 0.5)}
}

func BenchmarkDecode(b *testing.B) {
	clip := minute()
	for _, f := range []audio.SampleFormat{audio.PCM16, audio.PCM24, audio.Float32} {
		file := encode(b, clip, f)
		b.Run("encoding="+f.String(), func(b *testing.B) {
			b.SetBytes(int64(len(file)))
			for b.Loop() {
				_, _, err := audio.Decode(bytes.NewReader(file), audio.DecodeOptions{})
				require.NoError(b, err)
			}
			b.ReportMetric(60*float64(b.N)/b.Elapsed().Seconds(), "x-real-time")
		})
	}
}

func BenchmarkRun(b *testing.B) {
	clip := minute()
	for name, tasks := range map[string]audio.Task{
		"properties": audio.TaskProperties, "mel": audio.TaskMel, "speech": audio.TaskSpeech,
	} {
		b.Run("task="+name, func(b *testing.B) {
			p := newPipeline(b, audio.Options{Tasks: tasks})
			for b.Loop() {
				_, err := p.Run(b.Context(), clip)
				require.NoError(b, err)
			}
			b.ReportMetric(60*float64(b.N)/b.Elapsed().Seconds(), "x-real-time")
		})
	}
}

// BenchmarkVoiceFrame is what a frame of 32 ms costs: in a clip, alone as in live
// sound, and of the model as it was published, on ONNX Runtime where that is
// installed and on the native backend.
func BenchmarkVoiceFrame(b *testing.B) {
	const count = 320
	sound := mono(synth.Noise(1, count*512, 0.3))
	perFrame := func(b *testing.B) {
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/count, "ns/frame")
	}
	b.Run("way=clip", func(b *testing.B) {
		d := newVoiceDetector(b, audio.VoiceDetectorOptions{})
		for b.Loop() {
			_, err := d.Probabilities(b.Context(), sound)
			require.NoError(b, err)
		}
		perFrame(b)
	})
	b.Run("way=live", func(b *testing.B) {
		d := newVoiceDetector(b, audio.VoiceDetectorOptions{})
		parts := func(yield func(audio.Clip) bool) {
			for x := range slices.Chunk(sound.Samples, 512) {
				if !yield(mono(x)) {
					return
				}
			}
		}
		b.ReportAllocs()
		for b.Loop() {
			for _, err := range d.Listen(b.Context(), parts) {
				require.NoError(b, err)
			}
		}
		perFrame(b)
	})
	for name, open := range map[string]func(testing.TB) optimize.Backend{"ort": onnxRuntime, "native": nativeBackend} {
		b.Run("way=published/on="+name, func(b *testing.B) {
			s := loadModel(b, open(b), testmodels.Path(b, "silero_vad_v6.onnx"))
			for b.Loop() {
				published(b, s, sound.Samples)
			}
			perFrame(b)
		})
	}
}

func nativeBackend(t testing.TB) optimize.Backend {
	t.Helper()
	native, err := optimize.NewNative(optimize.NativeOptions{})
	require.NoError(t, err)
	return native
}
