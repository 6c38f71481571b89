package vision_test

import (
	"encoding/json"
	"image"
	"image/draw"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/vision"
)

// evaluation is a folder of photographs that is not part of the repository.
const evaluation = "../../shared/data/vision"

// groups returns photographs with the faces in them, as another detector found and
// people counted them.
func groups(t *testing.T) (names []string, pictures map[string]image.Image, boxes map[string][]image.Rectangle) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(evaluation, "faces/boxes.json"))
	if err != nil {
		t.Skipf("no photographs for the evaluation: %v", err)
	}
	var lists map[string][][4]int
	require.NoError(t, json.Unmarshal(data, &lists))
	pictures, boxes = map[string]image.Image{}, map[string][]image.Rectangle{}
	for name, list := range lists {
		f, err := os.Open(filepath.Join(evaluation, "faces", name))
		require.NoError(t, err)
		m, _, err := vision.Decode(f, vision.DecodeOptions{})
		require.NoError(t, err)
		require.NoError(t, f.Close())
		names, pictures[name] = append(names, name), m
		for _, b := range list {
			boxes[name] = append(boxes[name], image.Rect(b[0], b[1], b[0]+b[2], b[1]+b[3]))
		}
	}
	slices.Sort(names)
	return names, pictures, boxes
}

func TestEvaluationOnGroups(t *testing.T) {
	names, pictures, boxes := groups(t)
	d := detector(t, vision.FaceDetectorOptions{})
	hits, wrong, all := 0, 0, 0
	for _, name := range names {
		faces, err := d.Run(t.Context(), vision.Picture{Image: pictures[name]})
		require.NoError(t, err)
		h, f := match(boxes[name], faces)
		hits, wrong, all = hits+h, wrong+f, all+len(boxes[name])
	}
	t.Logf("%d photographs: %d of %d faces, %d false; others on a superset: pigo .885, Haar .87", len(names), hits, all, wrong)
	require.GreaterOrEqual(t, float64(hits), 0.99*float64(all))
	require.Zero(t, wrong)
}

// gathered draws the groups side by side until a grid is full.
func gathered(t *testing.T, columns, rows int) (image.Image, []image.Rectangle) {
	t.Helper()
	names, pictures, boxes := groups(t)
	const width, height = 1024, 768
	canvas := image.NewNRGBA(image.Rect(0, 0, width, height))
	var want []image.Rectangle
	for i := range columns * rows {
		name := names[i%len(names)]
		small, err := vision.Thumbnail(pictures[name], width/columns, height/rows, vision.FitContain)
		require.NoError(t, err)
		at := image.Pt(i%columns*width/columns, i/columns*height/rows)
		draw.Draw(canvas, small.Rect.Add(at), small, image.Point{}, draw.Src)
		n, from := small.Rect.Dx(), pictures[name].Bounds().Dx()
		for _, b := range boxes[name] {
			want = append(want, image.Rectangle{b.Min.Mul(n).Div(from), b.Max.Mul(n).Div(from)}.Add(at))
		}
	}
	return canvas, want
}

func TestEvaluationOnCrowds(t *testing.T) {
	m, want := gathered(t, 4, 4)
	width := 0
	for _, b := range want {
		width += b.Dx()
	}
	for _, tiles := range []bool{false, true} {
		faces, err := detector(t, vision.FaceDetectorOptions{Tiles: tiles}).Run(t.Context(), vision.Picture{Image: m})
		require.NoError(t, err)
		hits, wrong := match(want, faces)
		t.Logf("faces of %d pixels in 1024x768, tiles %t: %d of %d, %d false", width/len(want), tiles, hits, len(want), wrong)
		if tiles {
			require.GreaterOrEqual(t, float64(hits), 0.9*float64(len(want)))
			require.LessOrEqual(t, wrong, 1)
		}
	}
}

func TestEvaluationOnPrintedPages(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(evaluation, "ocr/*.png"))
	require.NoError(t, err)
	if len(paths) == 0 {
		t.Skip("no pages for the evaluation")
	}
	d := detector(t, vision.FaceDetectorOptions{})
	for _, path := range paths {
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		faces, err := d.Run(t.Context(), vision.Picture{Data: data})
		require.NoError(t, err)
		require.Empty(t, faces, "%s", path)
	}
}
