// Package linear holds the operators that multiply matrices: MatMul, Gemm, the
// fused product with constant weights, and attention.
//
// Products of float32 run on the kernels of package gemm; those of other types on
// plain loops, since models have them only in small places.
//
// # Limits
//
// Sums of float32 are in the order of the kernels, and so differ between machines
// in their last bits. Attention keeps the scores of one head at a time, length of
// query times length of key, in scratch memory.
package linear
