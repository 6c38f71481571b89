package vision

import (
	"fmt"
	"image"

	"github.com/quintet-ai/quintet"
)

// Crop returns a copy of the part of a picture that lies in a box, in the coordinates
// of src, with its upper left corner at (0, 0). A box that has nothing of the picture
// is [quintet.ErrOption]; other errors are those of [Resize].
func Crop(src image.Image, box image.Rectangle) (*image.NRGBA, error) {
	s, err := newSource(src)
	if err != nil {
		return nil, err
	}
	part := box.Intersect(src.Bounds())
	if part.Empty() {
		return nil, fmt.Errorf("box %v has nothing of %v: %w", box, src.Bounds(), quintet.ErrOption)
	}
	return s.copied(part.Sub(src.Bounds().Min)), nil
}

// copied returns a copy of a part of the picture, counted from its corner.
func (s *source) copied(part image.Rectangle) *image.NRGBA {
	out := image.NewNRGBA(image.Rectangle{Max: part.Size()})
	for y := range part.Dy() {
		copy(out.Pix[y*out.Stride:][:out.Stride], s.nrgba(part.Min.Y + y)[4*part.Min.X:])
	}
	return out
}

// whole returns a copy of the picture, in its coordinates.
func (s *source) whole() *image.NRGBA {
	out := s.copied(image.Rect(0, 0, s.w, s.h))
	out.Rect = out.Rect.Add(s.img.Bounds().Min)
	return out
}

// Turn returns a copy of a picture that is stored in the given orientation, turned
// and mirrored so that it stands upright: 6 turns it right by a quarter, 8 left, 3 by
// a half, 2 mirrors left and right, 4 top and bottom. An orientation that does not
// exist is [quintet.ErrOption]; other errors are those of [Resize].
func Turn(src image.Image, o Orientation) (*image.NRGBA, error) {
	if !o.valid() {
		return nil, fmt.Errorf("orientation %d: %w", o, quintet.ErrOption)
	}
	s, err := newSource(src)
	if err != nil {
		return nil, err
	}
	return orient(s.copied(image.Rect(0, 0, s.w, s.h)), o).(*image.NRGBA), nil
}
