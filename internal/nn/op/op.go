package op

import "github.com/quintet-ai/quintet/internal/nn/tensor"

// Op is a node that is ready to run.
type Op interface {
	// Run computes the outputs of the inputs. An optional input that is left
	// out and an output that nobody wants are nil. Run makes the memory of
	// each wanted output by a method of c. Inputs must not be written to,
	// except where [Ctx.NewOver] has given their memory away. What the shapes
	// or values of inputs make impossible is [quintet.ErrInput].
	Run(c *Ctx, in, out []*tensor.Tensor) error
}

// Builder makes an operator of a node and returns the types of the node's
// outputs, one for each, wanted or not. It fails with [quintet.ErrUnsupported] for
// what the operator cannot do, such as a type of an input or a value of an
// attribute, and with [quintet.ErrModel] for what no operator could.
type Builder func(n *Node) (Op, []tensor.DType, error)

// Table maps the names of operators to what builds them.
type Table map[string]Builder

// Domains maps the names of operator sets to their operators; "" is ONNX itself.
type Domains map[string]Table
