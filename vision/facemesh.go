package vision

import (
	"math"
	"slices"

	"github.com/quintet-ai/quintet/internal/warp"
)

// The face mesh of MediaPipe has 468 points; models that see the irises have five more
// for each.
const (
	meshPoints = 468
	irisPoints = 10
)

// FaceMesh is a mesh of points that lies on a face.
type FaceMesh struct {
	Face   Face        `json:"face"`   // on which it lies, as the detector found it
	Score  float64     `json:"score"`  // how sure the model is that it saw a face, 0 to 1
	Points []MeshPoint `json:"points"` // by number; those of MediaPipe's canonical face model have 468
}

// MeshPoint is a position in a picture, in pixels as in [Point], and its depth in the
// same unit: less is nearer to the camera. Depth is guessed from the shape of faces.
type MeshPoint struct {
	X float64 `json:"x"` // from left to right
	Y float64 `json:"y"` // from top to bottom
	Z float64 `json:"z"` // away from the camera
}

// FaceContour is a line on a face mesh of MediaPipe.
type FaceContour int

// The lines of a [FaceMesh]. Right and left are the person's own.
const (
	ContourFace         FaceContour = iota // round the face, from the forehead on
	ContourLips                            // round the lips, from the right corner on
	ContourMouth                           // the inner edge of the lips
	ContourRightEye                        // the edge of the lids, from the outer corner on
	ContourLeftEye                         // likewise
	ContourRightEyebrow                    // both edges, the lower one first; not closed
	ContourLeftEyebrow                     // likewise
)

// The numbers of the points of each contour, in order.
var contours = [...][]int{
	ContourFace: {
		10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
		152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
	},
	ContourLips:         {61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185},
	ContourMouth:        {78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191},
	ContourRightEye:     {33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246},
	ContourLeftEye:      {263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466},
	ContourRightEyebrow: {46, 53, 52, 65, 55, 70, 63, 105, 66, 107},
	ContourLeftEyebrow:  {276, 283, 282, 295, 285, 300, 293, 334, 296, 336},
}

// Contour returns the points of a line in their order, nothing if the mesh has fewer
// than 468 points or there is no such line.
func (m FaceMesh) Contour(c FaceContour) []Point {
	if c < 0 || int(c) >= len(contours) || len(m.Points) < meshPoints {
		return nil
	}
	out := make([]Point, 0, len(contours[c]))
	for _, i := range contours[c] {
		out = append(out, Point{m.Points[i].X, m.Points[i].Y})
	}
	return out
}

// Openness returns how far the right eye, the left eye and the mouth are open: the
// distance between their lids or lips over the distance of their corners, each the mean
// of three. Open eyes are about 0.3, closed ones below 0.15; a closed mouth is near 0. All is
// 0 if the mesh has fewer than 468 points.
func (m FaceMesh) Openness() (rightEye, leftEye, mouth float64) {
	return m.open(ContourRightEye, 3), m.open(ContourLeftEye, 3), m.open(ContourMouth, 4)
}

// open compares the points on both edges that are first, or up to two more, from the
// corner of a closed contour, with those of its corners.
func (m FaceMesh) open(c FaceContour, first int) float64 {
	line := m.Contour(c)
	if line == nil {
		return 0
	}
	n, gap := len(line), 0.0
	for k := first; k < first+3; k++ {
		gap += line[k].distance(line[n-k]) / 3
	}
	width := line[0].distance(line[n/2])
	if width == 0 {
		return 0
	}
	return gap / width
}

// meshOf makes points of x, y and z in turn, and leads them to the picture.
func meshOf(data []float32, back warp.Similarity) []MeshPoint {
	out := make([]MeshPoint, 0, len(data)/3)
	scale := math.Hypot(back.A, back.B)
	for p := range slices.Chunk(data, 3) {
		at := back.To(warp.Point{X: float64(p[0]), Y: float64(p[1])})
		out = append(out, MeshPoint{at.X, at.Y, float64(p[2]) * scale})
	}
	return out
}

// distance returns that between two points.
func (p Point) distance(q Point) float64 { return math.Hypot(p.X-q.X, p.Y-q.Y) }
