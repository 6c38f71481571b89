package vision

import (
	"context"
	"errors"
	"fmt"
	"image"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// view says how the model saw a picture.
type view struct {
	Transform
	origin image.Point // the upper left corner of the picture's bounds
}

// bounds returns those of the picture.
func (v view) bounds() image.Rectangle {
	return image.Rect(0, 0, v.Width, v.Height).Add(v.origin)
}

// runImages runs the model on the pictures that can be read, all at once, and makes
// a result of each with decode, which gets its place in the outputs.
func runImages[Out any](
	ctx context.Context, m *imageModel, in []Picture, decode func(outputs []optimize.Tensor, i int, v view) (Out, error),
) ([]Out, error) {
	if m.bytes {
		return runImagesAs[uint8](ctx, m, in, decode)
	}
	return runImagesAs[float32](ctx, m, in, decode)
}

func runImagesAs[T TensorElement, Out any](
	ctx context.Context, m *imageModel, in []Picture, decode func(outputs []optimize.Tensor, i int, v view) (Out, error),
) ([]Out, error) {
	size := 3 * m.spec.Width * m.spec.Height
	buffer := m.buffers.Get().(*[]T)
	defer m.buffers.Put(buffer)
	data := slices.Grow((*buffer)[:0], size*max(len(in), m.fixed))[:size*max(len(in), m.fixed)]
	*buffer = data
	out, errs := make([]Out, len(in)), make([]error, 0, len(in))
	var views []view
	var at []int // where in the input the pictures stand that can be read
	for i, picture := range in {
		v, err := readInput(ctx, m, picture, data[len(at)*size:(len(at)+1)*size])
		if err != nil {
			errs = append(errs, optimize.FailItem(i, err))
			continue
		}
		views, at = append(views, v), append(at, i)
	}
	if len(at) == 0 {
		return out, errors.Join(errs...)
	}
	n := max(len(at), m.fixed)
	clear(data[len(at)*size : n*size])
	outputs, err := runModel(ctx, m, data[:n*size], n)
	for k, i := range at {
		itemErr := err
		if err == nil {
			out[i], itemErr = decode(outputs, k, views[k])
		}
		if itemErr != nil {
			errs = append(errs, optimize.FailItem(i, itemErr))
		}
	}
	return out, errors.Join(errs...)
}

// runModel runs the model on n pictures and checks that the outputs are as announced,
// but for their dimensions.
func runModel[T TensorElement](ctx context.Context, m *imageModel, data []T, n int) ([]optimize.Tensor, error) {
	x, err := optimize.NewTensor(data, m.shape(n)...)
	if err != nil {
		return nil, err
	}
	outputs, err := m.session.Run(ctx, []optimize.Tensor{x})
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(outputs) != len(m.outputs) {
		return nil, fmt.Errorf("the model gave %d outputs, want %d: %w", len(outputs), len(m.outputs), quintet.ErrModel)
	}
	for i, o := range outputs {
		if want := m.outputs[i]; o.DType() != want.dtype || o.Rank() != len(want.shape) {
			return nil, fmt.Errorf("the model gave %s as %v, want %v: %w", want.name, o, want, quintet.ErrModel)
		}
	}
	return outputs, nil
}

// readInput fills the part of the input that is a picture's.
func readInput[T TensorElement](ctx context.Context, m *imageModel, in Picture, dst []T) (view, error) {
	if m.read.Width == m.spec.Width && m.read.Height == m.spec.Height {
		return readPicture(ctx, in, m.read, dst)
	}
	whole := make([]T, 3*m.read.Width*m.read.Height)
	v, err := readPicture(ctx, in, m.read, whole)
	if err != nil {
		return v, err
	}
	left, top := (m.read.Width-m.spec.Width)/2, (m.read.Height-m.spec.Height)/2
	planes, pixel := 3, 1 // rows of all planes, elements of a pixel
	if m.spec.Layout == NHWC {
		planes, pixel = 1, 3
	}
	for p := range planes {
		for y := range m.spec.Height {
			from := whole[((p*m.read.Height+top+y)*m.read.Width+left)*pixel:]
			copy(dst[(p*m.spec.Height+y)*m.spec.Width*pixel:][:m.spec.Width*pixel], from)
		}
	}
	v.OffsetX += float64(left) * v.ScaleX
	v.OffsetY += float64(top) * v.ScaleY
	return v, nil
}

// readPicture is ReadTensor for a picture and a checked specification.
func readPicture[T TensorElement](ctx context.Context, in Picture, spec TensorSpec, dst []T) (view, error) {
	if in.Image == nil && len(in.Data) > 0 {
		t, err := readTensor(ctx, in.Data, spec, newRoom(spec.Decode.Limits.MaxMemory), dst)
		return view{Transform: t}, err
	}
	s, _, err := openPicture(ctx, in, spec.Decode)
	if err != nil {
		return view{}, err
	}
	p := newPlacement(spec, s.w, s.h, 1)
	return view{p.transform, s.img.Bounds().Min}, fillTensor(ctx, s, 1, p, spec, dst)
}
