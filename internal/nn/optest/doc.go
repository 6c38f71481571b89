// Package optest runs single operators in tests: one node at a time, and the
// cases of ONNX's conformance suite that are made of one node.
//
//	out, err := optest.Run(ops.Table, onnxpb.NewNode("Relu", ...), 17, x)
//	optest.Conformance(t, op.Domains{"": ops.Table}, "Relu", "LeakyRelu")
//
// # Limits
//
// Nodes with graphs in their attributes are refused here; the engine's own tests
// run those.
package optest
