package audio_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/internal/synth"
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
	for name, tasks := range map[string]audio.Task{"properties": audio.TaskProperties, "mel": audio.TaskMel} {
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
