package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func screen(t *testing.T, args ...string) string {
	t.Helper()
	var out strings.Builder
	require.NoError(t, run(t.Context(), args, &out, &out))
	return out.String()
}

func TestTheSamplesFillOneScreen(t *testing.T) {
	got := screen(t)
	for _, want := range []string{
		"TEXT     notebook.txt: 4", "VISION   astronaut.jpg: jpeg, 512 x 512 pixels", "AUDIO    reading.wav: 7.1 s, 16000 Hz",
		"paragraph 2  Chandra works where air would spoil the view", "GRAPH ", "TIME ",
	} {
		require.Contains(t, got, want)
	}
	require.NotContains(t, got, "REFUSED")
	require.LessOrEqual(t, strings.Count(got, "\n"), 24)
}

func TestTheQueryIsAnswered(t *testing.T) {
	for query, want := range map[string]string{
		"the baker's bread and yeast":   "notebook.txt, paragraph 4",
		"a novel by Jane Austen":        "notebook.txt, paragraph 3",
		"picture of an astronaut":       "astronaut.jpg",
		"who piloted the space shuttle": "notebook.txt, paragraph 1",
		"ferries between the islands":   "notebook.txt, paragraph 5",
	} {
		t.Run(query, func(t *testing.T) {
			var r Report
			require.NoError(t, json.Unmarshal([]byte(screen(t, "-json", "-q", query)), &r))
			require.Equal(t, want, r.Hits[0].Source)
		})
	}
}

func TestFilesAreKnownByTheirContent(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, data, 0o644))
		return path
	}
	sample := func(name string) []byte {
		data, err := samples.ReadFile("samples/" + name)
		require.NoError(t, err)
		return data
	}
	var r Report
	require.NoError(t, json.Unmarshal([]byte(screen(t, "-json",
		write("photo.txt", sample("astronaut.jpg")),
		write("talk.jpg", sample("reading.wav")),
		write("words.wav", sample("notebook.txt")),
		write("cut.jpg", sample("astronaut.jpg")[:5000]),
		write("song.flac", []byte("fLaC\x00\x00\x00\x22")),
		write("noise.bin", []byte{0, 1, 2, 3}),
		write("empty.txt", nil),
	)), &r))
	require.Equal(t, "photo.txt", r.Pictures[0].ID)
	require.Equal(t, "talk.jpg", r.Sounds[0].ID)
	require.Equal(t, "words.wav", r.Texts[0].ID)
	why := map[string]string{}
	for _, f := range r.Refused {
		why[f.Name] = f.Why
	}
	require.Len(t, why, 4)
	require.Contains(t, why["cut.jpg"], "invalid input")
	require.Contains(t, why["song.flac"], "flac")
	require.Contains(t, why["noise.bin"], "neither a text in UTF-8 nor a picture nor a sound")
	require.Contains(t, why["empty.txt"], "empty")
}

func TestErrorsSayWhatIsWrong(t *testing.T) {
	require.ErrorIs(t, run(t.Context(), []string{"no-such-file"}, nil, nil), os.ErrNotExist)
	require.Error(t, run(t.Context(), []string{t.TempDir()}, nil, nil))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, run(ctx, nil, nil, nil), context.Canceled)
	var help strings.Builder
	require.NoError(t, run(t.Context(), []string{"-h"}, nil, &help))
	require.Contains(t, help.String(), "usage: quickstart")
	require.ErrorContains(t, run(t.Context(), []string{"-q", "  "}, nil, nil), "query")
}
