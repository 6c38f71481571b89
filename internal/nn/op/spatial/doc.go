// Package spatial has the operators that slide over pictures and signals:
// convolutions, pools, normalisations over space, and resampling.
//
// [Table] has them as ONNX defines them, with the channels before the space
// (NCHW). [Fused] has those that the optimiser makes of them, under the same
// names, for data with the channels last (NHWC): a pixel is then a row of
// channels that lie side by side, which is what vector units like. Only the
// data input, the residual of a convolution and the output change their order;
// weights, grids, and the scales, sizes, regions and axes of Resize stay as they
// are. Table's convolutions and pools of float32 transpose each image into
// scratch memory and back, unless it has one channel or one pixel.
//
// A Fused convolution takes a residual of the shape of its output as input 3,
// added before the activation; activations, of Fused ConvTranspose too, are named
// by the attributes "activation", "alpha" and "beta", see package activation.
//
// # Where definitions leave room
//
// Of a window without an element inside the picture the maximum is the lowest
// value of the type and the average is 0. NaN in a window of MaxPool comes out.
// With ceil_mode, a window that would start behind the picture is left out.
// Resize computes places in float32, so ties fall as in ONNX Runtime; with
// align_corners and scales it divides by the output length before that is cut to
// whole pixels, as the conformance suite does and ONNX Runtime does not.
// A crop applies to axes that keep their size, too. SAME_UPPER and SAME_LOWER are
// as ONNX defines them for dilated pools, and for transposed convolutions whose
// kernel is smaller than their stride; ONNX Runtime gives other sizes there.
// RoiAlign in mode max takes the largest share of a pixel in a sample.
//
// # Limits
//
// Convolutions and pools have one to three spatial dimensions, global pools,
// normalisations and Resize any number that a tensor has, GridSample, RoiAlign
// and MaxRoiPool two. Arithmetic is in float32; float16 is widened and rounded
// back, with allocations; MaxPool also takes float64, int8 and uint8 with the
// channels first, Resize in mode nearest takes every type.
//
// Refused are negative pads, DeformConv, BatchNormalization in training,
// GridSample on volumes, MaxUnpool with an output shape, and transposed strides
// whose product is above 4096. Padding that makes a picture both large and more
// than eight times as large, and a region of RoiAlign far larger than its
// picture, are invalid input.
package spatial
