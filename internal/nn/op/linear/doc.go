// Package linear holds the operators that multiply matrices: MatMul, Gemm and Einsum,
// the fused product with constant weights, and attention with what belongs to it:
// rotary embeddings and the sum of embeddings that encoders begin with.
//
// Products of float32 run on the kernels of package gemm; those of other types on
// plain loops, since models have them only in small places. float16 is widened and
// rounded again.
//
// # Attention
//
// All attention operators are one computation over operands with strides, in either
// layout, [batch, length, heads*width] and [batch, heads, length, width]; nothing is
// transposed. Heads of the query that share keys are computed one after the other
// over keys that are packed once. For less than four rows of the query, the step of a
// decoder, keys are not packed but read once. Causal rows cost what they see.
//
// The operators of com.microsoft do what ONNX Runtime does on a CPU, which the tests
// check where its library is installed. A mask there adds a finite number, so a row
// without any key to see has weights all the same; the fused operators give NaN for
// it, as the nodes they replace, and ONNX's Attention gives zeros.
//
// # Limits
//
// Sums of float32 are in the order of the kernels, and so differ between machines
// in their last bits. Attention keeps some rows of scores of one head at a time in
// scratch memory. Its threads share the heads of the keys: one head of one batch has
// one thread. Refused are the products and scores as outputs, caches with beams or
// that are one buffer for past and present by attribute, quantised caches, smooth
// softmax and attention sinks, and the counts of keys of version 24 of ONNX's
// Attention. Einsum refuses an ellipsis that is not in the result.
package linear
