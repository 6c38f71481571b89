package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// notes are of two worlds that a museum joins.
var notes = map[string]string{
	"physics/curie.txt": "Marie Curie was born in Warsaw. She moved to Paris and studied at the Sorbonne. With Pierre Curie she " +
		"discovered radium and polonium.\n\nMarie Curie shared the Nobel Prize with Pierre Curie and Henri Becquerel. " +
		"The radium came from pitchblende out of Bohemia.",
	"physics/becquerel.txt": "Henri Becquerel worked in Paris at the Natural History Museum. He left uranium salts on a photographic " +
		"plate, and the plate turned dark. Marie Curie gave the radiation of uranium its name, radioactivity.",
	"physics/rutherford.txt": "Ernest Rutherford came from New Zealand to Cambridge. He bombarded gold foil with particles of radium and " +
		"found the nucleus of the atom. Hans Geiger and Ernest Rutherford counted the particles in Manchester.",
	"engines/babbage.txt": "Charles Babbage designed the Difference Engine and the Analytical Engine in London. Ada Lovelace wrote notes on " +
		"the Analytical Engine. The notes of Ada Lovelace hold a program for Bernoulli numbers.\n\nCharles Babbage asked the " +
		"British government for money, and Joseph Clement built the brass parts.",
	"engines/turing.txt": "Alan Turing studied in Cambridge and at Princeton. At Bletchley Park he built machines against the Enigma cipher. " +
		"Alan Turing quoted Ada Lovelace when he asked whether machines think. Max Newman brought him to Manchester.",
	"engines/museum.txt": "The Science Museum in London shows a Difference Engine built from the drawings of Charles Babbage. In Manchester " +
		"a museum shows the rooms of Ernest Rutherford.",
	"engines/drawing.png": "\x89PNG\r\n\x1a\n\x00\x00",
	".cache/index.txt":    "Marie Curie must not be found here.",
}

// folder writes the notes.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, body := range notes {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(body), 0o644))
	}
	return dir
}

func call(t *testing.T, args ...string) (out, messages string) {
	t.Helper()
	var o, m strings.Builder
	require.NoError(t, run(t.Context(), args, &o, &m))
	return o.String(), m.String()
}

func TestQuestionsFindTheirSentence(t *testing.T) {
	dir := folder(t)
	tests := map[string]struct{ question, file, sentence string }{
		"by names":       {"Marie and Pierre Curie", "physics/curie.txt, line 3", "shared the Nobel Prize"},
		"by terms":       {"uranium on photographic plates", "physics/becquerel.txt, line 1", "uranium salts"},
		"by other forms": {"who built analytical engines", "engines/babbage.txt, line 1", "Analytical Engine"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			out, _ := call(t, "-q", tt.question, "-n", "2", dir)
			lines := strings.Split(out, "\n")
			require.Contains(t, lines[0], tt.file)
			require.Contains(t, lines[1], tt.sentence)
		})
	}
	out, _ := call(t, "-q", "beans and chains", dir)
	require.Equal(t, "nothing found\n", out)
}

func TestCommunitiesAreOfOneWorld(t *testing.T) {
	out, messages := call(t, folder(t))
	require.Contains(t, messages, "6 files, 1 left out; ")
	for line := range strings.Lines(out) {
		require.False(t, strings.Contains(line, "Pierre Curie") && strings.Contains(line, "Charles Babbage"), line)
	}
	require.NotContains(t, out, "found here")
	again, _ := call(t, folder(t))
	require.Equal(t, out, again)
}

func TestFlagsAreChecked(t *testing.T) {
	for name, args := range map[string][]string{
		"no folder":         {},
		"two folders":       {"a", "b"},
		"no answers wanted": {"-n", "0", "."},
		"no nodes wanted":   {"-nodes", "0", "."},
		"no such folder":    {filepath.Join(t.TempDir(), "none")},
		"no model":          {"-model", t.TempDir(), "."},
		"no such page":      {"-page", filepath.Join(t.TempDir(), "none", "page.html"), t.TempDir()},
	} {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			require.Error(t, run(t.Context(), args, &out, &out))
		})
	}
	require.NoError(t, run(t.Context(), []string{"-h"}, new(strings.Builder), new(strings.Builder)))
}

func TestThePage(t *testing.T) {
	dir, page := folder(t), filepath.Join(t.TempDir(), "page.html")
	hostile := "Dr. <script>alert(1)</script> met Marie Curie. <script>alert(1)</script> met Pierre Curie."
	require.NoError(t, os.WriteFile(filepath.Join(dir, "hostile.txt"), []byte(hostile), 0o644))
	call(t, "-page", page, "-q", "<script> and Curie", dir)
	body, err := os.ReadFile(page)
	require.NoError(t, err)
	require.Contains(t, string(body), "<svg ")
	require.Contains(t, string(body), "Marie Curie</text>")
	require.Contains(t, string(body), "&lt;script&gt; and Curie")
	require.NotContains(t, string(body), "<script")

	call(t, "-page", page, t.TempDir())
	body, err = os.ReadFile(page)
	require.NoError(t, err)
	require.Contains(t, string(body), "0 of 0 names")
}

func TestABrowserShowsThePage(t *testing.T) {
	browser, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("no chromium")
	}
	page := filepath.Join(t.TempDir(), "page.html")
	call(t, "-page", page, folder(t))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, browser, "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir="+t.TempDir(),
		"--dump-dom", "file://"+page)
	dom, err := c.Output()
	require.NoError(t, err)
	require.Contains(t, string(dom), "<circle")
	require.Contains(t, string(dom), "Ada Lovelace")
}
