// Package nn runs neural networks in pure Go: it reads an ONNX model, rewrites it
// into fewer and larger steps, plans the memory of a run and runs it.
//
//	p, err := nn.Load(model, nn.Options{})
//	out, err := p.Run(ctx, []*tensor.Tensor{ids, mask})
//
// A [Program] is immutable and shared by any number of concurrent runs. Each run
// is on its caller's goroutine, with memory from a pool: after the first run of a
// shape nothing is allocated but the outputs.
//
// # How a model becomes a program
//
// Package graph reads the model into nodes and values, infers types and shapes
// and applies its passes. Then every node is built by its family of operators
// (the packages below op), which refuses there what it cannot do: [Load] fails
// with an [UnsupportedError] that lists all refusals. The program is a list of
// steps; a step knows which of its inputs nobody reads later, so that
// element-wise operators work in place.
//
// The first run with inputs of given shapes gets its memory piece by piece and
// records sizes and lifetimes. From these the run's buffers are laid out in one
// arena; later runs with the same shapes use that layout. Where the sizes depend
// on values (NonZero, Loop), a run that needs another size than was recorded goes
// on with memory of its own.
//
// # Limits
//
// No strings, sequences, maps, complex numbers and functions of a model's own.
// Shapes may depend on inputs and values, types may not. Machines that store the
// high byte first are not supported.
package nn
