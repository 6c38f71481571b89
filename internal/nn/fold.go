package nn

import (
	"context"
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/graph"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
)

// maxFolded is the most memory that a constant made of others may take beyond
// twice what these take: a few numbers that stand for a huge tensor stay numbers.
const maxFolded = 1 << 20

// bounded is memory for folding.
type bounded struct{ left int }

// Get implements op.Memory.
func (b *bounded) Get(n int) ([]byte, *tensor.Buffer, error) {
	if b.left -= n; b.left < 0 {
		return nil, nil, fmt.Errorf("too large to be computed at load: %w", quintet.ErrInput)
	}
	return tensor.Alloc(n), nil, nil
}

// Put implements op.Memory.
func (*bounded) Put(*tensor.Buffer) {}

// fold computes the outputs of a node whose inputs are constants. It gives nil
// for those that nobody wants.
func fold(n *graph.Node) (out []*tensor.Tensor, err error) {
	build := builderOf(n)
	if build == nil || len(n.Captures) > 0 {
		return nil, fmt.Errorf("%s: %w", n.Type, quintet.ErrUnsupported)
	}
	desc := describeNode(n)
	mem := &bounded{maxFolded}
	var in []*tensor.Tensor
	for _, v := range n.In {
		if v == nil {
			in = append(in, nil)
			continue
		}
		in = append(in, v.Const)
		mem.left += 2 * len(v.Const.Data)
	}
	for _, v := range n.Out {
		if v == nil {
			out = append(out, nil)
			continue
		}
		out = append(out, new(tensor.Tensor))
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s: %v", n.Type, r)
		}
	}()
	o, types, err := build(desc)
	if err != nil {
		return nil, err
	}
	if len(types) < len(out) {
		return nil, fmt.Errorf("%s has %d outputs: %w", n.Type, len(out), quintet.ErrModel)
	}
	c := &op.Ctx{Context: context.Background(), Mem: mem, Outs: out}
	if err := o.Run(c, in, out); err != nil {
		return nil, err
	}
	c.EndScratch()
	return out, nil
}
