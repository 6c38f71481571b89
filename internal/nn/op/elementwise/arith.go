package elementwise

import (
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/nn/vec"
)

// integer is a Go type of whole numbers that tensors have.
type integer interface {
	int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64
}

// arith is an operation on two numbers of one type.
type arith int

const (
	add arith = iota
	sub
	mul
	div
	maximum
	minimum
	prelu
)

// loop returns the plain loop of f. Integers wrap around; NaN wins a maximum.
func loop[T tensor.Elem](f arith) func(dst, a, b []T) {
	switch f {
	case add:
		return func(dst, a, b []T) {
			a, b = a[:len(dst)], b[:len(dst)]
			for i := range dst {
				dst[i] = a[i] + b[i]
			}
		}
	case sub:
		return func(dst, a, b []T) {
			a, b = a[:len(dst)], b[:len(dst)]
			for i := range dst {
				dst[i] = a[i] - b[i]
			}
		}
	case mul:
		return func(dst, a, b []T) {
			a, b = a[:len(dst)], b[:len(dst)]
			for i := range dst {
				dst[i] = a[i] * b[i]
			}
		}
	case div:
		return func(dst, a, b []T) {
			a, b = a[:len(dst)], b[:len(dst)]
			for i := range dst {
				dst[i] = a[i] / b[i]
			}
		}
	}
	return choice[T](f)
}

// choice is loop for the operations that compare.
func choice[T tensor.Elem](f arith) func(dst, a, b []T) {
	switch f {
	case maximum:
		return func(dst, a, b []T) {
			a, b = a[:len(dst)], b[:len(dst)]
			for i := range dst {
				dst[i] = max(a[i], b[i])
			}
		}
	case minimum:
		return func(dst, a, b []T) {
			a, b = a[:len(dst)], b[:len(dst)]
			for i := range dst {
				dst[i] = min(a[i], b[i])
			}
		}
	}
	return func(dst, a, b []T) { // prelu
		a, b = a[:len(dst)], b[:len(dst)]
		for i := range dst {
			v := a[i]
			if v < 0 {
				v *= b[i]
			}
			dst[i] = v
		}
	}
}

// float32Kernel is f by the kernels of package vec.
func float32Kernel(f arith) kernel[float32, float32, float32] {
	switch f {
	case add:
		return kernel[float32, float32, float32]{vec.Add, vec.AddScalar, flip(vec.AddScalar)}
	case sub:
		return kernel[float32, float32, float32]{vec.Sub, subScalar, flip(vec.SubFromScalar)}
	case mul:
		return kernel[float32, float32, float32]{vec.Mul, vec.MulScalar, flip(vec.MulScalar)}
	case div:
		return kernel[float32, float32, float32]{vec.Div, nil, flip(vec.DivScalar)}
	case maximum:
		return kernel[float32, float32, float32]{both: vec.Max}
	case minimum:
		return kernel[float32, float32, float32]{both: vec.Min}
	}
	return kernel[float32, float32, float32]{both: loopPRelu, right: vec.LeakyRelu}
}

// flip turns the function of a number on the right into one on the left.
func flip(f func(dst, x []float32, s float32)) func(dst []float32, s float32, x []float32) {
	return func(dst []float32, s float32, x []float32) { f(dst, x, s) }
}

// subScalar is exact: a difference is the sum with the negative.
func subScalar(dst, x []float32, s float32) { vec.AddScalar(dst, x, -s) }
