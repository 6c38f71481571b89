package vision

import (
	"image"
	"image/draw"
)

// blurCells is how many cells are left of a face each way.
const blurCells = 6

// BlurFaces returns a copy of a picture for which faces are out of sight: each box,
// made larger so that it holds a head from the hair to below the chin, is painted
// over with a few patches of colour that run into each other. Faces must be in the
// coordinates of src, as a [FaceDetector] gives them; boxes outside of it are
// ignored. The copy has the bounds of src.
//
// What of a face is left are the mean colours of 6 by 6 cells. A face that was not
// found stays as it is: for anonymisation lower MinScore, set Tiles, and look at
// the result. Errors are those of [Resize].
func BlurFaces(src image.Image, faces []Face) (*image.NRGBA, error) {
	s, err := newSource(src)
	if err != nil {
		return nil, err
	}
	bounds := src.Bounds()
	out := s.whole()
	for _, f := range faces {
		box := f.Box.Intersect(bounds)
		if box.Empty() {
			continue
		}
		if err := s.blur(out, head(box).Intersect(bounds)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// head returns the box of the head whose face is in a box.
func head(face image.Rectangle) image.Rectangle {
	w, h := face.Dx(), face.Dy()
	face.Min = face.Min.Sub(image.Pt(w/3, h/2))
	face.Max = face.Max.Add(image.Pt(w/3, h/4))
	return face
}

// blur draws a box of the picture in few cells.
func (s *source) blur(out *image.NRGBA, box image.Rectangle) error {
	b := box.Sub(out.Rect.Min)
	part := frame{float64(b.Min.X), float64(b.Min.Y), float64(b.Max.X), float64(b.Max.Y)}
	cells, err := s.resize(part, min(blurCells, box.Dx()), min(blurCells, box.Dy()), Box)
	if err != nil {
		return err
	}
	patch, err := Resize(cells, box.Dx(), box.Dy(), Bilinear)
	if err != nil {
		return err
	}
	draw.Draw(out, box, patch, image.Point{}, draw.Src)
	return nil
}
