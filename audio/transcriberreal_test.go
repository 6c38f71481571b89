package audio_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/optimize"
)

// TestEvaluateWhisper runs a published model, of which none is in the repository: the
// variable names its directory.
func TestEvaluateWhisper(t *testing.T) {
	dir := os.Getenv("QUINTET_WHISPER_DIR")
	if dir == "" {
		t.Skip("QUINTET_WHISPER_DIR names no model")
	}
	if _, err := os.Stat("../../shared/data/audio/jfk.wav"); err != nil {
		t.Skipf("no recording: %v", err)
	}
	model, err := optimize.OpenModel(dir)
	require.NoError(t, err)
	tr := newTranscriber(t, audio.TranscriberOptions{Model: model, Words: true})
	got, err := tr.Run(t.Context(), decodeFile(t, "../../shared/data/audio/jfk.wav"))
	require.NoError(t, err)
	for _, s := range got.Segments {
		t.Logf("%v to %v, score %.2f: %s", s.Start, s.End, s.Score, s.Text)
	}
	require.Equal(t, "en", got.Language)
	said := strings.ToLower(got.Text())
	for _, phrase := range []string{"fellow americans", "ask not", "what you can do for your country"} {
		require.Contains(t, said, phrase)
	}
}
