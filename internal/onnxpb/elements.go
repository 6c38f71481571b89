package onnxpb

import (
	"encoding/binary"
	"math"
)

// Float32s returns the elements of a tensor of float32, float16 or bfloat16, the
// latter two widened, which is exact. The slice is the caller's.
func (t *Tensor) Float32s() ([]float32, error) {
	switch t.DataType {
	case Float:
		b, err := t.Bytes()
		if err != nil {
			return nil, err
		}
		out := make([]float32, len(b)/4) // the weights of a model: no call for each
		for i := range out {
			out[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		}
		return out, nil
	case Float16:
		return elements(t, func(b []byte) float32 { return HalfToFloat32(uint16Of(b)) })
	case BFloat16: // the upper half of a float32
		return elements(t, func(b []byte) float32 { return math.Float32frombits(uint32(uint16Of(b)) << 16) })
	}
	return nil, t.not("floats of at most 32 bits")
}

// Float64s returns the elements of a tensor of float64, or of those that
// [Tensor.Float32s] takes, widened. The slice is the caller's.
func (t *Tensor) Float64s() ([]float64, error) {
	if t.DataType == Double {
		return elements(t, float64Of)
	}
	return widened[float64](t.Float32s())
}

// Int64s returns the elements of a tensor of integers other than uint64, or of
// booleans as 0 and 1, widened. The slice is the caller's.
func (t *Tensor) Int64s() ([]int64, error) {
	switch t.DataType {
	case Int64:
		return elements(t, func(b []byte) int64 { return int64(binary.LittleEndian.Uint64(b)) })
	case Uint32:
		return elements(t, func(b []byte) int64 { return int64(binary.LittleEndian.Uint32(b)) })
	}
	return widened[int64](t.Int32s())
}

// Int32s returns the elements of a tensor of signed integers of at most 32 bits,
// of unsigned ones of at most 16, or of booleans, widened. The slice is the
// caller's.
func (t *Tensor) Int32s() ([]int32, error) {
	switch t.DataType {
	case Int32:
		return elements(t, func(b []byte) int32 { return int32(binary.LittleEndian.Uint32(b)) })
	case Int16:
		return elements(t, func(b []byte) int32 { return int32(int16(uint16Of(b))) })
	case Uint16:
		return elements(t, func(b []byte) int32 { return int32(uint16Of(b)) })
	case Int8:
		return elements(t, func(b []byte) int32 { return int32(int8(b[0])) })
	case Uint8, Bool:
		return elements(t, func(b []byte) int32 { return int32(b[0]) })
	case Int4, Uint4:
		return t.nibbles()
	}
	return nil, t.not("integers that fit")
}

// nibbles are two to a byte, the lower half first.
func (t *Tensor) nibbles() ([]int32, error) {
	b, err := t.Bytes()
	if err != nil {
		return nil, err
	}
	n, err := t.Len()
	if err != nil {
		return nil, err
	}
	out := make([]int32, n)
	for i := range out {
		v := b[i/2] >> (4 * (i % 2)) & 15
		if out[i] = int32(v); t.DataType == Int4 {
			out[i] = int32(int8(v<<4)) >> 4
		}
	}
	return out, nil
}

// Uint8s returns the elements of a tensor of uint8. The slice is the caller's.
func (t *Tensor) Uint8s() ([]uint8, error) {
	return only(t, Uint8, func(b []byte) uint8 { return b[0] })
}

// Int8s returns the elements of a tensor of int8. The slice is the caller's.
func (t *Tensor) Int8s() ([]int8, error) {
	return only(t, Int8, func(b []byte) int8 { return int8(b[0]) })
}

// Bools returns the elements of a tensor of booleans; any bit set means true.
// The slice is the caller's.
func (t *Tensor) Bools() ([]bool, error) {
	return only(t, Bool, func(b []byte) bool { return b[0] != 0 })
}

// Uint64s returns the elements of a tensor of uint64. The slice is the caller's.
func (t *Tensor) Uint64s() ([]uint64, error) { return only(t, Uint64, binary.LittleEndian.Uint64) }

// Complex128s returns the elements of a tensor of complex64 or complex128. The
// slice is the caller's.
func (t *Tensor) Complex128s() ([]complex128, error) {
	switch t.DataType {
	case Complex64:
		return elements(t, func(b []byte) complex128 {
			return complex(float64(float32Of(b)), float64(float32Of(b[4:])))
		})
	case Complex128:
		return elements(t, func(b []byte) complex128 { return complex(float64Of(b), float64Of(b[8:])) })
	}
	return nil, t.not("complex numbers")
}

// Strings returns the elements of a tensor of strings. The slice is the caller's.
func (t *Tensor) Strings() ([]string, error) {
	if t.DataType != String {
		return nil, t.not(String.String())
	}
	n, _, err := t.raw()
	switch {
	case err != nil:
		return nil, err
	case n != len(t.StringData):
		return nil, t.wrong("%s%v has %d elements", t.DataType, t.Dims, len(t.StringData))
	}
	return stringsOf(t.StringData), nil
}

// only converts the elements of a tensor that must have the data type d.
func only[T any](t *Tensor, d DataType, of func([]byte) T) ([]T, error) {
	if t.DataType != d {
		return nil, t.not(d.String())
	}
	return elements(t, of)
}

func (t *Tensor) not(want string) error { return t.wrong("holds %s, want %s", t.DataType, want) }

// elements converts the elements of t, whole bytes each.
func elements[T any](t *Tensor, of func([]byte) T) ([]T, error) {
	b, err := t.Bytes()
	if err != nil {
		return nil, err
	}
	width := t.DataType.Bits() / 8
	out := make([]T, len(b)/width)
	for i := range out {
		out[i] = of(b[i*width : i*width+width])
	}
	return out, nil
}

func widened[T, S int32 | int64 | float32 | float64](list []S, err error) ([]T, error) {
	if err != nil {
		return nil, err
	}
	out := make([]T, len(list))
	for i, v := range list {
		out[i] = T(v)
	}
	return out, nil
}

func uint16Of(b []byte) uint16   { return binary.LittleEndian.Uint16(b) }
func float32Of(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) }
func float64Of(b []byte) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b)) }
