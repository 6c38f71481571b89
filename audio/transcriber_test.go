package audio_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/internal/synth"
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

func TestKnownTextInEveryFormOfTheDecoder(t *testing.T) {
	for _, form := range []string{"alone", "split", "merged"} {
		t.Run(form, func(t *testing.T) {
			m := hello()
			m.attention = 0.1
			tr := newTranscriber(t, audio.TranscriberOptions{Model: m.model(t, form), NoVoiceDetector: true})
			got, err := tr.Run(t.Context(), tone2())
			require.NoError(t, err)
			require.Equal(t, []string{"0.10-0.80 Hello world.", "0.90-1.60 Bye!"}, lines(got.Segments))
			require.Equal(t, "en", got.Language)
			require.Greater(t, got.LanguageScore, 0.9)
			require.Equal(t, 2*time.Second, got.Duration)
			require.Equal(t, "Hello world. Bye!", got.Text())
		})
	}
}
