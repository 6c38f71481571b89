package main

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"iter"
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

	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/internal/synth"
	"github.com/quintet-ai/quintet/internal/terminal"
	"github.com/quintet-ai/quintet/vision"
)

// folder has a text, a photograph of somebody, one of nobody, a talk and a tone.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name string, data []byte) {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, data, 0o644))
	}
	for name, sample := range map[string]string{"notes.txt": "notebook.txt", "nasa/astronaut.jpg": "astronaut.jpg", "talk.wav": "reading.wav"} {
		data, err := os.ReadFile("../quickstart/samples/" + sample)
		require.NoError(t, err)
		write(name, data)
	}
	meadow := image.NewRGBA(image.Rect(0, 0, 64, 48))
	for i := range 64 * 48 {
		meadow.Set(i%64, i/64, color.RGBA{R: 40, G: uint8(120 + i%40), B: 50, A: 255})
	}
	var b bytes.Buffer
	require.NoError(t, vision.EncodeJPEG(&b, meadow, vision.JPEGOptions{}))
	write("IMG_0042.jpg", b.Bytes())
	b.Reset()
	tone := audio.Clip{Rate: 8000, Channels: 1, Samples: synth.Tone(8000, 16000, 440, 0.5)}
	require.NoError(t, audio.EncodeWAV(&b, tone, audio.PCM16))
	write("tone <b>.wav", b.Bytes())
	write("broken.jpg", []byte("\xff\xd8\xff\xe0 no picture"))
	write("zeros.bin", make([]byte, 100))
	write(".hidden/astronaut.txt", []byte("Nobody may find the astronaut here."))
	return dir
}

func TestTheTerminal(t *testing.T) {
	var out, log strings.Builder
	require.NoError(t, run(t.Context(), []string{"-q", "the telescope that sees X-rays", "-kind", "text", folder(t)}, &out, &log))
	require.Contains(t, log.String(), "1 texts, 2 photographs, 2 recordings; 2 files left out\n  broken.jpg: ")
	require.Contains(t, strings.SplitN(out.String(), "\n", 2)[0], "text      notes.txt, line 1")
	printHits(&out, nil)
	require.Contains(t, out.String(), "nothing found\n")
}

func TestQuestionsFindFilesOfEveryKind(t *testing.T) {
	lib := testLibrary(t)
	tests := map[string]struct {
		question question
		want     string // path and note of the first hit, "" for nothing
	}{
		"a text by its words":               {question{text: "the telescope that sees X-rays"}, "notes.txt, line 1"},
		"a photograph by its name":          {question{text: "astronaut"}, "nasa/astronaut.jpg, 512 × 512 · 1 face"},
		"a photograph by its colour":        {question{text: "green"}, "IMG_0042.jpg, 64 × 48 · green"},
		"a photograph by who is in it":      {question{text: "a face"}, "nasa/astronaut.jpg"},
		"a recording by its name":           {question{text: "tone"}, "tone <b>.wav, 0:02"},
		"a recording by what is heard":      {question{text: "speech", people: true}, "talk.wav, 0:07, 0:07 spoken"},
		"only of a kind":                    {question{text: "astronaut talk", kind: kindRecording}, "talk.wav"},
		"only those with faces and voices":  {question{text: "green tone", people: true}, ""},
		"no words that anything could have": {question{text: "***"}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tt.question.limit = 10
			hits, err := lib.search(t.Context(), tt.question)
			require.NoError(t, err)
			require.NotContains(t, strings.Join(paths(hits), " "), "hidden")
			if tt.want == "" {
				require.Empty(t, hits)
				return
			}
			require.Contains(t, hits[0].Path+", "+hits[0].Note, tt.want)
		})
	}
}

// pipeline runs a function, as a model of the caller's would.
type pipeline[In, Out any] func(In) (Out, error)

func (p pipeline[In, Out]) Run(_ context.Context, in In) (Out, error)     { return p(in) }
func (p pipeline[In, Out]) RunBatch(context.Context, []In) ([]Out, error) { panic("not asked for") }
func (p pipeline[In, Out]) Stream(context.Context, iter.Seq[In]) iter.Seq2[Out, error] {
	panic("not asked for")
}
func (p pipeline[In, Out]) Close() error { return nil }

// naming takes every picture for one of a lighthouse.
func naming(m *models) {
	names := pipeline[vision.Picture, []vision.Label](func(vision.Picture) ([]vision.Label, error) {
		return []vision.Label{{Label: "lighthouse", Score: 0.9}}, nil
	})
	p, err := vision.New(vision.Options{Tasks: vision.TaskProperties | vision.TaskLabels, Labels: names})
	m.look = keep(m, p, err)
}

func hearing(m *models) {
	m.scribe = pipeline[audio.Clip, audio.Transcript](func(c audio.Clip) (audio.Transcript, error) {
		return audio.Transcript{ID: c.ID, Segments: []audio.TranscriptSegment{
			{Start: time.Second, End: 2 * time.Second, Text: "ask what you can do"},
			{Start: 4 * time.Second, End: 5 * time.Second, Text: "the sound of violins"},
		}}, nil
	})
}

// testLibrary reads the folder with stand-ins for models.
func testLibrary(t *testing.T, with ...func(*models)) *library {
	t.Helper()
	m, err := openModels(command{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, m.close()) })
	for _, f := range with {
		f(m)
	}
	return libraryOf(t, m)
}

func libraryOf(t *testing.T, m *models) *library {
	t.Helper()
	lib, err := newLibrary(os.DirFS(folder(t)), m)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, lib.close()) })
	require.NoError(t, lib.read(t.Context(), &terminal.Bar{}))
	return lib
}

func TestAModelFindsPhotographsByNames(t *testing.T) {
	hits, err := testLibrary(t, naming).search(t.Context(), question{text: "lighthouses", limit: 3})
	require.NoError(t, err)
	require.Equal(t, "64 × 48 · lighthouse", hits[0].Note)
}

func paths(hits []hit) (all []string) {
	for _, h := range hits {
		all = append(all, h.Path)
	}
	return all
}

func TestAModelFindsRecordingsByWhatIsSaid(t *testing.T) {
	hits, err := testLibrary(t, hearing).search(t.Context(), question{text: "violins", limit: 3})
	require.NoError(t, err)
	require.Equal(t, "talk.wav", hits[0].Path)
	require.Equal(t, 4*time.Second, hits[0].At)
	require.Equal(t, "at 0:04", hits[0].Note)
}

func TestErrors(t *testing.T) {
	none := filepath.Join(t.TempDir(), "none")
	for name, args := range map[string][]string{
		"no folder":           {},
		"an unknown kind":     {"-kind", "film", "."},
		"no hits wanted":      {"-n", "0", "."},
		"no such folder":      {none},
		"no such model":       {"-model", none, "."},
		"no such CLIP":        {"-clip", none, "."},
		"no such Whisper":     {"-whisper", none, "."},
		"no such OCR":         {"-ocr", none, "."},
		"no such classifier":  {"-labels", none, "."},
		"an address in words": {"-serve", "here", t.TempDir()},
	} {
		t.Run(name, func(t *testing.T) {
			require.Error(t, run(t.Context(), args, &bytes.Buffer{}, &bytes.Buffer{}))
		})
	}
	require.NoError(t, run(t.Context(), []string{"-h"}, &bytes.Buffer{}, &bytes.Buffer{}))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, run(ctx, []string{"."}, &bytes.Buffer{}, &bytes.Buffer{}), context.Canceled)
}

func TestThePage(t *testing.T) {
	lib := testLibrary(t)
	h := handler(lib)
	tests := map[string]struct {
		url    string
		status int
		want   string
	}{
		"asks":                       {"/", 200, "Search 1 texts, 2 photographs and 2 recordings"},
		"shows photographs":          {"/?q=astronaut", 200, `<img src="/thumb/nasa/astronaut.jpg"`},
		"plays recordings":           {"/?q=talk&kind=recording", 200, `src="/sound/talk.wav#t=0.3"`},
		"escapes what it got":        {"/?q=%3Cscript%3E", 200, "&lt;script&gt;"},
		"escapes names":              {"/?q=tone", 200, "tone &lt;b&gt;.wav"},
		"refuses an unknown kind":    {"/?q=x&kind=film", 400, "want text, photo or recording"},
		"has thumbnails":             {"/thumb/nasa/astronaut.jpg", 200, "\xff\xd8"},
		"has sound":                  {"/sound/tone%20%3Cb%3E.wav", 200, "RIFF"},
		"gives no text away":         {"/sound/notes.txt", 404, "not found"},
		"gives no photograph whole":  {"/sound/nasa/astronaut.jpg", 404, "not found"},
		"has nothing that is hidden": {"/thumb/.hidden/astronaut.txt", 404, "not found"},
		"has nothing from elsewhere": {"/sound/..%2f..%2fetc%2fpasswd", 404, "not found"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, tt.url, nil))
			require.Equal(t, tt.status, w.Code)
			require.Contains(t, w.Body.String(), tt.want)
			require.NotContains(t, w.Body.String(), "<script>")
			require.NotContains(t, w.Body.String(), "<b>")
		})
	}
	t.Run("is shown by a browser", func(t *testing.T) { browse(t, h) })
	t.Run("ends with its context", func(t *testing.T) { stops(t, lib) })
}

func stops(t *testing.T, lib *library) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() { stopped <- serve(ctx, l, lib) }()
	answer, err := http.Get("http://" + l.Addr().String() + "/?q=astronaut")
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, 200, answer.StatusCode)
	stop()
	require.NoError(t, <-stopped)
}

func browse(t *testing.T, h http.Handler) {
	browser, err := exec.LookPath("chromium")
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatal("no chromium: install Debian's package chromium")
	}
	if err != nil {
		t.Skip("no chromium: install Debian's package chromium")
	}
	s := httptest.NewServer(h)
	defer s.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, browser, "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir="+t.TempDir(),
		"--dump-dom", s.URL+"/?q=astronaut+talk")
	dom, err := c.Output()
	require.NoError(t, err)
	require.Contains(t, string(dom), "nasa/astronaut.jpg</h2>")
	require.Contains(t, string(dom), "<audio controls")
}
