// Package simd holds float32 kernels. Each is documented by the loop it
// replaces, exists once in Go (name ending in Generic) and may exist in
// assembly; tests run both on the same inputs.
package simd

// Kernels names the kernels in use.
func Kernels() string { return "pure Go kernels" }
