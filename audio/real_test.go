package audio_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/audio"
)

// decodeFile decodes a file that lies outside the repository; without it the test
// is skipped.
func decodeFile(t *testing.T, path string) audio.Clip {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Skipf("no sound: %v", err)
	}
	defer f.Close()
	clip, info, err := audio.Decode(f, audio.DecodeOptions{ID: filepath.Base(path)})
	require.NoError(t, err)
	require.False(t, info.Truncated)
	return clip
}

// Eleven seconds of speech that Whisper's own tests use. The golden rows were
// computed in float64 by dsp/testdata/golden.py.
func TestSpeech(t *testing.T) {
	clip := decodeFile(t, "../../shared/data/audio/jfk.wav")
	r, err := newPipeline(t, audio.Options{}).Run(t.Context(), clip)
	require.NoError(t, err)
	require.Equal(t, "jfk.wav", r.ID)
	require.Equal(t, 11*time.Second, r.Properties.Duration)
	require.Equal(t, 16000, r.Properties.Rate)
	require.InDelta(t, -19, r.Properties.RMSDBFS, 3)
	require.Less(t, r.Properties.Silence, 0.3)

	b, err := os.ReadFile("dsp/testdata/golden.json")
	require.NoError(t, err)
	var golden struct {
		Speech struct {
			Frames int                  `json:"frames"`
			Rows   map[string][]float64 `json:"rows"`
		} `json:"whisper_jfk"`
	}
	require.NoError(t, json.Unmarshal(b, &golden))
	require.Equal(t, golden.Speech.Frames, r.Mel.Frames)
	for frame, want := range golden.Speech.Rows {
		i, err := strconv.Atoi(frame)
		require.NoError(t, err)
		require.InDeltaSlice(t, want, r.Mel.Row(i), 1e-4, "frame %d", i)
	}
}

func TestSpeechSurvivesAnotherRate(t *testing.T) {
	clip := decodeFile(t, "../../shared/data/audio/jfk.wav").Slice(3*time.Second, 5*time.Second)
	p := newPipeline(t, audio.Options{Tasks: audio.TaskMel})
	want, err := p.Run(t.Context(), clip)
	require.NoError(t, err)
	got, err := p.Run(t.Context(), resample(t, clip, 44100))
	require.NoError(t, err)
	require.Equal(t, want.Mel.Frames, got.Mel.Frames)
	var worst float64
	for i := 1; i < want.Mel.Frames-1; i++ {
		for band := range 75 { // those below the edge of the filter, 6.9 kHz
			worst = max(worst, math.Abs(float64(want.Mel.Row(i)[band]-got.Mel.Row(i)[band])))
		}
	}
	require.Less(t, worst, 0.02)
}

// Recordings of Debian's pocketsphinx-testdata, if it is installed.
func TestRecordings(t *testing.T) {
	files, err := filepath.Glob("/usr/share/pocketsphinx/test/data/*/*.wav")
	require.NoError(t, err)
	if len(files) == 0 {
		t.Skip("pocketsphinx-testdata is not installed")
	}
	p := newPipeline(t, audio.Options{})
	for _, path := range files {
		clip := decodeFile(t, path)
		r, err := p.Run(t.Context(), clip)
		require.NoError(t, err, path)
		require.Greater(t, r.Properties.Duration, time.Second, path)
		require.Greater(t, r.Properties.RMSDBFS, -50.0, path)
		requireFinite(t, r.Mel.Data)
	}
}
