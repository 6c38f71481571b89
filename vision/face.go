package vision

import (
	"image"
	"math"
)

// Face is a face in a picture. Positions are pixels in the coordinates of the
// picture's Bounds; a file's picture begins at (0, 0) and stands upright.
type Face struct {
	Box       image.Rectangle `json:"box"`       // brows to chin, cut at the picture's edge; never empty
	Score     float64         `json:"score"`     // how sure the model is, 0 to 1
	Angle     float64         `json:"angle"`     // of the line through the eyes in degrees; 0 is upright, clockwise positive
	Landmarks Landmarks       `json:"landmarks"` // may lie outside of the picture
}

// Landmarks are the points of a face. Right and left are the person's own: the
// right eye of one who looks into the camera is on the left of the picture. Points
// that cannot be seen are guessed.
type Landmarks struct {
	// The middle of eyes and lips, the tip of the nose, ears where they meet the
	// cheek.
	RightEye Point `json:"right_eye"`
	LeftEye  Point `json:"left_eye"`
	Nose     Point `json:"nose"`
	Mouth    Point `json:"mouth"`
	RightEar Point `json:"right_ear"`
	LeftEar  Point `json:"left_ear"`
}

// Point is a position in a picture, in pixels. The pixel in column x covers x to
// x+1, so its middle is at x+0.5.
type Point struct {
	X float64 `json:"x"` // from left to right
	Y float64 `json:"y"` // from top to bottom
}

// angle returns the tilt of the eyes in degrees, in (-180, 180].
func (l Landmarks) angle() float64 {
	return math.Atan2(l.LeftEye.Y-l.RightEye.Y, l.LeftEye.X-l.RightEye.X) * 180 / math.Pi
}
