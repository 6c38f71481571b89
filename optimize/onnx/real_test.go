//go:build cgo

package onnx_test

import (
	"cmp"
	"context"
	"encoding/binary"
	"image"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/testmodels"
	"github.com/quintet-ai/quintet/optimize"
)

// published is a session of a model that others have trained.
func published(t *testing.T, name string) optimize.Session {
	t.Helper()
	m, err := optimize.OpenModel(testmodels.Path(t, name))
	require.NoError(t, err)
	return load(t, m)
}

// run runs a session on tensors of float32 and returns its outputs.
func run(t *testing.T, s optimize.Session, inputs ...optimize.Tensor) (data [][]float32, shapes [][]int) {
	t.Helper()
	out, err := s.Run(context.Background(), inputs)
	require.NoError(t, err)
	for _, o := range out {
		d, err := optimize.Data[float32](o)
		require.NoError(t, err)
		data, shapes = append(data, d), append(shapes, o.Shape())
	}
	return data, shapes
}

// face is a box that a detector found.
type face struct{ x0, y0, x1, y1, score float64 }

// overlap is the part of the union of two boxes that is in both.
func (f face) overlap(o face) float64 {
	w, h := min(f.x1, o.x1)-max(f.x0, o.x0), min(f.y1, o.y1)-max(f.y0, o.y0)
	if w <= 0 || h <= 0 {
		return 0
	}
	return w * h / ((f.x1-f.x0)*(f.y1-f.y0) + (o.x1-o.x0)*(o.y1-o.y0) - w*h)
}

// blaze finds faces in a picture as BlazeFace does: two layers of anchors that are
// centres of cells, boxes relative to them.
func blaze(t *testing.T, s optimize.Session, m image.Image) (faces []face) {
	const n = 256
	b := m.Bounds()
	side := max(b.Dx(), b.Dy())
	corner := b.Min.Sub(image.Pt((side-b.Dx())/2, (side-b.Dy())/2))
	rgb := sample(m, image.Rectangle{Min: corner, Max: corner.Add(image.Pt(side, side))}, n, n)
	pixels := make([]float32, 0, 3*n*n)
	for i := range n * n {
		pixels = append(pixels, rgb[0][i]/127.5-1, rgb[1][i]/127.5-1, rgb[2][i]/127.5-1)
	}
	data, shapes := run(t, s, tensor(t, pixels, 1, n, n, 3))
	require.Equal(t, [][]int{{1, 512, 1}, {1, 384, 1}, {1, 512, 16}, {1, 384, 16}}, shapes)
	for layer, grid := range [][2]int{{16, 2}, {8, 6}} {
		cells, perCell := grid[0], grid[1]
		for i, logit := range data[layer] {
			score := 1 / (1 + math.Exp(-float64(logit)))
			if score < 0.65 {
				continue
			}
			box, at, scale := data[layer+2][16*i:], i/perCell, float64(side)/n
			cx := float64(corner.X) + (float64(at%cells)+0.5)/float64(cells)*float64(side) + float64(box[0])*scale
			cy := float64(corner.Y) + (float64(at/cells)+0.5)/float64(cells)*float64(side) + float64(box[1])*scale
			w, h := float64(box[2])*scale/2, float64(box[3])*scale/2
			faces = append(faces, face{cx - w, cy - h, cx + w, cy + h, score})
		}
	}
	slices.SortFunc(faces, func(a, b face) int { return cmp.Compare(b.score, a.score) })
	var kept []face
	for _, f := range faces {
		if !slices.ContainsFunc(kept, func(k face) bool { return k.overlap(f) >= 0.3 }) {
			kept = append(kept, f)
		}
	}
	return kept
}

func TestFacesAreFoundWhereTheyAre(t *testing.T) {
	s := published(t, "face_detection_back_256x256_barracuda.onnx")
	tests := map[string][]face{ // boxes of another detector at a higher resolution
		"imgs_5.jpg":  {{501, 109, 665, 355, 1}},
		"imgs_13.jpg": {{93, 18, 153, 105, 1}, {297, 87, 360, 170, 1}},
		"imgs_2.jpg":  {{127, 107, 224, 245, 1}, {306, 94, 402, 231, 1}, {550, 75, 650, 220, 1}, {722, 127, 829, 274, 1}},
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			got := blaze(t, s, picture(t, "vision/faces/"+name))
			slices.SortFunc(got, func(a, b face) int { return cmp.Compare(a.x0, b.x0) })
			t.Logf("%.2f", got)
			require.Len(t, got, len(want))
			for i := range want {
				require.Greater(t, want[i].overlap(got[i]), 0.5, "face %d", i)
			}
		})
	}
}

// textArea finds the only line of text in a picture, or nothing.
func textArea(t *testing.T, s optimize.Session, m image.Image) image.Rectangle {
	size := m.Bounds().Size()
	w, h := (size.X+16)/32*32, (size.Y+16)/32*32
	rgb := sample(m, m.Bounds(), w, h)
	mean, deviation := []float32{0.485, 0.456, 0.406}, []float32{0.229, 0.224, 0.225}
	var in []float32
	for c, plane := range [][]float32{rgb[2], rgb[1], rgb[0]} {
		for _, v := range plane {
			in = append(in, (v/255-mean[c])/deviation[c])
		}
	}
	data, shapes := run(t, s, tensor(t, in, 1, 3, h, w))
	require.Equal(t, [][]int{{1, 1, h, w}}, shapes)
	var area image.Rectangle
	for i, p := range data[0] {
		if p > 0.3 {
			area = area.Union(image.Rect(i%w, i/w, i%w+1, i/w+1))
		}
	}
	if area.Empty() {
		return area
	}
	core := area.Size() // the map shows only the core of a line
	area = area.Inset(-int(1.5 * float64(core.X*core.Y) / float64(2*(core.X+core.Y))))
	return image.Rect(area.Min.X*size.X/w, area.Min.Y*size.Y/h, area.Max.X*size.X/w, area.Max.Y*size.Y/h).Intersect(m.Bounds())
}

// read reads a line of text. The model is too shy of spaces, and knows many more
// signs than those of ASCII.
func read(t *testing.T, s optimize.Session, m image.Image, area image.Rectangle, alphabet []string) string {
	w := (48*area.Dx() + area.Dy() - 1) / area.Dy()
	rgb := sample(m, area, w, 48)
	var in []float32
	for _, plane := range [][]float32{rgb[2], rgb[1], rgb[0]} {
		for _, v := range plane {
			in = append(in, v/127.5-1)
		}
	}
	data, shapes := run(t, s, tensor(t, in, 1, 3, 48, w))
	steps, classes := shapes[0][1], shapes[0][2]
	require.Equal(t, len(alphabet)+2, classes, "nothing, the alphabet and the space")
	var text strings.Builder
	last := 0
	for i := range steps {
		p := data[0][i*classes : (i+1)*classes]
		best, most := 0, p[0]
		for c, v := range p[1 : classes-1] {
			if v > most && alphabet[c][0] < 0x80 {
				best, most = c+1, v
			}
		}
		if 100*p[classes-1] > most {
			best = classes - 1
		}
		switch {
		case best == last || best == 0:
		case best == classes-1:
			text.WriteByte(' ')
		default:
			text.WriteString(alphabet[best-1])
		}
		last = best
	}
	return text.String()
}

func TestTextIsFoundAndRead(t *testing.T) {
	finder := published(t, "ch_PP-OCRv4_det_infer.onnx")
	reader := published(t, "ch_PP-OCRv4_rec_infer.onnx")
	keys, err := os.ReadFile(testmodels.Path(t, "ppocr_keys_v1.txt"))
	require.NoError(t, err)
	alphabet := strings.Split(strings.TrimRight(string(keys), "\n"), "\n")
	tests := map[string]string{
		"a00.png":       "The quick brown fox jumps over the lazy dog",
		"a03.png":       "Chapter 7: A Voyage to the Moon",
		"a09.png":       "EMERGENCY EXIT ONLY",
		"b_inverse.png": "Please mind the gap between train and platform",
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			m := picture(t, "vision/ocr/"+name)
			area := textArea(t, finder, m)
			require.False(t, area.Empty())
			require.Equal(t, want, read(t, reader, m, area, alphabet))
		})
	}
	require.Zero(t, textArea(t, finder, image.NewGray(image.Rect(0, 0, 320, 96))), "nothing is written here")
}

// speech returns the probability of speech in each 32 ms of a 16 kHz signal. The
// model wants the end of the part before and its own state back.
func speech(t *testing.T, s optimize.Session, signal []float32) (p []float32) {
	const part, before = 512, 64
	state, err := optimize.Zeros[float32](2, 1, 128)
	require.NoError(t, err)
	rate := tensor(t, []int64{16000})
	signal = append(make([]float32, before), signal...)
	for at := 0; at+before+part <= len(signal); at += part {
		out, err := s.Run(context.Background(), []optimize.Tensor{
			tensor(t, signal[at:at+before+part], 1, before+part), state, rate})
		require.NoError(t, err)
		score, err := optimize.Data[float32](out[0])
		require.NoError(t, err)
		p, state = append(p, score[0]), out[1]
	}
	return p
}

func TestSpeechIsHeard(t *testing.T) {
	s := published(t, "silero_vad_v6.onnx")
	file, err := os.ReadFile(shared(t, "audio/jfk.wav"))
	require.NoError(t, err)
	at := strings.Index(string(file), "data") + 8
	var signal []float32
	for ; at+2 <= len(file); at += 2 {
		signal = append(signal, float32(int16(binary.LittleEndian.Uint16(file[at:])))/32768)
	}
	heard := func(p []float32) (n int) {
		for _, v := range p {
			if v >= 0.5 {
				n++
			}
		}
		return n
	}
	p := speech(t, s, signal)
	require.Len(t, p, 343)
	require.InDelta(t, 233, heard(p), 1, "what another program counted with the same model")
	require.Zero(t, heard(speech(t, s, make([]float32, 10*16000))), "silence")
}
