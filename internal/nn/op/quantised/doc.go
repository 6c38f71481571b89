// Package quantised holds the operators on 8-bit integers that stand for numbers:
//
//	number = scale * (integer - zero point)
//
// Products are exact, in 32-bit integers. Constant weights are packed when the
// model is loaded. QuantLinear, of our own domain, is what dynamically quantised
// models become: it quantises its float32 input, multiplies and returns floats in
// one pass over blocks of rows.
//
// # Limits
//
// Scales are float32 and integers int8 or uint8; DequantizeLinear also takes int32.
// Types of 4 and 16 bits and float8 are refused. Convolutions have one or two
// spatial dimensions. Scales of activations are those of a whole tensor, scales of
// weights those of a tensor or of an output channel.
package quantised
