// Package qgemm multiplies matrices of 8-bit integers and converts between them
// and float32, for the quantised operators of the neural network engine:
//
//	w := qgemm.Pack(weights, k, n, n, false)                  // once, when the model is loaded
//	scale, zero := qgemm.DynamicParams(x)                     // for each input
//	qgemm.Quantize(q, x, scale, zero)
//	qgemm.MulFloat(y, n, q, k, m, w, []int32{int32(zero)}, nil, scratch, qgemm.Epilogue{
//		AScale: scale, BScale: weightScales, Bias: bias,
//	})
//
// A kernel is documented by the formula it computes, exists once in Go and may
// exist in assembly; both give the same bits. The build tag purego leaves the
// assembly out. The assembly is written by the program in folder gen.
//
// Weights whose absolute value is at most 64 take kernels on AVX2 that add products
// in 16 bits: eight at a time where the weights, as most are, are small enough that
// the sum is known in spite of wrapping around, otherwise four or two. Any other
// weight takes a kernel that is exact for all values and about half as fast.
//
// # Limits
//
// Products are sums modulo 2³², as int32 is: they are exact while the true value
// fits, for K up to 33,000 whatever the values. Lengths and strides are checked
// here and trusted below: a slice that is too short is a bug of this module and
// panics. Functions keep no state and start no goroutine; a Packed may be used
// by many at once, and work is split by rows or, with the Columns functions, by
// columns.
package qgemm
