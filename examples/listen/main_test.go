package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/internal/synth"
)

// talk is a reading.
const talk = "../quickstart/samples/reading.wav"

func output(t *testing.T, in string, args ...string) string {
	t.Helper()
	var out, messages strings.Builder
	require.NoError(t, run(t.Context(), args, strings.NewReader(in), &out, &messages))
	require.Empty(t, messages.String())
	return out.String()
}

func TestAReportOfSpeech(t *testing.T) {
	dir := t.TempDir()
	got := output(t, "", "-pictures", dir, "-pitch", talk)
	for _, want := range []string{"reading.wav: wav, pcm16, ", "LUFS", "\nspeech      ", "\nsilence     ", "\nfaults      ", "\npitch       in "} {
		require.Contains(t, got, want)
	}
	for _, kind := range []string{"waveform", "spectrogram"} {
		path := filepath.Join(dir, strings.TrimSuffix(filepath.Base(talk), ".wav")+"-"+kind+".png")
		require.Contains(t, got, "picture     "+path+"\n")
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		m, err := png.DecodeConfig(bytes.NewReader(data))
		require.NoError(t, err)
		require.Equal(t, 1200, m.Width)
	}
}

func TestAReportOfFaults(t *testing.T) {
	clip := audio.Clip{Rate: 8000, Channels: 1, Samples: synth.Tone(8000, 8000, 100, 1.5)}
	clip.Samples = append(clip.Samples, make([]float32, 8000)...)
	for i := range clip.Samples {
		clip.Samples[i] = min(max(clip.Samples[i]+0.1, -1), 1)
	}
	path := filepath.Join(t.TempDir(), "loud.wav")
	var b bytes.Buffer
	require.NoError(t, audio.EncodeWAV(&b, clip, audio.PCM16))
	require.NoError(t, os.WriteFile(path, b.Bytes(), 0o600))
	got := output(t, "", "-pictures", "", path)
	require.Contains(t, got, "loud.wav: wav, pcm16, ")
	require.Contains(t, got, "8000 Hz, 1 channel, 0:02.00\n")
	require.Contains(t, got, "faults      2 faults\n")
	require.Contains(t, got, "  channel 1: clipping at 0:00.")
	require.Contains(t, got, "  channel 1: dc offset of 0.0")
	require.NotContains(t, got, "picture")
}

func TestJSONIsTheResult(t *testing.T) {
	var r audio.Result
	require.NoError(t, json.Unmarshal([]byte(output(t, "", "-json", talk)), &r))
	require.NotEmpty(t, r.Speech)
	require.NotNil(t, r.Loudness)
	require.Nil(t, r.Mel)
}

// samples is a file as -live wants it.
func samples(t *testing.T, path string) (string, audio.Clip) {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	clip, _, err := audio.Decode(f, audio.DecodeOptions{})
	require.NoError(t, err)
	var b []byte
	for _, v := range clip.Mono().Samples {
		b = binary.LittleEndian.AppendUint16(b, uint16(int16(v*32767)))
	}
	return string(b), clip
}

func TestLiveSpeechIsThatOfTheFile(t *testing.T) {
	in, clip := samples(t, talk)
	d, err := audio.NewVoiceDetector(audio.VoiceDetectorOptions{})
	require.NoError(t, err)
	defer d.Close()
	want, err := d.Run(t.Context(), clip)
	require.NoError(t, err)
	require.NotEmpty(t, want)
	lines := strings.Split(strings.TrimSpace(output(t, in+"x", "-live", "-rate", strconv.Itoa(clip.Rate))), "\n")
	require.Len(t, lines, 2*len(want))
	for i, s := range want {
		require.Equal(t, clock(s.Start)+" speech", lines[2*i])
		require.Contains(t, lines[2*i+1], clock(s.Start)+" - "+clock(s.End)+" spoken")
	}
	require.Empty(t, output(t, "", "-live"))
}

func TestErrors(t *testing.T) {
	var out strings.Builder
	call := func(args ...string) error { return run(t.Context(), args, strings.NewReader(""), &out, &out) }
	require.EqualError(t, call(), "got 0 arguments, want 1")
	require.EqualError(t, call("-live", "a.wav"), "got 1 arguments, want 0")
	require.ErrorContains(t, call("-live", "-rate", "0"), "-rate is 0")
	require.ErrorIs(t, call("none.wav"), os.ErrNotExist)
	require.ErrorIs(t, call("main.go"), quintet.ErrInput)
	require.NoError(t, call("-h"))
	gone := errors.New("unplugged")
	require.ErrorIs(t, run(t.Context(), []string{"-live"}, iotest.ErrReader(gone), &out, &out), gone)
	require.ErrorIs(t, call("-pictures", filepath.Join(t.TempDir(), "none"), talk), os.ErrNotExist)
}
