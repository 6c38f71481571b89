package vision

import (
	"fmt"
	"image"
	"image/jpeg"
	"io"

	"github.com/quintet-ai/quintet"
)

// JPEGOptions configures [EncodeJPEG].
type JPEGOptions struct {
	// Quality is from 1 to 100. Default: 85.
	Quality int
}

// EncodeJPEG writes a picture as a baseline JPEG without metadata; what is
// transparent becomes white. A side beyond 65,535 pixels is [quintet.ErrOption], as
// is an unknown quality; other errors are those of [Resize] or of w.
func EncodeJPEG(w io.Writer, src image.Image, o JPEGOptions) error {
	if o.Quality == 0 {
		o.Quality = 85
	}
	s, err := newSource(src)
	if err != nil {
		return err
	}
	if o.Quality < 1 || o.Quality > 100 || s.w > 1<<16-1 || s.h > 1<<16-1 {
		return fmt.Errorf("jpeg of %dx%d pixels, quality %d: %w", s.w, s.h, o.Quality, quintet.ErrOption)
	}
	switch src.(type) {
	case *image.Gray, *image.YCbCr:
		return jpeg.Encode(w, src, &jpeg.Options{Quality: o.Quality})
	}
	read := s.onWhite()
	out := image.NewRGBA(image.Rect(0, 0, s.w, s.h))
	for y := range s.h {
		copy(out.Pix[y*out.Stride:][:out.Stride], read(y))
	}
	return jpeg.Encode(w, out, &jpeg.Options{Quality: o.Quality})
}
