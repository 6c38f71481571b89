package spatial_test

import (
	"fmt"
	"sync"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/op/spatial"
	"github.com/quintet-ai/quintet/internal/nn/optest"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// team is a number of goroutines that share the parts of a task.
type team int

func (t team) Size() int { return int(t) }

func (t team) Do(parts int, f func(part, worker int)) {
	var wg sync.WaitGroup
	for worker := range int(t) {
		wg.Go(func() {
			for p := worker; p < parts; p += int(t) {
				f(p, worker)
			}
		})
	}
	wg.Wait()
}

var domains = op.Domains{"": spatial.Table, "ai.quintet": spatial.Fused}

// node makes a node with as many inputs as are given and one output, or more.
func node(last bool, name string, attrs []onnxpb.Attribute, outputs ...string) *onnxpb.Node {
	n := onnxpb.NewNode(name, nil, append([]string{"y"}, outputs...), attrs...)
	if last {
		n.Domain = "ai.quintet"
	}
	return n
}

// way is how a node is run.
type way struct {
	opset   int
	fixed   bool // inputs behind the first are known when it is built
	threads int
}

// run builds a node and runs it.
func run(n *onnxpb.Node, w way, in ...*tensor.Tensor) ([]*tensor.Tensor, error) {
	var constant []int
	for i := 1; i < len(in) && w.fixed; i++ {
		if in[i] != nil {
			constant = append(constant, i)
		}
	}
	o, _, err := optest.Build(domains, n, w.opset, in, constant...)
	if err != nil {
		return nil, err
	}
	c := optest.NewCtx()
	c.Mem = &limited{c.Mem, 1 << 26}
	if w.threads > 1 {
		c.Team = team(w.threads)
	}
	out := make([]*tensor.Tensor, len(n.Outputs))
	for i := range out {
		out[i] = new(tensor.Tensor)
	}
	c.Outs = out
	if err := o.Run(c, in, out); err != nil {
		return nil, err
	}
	return out, nil
}

// limited is memory of which there are left bytes.
type limited struct {
	op.Memory
	left int
}

func (l *limited) Get(n int) ([]byte, *tensor.Buffer, error) {
	if l.left -= n; l.left < 0 {
		return nil, nil, fmt.Errorf("%d bytes: %w", n, quintet.ErrInput)
	}
	return l.Memory.Get(n)
}

// ints is an attribute of the last rank of three numbers.
func ints(name string, rank int, v ...[3]int) onnxpb.Attribute {
	var list []int64
	for _, a := range v {
		for _, x := range a[3-rank:] {
			list = append(list, int64(x))
		}
	}
	return onnxpb.IntsAttr(name, list...)
}
