package vision_test

import (
	"context"
	"fmt"
	"image"
	"image/draw"
	"log"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/pipetest"
	"github.com/quintet-ai/quintet/internal/synth"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/vision"
)

func landmarker(t testing.TB, o vision.FaceLandmarkerOptions) *vision.FaceLandmarker {
	t.Helper()
	l, err := vision.NewFaceLandmarker(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	return l
}

// meshModel gives known points in pixels of a square of 192, and a score.
func meshModel(points []float32, score float32) optimize.Model {
	return modelOf(192, 192,
		answer{name: "presence", shape: []int{1}, data: []float32{score}},
		answer{name: "points", shape: []int{1, 1, len(points)}, data: points},
		answer{name: "other", shape: []int{266}, data: make([]float32, 266)})
}

func TestFaceLandmarkerLeadsPointsBackToThePicture(t *testing.T) {
	points := randoms(rand.New(rand.NewPCG(1, 1)), 3*468, -20, 220)
	l := landmarker(t, vision.FaceLandmarkerOptions{Model: meshModel(points, 0.75)})
	_, photo := portrait(t)
	moved := image.NewNRGBA(photo.Bounds().Add(image.Pt(-77, 1000)))
	draw.Draw(moved, moved.Rect, photo, image.Point{}, draw.Src)
	var faces []vision.Face
	for _, m := range []image.Image{photo, moved} {
		got, err := l.Run(t.Context(), vision.Picture{Image: m})
		require.NoError(t, err)
		require.Len(t, got, 1)
		f := got[0].Face
		faces = append(faces, f)
		require.Equal(t, 0.75, got[0].Score)
		require.Len(t, got[0].Points, 468)
		side := 1.5 * float64(max(f.Box.Dx(), f.Box.Dy()))
		sin, cos := math.Sincos(f.Angle * math.Pi / 180)
		for i, p := range got[0].Points {
			dx, dy := (float64(points[3*i])/192-0.5)*side, (float64(points[3*i+1])/192-0.5)*side
			require.InDelta(t, float64(f.Box.Min.X+f.Box.Max.X)/2+cos*dx-sin*dy, p.X, 1e-6)
			require.InDelta(t, float64(f.Box.Min.Y+f.Box.Max.Y)/2+sin*dx+cos*dy, p.Y, 1e-6)
			require.InDelta(t, float64(points[3*i+2])/192*side, p.Z, 1e-6)
		}
	}
	require.Equal(t, faces[0].Box.Add(image.Pt(-77, 1000)), faces[1].Box)
}

func TestFaceLandmarkerScores(t *testing.T) {
	few := make([]float32, 9)
	tests := map[string]struct {
		o    vision.FaceLandmarkerOptions
		want []float64
	}{
		"a low score is dropped":          {vision.FaceLandmarkerOptions{Model: meshModel(few, 0.49), Output: "points"}, nil},
		"unless it is wanted":             {vision.FaceLandmarkerOptions{Model: meshModel(few, 0.25), Output: "points", MinScore: 0.2}, []float64{0.25}},
		"a logit":                         {vision.FaceLandmarkerOptions{Model: meshModel(few, 0), Output: "points", Logits: true}, []float64{0.5}},
		"an output without one":           {vision.FaceLandmarkerOptions{Model: modelOf(64, 64, answer{name: "p", shape: []int{3, 3}, data: few})}, []float64{0.88}},
		"two numbers, of which one is it": {vision.FaceLandmarkerOptions{Presence: "b", Model: modelOf(64, 64, answer{name: "a", shape: []int{1}, data: []float32{7}}, answer{name: "b", shape: []int{1}, data: []float32{1}}, answer{name: "p", shape: []int{9}, data: few})}, []float64{1}},
	}
	data, _ := portrait(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := landmarker(t, tt.o).Run(t.Context(), vision.Picture{Data: data})
			require.NoError(t, err)
			require.Len(t, got, len(tt.want))
			for i, m := range got {
				require.InDelta(t, tt.want[i], m.Score, 0.05)
				require.Empty(t, m.Contour(vision.ContourLips), "three points are no mesh")
				r, l, mouth := m.Openness()
				require.Zero(t, r+l+mouth)
			}
		})
	}
}

func TestFaceLandmarkerRefuses(t *testing.T) {
	nine := answer{name: "p", shape: []int{9}, data: make([]float32, 9)}
	ok := modelOf(64, 64, nine)
	tests := map[string]struct {
		o    vision.FaceLandmarkerOptions
		want error
	}{
		"no model":              {vision.FaceLandmarkerOptions{}, quintet.ErrModel},
		"no points":             {vision.FaceLandmarkerOptions{Model: modelOf(64, 64, answer{name: "p", shape: []int{10}, data: make([]float32, 10)})}, quintet.ErrModel},
		"two lists":             {vision.FaceLandmarkerOptions{Model: modelOf(64, 64, nine, answer{name: "q", shape: []int{6}, data: make([]float32, 6)})}, quintet.ErrModel},
		"another output":        {vision.FaceLandmarkerOptions{Model: ok, Output: "q"}, quintet.ErrOption},
		"no presence":           {vision.FaceLandmarkerOptions{Model: ok, Presence: "p"}, quintet.ErrModel},
		"not a square":          {vision.FaceLandmarkerOptions{Model: modelOf(64, 32, nine)}, quintet.ErrModel},
		"score above one":       {vision.FaceLandmarkerOptions{Model: ok, MinScore: 2}, quintet.ErrOption},
		"limits of its own":     {vision.FaceLandmarkerOptions{Model: ok, Faces: vision.FaceDetectorOptions{Limits: vision.Limits{MaxSide: 1}}}, quintet.ErrOption},
		"negative batch":        {vision.FaceLandmarkerOptions{Model: ok, MaxBatch: -1}, quintet.ErrOption},
		"the detector's option": {vision.FaceLandmarkerOptions{Model: ok, Faces: vision.FaceDetectorOptions{MaxFaces: -1}}, quintet.ErrOption},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := vision.NewFaceLandmarker(tt.o)
			require.ErrorIs(t, err, tt.want)
		})
	}
	data, _ := portrait(t)
	for name, m := range map[string]optimize.Model{
		"a score that is none":  meshModel(make([]float32, 3*468), 7),
		"points not a number":   meshModel(append(make([]float32, 3*468-1), float32(math.NaN())), 1),
		"a score not a number":  meshModel(make([]float32, 3*468), float32(math.NaN())),
		"points without bounds": meshModel(append(make([]float32, 3*468-1), float32(math.Inf(1))), 1),
	} {
		_, err := landmarker(t, vision.FaceLandmarkerOptions{Model: m}).Run(t.Context(), vision.Picture{Data: data})
		require.ErrorIs(t, err, quintet.ErrModel, name)
	}
}

func TestFaceLandmarkerContract(t *testing.T) {
	photo, m := portrait(t)
	small, err := vision.Resize(m, 128, 128, vision.Box)
	require.NoError(t, err)
	pipetest.Contract(t, pipetest.Case[vision.Picture, []vision.FaceMesh]{
		Name: "vision.FaceLandmarker",
		New: func(t *testing.T, o quintet.Observer) quintet.Pipeline[vision.Picture, []vision.FaceMesh] {
			rt, err := optimize.New(optimize.Options{Workers: 2, Observer: o})
			require.NoError(t, err)
			l, err := vision.NewFaceLandmarker(vision.FaceLandmarkerOptions{Model: meshModel(make([]float32, 3*468), 1), Runtime: rt})
			require.NoError(t, err)
			return l
		},
		Good: []vision.Picture{{ID: "a", Image: small}, {ID: "b", Data: asPNG(t, synth.Picture(2, 30, 40))}},
		Bad: []vision.Picture{
			{ID: "nothing"}, {ID: "both", Data: photo, Image: small}, {ID: "truncated", Data: photo[:len(photo)/2]},
			{ID: "bomb", Data: pngBomb(20000, 20000, 8, 6, 0, 0)}, {ID: "empty image", Image: image.NewGray(image.Rectangle{})},
		},
	})
}

func ExampleFaceLandmarker() {
	// The model is a stand-in that sees every point in the middle of the face; use
	// optimize.OpenModel for that of MediaPipe, in ONNX.
	points := make([]float32, 3*468)
	for i := range points {
		points[i] = 96
	}
	l, err := vision.NewFaceLandmarker(vision.FaceLandmarkerOptions{Model: meshModel(points, 1)})
	if err != nil {
		log.Fatal(err)
	}
	defer l.Close()

	data, err := os.ReadFile("../examples/quickstart/samples/astronaut.jpg")
	if err != nil {
		log.Fatal(err)
	}
	meshes, err := l.Run(context.Background(), vision.Picture{Data: data})
	if err != nil {
		log.Fatal(err)
	}
	for _, m := range meshes {
		lips := m.Contour(vision.ContourLips)
		first := image.Pt(int(lips[0].X), int(lips[0].Y))
		fmt.Printf("%d points, %d of them around the lips; the first is on the face: %t\n", len(m.Points), len(lips), first.In(m.Face.Box))
	}
	// Output:
	// 468 points, 20 of them around the lips; the first is on the face: true
}
