package main

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/vision"
)

func file(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	return data
}

// folder holds a portrait, a small copy of it, a photograph with EXIF, two blank
// pages, a text and a broken picture.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name string, data []byte) {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, data, 0o644))
	}
	portrait := file(t, "../quickstart/samples/astronaut.jpg")
	m, _, err := vision.Decode(bytes.NewReader(portrait), vision.DecodeOptions{})
	require.NoError(t, err)
	small, err := vision.Thumbnail(m, 300, 300, vision.FitContain)
	require.NoError(t, err)
	var copied, page bytes.Buffer
	require.NoError(t, vision.EncodeJPEG(&copied, small, vision.JPEGOptions{}))
	blank := image.NewGray(image.Rect(0, 0, 90, 60))
	for i := range blank.Pix {
		blank.Pix[i] = 250
	}
	require.NoError(t, png.Encode(&page, blank))
	write("portrait.jpg", portrait)
	write("small/copy.jpg", copied.Bytes())
	write("small/camera.jpg", file(t, "../../vision/testdata/exif/camera.jpg"))
	write("page1.png", page.Bytes())
	write("page2.png", page.Bytes())
	write("notes.txt", []byte("beans"))
	write("broken.png", page.Bytes()[:60])
	write(".hidden/portrait.jpg", portrait)
	return dir
}

func output(t *testing.T, args ...string) string {
	t.Helper()
	var out, messages strings.Builder
	require.NoError(t, run(t.Context(), args, &out, &messages))
	require.Empty(t, messages.String(), "nobody looks at the bar")
	return out.String()
}

func TestAFolderIsLookedThrough(t *testing.T) {
	got := output(t, folder(t))
	for _, want := range []string{
		"portrait.jpg                     jpeg   512 x 512", "faces 1\n", "2024-05-31 Model 7", "quality 0.00  blank",
		"alike: portrait.jpg, small/copy.jpg; the best is portrait.jpg\n",
		"left out: notes.txt: not a picture\n", "left out: broken.png: ", "invalid input\n",
		"5 photographs, 2 faces, 1 groups alike, 2 files left out\n",
	} {
		require.Contains(t, got, want)
	}
	require.NotContains(t, got, "hidden")
}

func TestJSONTellsThePositionOnlyWhenAskedFor(t *testing.T) {
	dir := folder(t)
	var a album
	require.NoError(t, json.Unmarshal([]byte(output(t, "-json", "-gps", dir)), &a))
	require.Len(t, a.Photos, 5)
	require.Equal(t, "small/camera.jpg", a.Photos[3].ID)
	require.InDelta(t, -33.856789, a.Photos[3].Properties.EXIF.Position.Latitude, 1e-6)
	require.Equal(t, []string{"portrait.jpg", "small/copy.jpg"}, a.Duplicates[0].Paths)
	require.NotContains(t, output(t, "-json", dir), "latitude")
}

func TestTheSheetShowsFacesAndNames(t *testing.T) {
	sheet := filepath.Join(t.TempDir(), "sheet.png")
	output(t, "-sheet", sheet, folder(t))
	m, _, err := vision.Decode(bytes.NewReader(file(t, sheet)), vision.DecodeOptions{})
	require.NoError(t, err)
	require.Equal(t, image.Rect(0, 0, 3*cellWidth, 2*cellHeight), m.Bounds())
	face, alike := 0, map[int]int{} // pixels of the frames, by cell
	for y := range m.Bounds().Max.Y {
		for x := range m.Bounds().Max.X {
			switch color.NRGBAModel.Convert(m.At(x, y)) {
			case color.NRGBA{0, 230, 80, 255}:
				face++
			case color.NRGBA{200, 30, 30, 255}:
				alike[y/cellHeight*3+x/cellWidth]++
			}
		}
	}
	require.Greater(t, face, 2*4*20, "frames of two faces")
	require.Len(t, alike, 2)
	require.Greater(t, min(alike[2], alike[4]), 500, "the third and the fifth photograph")
}

func TestFlagsAreChecked(t *testing.T) {
	for name, args := range map[string][]string{
		"no folder":                  {},
		"two folders":                {"a", "b"},
		"a distance that cannot be":  {"-distance", "65", "."},
		"no such folder":             {"testdata/none"},
		"a sheet of nothing":         {"-sheet", filepath.Join(t.TempDir(), "x.png"), t.TempDir()},
		"a sheet that has no folder": {"-sheet", "testdata/none/x.png", folder(t)},
	} {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			require.Error(t, run(t.Context(), args, &out, &out))
		})
	}
}
