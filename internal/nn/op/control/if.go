package control

import (
	"slices"

	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// Table holds the operators of ONNX itself.
var Table = op.Table{"If": newIf, "Loop": newLoop, "Scan": newScan}

// branches is the op If.
type branches struct{ then, otherwise op.Body }

func newIf(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(1, 1); err != nil {
		return nil, nil, err
	}
	if err := n.Typed(0, onnxpb.Bool); err != nil {
		return nil, nil, err
	}
	var b branches
	for name, body := range map[string]*op.Body{"then_branch": &b.then, "else_branch": &b.otherwise} {
		g, err := n.Graph(name)
		if err != nil {
			return nil, nil, err
		}
		if *body, err = n.Compile(g, nil); err != nil {
			return nil, nil, err
		}
	}
	types := b.then.Outputs()
	if !slices.Equal(types, b.otherwise.Outputs()) {
		return nil, nil, n.Unsupported("branches that give %v and %v", types, b.otherwise.Outputs())
	}
	if len(types) != len(n.Out) {
		return nil, nil, n.Wrong("has %d outputs, its branches %d", len(n.Out), len(types))
	}
	return b, types, nil
}

func (b branches) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	yes, err := truth(in[0])
	if err != nil {
		return err
	}
	body := b.otherwise
	if yes {
		body = b.then
	}
	r := buffersOf(c)
	r.take(in, body.Captures())
	r.out = clean(r.out, len(out))
	if err := body.Run(c, nil, r.captured, r.out); err != nil {
		return err
	}
	for i, o := range out {
		if err := hand(c, o, r.out[i]); err != nil {
			return err
		}
	}
	return nil
}
