// Package quant rewrites ONNX models so that their linear layers multiply
// integers of 8 bits, which takes a quarter of the memory and, on most
// processors, about half of the time.
//
//	m, err := onnxpb.Read(data)
//	r, err := quant.Dynamic(m, quant.Options{Embeddings: quant.PerRow})
//	fmt.Printf("%d layers, %d of %d bytes\n", len(r.Layers), r.BytesAfter, r.BytesBefore)
//	small := m.Append(nil)
//
// # What becomes of a layer
//
// A product with a constant matrix, MatMul(x, W) or Gemm(x, W, b), becomes
//
//	xq, xs, xz = DynamicQuantizeLinear(x)       one for all layers that read x
//	p = Cast(MatMulInteger(xq, Wq, xz))         int32, exact
//	y = Mul(p, Mul(xs, Ws))                     and Add(y, b)
//
// with operators of ONNX itself only. Wq is signed and symmetric: W ≈ Wq·Ws, with
// one scale a column of W, or one in all. The scale of x is found anew in each
// run from its smallest and largest value, so no samples are needed; that is the
// scheme of Jacob et al., CVPR 2018, §2, for weights, and of ONNX Runtime's
// dynamic quantisation for inputs.
//
// A table of embeddings, Gather(T, ids), becomes a Gather of int8 rows that are
// scaled after they are picked.
//
// # Seven bits
//
// Weights have 7 bits by default, from -64 to 64. Processors without the VNNI or
// dot product instructions add two products of 8 bits in 16, and 2·255·64 is the
// most that fits; with 8 bits they saturate, which costs more accuracy than the
// eighth bit brings.
//
// # Limits
//
// Layers are left alone, and reported with the reason, if both operands are
// computed (attention scores), if the weight is small, not float32, not a matrix,
// or used by an operator that needs it in float32, and in subgraphs and
// functions. Convolutions and recurrent layers are not rewritten. Inputs must be
// finite where the model runs: the scale of an infinite value is of no use.
// Weights outside the model file must be loaded first. Memory: a copy of the
// largest weight beside the model and the new weights.
package quant
