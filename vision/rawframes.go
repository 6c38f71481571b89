package vision

import (
	"errors"
	"fmt"
	"image"
	"io"
	"iter"
	"strconv"

	"github.com/quintet-ai/quintet"
)

// RawFrames returns pictures of w by h pixels that come as nothing but samples: three
// bytes a pixel, red, green and blue, row by row. So programs pipe video to one another:
//
//	ffmpeg -i film.mp4 -f rawvideo -pix_fmt rgb24 -
//
// ID is the number of a frame, from 0; Image is an *image.NRGBA, which is the receiver's.
// The sequence ends with r; a last frame that is not whole is [quintet.ErrInput]. Sizes
// are held against the limits, as a [*LimitError], before anything is read; a size below
// 1 is [quintet.ErrOption]. The sequence can be taken once.
func RawFrames(r io.Reader, w, h int, l Limits) iter.Seq2[Picture, error] {
	return func(yield func(Picture, error) bool) {
		if err := l.frames(w, h, 4); err != nil {
			yield(Picture{}, err)
			return
		}
		row := make([]byte, 3*w)
		for n := 0; ; n++ {
			m := image.NewNRGBA(image.Rect(0, 0, w, h))
			for y := range h {
				_, err := io.ReadFull(r, row)
				if errors.Is(err, io.EOF) && y == 0 {
					return
				}
				if err != nil {
					yield(Picture{}, frameError(n, err))
					return
				}
				widen(m.Pix[y*m.Stride:], row)
			}
			if !yield(Picture{ID: strconv.Itoa(n), Image: m}, nil) {
				return
			}
		}
	}
}

// widen writes opaque pixels of four bytes for those of three.
func widen(dst, row []byte) {
	for i, o := 0, 0; i < len(row); i, o = i+3, o+4 {
		dst[o], dst[o+1], dst[o+2], dst[o+3] = row[i], row[i+1], row[i+2], 255
	}
}

// frameError says that a frame is not whole, or that its source has failed.
func frameError(n int, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = fmt.Errorf("it is not whole: %w", quintet.ErrInput)
	}
	return fmt.Errorf("frame %d: %w", n, err)
}

// frames refuses frames of w by h pixels of so many bytes each.
func (l Limits) frames(w, h, bytes int) error {
	l, err := l.withDefaults()
	if err != nil {
		return err
	}
	if w < 1 || h < 1 {
		return fmt.Errorf("frames of %dx%d pixels: %w", w, h, quintet.ErrOption)
	}
	if err := l.size(w, h); err != nil {
		return err
	}
	if n := int64(w) * int64(h) * int64(bytes); n > l.MaxMemory {
		return &LimitError{Field: "Memory", Got: n, Max: l.MaxMemory}
	}
	return nil
}
