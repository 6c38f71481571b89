package vision_test

import (
	"image"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/vision"
)

func middle(points []vision.Point) (m vision.Point) {
	for _, p := range points {
		m.X += p.X / float64(len(points))
		m.Y += p.Y / float64(len(points))
	}
	return m
}

func apart(a, b vision.Point) float64 { return math.Hypot(a.X-b.X, a.Y-b.Y) }

// mirroredContours are the contours of a mirrored face.
var mirroredContours = map[vision.FaceContour]vision.FaceContour{
	vision.ContourLips: vision.ContourLips, vision.ContourRightEye: vision.ContourLeftEye, vision.ContourLeftEye: vision.ContourRightEye,
	vision.ContourRightEyebrow: vision.ContourLeftEyebrow, vision.ContourLeftEyebrow: vision.ContourRightEyebrow,
}

// TestEvaluateFaceMesh holds the points of a real network against those of the detector
// and against what it says of the mirrored photographs. Distances are in those of the
// eyes.
func TestEvaluateFaceMesh(t *testing.T) {
	if slowBuild {
		t.Skip("figures are taken without the race detector and with assembly")
	}
	model := published(t, "facemesh-converted.onnx")
	names, pictures, boxes := groups(t)
	l := landmarker(t, vision.FaceLandmarkerOptions{Model: model})
	found, pairs, all, shut := 0, 0, 0, 0
	detected, mirrored := 0.0, 0.0
	for _, name := range names {
		meshes, err := l.Run(t.Context(), vision.Picture{Image: pictures[name]})
		require.NoError(t, err)
		found, all = found+len(meshes), all+len(boxes[name])
		flipped, err := vision.Turn(pictures[name], 2)
		require.NoError(t, err)
		others, err := l.Run(t.Context(), vision.Picture{Image: flipped})
		require.NoError(t, err)
		width := float64(flipped.Rect.Dx())
		for _, m := range meshes {
			right, left := middle(m.Contour(vision.ContourRightEye)), middle(m.Contour(vision.ContourLeftEye))
			unit := apart(right, left)
			detected += (apart(right, m.Face.Landmarks.RightEye) + apart(left, m.Face.Landmarks.LeftEye)) / 2 / unit
			if r, l, _ := m.Openness(); min(r, l) < 0.15 {
				shut++
			}
			for _, o := range others {
				there := vision.Point{X: width - right.X, Y: right.Y}
				if apart(there, middle(o.Contour(vision.ContourLeftEye))) > unit/2 {
					continue
				}
				pairs++
				for a, b := range mirroredContours {
					p, q := middle(m.Contour(a)), middle(o.Contour(b))
					mirrored += apart(vision.Point{X: width - p.X, Y: p.Y}, q) / unit / float64(len(mirroredContours))
				}
			}
		}
	}
	detected, mirrored = detected/float64(found), mirrored/float64(pairs)
	t.Logf("%d of %d faces; eyes %.3f from the detector's, parts %.3f from the mirrored ones; %d shut", found, all, detected, mirrored, shut)
	require.Equal(t, all, found)
	require.GreaterOrEqual(t, pairs, all-1)
	require.Less(t, detected, 0.15)
	require.Less(t, mirrored, 0.05)
	require.Zero(t, shut, "all look at the camera")
}

func TestEvaluateFaceMeshTurned(t *testing.T) {
	if slowBuild {
		t.Skip("figures are taken without the race detector and with assembly")
	}
	l := landmarker(t, vision.FaceLandmarkerOptions{Model: published(t, "facemesh-converted.onnx")})
	_, m := portrait(t)
	upright, err := l.Run(t.Context(), vision.Picture{Image: m})
	require.NoError(t, err)
	require.Len(t, upright, 1)
	require.Greater(t, upright[0].Score, 0.99)
	around := vision.Point{X: float64(herFace.Min.X+herFace.Max.X) / 2, Y: float64(herFace.Min.Y+herFace.Max.Y) / 2}
	for _, degrees := range []float64{-30, -15, 15, 30} {
		out := image.NewNRGBA(m.Bounds())
		sin, cos := math.Sincos(degrees * math.Pi / 180)
		for y := range out.Rect.Dy() {
			for x := range out.Rect.Dx() {
				dx, dy := float64(x)+0.5-around.X, float64(y)+0.5-around.Y
				out.Set(x, y, m.At(int(cos*dx+sin*dy+around.X), int(cos*dy-sin*dx+around.Y)))
			}
		}
		got, err := l.Run(t.Context(), vision.Picture{Image: out})
		require.NoError(t, err)
		require.Len(t, got, 1, "%v degrees", degrees)
		off := 0.0
		for i, p := range upright[0].Points {
			dx, dy := p.X-around.X, p.Y-around.Y
			want := vision.Point{X: cos*dx - sin*dy + around.X, Y: sin*dx + cos*dy + around.Y}
			off += apart(want, vision.Point{X: got[0].Points[i].X, Y: got[0].Points[i].Y}) / float64(len(got[0].Points))
		}
		t.Logf("turned by %v degrees: %.2f pixels off, of a face of %d", degrees, off, herFace.Dx())
		require.Less(t, off, 3.0, "%v degrees", degrees)
	}
}
