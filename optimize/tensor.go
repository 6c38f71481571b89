package optimize

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"

	"github.com/quintet-ai/quintet"
)

// DType is the type of a tensor's elements.
type DType uint8

// The element types. The Go type of each stands behind it.
const (
	Float32 DType = iota + 1 // float32
	Float16                  // Half
	Int64                    // int64
	Int32                    // int32
	Int8                     // int8
	Uint8                    // uint8
	Bool                     // bool
	String                   // string
)

var dtypeNames = [...]string{"invalid", "float32", "float16", "int64", "int32", "int8", "uint8", "bool", "string"}

// String returns the name of the type, such as "float32".
func (d DType) String() string {
	if int(d) < len(dtypeNames) {
		return dtypeNames[d]
	}
	return dtypeNames[0]
}

// Size returns the bytes of an element, 0 for String.
func (d DType) Size() int {
	switch d {
	case Float32, Int32:
		return 4
	case Float16:
		return 2
	case Int64:
		return 8
	case Int8, Uint8, Bool:
		return 1
	}
	return 0
}

// Half is an IEEE 754 half-precision number as its bits.
type Half uint16

// Element is a Go type that tensors can hold.
type Element interface {
	float32 | Half | int64 | int32 | int8 | uint8 | bool | string
}

// DTypeOf returns the element type of a Go type.
func DTypeOf[T Element]() DType {
	switch any(*new(T)).(type) {
	case float32:
		return Float32
	case Half:
		return Float16
	case int64:
		return Int64
	case int32:
		return Int32
	case int8:
		return Int8
	case uint8:
		return Uint8
	case bool:
		return Bool
	}
	return String
}

// Tensor is an array of elements of one type in row-major order. The zero Tensor
// has no type and is refused everywhere.
//
// A tensor made by [NewTensor] borrows the caller's slice: whoever changes the
// slice changes the tensor, and it must not change while a session runs on it. A
// tensor made by [Zeros] or [Tensor.Clone], or returned by a [Session], owns its
// elements; they belong to the caller. Copying a Tensor value copies no elements.
type Tensor struct {
	dtype DType
	shape []int
	data  any // a slice of the Go type of dtype, as long as shape says
}

// NewTensor returns a tensor over data, which it borrows. No shape at all is a
// scalar of one element. A negative dimension, or a shape with another number of
// elements than data, is [quintet.ErrInput].
func NewTensor[T Element](data []T, shape ...int) (Tensor, error) {
	n, err := elements(shape)
	if err != nil {
		return Tensor{}, err
	}
	if n != len(data) {
		return Tensor{}, fmt.Errorf("tensor of shape %v wants %d elements, got %d: %w", shape, n, len(data), quintet.ErrInput)
	}
	return Tensor{DTypeOf[T](), slices.Clone(shape), data[:n:n]}, nil
}

// Zeros returns a tensor of zero elements that owns its memory. A negative
// dimension, or a shape of more than 2^31-1 elements, is [quintet.ErrInput].
func Zeros[T Element](shape ...int) (Tensor, error) {
	n, err := elements(shape)
	if err != nil {
		return Tensor{}, err
	}
	return Tensor{DTypeOf[T](), slices.Clone(shape), make([]T, n)}, nil
}

// elements returns the number of elements of a shape.
func elements(shape []int) (int, error) {
	n := uint64(1)
	for _, d := range shape {
		if d < 0 {
			return 0, fmt.Errorf("tensor of shape %v has a negative dimension: %w", shape, quintet.ErrInput)
		}
		hi, lo := bits.Mul64(n, uint64(d))
		if hi != 0 || lo > math.MaxInt32 && !slices.Contains(shape, 0) {
			return 0, fmt.Errorf("tensor of shape %v has more than %d elements: %w", shape, math.MaxInt32, quintet.ErrInput)
		}
		n = lo
	}
	return int(n), nil
}

// Data returns the elements of t, which share its memory. A tensor of another
// element type is [quintet.ErrInput].
func Data[T Element](t Tensor) ([]T, error) {
	data, ok := t.data.([]T)
	if !ok {
		return nil, fmt.Errorf("tensor holds %v, not %v: %w", t.dtype, DTypeOf[T](), quintet.ErrInput)
	}
	return data, nil
}

// DType returns the type of the elements; the zero Tensor's is not a valid one.
func (t Tensor) DType() DType { return t.dtype }

// Shape returns the dimensions, outermost first. The caller may keep it.
func (t Tensor) Shape() []int { return slices.Clone(t.shape) }

// Rank returns the number of dimensions.
func (t Tensor) Rank() int { return len(t.shape) }

// Dim returns dimension i, counted from 0.
func (t Tensor) Dim(i int) int { return t.shape[i] }

// Len returns the number of elements.
func (t Tensor) Len() int {
	if t.data == nil {
		return 0
	}
	n, _ := elements(t.shape) // it was checked when t was made
	return n
}

// Reshape returns a tensor with the same elements in another shape; one dimension
// may be -1, which is then computed. The elements are shared.
func (t Tensor) Reshape(shape ...int) (Tensor, error) {
	shape = slices.Clone(shape)
	if i := slices.Index(shape, -1); i >= 0 {
		shape[i] = 1
		rest, err := elements(shape)
		if err != nil {
			return Tensor{}, err
		}
		if rest == 0 || t.Len()%rest != 0 {
			return Tensor{}, fmt.Errorf("%d elements do not fill a tensor of shape %v: %w", t.Len(), shape, quintet.ErrInput)
		}
		shape[i] = t.Len() / rest
	}
	n, err := elements(shape)
	if err != nil {
		return Tensor{}, err
	}
	if n != t.Len() || t.data == nil {
		return Tensor{}, fmt.Errorf("%d elements do not make a tensor of shape %v: %w", t.Len(), shape, quintet.ErrInput)
	}
	return Tensor{t.dtype, shape, t.data}, nil
}

// Clone returns a copy that owns its elements.
func (t Tensor) Clone() Tensor {
	c := Tensor{t.dtype, slices.Clone(t.shape), nil}
	switch d := t.data.(type) {
	case []float32:
		c.data = slices.Clone(d)
	case []Half:
		c.data = slices.Clone(d)
	case []int64:
		c.data = slices.Clone(d)
	case []int32:
		c.data = slices.Clone(d)
	case []int8:
		c.data = slices.Clone(d)
	case []uint8:
		c.data = slices.Clone(d)
	case []bool:
		c.data = slices.Clone(d)
	case []string:
		c.data = slices.Clone(d)
	}
	return c
}

// String describes the tensor without its elements, as in "float32[1 384]".
func (t Tensor) String() string { return fmt.Sprintf("%v%v", t.dtype, t.shape) }

// TensorInfo is what a model says about an input or output.
type TensorInfo struct {
	Name  string   `json:"name"`
	DType DType    `json:"dtype"`
	Shape []int    `json:"shape"`           // -1 where any size will do
	Names []string `json:"names,omitempty"` // of the dimensions, "" for a fixed or unnamed one

	// AnyRank says that not even the number of dimensions is known; Shape is
	// then empty, as that of a scalar is.
	AnyRank bool `json:"any_rank,omitempty"`
}

// String describes it, as in "input_ids int64[batch sequence]", with "[...]" for
// any rank.
func (i TensorInfo) String() string {
	if i.AnyRank {
		return fmt.Sprintf("%s %v[...]", i.Name, i.DType)
	}
	dims := make([]string, len(i.Shape))
	for d, n := range i.Shape {
		switch {
		case n >= 0:
			dims[d] = fmt.Sprint(n)
		case d < len(i.Names) && i.Names[d] != "":
			dims[d] = i.Names[d]
		default:
			dims[d] = "?"
		}
	}
	return fmt.Sprintf("%s %v[%s]", i.Name, i.DType, strings.Join(dims, " "))
}

// Check reports whether t may be passed for this input: [quintet.ErrInput] if the
// element type, the rank or a fixed dimension differs. Of [TensorInfo.AnyRank],
// only the type counts.
func (i TensorInfo) Check(t Tensor) error {
	if t.dtype != i.DType || len(t.shape) != len(i.Shape) && !i.AnyRank {
		return fmt.Errorf("input %v got %v: %w", i, t, quintet.ErrInput)
	}
	if i.AnyRank {
		return nil
	}
	for d, n := range i.Shape {
		if n >= 0 && n != t.shape[d] {
			return fmt.Errorf("input %v got %v: %w", i, t, quintet.ErrInput)
		}
	}
	return nil
}
