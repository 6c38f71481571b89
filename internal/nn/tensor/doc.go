// Package tensor is the value that flows through the native engine: a type, a
// shape and bytes.
//
//	t, err := tensor.New(onnxpb.Float, 2, 3)
//	x := tensor.Of[float32](t) // six elements, row-major
//
// Elements lie in row-major order, in the byte order of the machine; [Of] looks
// at them as a slice of their Go type without a copy. Booleans are bytes of 0 or
// 1. Half-precision types are stored as their bits, in a uint16.
//
// # Limits
//
// There are no tensors of strings, complex numbers or types below 8 bits. A
// tensor has at most 2^31-1 elements and 8 dimensions. Nothing here is safe for
// concurrent use beyond reading.
package tensor
