package vision

import ()

// BoxFormat says what the four numbers of a box are.
type BoxFormat int

// The formats of boxes. Units are pixels of the model's input, or parts of its width
// and height.
const (
	BoxesOfDecoder   BoxFormat = iota // what the decoder is used to
	BoxesCenter                       // centre x and y, width, height, in pixels
	BoxesCenterUnit                   // the same from 0 to 1
	BoxesCorners                      // x0, y0, x1, y1 in pixels
	BoxesCornersUnit                  // the same from 0 to 1
	BoxesYXYXUnit                     // y0, x0, y1, x1 from 0 to 1
)

// or returns f, or the default if there is none.
func (f BoxFormat) or(def BoxFormat) BoxFormat {
	if f == BoxesOfDecoder {
		return def
	}
	return f
}

// frame returns a box in pixels of an input of w by h.
func (f BoxFormat) frame(a, b, c, d float32, w, h int) frame {
	if f == BoxesYXYXUnit {
		a, b, c, d = b, a, d, c
	}
	box := frame{float64(a), float64(b), float64(c), float64(d)}
	if f == BoxesCenter || f == BoxesCenterUnit {
		box = centred(box.x0, box.y0, box.x1, box.y1)
	}
	if f != BoxesCenter && f != BoxesCorners {
		box = box.times(float64(w), float64(h))
	}
	return box
}

// centred returns the frame of w by h around a point.
func centred(x, y, w, h float64) frame { return frame{x - w/2, y - h/2, x + w/2, y + h/2} }

func (f frame) times(x, y float64) frame { return frame{f.x0 * x, f.y0 * y, f.x1 * x, f.y1 * y} }
