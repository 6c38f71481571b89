//go:build cgo

package onnx

import (
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"unsafe"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
	ort "github.com/yalue/onnxruntime_go"
)

// number is an element type whose slices ONNX Runtime can use in place.
type number interface {
	float32 | int64 | int32 | int8 | uint8 | bool
}

// values are the inputs and outputs of one run. They keep the memory behind them
// alive and in its place until free: during a run the binding holds nothing but
// the pointers of C, and the garbage collector would take the inputs away. After
// that they are empty and can be used for another run.
type values struct {
	in, out []ort.Value
	scalars []func() optimize.Tensor // of out, nil where ONNX Runtime makes the value
	pin     runtime.Pinner
	dims    []int64 // of the input that is being made; the binding copies it
}

func (v *values) free() {
	for _, list := range [2][]ort.Value{v.in, v.out} {
		for _, x := range list {
			if x != nil && !reflect.ValueOf(x).IsNil() { // a failed run leaves nil pointers
				x.Destroy() // returns no error for tensors and scalars
			}
		}
	}
	v.pin.Unpin()
	runtime.KeepAlive(v)
	clear(v.in)
	clear(v.out)
	clear(v.scalars)
	v.in, v.out, v.scalars = v.in[:0], v.out[:0], v.scalars[:0]
}

// add makes an input of t, whose memory it borrows.
func (v *values) add(t optimize.Tensor) (err error) {
	var x ort.Value
	switch t.DType() {
	case optimize.Float32:
		x, err = numeric[float32](v, t)
	case optimize.Int64:
		x, err = numeric[int64](v, t)
	case optimize.Int32:
		x, err = numeric[int32](v, t)
	case optimize.Int8:
		x, err = numeric[int8](v, t)
	case optimize.Uint8:
		x, err = numeric[uint8](v, t)
	case optimize.Bool:
		x, err = numeric[bool](v, t)
	case optimize.Float16:
		x, err = half(v, t)
	case optimize.String:
		x, err = v.text(t)
	default:
		return fmt.Errorf("tensor of type %v: %w", t.DType(), quintet.ErrInput)
	}
	if err != nil {
		return err
	}
	v.in = append(v.in, x)
	return nil
}

func numeric[T number](v *values, t optimize.Tensor) (ort.Value, error) {
	data, err := optimize.Data[T](t)
	if err != nil {
		return nil, err
	}
	if t.Rank() == 0 {
		return made(ort.NewScalar(data[0]))
	}
	if len(data) == 0 {
		data = make([]T, 1) // ONNX Runtime wants an address even for nothing
		return made(ort.NewCustomDataTensor(v.shape(t), bytesOf(data), elementType[T]()))
	}
	v.pin.Pin(unsafe.SliceData(data))
	return made(ort.NewTensor(v.shape(t), data))
}

func half(v *values, t optimize.Tensor) (ort.Value, error) {
	data, err := optimize.Data[optimize.Half](t)
	if err != nil {
		return nil, err
	}
	if t.Rank() == 0 {
		return nil, fmt.Errorf("scalar of float16: %w", quintet.ErrInput)
	}
	if len(data) == 0 {
		data = make([]optimize.Half, 1)
	}
	v.pin.Pin(unsafe.SliceData(data))
	return made(ort.NewCustomDataTensor(v.shape(t), bytesOf(data), ort.TensorElementDataTypeFloat16))
}

// text copies strings, which C has in another form.
func (v *values) text(t optimize.Tensor) (ort.Value, error) {
	data, err := optimize.Data[string](t)
	if err != nil {
		return nil, err
	}
	for i, s := range data {
		if strings.IndexByte(s, 0) >= 0 {
			return nil, fmt.Errorf("string %d has a zero byte: %w", i, quintet.ErrInput)
		}
	}
	if t.Rank() == 0 {
		return nil, fmt.Errorf("scalar of string: %w", quintet.ErrInput)
	}
	x, err := ort.NewStringTensor(v.shape(t))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", message(err), quintet.ErrInput)
	}
	if err := x.SetContents(data); err != nil {
		x.Destroy()
		return nil, fmt.Errorf("%s: %w", message(err), quintet.ErrInput)
	}
	return x, nil
}

// made makes a nil pointer with an error a nil interface.
func made[V ort.Value](x V, err error) (ort.Value, error) {
	if err != nil {
		return nil, fmt.Errorf("%s: %w", message(err), quintet.ErrInput)
	}
	return x, nil
}

// shape returns the shape of t, until the next call.
func (v *values) shape(t optimize.Tensor) ort.Shape {
	v.dims = v.dims[:0]
	for i := range t.Rank() {
		v.dims = append(v.dims, int64(t.Dim(i)))
	}
	return v.dims
}

// bytesOf is the memory of s.
func bytesOf[T any](s []T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), len(s)*int(unsafe.Sizeof(*new(T))))
}

// elementType is the constant of ONNX Runtime for T.
func elementType[T number]() ort.TensorElementDataType {
	return ort.TensorElementDataType(ort.GetTensorElementDataType[T]())
}

// expect prepares the place for an output. ONNX Runtime makes it, except for a
// scalar, which the binding could not read.
func (v *values) expect(s slot) (err error) {
	var x ort.Value
	var read func() optimize.Tensor
	if !s.AnyRank && len(s.Shape) == 0 {
		x, read, err = scalar(s)
	}
	if err != nil {
		return err
	}
	v.out, v.scalars = append(v.out, x), append(v.scalars, read)
	return nil
}

func scalar(s slot) (ort.Value, func() optimize.Tensor, error) {
	switch s.DType {
	case optimize.Float32, optimize.Float16: // which is widened
		return emptyScalar[float32]()
	case optimize.Int64:
		return emptyScalar[int64]()
	case optimize.Int32:
		return emptyScalar[int32]()
	case optimize.Int8:
		return emptyScalar[int8]()
	case optimize.Uint8:
		return emptyScalar[uint8]()
	}
	return emptyScalar[bool]()
}

func emptyScalar[T number]() (ort.Value, func() optimize.Tensor, error) {
	x, err := ort.NewEmptyScalar[T]()
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", message(err), quintet.ErrModel)
	}
	return x, func() optimize.Tensor {
		t, _ := optimize.NewTensor([]T{x.GetData()}) // one element is what a scalar has
		return t
	}, nil
}

// tensor returns output i, which owns its memory.
func (v *values) tensor(i int, s slot) (optimize.Tensor, error) {
	t, err := v.read(i)
	if err != nil || !s.widened {
		return t, err
	}
	return narrow(t)
}

func (v *values) read(i int) (optimize.Tensor, error) {
	if read := v.scalars[i]; read != nil {
		return read(), nil
	}
	switch x := v.out[i].(type) {
	case *ort.Tensor[float32]:
		return taken(x)
	case *ort.Tensor[int64]:
		return taken(x)
	case *ort.Tensor[int32]:
		return taken(x)
	case *ort.Tensor[int8]:
		return taken(x)
	case *ort.Tensor[uint8]:
		return taken(x)
	case *ort.Tensor[bool]:
		return taken(x)
	case *ort.StringTensor:
		data, err := x.GetContents()
		if err != nil {
			return optimize.Tensor{}, fmt.Errorf("%s: %w", message(err), quintet.ErrModel)
		}
		return optimize.NewTensor(data, sizes(x.GetShape())...)
	}
	return optimize.Tensor{}, fmt.Errorf("output is a %T: %w", v.out[i], quintet.ErrModel)
}

// taken is the tensor without a copy: the binding has already copied the elements
// into memory of Go and forgets them when the value is destroyed.
func taken[T number](x *ort.Tensor[T]) (optimize.Tensor, error) {
	return optimize.NewTensor(x.GetData(), sizes(x.GetShape())...)
}

func sizes(s ort.Shape) []int {
	list := make([]int, len(s))
	for i, n := range s {
		list[i] = int(n)
	}
	return list
}

// narrow is the tensor of float16 that was widened to t.
func narrow(t optimize.Tensor) (optimize.Tensor, error) {
	wide, err := optimize.Data[float32](t)
	if err != nil {
		return t, err
	}
	halves := make([]optimize.Half, len(wide))
	for i, x := range wide {
		halves[i] = toHalf(x)
	}
	return optimize.NewTensor(halves, t.Shape()...)
}
