package vision

import (
	"context"
	"fmt"
	"image"
	"io"
	"math"

	"github.com/quintet-ai/quintet"
)

// Layout is the order of a tensor's axes.
type Layout int

// The layouts.
const (
	NCHW Layout = iota // plane by plane: all of the first channel, then the second and third
	NHWC               // pixel by pixel, three channels each
)

// Quality says how much a JPEG may be shrunk while it is decoded, by 2, 4 or 8, which
// is what makes the difference in time for photographs. Other formats are decoded
// whole.
type Quality int

// The qualities.
const (
	Balanced Quality = iota // to no less than twice the size that is wanted
	Exact                   // not at all
	Fast                    // to no less than the size that is wanted
)

// TensorSpec describes the tensor that a model wants. Width and Height are
// required.
type TensorSpec struct {
	// Width and Height are the size in pixels.
	Width, Height int

	// Layout is the order of the axes. Default: NCHW.
	Layout Layout

	// BGR has blue as the first channel. Default: red, green, blue.
	BGR bool

	// Mean and Std normalise by channel, in the order of the tensor: a sample v
	// from 0 to 1 becomes (v - Mean) / Std. A tensor of bytes keeps 0 to 255 and
	// takes neither. Default: 0 and 1.
	Mean, Std [3]float32

	// Fit says what happens if the picture has another aspect. FitContain leaves
	// bands of Fill on both sides alike, and enlarges small pictures. Default:
	// FitContain.
	Fit  Fit
	Fill RGB // default: black

	// Filter resamples. Default: Lanczos3.
	Filter Filter

	// Quality says how exact the result is. Default: Balanced.
	Quality Quality

	// Decode has limits and formats, and whether the picture is turned upright.
	Decode DecodeOptions
}

// TensorElement is what a tensor is made of.
type TensorElement interface{ float32 | uint8 }

func (s TensorSpec) check(bytes bool, length int) (TensorSpec, error) {
	if s.Width <= 0 || s.Height <= 0 {
		return s, fmt.Errorf("tensor of %dx%d pixels: %w", s.Width, s.Height, quintet.ErrOption)
	}
	if err := defaultLimits().size(s.Width, s.Height); err != nil {
		return s, err
	}
	if s.Layout < NCHW || s.Layout > NHWC || s.Fit < FitContain || s.Fit > FitStretch ||
		s.Quality < Balanced || s.Quality > Fast {
		return s, fmt.Errorf("layout %d, fit %d, quality %d: %w", s.Layout, s.Fit, s.Quality, quintet.ErrOption)
	}
	if err := s.Filter.check(); err != nil {
		return s, err
	}
	if bytes && (s.Mean != [3]float32{} || s.Std != [3]float32{}) {
		return s, fmt.Errorf("a tensor of bytes is not normalised: %w", quintet.ErrOption)
	}
	if want := 3 * s.Width * s.Height; length != want {
		return s, fmt.Errorf("tensor has %d elements, want 3x%dx%d: %w", length, s.Height, s.Width, quintet.ErrOption)
	}
	for c, std := range s.Std {
		if std < 0 || math.IsNaN(float64(std+s.Mean[c])) || math.IsInf(float64(std+s.Mean[c]), 0) {
			return s, fmt.Errorf("mean %v, std %v: %w", s.Mean, s.Std, quintet.ErrOption)
		}
	}
	if s.Std == [3]float32{} {
		s.Std = [3]float32{1, 1, 1}
	}
	if s.Std[0]*s.Std[1]*s.Std[2] == 0 {
		return s, fmt.Errorf("std %v: %w", s.Std, quintet.ErrOption)
	}
	o, err := s.Decode.withDefaults()
	s.Decode = o
	return s, err
}

// Transform says where the points of a tensor lie in the picture that it was made
// of, upright as [Decode] returns it.
type Transform struct {
	Width, Height    int     // of the picture
	ScaleX, ScaleY   float64 // pixels of the picture for one of the tensor
	OffsetX, OffsetY float64 // where the tensor's corner lies in the picture
}

// ToSource returns the place in the picture of a place in the tensor, both in
// pixels from their upper left corners.
func (t Transform) ToSource(x, y float64) (sx, sy float64) {
	return t.OffsetX + x*t.ScaleX, t.OffsetY + y*t.ScaleY
}

// Box returns what a box in the tensor covers of the picture, rounded outwards and
// cut at its edges.
func (t Transform) Box(x0, y0, x1, y1 float64) image.Rectangle {
	ax, ay := t.ToSource(x0, y0)
	bx, by := t.ToSource(x1, y1)
	r := image.Rect(int(math.Floor(ax)), int(math.Floor(ay)), int(math.Ceil(bx)), int(math.Ceil(by)))
	return r.Intersect(image.Rect(0, 0, t.Width, t.Height))
}

// ReadTensor decodes a picture into the tensor of a model: scaled, turned upright and
// normalised, in one pass. It is what [Decode] and [Resize] give, rounded less and
// several times faster. dst has 3*Width*Height elements. Gray pictures have three
// equal channels, what is transparent lies on white.
//
// Errors are those of Decode; a specification that cannot be is [quintet.ErrOption].
// After an error dst holds anything.
func ReadTensor[T TensorElement](ctx context.Context, r io.Reader, spec TensorSpec, dst []T) (Transform, error) {
	spec, err := spec.check(isBytes[T](), len(dst))
	if err != nil {
		return Transform{}, err
	}
	data, err := readAll(r, spec.Decode.Limits.MaxBytes)
	if err != nil {
		return Transform{}, err
	}
	return readTensor(ctx, data, spec, newRoom(spec.Decode.Limits.MaxMemory), dst)
}

func isBytes[T TensorElement]() bool {
	var zero T
	_, ok := any(zero).(uint8)
	return ok
}

// readTensor is ReadTensor for a checked specification and data in memory. It takes
// the memory of the decoder from room.
func readTensor[T TensorElement](
	ctx context.Context, data []byte, spec TensorSpec, room *room, dst []T,
) (Transform, error) {
	f, err := openWhole(data, spec.Decode)
	if err != nil {
		return Transform{}, err
	}
	info := f.info()
	turn := info.Orientation
	if spec.Decode.IgnoreOrientation || !turn.valid() {
		turn = 1
	}
	p := newPlacement(spec, info.Width, info.Height, turn)
	shrunk := 1
	if j, ok := f.(*jpegFile); ok {
		shrunk = p.shrink(spec.Quality)
		j.scale = shrunk
	}
	o := spec.Decode
	o.IgnoreOrientation = true // the placement turns
	if err := o.admit(f, data); err != nil {
		return Transform{}, err
	}
	peak, _ := f.memory()
	room.take(peak)
	defer room.give(peak)
	img, err := guarded(ctx, f, data)
	if err != nil {
		return Transform{}, err
	}
	s, err := newSource(img)
	if err != nil {
		return Transform{}, err
	}
	return p.transform, fillTensor(ctx, s, shrunk, p, spec, dst)
}
