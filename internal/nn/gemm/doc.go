// Package gemm multiplies float32 matrices and convolves float32 images, for
// the native inference engine.
//
// One kernel does both: a tile of up to 6 x 16 outputs whose left operand is
// given by the place of every row, anew for every tap. A matrix product has one
// tap; a convolution has one for each position of its kernel, and a place in
// the padding is a row of zeros. So no convolution copies its input, except that
// images of a few channels are laid out with their padding (a stem). Depthwise
// convolutions have a second kernel that runs along the channels.
//
// Weights are packed once, with [Pack], [PackConv] or [PackConvTranspose], into
// panels of 16 columns; packed weights do not change and may be shared. Every
// product says with an [Epilogue] what else happens to a sum while it is in a
// register.
//
// Splitting over threads is the caller's: [MulColumns] takes columns, [Conv]
// output rows. Calls that write different parts of dst may run at once, each
// with its own [Scratch].
//
// The assembly (AVX2 with FMA on amd64, NEON on arm64) is written by the program
// in gen; the build tag purego leaves it out, and the plain Go kernels that the
// tests compare it with run instead.
//
// # Limits
//
// Slices that are too short and shapes that contradict themselves are bugs of
// the engine above and panic. Places inside one image, and inside a few hundred
// rows of a matrix, are counted in int32: at most 2^31-1 floats.
//
// Sums are added in the kernel's order, so assembly and plain Go differ in the
// last bits, and so do tiles of different heights. Clamping keeps NaN but does
// not order the two zeros. Padding is a factor of zero, so an infinite weight in
// it gives NaN, except in depthwise convolutions, which leave it out.
package gemm

//go:generate go run ./gen
