package vision

import (
	"fmt"
	"image"
	"math"

	"github.com/quintet-ai/quintet"
)

// Fit says what a [Thumbnail] does when its frame has another aspect than the
// picture.
type Fit int

// The ways to fit.
const (
	FitContain Fit = iota // all of the picture, as large as fits in; never enlarged
	FitCover              // the frame filled, what juts out is cut off on both sides alike
	FitStretch            // the frame filled, the aspect lost
	FitSmart              // the frame filled with the part that shows most, as SmartCrop finds it; only for thumbnails
)

// Thumbnail scales a picture to a frame of w by h pixels with [Lanczos3]. With
// FitCover, FitStretch and FitSmart the result has that size; with FitContain it is
// as large as fits into it, at least one pixel each way, and not larger than src.
// FitSmart keeps the given faces in the picture, as [SmartCrop] does; the other ways
// pass them over. Errors are those of [Resize].
func Thumbnail(src image.Image, w, h int, fit Fit, faces ...Face) (*image.NRGBA, error) {
	s, err := newSource(src)
	if err != nil {
		return nil, err
	}
	if w <= 0 || h <= 0 || fit < FitContain || fit > FitSmart {
		return nil, fmt.Errorf("size %dx%d, fit %d: %w", w, h, int(fit), quintet.ErrOption)
	}
	if err := defaultLimits().size(w, h); err != nil {
		return nil, err
	}
	part := frame{0, 0, float64(s.w), float64(s.h)}
	switch fit {
	case FitContain:
		w, h = contain(s.w, s.h, w, h)
	case FitCover:
		part = cover(s.w, s.h, w, h)
	case FitSmart:
		if part, err = s.smart(w, h, faces); err != nil {
			return nil, err
		}
	}
	return s.resize(part, w, h, Lanczos3)
}

// contain returns the largest size of the aspect of sw by sh that fits into w by
// h and is no larger than sw by sh.
func contain(sw, sh, w, h int) (int, int) {
	k := min(float64(w)/float64(sw), float64(h)/float64(sh), 1)
	side := func(n, most int) int { return min(max(int(math.Round(float64(n)*k)), 1), most) }
	return side(sw, w), side(sh, h)
}

// cover returns the largest part of the aspect of w by h in the middle of sw by
// sh.
func cover(sw, sh, w, h int) frame {
	k := min(float64(sw)/float64(w), float64(sh)/float64(h))
	x, y := (float64(sw)-k*float64(w))/2, (float64(sh)-k*float64(h))/2
	return frame{x, y, float64(sw) - x, float64(sh) - y}
}
