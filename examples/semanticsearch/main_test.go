package main

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/terminal"
)

var notes = map[string]string{
	"garden/beans.txt":    "Beans climb. They want poles two metres high and water in the evening.\n\nSow them in May, when nights are warm.",
	"garden/bees.txt":     "A hive needs forage from April to October. Keep the entrance free of grass.",
	"workshop/bicycle.md": "# Bicycle\n\nThe chain is worn when it stretches by one per cent. Replace the cassette with every third chain.",
	"workshop/photo.jpg":  "\xff\xd8\x00\x10",
	".hidden/secret.txt":  "Nobody may find the beans here.",
}

// folder writes the notes, those of the garden a year before the others.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, body := range notes {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(body), 0o644))
		day := time.Date(2026, 3, 1, 12, 0, 0, 0, time.Local)
		if strings.HasPrefix(name, "garden") {
			day = day.AddDate(-1, 0, 0)
		}
		require.NoError(t, os.Chtimes(path, day, day))
	}
	return dir
}

func search(t *testing.T, args ...string) (hits, messages string) {
	t.Helper()
	var out, log strings.Builder
	require.NoError(t, run(t.Context(), args, &out, &log))
	return out.String(), log.String()
}

func TestQuestionsFindTheirFile(t *testing.T) {
	dir, index := folder(t), t.TempDir()
	tests := map[string]struct {
		args []string
		want string // how the first line begins behind the score, "" for nothing
	}{
		"by its words":         {[]string{"-q", "when are beans sown"}, "garden/beans.txt, line 1"},
		"by other forms":       {[]string{"-q", "replacing bicycle chains"}, "workshop/bicycle.md, line 1"},
		"by path":              {[]string{"-q", "beans and chains", "-path", "workshop/"}, "workshop/bicycle.md"},
		"changed after a day":  {[]string{"-q", "beans and chains", "-after", "2026-03-01"}, "workshop/bicycle.md"},
		"changed before a day": {[]string{"-q", "chains and beans", "-before", "2026-03-01"}, "garden/beans.txt"},
		"in no file":           {[]string{"-q", "beans", "-path", "attic/"}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			hits, _ := search(t, append(tt.args, "-index", index, dir)...)
			if tt.want == "" {
				require.Equal(t, "nothing found\n", hits)
				return
			}
			require.Contains(t, strings.SplitN(hits, "\n", 2)[0], tt.want)
			require.NotContains(t, hits, "secret")
		})
	}
}

func TestTheIndexFollowsTheFolder(t *testing.T) {
	dir, index := folder(t), t.TempDir()
	sync := func() string {
		_, messages := search(t, "-index", index, dir)
		return strings.TrimSpace(messages)
	}
	require.Equal(t, "3 files, 3 new or changed, 0 gone, 1 left out; 3 passages", sync())
	require.Equal(t, "3 files, 0 new or changed, 0 gone, 1 left out; 3 passages", sync())

	require.NoError(t, os.WriteFile(filepath.Join(dir, "garden/bees.txt"), []byte(strings.Repeat("Wasps sting. ", 200)), 0o644))
	require.NoError(t, os.Remove(filepath.Join(dir, "garden/beans.txt")))
	require.Equal(t, "2 files, 1 new or changed, 1 gone, 1 left out; 6 passages", sync())
	hits, _ := search(t, "-q", "wasps", "-index", index, dir)
	require.Contains(t, hits, "garden/bees.txt")

	require.NoError(t, os.WriteFile(filepath.Join(dir, "garden/bees.txt"), []byte("Bees."), 0o644))
	require.Equal(t, "2 files, 1 new or changed, 0 gone, 1 left out; 2 passages", sync())
	require.NoError(t, os.WriteFile(filepath.Join(dir, "garden/bees.txt"), []byte("\x00"), 0o644))
	require.Equal(t, "1 files, 0 new or changed, 1 gone, 2 left out; 1 passages", sync(), "a file that is no text any more")
}

func TestFlagsAreChecked(t *testing.T) {
	for name, args := range map[string][]string{
		"no folder":           {},
		"two folders":         {"a", "b"},
		"a bad date":          {"-after", "yesterday", "."},
		"no hits wanted":      {"-n", "0", "."},
		"no such folder":      {"-index", t.TempDir(), "testdata/none"},
		"no model":            {"-index", t.TempDir(), "-model", t.TempDir(), "."},
		"an address in words": {"-index", t.TempDir(), "-serve", "here", t.TempDir()},
	} {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			require.Error(t, run(t.Context(), args, &out, &out))
		})
	}
}

// testLibrary holds the notes.
func testLibrary(t *testing.T) *library {
	t.Helper()
	lib, err := openLibrary(command{index: t.TempDir()})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, lib.close()) })
	_, err = lib.update(t.Context(), os.DirFS(folder(t)), &terminal.Bar{})
	require.NoError(t, err)
	return lib
}

func TestThePage(t *testing.T) {
	h := handler(testLibrary(t))
	tests := map[string]struct {
		url    string
		status int
		want   string
	}{
		"asks":                {"/", 200, "Search 3 passages"},
		"answers":             {"/?q=beans", 200, "garden/beans.txt"},
		"escapes what it got": {"/?q=%3Cscript%3E", 200, "&lt;script&gt;"},
		"refuses a bad date":  {"/?q=beans&after=soon", 400, "A date looks like"},
		"has no other pages":  {"/index.html", 404, "not found"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, tt.url, nil))
			require.Equal(t, tt.status, w.Code)
			require.Contains(t, w.Body.String(), tt.want)
			require.NotContains(t, w.Body.String(), "<script>")
		})
	}
}

func TestTheServerStopsWithItsContext(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	lib := testLibrary(t)
	go func() { stopped <- serve(ctx, l, lib) }()
	answer, err := http.Get("http://" + l.Addr().String() + "/?q=hive")
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, 200, answer.StatusCode)
	stop()
	require.NoError(t, <-stopped)
}

func TestABrowserShowsTheAnswer(t *testing.T) {
	browser, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("no chromium")
	}
	s := httptest.NewServer(handler(testLibrary(t)))
	defer s.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, browser, "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir="+t.TempDir(),
		"--dump-dom", s.URL+"/?q=water+the+beans&path=garden/")
	dom, err := c.Output()
	require.NoError(t, err)
	require.Contains(t, string(dom), "garden/beans.txt")
	require.Contains(t, string(dom), "Beans climb.")
}
