// Package op is the contract between the native engine and its operators: what
// a node says when it is built, and what an operator gets when it runs.
//
// A family of operators is a package below this one. It exports a [Table] from
// operator names to a [Builder] each. A builder looks at the node once, when the
// model is loaded: at its attributes, the types of its inputs and those that are
// constant. It refuses there whatever the operator cannot do, so that a model
// that loads runs. What it returns is immutable and shared by concurrent runs.
//
//	func newRelu(n *op.Node) (op.Op, []tensor.DType, error) {
//		if err := n.Float32(0); err != nil {
//			return nil, nil, err
//		}
//		return relu{}, []tensor.DType{onnxpb.Float}, nil
//	}
//
//	func (relu) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
//		if err := c.NewOver(out[0], in, 0, onnxpb.Float, in[0].Shape); err != nil {
//			return err
//		}
//		vec.Relu(tensor.Of[float32](out[0]), tensor.Of[float32](in[0]))
//		return nil
//	}
//
// # Limits
//
// Operators know tensors only; sequences, maps and optionals do not exist here.
package op
