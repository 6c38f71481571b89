package vision

import "image"

// Object is something that an [ObjectDetector] found.
type Object struct {
	Box   image.Rectangle `json:"box"`   // in the coordinates of the picture's Bounds, cut at its edge; never empty
	Label string          `json:"label"` // the name of the class
	Class int             `json:"class"` // its index in the labels
	Score float64         `json:"score"` // how sure the model is, 0 to 1
}

// detection is what one row or cell of a model's output says. The box is in pixels of
// the tensor.
type detection struct {
	box   frame
	class int
	score float64
}
