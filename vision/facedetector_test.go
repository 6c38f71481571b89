package vision_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/pipetest"
	"github.com/quintet-ai/quintet/internal/synth"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/optimize/onnx"
	"github.com/quintet-ai/quintet/vision"
)

// portrait is the photograph of one woman, 512 by 512 pixels.
func portrait(t testing.TB) (data []byte, m image.Image) {
	t.Helper()
	data, err := os.ReadFile("../examples/quickstart/samples/astronaut.jpg")
	require.NoError(t, err)
	m, _, err = vision.Decode(bytes.NewReader(data), vision.DecodeOptions{})
	require.NoError(t, err)
	return data, m
}

// herFace is where the face of portrait is.
var herFace = image.Rect(173, 75, 277, 179)

func detector(t testing.TB, o vision.FaceDetectorOptions) *vision.FaceDetector {
	t.Helper()
	d, err := vision.NewFaceDetector(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.Close()) })
	return d
}

// overlap is the area that both boxes cover over the area that either does.
func overlap(a, b image.Rectangle) float64 {
	area := func(r image.Rectangle) float64 { return float64(r.Dx()) * float64(r.Dy()) }
	both := area(a.Intersect(b))
	return both / (area(a) + area(b) - both)
}

func TestFaceDetectorContract(t *testing.T) {
	photo, m := portrait(t)
	small, err := vision.Resize(m, 128, 128, vision.Box)
	require.NoError(t, err)
	pipetest.Contract(t, pipetest.Case[vision.Picture, []vision.Face]{
		Name: "vision.FaceDetector",
		New: func(t *testing.T, o quintet.Observer) quintet.Pipeline[vision.Picture, []vision.Face] {
			rt, err := optimize.New(optimize.Options{Workers: 2, Observer: o})
			require.NoError(t, err)
			d, err := vision.NewFaceDetector(vision.FaceDetectorOptions{Runtime: rt})
			require.NoError(t, err)
			return d
		},
		Good: []vision.Picture{{ID: "a", Image: small}, {ID: "b", Data: asPNG(t, synth.Picture(2, 30, 40))}},
		Bad: []vision.Picture{
			{ID: "nothing"},
			{ID: "both", Data: photo, Image: small},
			{ID: "text", Data: []byte("not a picture")},
			{ID: "truncated", Data: photo[:len(photo)/2]},
			{ID: "bomb", Data: pngBomb(20000, 20000, 8, 6, 0, 0)},
			{ID: "empty image", Image: image.NewGray(image.Rectangle{})},
			{ID: "nil image", Image: (*image.Gray)(nil)},
		},
	})
}

func TestAFaceAndItsLandmarks(t *testing.T) {
	data, _ := portrait(t)
	faces, err := detector(t, vision.FaceDetectorOptions{}).Run(t.Context(), vision.Picture{Data: data})
	require.NoError(t, err)
	require.Len(t, faces, 1)
	f, l := faces[0], faces[0].Landmarks
	require.Greater(t, overlap(herFace, f.Box), 0.95)
	require.Greater(t, f.Score, 0.85)
	require.InDelta(t, 2, f.Angle, 4)
	for name, p := range map[string][2]vision.Point{ // as seen by eye
		"right eye": {l.RightEye, {X: 206, Y: 109}}, "left eye": {l.LeftEye, {X: 245, Y: 109}},
		"nose": {l.Nose, {X: 229, Y: 129}}, "mouth": {l.Mouth, {X: 227, Y: 149}},
	} {
		require.Less(t, math.Hypot(p[0].X-p[1].X, p[0].Y-p[1].Y), 10.0, "%s at %v", name, p[0])
	}
	require.Less(t, l.RightEar.X, l.RightEye.X)
	require.Greater(t, l.LeftEar.X, l.LeftEye.X)

	b, err := json.Marshal(f)
	require.NoError(t, err)
	var again vision.Face
	require.NoError(t, json.Unmarshal(b, &again))
	require.Equal(t, f, again)
}

func redrawn(dst draw.Image, m image.Image) draw.Image {
	draw.Draw(dst, dst.Bounds(), m, image.Point{}, draw.Src)
	return dst
}

func TestFacesInPicturesOfEveryKind(t *testing.T) {
	d := detector(t, vision.FaceDetectorOptions{})
	data, m := portrait(t)
	square := m.Bounds()
	wide := image.NewNRGBA(image.Rect(0, 0, 900, 512))
	draw.Draw(wide, square.Add(image.Pt(300, 0)), m, image.Point{}, draw.Src)
	large, err := vision.Resize(m, 768, 768, vision.Bilinear)
	require.NoError(t, err)
	far := image.Pt(-300, 4000)
	apart := redrawn(image.NewRGBA(square.Add(far)), image.NewUniform(color.White)).(*image.RGBA)
	draw.Draw(apart, apart.Rect, m, image.Point{}, draw.Src)
	tests := map[string]struct {
		in   vision.Picture
		want image.Rectangle
	}{
		"JPEG":                {vision.Picture{Data: data}, herFace},
		"GIF":                 {vision.Picture{Data: asGIF(t, m)}, herFace},
		"turned by EXIF":      {vision.Picture{Data: oriented(asJPEG(t, turned(m, 8), 95), 6)}, herFace},
		"gray":                {vision.Picture{Image: redrawn(image.NewGray(square), m)}, herFace},
		"straight alpha":      {vision.Picture{Image: redrawn(image.NewNRGBA(square), m)}, herFace},
		"wide":                {vision.Picture{Image: wide}, herFace.Add(image.Pt(300, 0))},
		"half as large again": {vision.Picture{Image: large}, image.Rectangle{herFace.Min.Mul(3).Div(2), herFace.Max.Mul(3).Div(2)}},
		"bounds far away":     {vision.Picture{Image: apart}, herFace.Add(far)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			faces, err := d.Run(t.Context(), tt.in)
			require.NoError(t, err)
			require.Len(t, faces, 1)
			require.Greater(t, overlap(tt.want, faces[0].Box), 0.85, "%v", faces[0].Box)
			l := faces[0].Landmarks
			require.True(t, image.Pt(int(l.Nose.X), int(l.Nose.Y)).In(tt.want))
		})
	}
}

func TestPicturesWithoutAFaceHaveNone(t *testing.T) {
	noise := image.NewNRGBA(image.Rect(0, 0, 300, 200))
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range noise.Pix {
		noise.Pix[i] = uint8(rng.Uint32())
	}
	pictures := map[string]image.Image{
		"a pixel": photograph(1, 1), "a row": photograph(5000, 1), "a column": photograph(3, 4000),
		"tiny": photograph(9, 7), "black": image.NewGray(image.Rect(0, 0, 320, 240)), "noise": noise,
		"nothing but transparent": image.NewNRGBA(image.Rect(0, 0, 100, 100)),
		"shapes":                  photograph(300, 200), "other shapes": synth.Picture(8, 133, 277),
	}
	for _, tiles := range []bool{false, true} {
		d := detector(t, vision.FaceDetectorOptions{Tiles: tiles})
		for name, m := range pictures {
			t.Run(fmt.Sprintf("%s tiles=%t", name, tiles), func(t *testing.T) {
				faces, err := d.Run(t.Context(), vision.Picture{Image: m})
				require.NoError(t, err)
				require.Empty(t, faces)
			})
		}
	}
}

// crowd is columns by rows faces of about a fifth of the given size each, and where
// they are.
func crowd(t testing.TB, columns, rows, size int) (image.Image, []image.Rectangle) {
	t.Helper()
	_, m := portrait(t)
	small, err := vision.Resize(m, size, size, vision.Box)
	require.NoError(t, err)
	out := image.NewNRGBA(image.Rect(0, 0, columns*size, rows*size))
	var boxes []image.Rectangle
	for i := range columns * rows {
		at := image.Pt(i%columns*size, i/columns*size)
		draw.Draw(out, small.Rect.Add(at), small, image.Point{}, draw.Src)
		boxes = append(boxes, image.Rectangle{herFace.Min.Mul(size).Div(512), herFace.Max.Mul(size).Div(512)}.Add(at))
	}
	return out, boxes
}

func TestTilesFindSmallFaces(t *testing.T) {
	m, boxes := crowd(t, 8, 6, 128) // 26 pixels of 1024: 6 of the model's 256
	plain, err := detector(t, vision.FaceDetectorOptions{}).Run(t.Context(), vision.Picture{Image: m})
	require.NoError(t, err)
	require.Less(t, len(plain), 10)
	faces, err := detector(t, vision.FaceDetectorOptions{Tiles: true}).Run(t.Context(), vision.Picture{Image: m})
	require.NoError(t, err)
	hits, wrong := match(boxes, faces)
	require.Equal(t, len(boxes), hits)
	require.Zero(t, wrong)
}

// match counts the boxes that have a face of their own and the faces without one.
func match(boxes []image.Rectangle, faces []vision.Face) (hits, wrong int) {
	taken := make([]bool, len(boxes))
next:
	for _, f := range faces {
		middle := f.Box.Min.Add(f.Box.Max).Div(2)
		for i, b := range boxes {
			if o := overlap(b, f.Box); !taken[i] && (o >= 0.3 || middle.In(b) && o > 0.15) {
				taken[i] = true
				hits++
				continue next
			}
		}
		wrong++
	}
	return hits, wrong
}

func TestOptionsOfFaces(t *testing.T) {
	m, _ := crowd(t, 2, 2, 256)
	in := vision.Picture{Image: m}
	all, err := detector(t, vision.FaceDetectorOptions{}).Run(t.Context(), in)
	require.NoError(t, err)
	require.Len(t, all, 4)
	some, err := detector(t, vision.FaceDetectorOptions{MaxFaces: 2}).Run(t.Context(), in)
	require.NoError(t, err)
	require.Equal(t, all[:2], some)
	none, err := detector(t, vision.FaceDetectorOptions{MinScore: 1}).Run(t.Context(), in)
	require.NoError(t, err)
	require.Empty(t, none)
	_, err = detector(t, vision.FaceDetectorOptions{Limits: vision.Limits{MaxSide: 500}}).Run(t.Context(), in)
	var limit *vision.LimitError
	require.ErrorAs(t, err, &limit)

	for name, o := range map[string]vision.FaceDetectorOptions{
		"negative score":  {MinScore: -0.1},
		"score above one": {MinScore: 1.1},
		"no score":        {MinScore: math.NaN()},
		"negative faces":  {MaxFaces: -1},
		"negative limit":  {Limits: vision.Limits{MaxBytes: -1}},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := vision.NewFaceDetector(o)
			require.ErrorIs(t, err, quintet.ErrOption)
			require.Nil(t, d)
			_, err = vision.New(vision.Options{Faces: o})
			require.ErrorIs(t, err, quintet.ErrOption)
		})
	}
	_, err = vision.New(vision.Options{Faces: vision.FaceDetectorOptions{Runtime: optimize.Default()}})
	require.ErrorIs(t, err, quintet.ErrOption)
}

func TestFacesAreATask(t *testing.T) {
	data, _ := portrait(t)
	in := vision.Picture{ID: "x", Data: data}
	want, err := detector(t, vision.FaceDetectorOptions{}).Run(t.Context(), in)
	require.NoError(t, err)
	r, err := open(t, vision.Options{Tasks: vision.TaskFaces}).Run(t.Context(), in)
	require.NoError(t, err)
	require.Equal(t, vision.Result{ID: "x", Faces: want}, r)
	r, err = open(t, vision.Options{}).Run(t.Context(), in)
	require.NoError(t, err)
	require.Empty(t, r.Faces, "not asked for")
	r, err = open(t, vision.Options{
		Tasks: vision.TaskFaces | vision.TaskHashes, Faces: vision.FaceDetectorOptions{MinScore: 1},
	}).Run(t.Context(), in)
	require.NoError(t, err)
	require.Empty(t, r.Faces)
	require.NotZero(t, r.Hashes)
}

func TestTheModelIsGivenBack(t *testing.T) {
	rt, err := optimize.New(optimize.Options{})
	require.NoError(t, err)
	d, err := vision.NewFaceDetector(vision.FaceDetectorOptions{Runtime: rt})
	require.NoError(t, err)
	p, err := vision.New(vision.Options{Tasks: vision.TaskFaces, Runtime: rt})
	require.NoError(t, err)
	require.Equal(t, 1, rt.SessionStats().Loaded, "both share it")
	require.NoError(t, d.Close())
	require.NoError(t, d.Close())
	require.Equal(t, 1, rt.SessionStats().Loaded)
	require.NoError(t, p.Close())
	require.Zero(t, rt.SessionStats().Loaded)
}

func TestTheModelIsThePublishedOne(t *testing.T) {
	data, err := os.ReadFile("models/face_detection_back_256x256.onnx")
	require.NoError(t, err)
	sums, err := os.ReadFile("models/SHA256SUMS")
	require.NoError(t, err)
	require.Equal(t, string(sums), fmt.Sprintf("%x  face_detection_back_256x256.onnx\n", sha256.Sum256(data)))
}

// ortRuntime returns a runtime on ONNX Runtime.
func ortRuntime(t testing.TB) *optimize.Runtime {
	t.Helper()
	ort, err := onnx.New(onnx.Options{Dev: true, Devices: []string{"cpu"}})
	if err != nil {
		t.Skipf("no ONNX Runtime (go run ./optimize/onnx/install gets it): %v", err)
	}
	t.Cleanup(func() { require.NoError(t, ort.Close()) })
	rt, err := optimize.New(optimize.Options{Backend: ort})
	require.NoError(t, err)
	return rt
}

func TestBothBackendsFindTheSameFaces(t *testing.T) {
	data, _ := portrait(t)
	many, _ := crowd(t, 3, 2, 256)
	native := detector(t, vision.FaceDetectorOptions{})
	ort := detector(t, vision.FaceDetectorOptions{Runtime: ortRuntime(t)})
	for _, in := range []vision.Picture{{Data: data}, {Image: many}} {
		want, err := ort.Run(t.Context(), in)
		require.NoError(t, err)
		got, err := native.Run(t.Context(), in)
		require.NoError(t, err)
		require.Len(t, got, len(want))
		for i := range want {
			require.InDelta(t, want[i].Score, got[i].Score, 1e-4)
			require.Greater(t, overlap(want[i].Box, got[i].Box), 0.95)
			require.InDelta(t, want[i].Landmarks.Nose.X, got[i].Landmarks.Nose.X, 0.1)
		}
	}
}

func TestBlurredFacesAreGone(t *testing.T) {
	_, m := portrait(t)
	far := image.Pt(70, -30)
	m = redrawn(image.NewRGBA(m.Bounds()), m)
	m.(*image.RGBA).Rect = m.Bounds().Add(far)
	d := detector(t, vision.FaceDetectorOptions{MinScore: 0.5})
	faces, err := d.Run(t.Context(), vision.Picture{Image: m})
	require.NoError(t, err)
	require.Len(t, faces, 1)
	got, err := vision.BlurFaces(m, faces)
	require.NoError(t, err)
	require.Equal(t, m.Bounds(), got.Bounds())
	again, err := d.Run(t.Context(), vision.Picture{Image: got})
	require.NoError(t, err)
	require.Empty(t, again)
	room := faces[0].Box.Inset(-faces[0].Box.Dx()/2 - 1)
	for y := range 512 {
		for x := range 512 {
			if p := far.Add(image.Pt(x, y)); !p.In(room) {
				require.Equal(t, color.NRGBAModel.Convert(m.At(p.X, p.Y)), got.At(p.X, p.Y))
			}
		}
	}
}

func TestBlurFacesTakesAnyBoxes(t *testing.T) {
	const most = math.MaxInt
	m := photograph(40, 30)
	boxes := map[string]image.Rectangle{
		"empty": {}, "inside out": {Min: image.Pt(9, 9), Max: image.Pt(3, 3)}, "outside": image.Rect(50, 50, 60, 60),
		"endless": {Min: image.Pt(-most, -most), Max: image.Pt(most, most)}, "a pixel": image.Rect(39, 29, 40, 30),
		"across the edge": image.Rect(-10, 20, 10, 99),
	}
	for name, b := range boxes {
		t.Run(name, func(t *testing.T) {
			got, err := vision.BlurFaces(m, []vision.Face{{Box: b}, {Box: b}})
			require.NoError(t, err)
			require.Equal(t, m.Bounds(), got.Bounds())
			if b.Intersect(m.Rect).Empty() {
				require.Equal(t, m.Pix, got.Pix)
			}
		})
	}
	_, err := vision.BlurFaces((*image.Gray)(nil), nil)
	require.ErrorIs(t, err, quintet.ErrInput)
}

func BenchmarkFaceDetector(b *testing.B) {
	for _, size := range []int{512, 1024} {
		m, _ := crowd(b, 2, 2, size/2)
		in := vision.Picture{Image: m}
		run := func(name string, o vision.FaceDetectorOptions) {
			b.Run(fmt.Sprintf("size=%d/%s", size, name), func(b *testing.B) {
				if name == "onnxruntime" {
					o.Runtime = ortRuntime(b)
				}
				d := detector(b, o)
				b.ReportAllocs()
				for b.Loop() {
					if _, err := d.Run(b.Context(), in); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		run("native", vision.FaceDetectorOptions{})
		run("onnxruntime", vision.FaceDetectorOptions{})
		run("tiles", vision.FaceDetectorOptions{Tiles: true})
	}
}
