// Package testmodel builds ONNX models with the shapes of well-known networks
// and seeded random weights, for tests and benchmarks of what reads, rewrites
// and runs models. The same options always give the same model.
//
//	m := testmodel.Encoder(testmodel.EncoderOptions{}) // 90 MB, as all-MiniLM-L6
//	data := m.Append(nil)
//
// Weights are normal with the spread that training starts from, so values stay
// within a few units through all layers. What a model computes means nothing.
package testmodel
