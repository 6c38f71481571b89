// Package graph is the native engine's view of a model: nodes and values that can
// be analysed and rewritten before anything runs.
//
//	g, err := graph.Read(model, known)
//	err = graph.Optimize(g, graph.Passes(), fold)
//
// A graph is read from an ONNX file, what is known about types and shapes is
// inferred from its inputs and constants (never from what the file claims about
// values in between), and passes replace patterns by fused operators of the
// domain "ai.quintet", which only the engine knows. A pass changes what is
// computed only by the rounding of floats.
//
// # Limits
//
// Functions that a model defines itself are not expanded; nodes that call one are
// unknown operators. A graph is not safe for concurrent use.
package graph
