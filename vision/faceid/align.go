package faceid

import (
	"fmt"
	"image"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/warp"
	"github.com/quintet-ai/quintet/vision"
)

// Where the points of a face are in an aligned picture of side 112, from its corner: those
// with which ArcFace and its descendants were trained, of which the corners of the mouth
// are put together in their middle.
const templateSide = 112

var template = [...]warp.Point{
	{X: 38.7946, Y: 52.1963}, // right eye
	{X: 74.0318, Y: 52.0014}, // left eye
	{X: 56.5252, Y: 72.2366}, // nose
	{X: 56.6396, Y: 92.7848}, // mouth
}

// Align returns a square picture of a face, side pixels wide, turned upright and scaled so
// that eyes, nose and mouth are as near as they can be to where ArcFace had them (Deng and
// others, CVPR 2019): a similarity by least squares, resampled bilinearly, with black
// where the picture ends. Landmarks are in the coordinates of img.
//
// Points that are one, or a face that lies outside of the picture, are
// [quintet.ErrInput]; a side outside of 16 to 1024 is [quintet.ErrOption]; other errors
// are those of [vision.Crop].
func Align(img image.Image, l vision.Landmarks, side int) (*image.NRGBA, error) {
	if side < 16 || side > 1024 {
		return nil, fmt.Errorf("side is %d, want 16 to 1024: %w", side, quintet.ErrOption)
	}
	from, to := make([]warp.Point, len(template)), make([]warp.Point, len(template))
	for i, p := range [...]vision.Point{l.RightEye, l.LeftEye, l.Nose, l.Mouth} {
		k := float64(side) / templateSide
		from[i], to[i] = warp.Point(p), warp.Point{X: template[i].X * k, Y: template[i].Y * k}
	}
	s, ok := warp.Fit(from, to)
	if !ok {
		return nil, fmt.Errorf("landmarks %v are no face: %w", l, quintet.ErrInput)
	}
	if img == nil {
		return nil, fmt.Errorf("picture is nil: %w", quintet.ErrInput)
	}
	part := s.Source(side, side).Intersect(img.Bounds())
	if part.Empty() {
		return nil, fmt.Errorf("landmarks %v lie outside of the picture: %w", l, quintet.ErrInput)
	}
	pixels, err := vision.Crop(img, part)
	if err != nil {
		return nil, err
	}
	pixels.Rect = pixels.Rect.Add(part.Min)
	out := image.NewNRGBA(image.Rect(0, 0, side, side))
	warp.Draw(out, pixels, s)
	return out, nil
}
