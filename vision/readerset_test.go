package vision_test

import (
	"bufio"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gobolditalic"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/gofont/gomediumitalic"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/gomonobold"
	"golang.org/x/image/font/gofont/gomonobolditalic"
	"golang.org/x/image/font/gofont/gomonoitalic"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"github.com/quintet-ai/quintet/vision"
	visionfilters "github.com/quintet-ai/quintet/vision/filters"
)

// goFonts are ten faces of one family, which golang.org/x/image brings.
var goFonts = [][]byte{
	goregular.TTF, gobold.TTF, goitalic.TTF, gobolditalic.TTF, gomedium.TTF, gomediumitalic.TTF,
	gomono.TTF, gomonobold.TTF, gomonoitalic.TTF, gomonobolditalic.TTF,
}

// debianFonts are ten faces of other families, from the packages fonts-dejavu-core,
// fonts-dejavu-extra and fonts-liberation.
func debianFonts(t *testing.T) (fonts [][]byte) {
	t.Helper()
	for _, name := range []string{
		"dejavu/DejaVuSans", "dejavu/DejaVuSans-Bold", "dejavu/DejaVuSerif", "dejavu/DejaVuSansMono",
		"dejavu/DejaVuSansCondensed", "liberation/LiberationSans-Regular", "liberation/LiberationSans-Italic",
		"liberation/LiberationSerif-Regular", "liberation/LiberationSerif-BoldItalic", "liberation/LiberationMono-Regular",
	} {
		data, err := os.ReadFile(filepath.Join("/usr/share/fonts/truetype", name+".ttf"))
		if err != nil {
			t.Skipf("no fonts of Debian: %v", err)
		}
		fonts = append(fonts, data)
	}
	return fonts
}

// printed is lines of text on white, each with the boxes of its words.
func printed(t testing.TB, ttf []byte, size float64, lines ...string) (*image.NRGBA, [][]image.Rectangle) {
	t.Helper()
	f, err := opentype.Parse(ttf)
	require.NoError(t, err)
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingNone})
	require.NoError(t, err)
	defer face.Close()
	margin, leading := int(size), int(1.6*size)
	width := 0
	for _, line := range lines {
		width = max(width, font.MeasureString(face, line).Ceil())
	}
	m := image.NewNRGBA(image.Rect(0, 0, width+2*margin, len(lines)*leading+2*margin))
	draw.Draw(m, m.Rect, image.White, image.Point{}, draw.Src)
	boxes := make([][]image.Rectangle, len(lines))
	for i, line := range lines {
		base := margin + i*leading + int(1.1*size)
		d := font.Drawer{Dst: m, Src: image.NewUniform(color.Black), Face: face, Dot: fixed.P(margin, base)}
		for k, word := range strings.Split(line, " ") {
			if k > 0 {
				d.DrawString(" ")
			}
			from := d.Dot.X.Round()
			d.DrawString(word)
			boxes[i] = append(boxes[i], image.Rect(from, base-int(size), d.Dot.X.Round(), base+int(0.3*size)))
		}
	}
	return m, boxes
}

// sampleLines are the lines of the clean set.
var sampleLines = []string{
	"The quick brown fox jumps over the lazy dog", "Invoice No. 2024-00817, due 30 September 2025",
	"func Decode(r io.Reader) (*Clip, error) {", "Chapter 7: A Voyage to the Moon",
	"Total amount payable: $1,249.50 (incl. 19% VAT)", "user@example.com +1 (555) 010-4477",
	"Please mind the gap between train and platform", "Small light type is harder to read for machines",
	"Whereas recognition of the inherent dignity", "EMERGENCY EXIT ONLY",
}

// specimen is a line as a picture.
type specimen struct {
	name, text string
	picture    vision.Picture
}

// cleanLines are the sample lines in each of the fonts, in sizes from 18 to 48 pixels.
func cleanLines(t testing.TB, fonts [][]byte) (set []specimen) {
	for i, text := range sampleLines {
		for k, ttf := range fonts {
			size := 18 + 30*float64((3*i+k)%10)/9
			m, _ := printed(t, ttf, size, text)
			set = append(set, specimen{fmt.Sprintf("font %d, %.0f px", k, size), text, vision.Picture{Image: m}})
		}
	}
	return set
}

// newsLines are a hundred lines of 40 to 70 characters, cut at words, of a
// newspaper's editorials (the NYT snippets of the VADER data).
func newsLines(t *testing.T) (lines []string) {
	t.Helper()
	f, err := os.Open("../../shared/data/text/vader-nytEditorialSnippets.tsv")
	if err != nil {
		t.Skipf("no text for the evaluation: %v", err)
	}
	defer f.Close()
	var all []string
	for s := bufio.NewScanner(f); s.Scan(); {
		columns := strings.Split(s.Text(), "\t")
		line := strings.Join(strings.Fields(columns[len(columns)-1]), " ")
		if len(line) > 70 {
			line = line[:strings.LastIndexByte(line[:71], ' ')]
		}
		if len(line) >= 40 && strings.Trim(line, vision.ASCII) == "" {
			all = append(all, line)
		}
	}
	rng := rand.New(rand.NewPCG(17, 7))
	for _, i := range rng.Perm(len(all))[:100] {
		lines = append(lines, all[i])
	}
	return lines
}

// hardLines are a hundred lines of news in sizes from 13 to 40 pixels, a quarter
// tilted by up to 8 degrees, a quarter blurred, a tenth upside down, a third as JPEG of
// quality 50. Nothing was tuned on them.
func hardLines(t *testing.T, fonts [][]byte) (set []specimen) {
	t.Helper()
	rng := rand.New(rand.NewPCG(18, 8))
	for i, text := range newsLines(t) {
		size := 13 + 27*rng.Float64()
		m, _ := printed(t, fonts[i%len(fonts)], size, text)
		name := fmt.Sprintf("font %d, %.0f px", i%len(fonts), size)
		var err error
		if rng.IntN(4) == 0 {
			tilt := 16*rng.Float64() - 8
			m, err = visionfilters.Rotate(m, tilt, vision.RGB{R: 255, G: 255, B: 255})
			name += fmt.Sprintf(", tilt %.1f", tilt)
		}
		if err == nil && rng.IntN(4) == 0 {
			m, err = visionfilters.Blur(m, 1)
			name += ", blur"
		}
		if err == nil && rng.IntN(10) == 0 {
			m, err = vision.Turn(m, 3)
			name += ", upside down"
		}
		require.NoError(t, err)
		picture := vision.Picture{Image: m}
		if rng.IntN(3) == 0 {
			picture = vision.Picture{Data: asJPEG(t, m, 50)}
			name += ", JPEG"
		}
		set = append(set, specimen{name, text, picture})
	}
	return set
}
