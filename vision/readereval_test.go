package vision_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/testmodels"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/vision"
)

// publishedReader reads with PP-OCRv4; the test is skipped if that is not there.
func publishedReader(t testing.TB, o vision.ReaderOptions) *vision.Reader {
	t.Helper()
	var err error
	o.Detection, err = optimize.OpenModel(testmodels.Path(t, "ch_PP-OCRv4_det_infer.onnx"))
	require.NoError(t, err)
	o.Recognition, err = optimize.OpenModel(testmodels.Path(t, "ch_PP-OCRv4_rec_infer.onnx"))
	require.NoError(t, err)
	o.Orientation, err = optimize.OpenModel(testmodels.Path(t, "ch_ppocr_mobile_v2.0_cls_infer.onnx"))
	require.NoError(t, err)
	keys, err := os.Open(testmodels.Path(t, "ppocr_keys_v1.txt"))
	require.NoError(t, err)
	defer keys.Close()
	o.Alphabet, err = vision.ReadAlphabet(keys)
	require.NoError(t, err)
	r, err := vision.NewReader(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.Close()) })
	return r
}

// edits is the Levenshtein distance.
func edits(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, c := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, d := range b {
			above := row[j+1]
			row[j+1] = min(above, row[j]) + 1
			if c == d {
				row[j+1] = min(row[j+1], diagonal)
			} else {
				row[j+1] = min(row[j+1], diagonal+1)
			}
			diagonal = above
		}
	}
	return row[len(b)]
}

// accuracy counts characters and those that are wrong.
type accuracy struct{ wrong, all int }

func (a *accuracy) add(want, got string) int {
	n := edits([]rune(got), []rune(want))
	a.wrong += n
	a.all += len([]rune(want))
	return n
}

func (a *accuracy) share() float64 { return 1 - float64(a.wrong)/float64(a.all) }

func TestEvaluateReaderOnPrintedText(t *testing.T) {
	if slowBuild {
		t.Skip("figures are taken without the race detector and with assembly")
	}
	data, err := os.ReadFile(filepath.Join(evaluation, "ocr/truth.json"))
	if err != nil {
		t.Skipf("no pictures of text for the evaluation: %v", err)
	}
	var truth map[string][]string
	require.NoError(t, json.Unmarshal(data, &truth))
	var names []string
	for name, lines := range truth {
		if len(lines) > 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	r := publishedReader(t, vision.ReaderOptions{Characters: vision.ASCII})
	var total accuracy
	for _, name := range names {
		data, err := os.ReadFile(filepath.Join(evaluation, "ocr", filepath.Base(name)))
		require.NoError(t, err)
		got, err := r.Run(t.Context(), vision.Picture{Data: data})
		require.NoError(t, err)
		want := strings.Join(truth[name], "\n")
		if total.add(want, got.Text) > 0 {
			t.Logf("%s\ngot  %q\nwant %q", name, got.Text, want)
		}
	}
	t.Logf("%d pictures, %d characters, %d wrong: %.2f %%; the reference run 99.8 %%",
		len(names), total.all, total.wrong, 100*total.share())
	require.GreaterOrEqual(t, total.share(), 0.995)
}

// allLines names an environment variable: if it is set, all lines of a set are read and
// not a fourth, which takes a minute.
const allLines = "QUINTET_READER_ALL"

// quarter is a fourth of a set with all its fonts and texts.
func quarter(set []specimen) (some []specimen) {
	if os.Getenv(allLines) != "" {
		return set
	}
	for i, s := range set {
		if i%4 == i/10%4 {
			some = append(some, s)
		}
	}
	return some
}

func TestEvaluateReaderOnRenderedLines(t *testing.T) {
	if slowBuild {
		t.Skip("figures are taken without the race detector and with assembly")
	}
	r := publishedReader(t, vision.ReaderOptions{Characters: vision.ASCII})
	for name, tt := range map[string]struct {
		set  func(t *testing.T) []specimen
		want float64
	}{
		"clean, Go fonts":     {func(t *testing.T) []specimen { return cleanLines(t, goFonts) }, 0.996},
		"clean, Debian fonts": {func(t *testing.T) []specimen { return cleanLines(t, debianFonts(t)) }, 0.995},
		"hard, Go fonts":      {func(t *testing.T) []specimen { return hardLines(t, goFonts) }, 0.98},
		"hard, Debian fonts":  {func(t *testing.T) []specimen { return hardLines(t, debianFonts(t)) }, 0.98},
	} {
		t.Run(name, func(t *testing.T) {
			var total accuracy
			exact := 0
			set := quarter(tt.set(t))
			for _, s := range set {
				got, err := r.Run(t.Context(), s.picture)
				require.NoError(t, err)
				if n := total.add(s.text, got.Text); n > 0 {
					t.Logf("%d wrong, %s\ngot  %q\nwant %q", n, s.name, got.Text, s.text)
				} else {
					exact++
				}
			}
			t.Logf("%d lines, %d exact, %d characters, %d wrong: %.2f %%",
				len(set), exact, total.all, total.wrong, 100*total.share())
			require.GreaterOrEqual(t, total.share(), tt.want)
		})
	}
}
