package vision

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"slices"

	"github.com/quintet-ai/quintet"
)

// DecodeOptions configures [Decode] and [Inspect]. The zero value is good for
// files from anywhere.
type DecodeOptions struct {
	// Limits bound what a picture may cost. Default: see [Limits].
	Limits Limits

	// Formats are those that are accepted. Default: all.
	Formats []Format

	// IgnoreOrientation leaves the pixels as they are stored. By default a
	// picture that its metadata calls rotated or mirrored is turned upright.
	IgnoreOrientation bool

	// GPS tells where the picture was taken, in Info.EXIF.Position. By default that
	// is left out.
	GPS bool
}

func (o DecodeOptions) withDefaults() (DecodeOptions, error) {
	var err error
	if o.Limits, err = o.Limits.withDefaults(); err != nil {
		return o, err
	}
	all := []Format{JPEG, PNG, GIF, WebP}
	for _, f := range o.Formats {
		if !slices.Contains(all, f) {
			return o, fmt.Errorf("format %q: %w", f, quintet.ErrOption)
		}
	}
	if len(o.Formats) == 0 {
		o.Formats = all
	}
	return o, nil
}

// Decode reads a whole picture from r: JPEG, PNG, GIF or WebP, told apart by
// their first bytes. The formats that a program registers with package image
// change nothing here.
//
// The header is held against the limits before any pixel is allocated, and
// against the data: a header that promises more pixels than the bytes of its
// file could code is refused too. Either is a [*LimitError]. Truncated, corrupt
// and unknown data is [quintet.ErrInput]; a format or a coding that is known but
// not read here, or not among o.Formats, is [quintet.ErrUnsupported]; an error
// of r is returned as it is.
//
// The picture begins at (0, 0). Its type is that of the file: *image.YCbCr,
// Gray, Gray16, RGBA, RGBA64, NRGBA, NRGBA64, NYCbCrA, Paletted or CMYK. Indexes
// of a Paletted lie in its palette.
func Decode(r io.Reader, o DecodeOptions) (image.Image, Info, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, Info{}, err
	}
	data, err := readAll(r, o.Limits.MaxBytes)
	if err != nil {
		return nil, Info{}, err
	}
	return decode(context.Background(), data, o)
}

// Inspect reads the header of a picture and nothing behind it, except for a WebP
// with metadata, which stands at its end. It tells the size of pictures that
// [Decode] would refuse as too large, so of the limits only MaxBytes counts here.
// Its errors are those of Decode.
//
// It reads r in steps and may have read further than the header.
func Inspect(r io.Reader, o DecodeOptions) (Info, error) {
	o, err := o.withDefaults()
	if err != nil {
		return Info{}, err
	}
	var data []byte
	for step := int64(8 << 10); ; step *= 2 {
		n, err := fill(r, &data, min(step, o.Limits.MaxBytes+1-int64(len(data))))
		if err != nil {
			return Info{}, err
		}
		over := int64(len(data)) > o.Limits.MaxBytes
		f, err := open(data, o, n == 0)
		switch {
		case err == nil:
			return o.told(f.info()), nil
		case !errors.Is(err, errShort) || n == 0:
			return Info{}, err
		case over:
			return Info{}, &LimitError{Field: "Bytes", Got: int64(len(data)), Max: o.Limits.MaxBytes}
		}
	}
}

// fill appends up to n bytes of r to data and returns how many there were: fewer
// at the end of r.
func fill(r io.Reader, data *[]byte, n int64) (int, error) {
	have := len(*data)
	*data = slices.Grow(*data, int(n))[:have+int(n)]
	m, err := io.ReadFull(r, (*data)[have:])
	*data = (*data)[:have+m]
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return m, err
}

// readAll reads r to its end, up to limit bytes.
func readAll(r io.Reader, limit int64) ([]byte, error) {
	var data []byte
	if l, ok := r.(interface{ Len() int }); ok {
		data = make([]byte, 0, min(int64(max(l.Len(), 0)), limit)+1) // bytes.Reader and the like
	}
	for {
		if len(data) == cap(data) {
			data = slices.Grow(data, 64<<10)
		}
		room := data[len(data):min(int64(cap(data)), limit+1)]
		n, err := r.Read(room)
		data = data[:len(data)+n]
		switch {
		case int64(len(data)) > limit:
			return nil, &LimitError{Field: "Bytes", Got: int64(len(data)), Max: limit}
		case errors.Is(err, io.EOF):
			return data, nil
		case err != nil:
			return nil, err
		}
	}
}

// open recognises a file and reads its header. If data is all there is, an
// optional part of the header may be missing.
func open(data []byte, o DecodeOptions, all bool) (file, error) {
	if !all && len(data) < longestMagic {
		return nil, errShort
	}
	format, err := sniff(data)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(o.Formats, format) {
		return nil, fmt.Errorf("format %s is not among %v: %w", format, o.Formats, quintet.ErrUnsupported)
	}
	f, err := parse(format, data)
	if all && f != nil && errors.Is(err, errShort) {
		err = nil
	}
	return f, err
}

// openWhole is open for all that there is of a file.
func openWhole(data []byte, o DecodeOptions) (file, error) {
	if n := int64(len(data)); n > o.Limits.MaxBytes {
		return nil, &LimitError{Field: "Bytes", Got: n, Max: o.Limits.MaxBytes}
	}
	return open(data, o, true)
}

// decode is Decode for defaulted options and data in memory.
func decode(ctx context.Context, data []byte, o DecodeOptions) (image.Image, Info, error) {
	f, err := openWhole(data, o)
	if err != nil {
		return nil, Info{}, err
	}
	if err := o.admit(f, data); err != nil {
		return nil, Info{}, err
	}
	img, err := guarded(ctx, f, data)
	if err != nil {
		return nil, Info{}, err
	}
	info := f.info()
	if b := img.Bounds(); b != image.Rect(0, 0, info.Width, info.Height) {
		return nil, Info{}, fmt.Errorf("%s of %dx%d pixels became %v: %w",
			info.Format, info.Width, info.Height, b, quintet.ErrInput)
	}
	if !o.IgnoreOrientation {
		img = orient(img, info.Orientation)
	}
	return img, o.told(info), nil
}

// admit holds a header against the limits and against its own data.
func (o DecodeOptions) admit(f file, data []byte) error {
	info := f.info()
	if err := o.Limits.size(info.Width, info.Height); err != nil {
		return err
	}
	if g, ok := f.(*gifFile); ok {
		if err := o.Limits.size(g.canvas.X, g.canvas.Y); err != nil {
			return err
		}
	}
	if err := f.verify(data); err != nil {
		return err
	}
	peak, result := f.memory()
	if !o.IgnoreOrientation && info.Orientation > 1 {
		peak = max(peak, result+orientedMemory(f, result))
	}
	if peak > o.Limits.MaxMemory {
		return &LimitError{Field: "Memory", Got: peak, Max: o.Limits.MaxMemory}
	}
	return nil
}

// guarded decodes and turns a panic of a decoder, which the data must have
// provoked, into an error of the data.
func guarded(ctx context.Context, f file, data []byte) (img image.Image, err error) {
	defer func() {
		if v := recover(); v != nil {
			img, err = nil, fmt.Errorf("decoder panicked: %v: %w", v, quintet.ErrInput)
		}
	}()
	img, err = f.decode(ctx, data)
	if ctxErr := ctx.Err(); ctxErr != nil {
		return nil, ctxErr
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", err, quintet.ErrInput)
	}
	return img, nil
}

// told returns the info of a stored picture as these options want it.
func (o DecodeOptions) told(i Info) Info {
	if !o.GPS {
		i.EXIF.Position = nil
	}
	if !o.IgnoreOrientation && i.Orientation.transposes() {
		i.Width, i.Height = i.Height, i.Width
	}
	return i
}
