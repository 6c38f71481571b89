package tensor

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
	"unsafe"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// MaxRank is the largest number of dimensions.
const MaxRank = 8

// MaxLen is the largest number of elements.
const MaxLen = math.MaxInt32

// DType is the type of the elements, with the numbers of the file format.
type DType = onnxpb.DataType

// Tensor is an array of elements of one type. Copying a Tensor copies no
// elements.
type Tensor struct {
	Type  DType
	Shape []int  // outermost first; empty for a scalar
	Data  []byte // the elements; those of a constant may lie at any address

	// Buf counts the users of Data if it belongs to a run; nil if Data is a
	// constant or the caller's and must not be written.
	Buf *Buffer
}

// Elem is a Go type behind a [DType]. Booleans are uint8, float16 and bfloat16
// are uint16.
type Elem interface {
	float32 | float64 | int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64
}

// Size returns the bytes of an element, 0 for types that tensors cannot have.
func Size(t DType) int {
	switch t {
	case onnxpb.Float, onnxpb.Int32, onnxpb.Uint32:
		return 4
	case onnxpb.Double, onnxpb.Int64, onnxpb.Uint64:
		return 8
	case onnxpb.Float16, onnxpb.BFloat16, onnxpb.Int16, onnxpb.Uint16:
		return 2
	case onnxpb.Int8, onnxpb.Uint8, onnxpb.Bool:
		return 1
	}
	return 0
}

// TypeOf returns the type of tensors of T: Uint8 for uint8, not Bool, and Uint16
// for uint16, not a half-precision type.
func TypeOf[T Elem]() DType {
	switch any(*new(T)).(type) {
	case float32:
		return onnxpb.Float
	case float64:
		return onnxpb.Double
	case int8:
		return onnxpb.Int8
	case int16:
		return onnxpb.Int16
	case int32:
		return onnxpb.Int32
	case int64:
		return onnxpb.Int64
	case uint8:
		return onnxpb.Uint8
	case uint16:
		return onnxpb.Uint16
	case uint32:
		return onnxpb.Uint32
	}
	return onnxpb.Uint64
}

// New returns a tensor of zeros. A type without a size is
// [quintet.ErrUnsupported]; a shape that [Count] refuses is what Count says.
func New(typ DType, shape ...int) (*Tensor, error) {
	if Size(typ) == 0 {
		return nil, fmt.Errorf("tensors of %s: %w", typ, quintet.ErrUnsupported)
	}
	n, err := Count(shape)
	if err != nil {
		return nil, err
	}
	return &Tensor{Type: typ, Shape: slices.Clone(shape), Data: Alloc(n * Size(typ))}, nil
}

// From returns a tensor over data, which it shares. It is for constants and
// tests: a shape that does not fit panics.
func From[T Elem](data []T, shape ...int) *Tensor {
	n, err := Count(shape)
	if err != nil || n != len(data) {
		panic(fmt.Sprintf("tensor.From: %d elements in shape %v: %v", len(data), shape, err))
	}
	return &Tensor{Type: TypeOf[T](), Shape: slices.Clone(shape), Data: Bytes(data)}
}

// Alloc returns n zero bytes whose start is aligned to 64 bytes, as vector
// loads like it.
func Alloc(n int) []byte {
	const align = 64
	b := make([]byte, n+align)
	skip := int(-uintptr(unsafe.Pointer(unsafe.SliceData(b))) & (align - 1))
	return b[skip : skip+n : skip+n]
}

// Bytes returns the memory of data.
func Bytes[T Elem](data []T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(data))), len(data)*int(unsafe.Sizeof(*new(T))))
}

// Of returns the elements of t, which share its memory. T must have the size of
// t's elements: that is a matter of the program, not of its input, and panics.
func Of[T Elem](t *Tensor) []T {
	size := int(unsafe.Sizeof(*new(T)))
	if Size(t.Type) != size {
		panic(fmt.Sprintf("tensor.Of: %d-byte elements asked of a tensor of %s", size, t.Type))
	}
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(t.Data))), len(t.Data)/size)
}

// Len returns the number of elements.
func (t *Tensor) Len() int { return len(t.Data) / Size(t.Type) }

// Rank returns the number of dimensions.
func (t *Tensor) Rank() int { return len(t.Shape) }

// String describes t without its elements, as in "float32[1 384]".
func (t *Tensor) String() string { return fmt.Sprintf("%s%v", t.Type, t.Shape) }

// Clone returns a copy that owns its memory.
func (t *Tensor) Clone() *Tensor {
	c := &Tensor{Type: t.Type, Shape: slices.Clone(t.Shape), Data: Alloc(len(t.Data))}
	copy(c.Data, t.Data)
	return c
}

// Count returns the number of elements of a shape. A negative dimension, more
// than [MaxRank] dimensions or more than [MaxLen] elements are
// [quintet.ErrInput].
func Count(shape []int) (int, error) {
	if len(shape) > MaxRank {
		return 0, fmt.Errorf("shape %v has more than %d dimensions: %w", slices.Clone(shape), MaxRank, quintet.ErrInput)
	}
	n, zero, over := uint64(1), false, false
	for _, d := range shape {
		if d < 0 {
			return 0, fmt.Errorf("shape %v has a negative dimension: %w", slices.Clone(shape), quintet.ErrInput)
		}
		zero = zero || d == 0
		hi, lo := bits.Mul64(n, uint64(d))
		over = over || hi != 0 || lo > MaxLen
		n = lo
	}
	switch {
	case zero:
		return 0, nil
	case over:
		return 0, fmt.Errorf("shape %v has more than %d elements: %w", slices.Clone(shape), MaxLen, quintet.ErrInput)
	}
	return int(n), nil
}
