// Package vec holds the float32 vector kernels of the ONNX engine: elementwise
// functions, reductions, softmax, normalisation, pooling, recurrent cells,
// transposition and the conversion of half precision.
//
// Every kernel exists once in Go (name ending in Generic) and once as assembly
// for AVX2+FMA and for NEON, which the program in the folder gen writes from one
// description; tests run all of them on the same inputs. The build tag purego
// leaves the assembly out.
//
// # Contract
//
// The length of dst, or of the first argument where there is no dst, decides;
// other arguments must be at least as long, and a shorter one is a bug of this
// module and panics. Any length and alignment will do, and nothing outside the
// slices is read or written. dst may be the same slice as an input; slices that
// overlap in another way give undefined values. Functions keep nothing, allocate
// nothing and may be called from many goroutines.
//
// # Values
//
// An elementwise result depends on its element alone, neither on its position
// nor on the length, so results do not change when a row is batched with others.
// NaN gives NaN. Infinities give what the formula gives: Silu of -Inf is
// -Inf * 0, NaN. Which of the two zeros comes out where both are possible (Max,
// Relu, Clip) is not specified. The accuracy of the assembly, over all float32
// (the generic kernels round the float64 function of package math once):
//
//	Exp              1 ulp, denormal results included
//	Log              1 ulp, denormal arguments included
//	Erf              1.2e-7 absolute
//	Tanh             2e-7 relative
//	Sigmoid          2e-7 relative; 0 where it would be denormal
//	Gelu, GeluTanh   2e-7 * max(1, |x|) absolute
//	Silu, Mish       4e-7 relative, QuickGelu 1e-6 * max(1, |x|) absolute
//	Elu              4e-7 relative
//	Softplus         5e-7 relative; 0 where it would be denormal
//
// Sums add in the lanes of the vectors (32 on AVX2, 16 on NEON, one in float64
// in Go), element i to lane i modulo that number, then the lanes in pairs; the
// last elements that fill no round go to the first lanes, and each 4096 elements
// are summed apart. The order depends on the length alone: equal input, equal
// bits, on one kind of processor. The sum inside a softmax has 8 or 4 lanes.
//
// # Limits
//
// Assembly gets at most 4096 elements a call, some microseconds, since it cannot
// be preempted. There is no AVX-512. ArgMax and the edges of
// Transpose are plain Go. The NEON kernels are tested under emulation; their
// speed has not been measured.
package vec
