package layout_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/op/layout"
	"github.com/quintet-ai/quintet/internal/nn/optest"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// slab is memory that gives a buffer out again, and refuses what is over its limit.
type slab struct {
	limit int
	free  []*tensor.Buffer
	data  [][]byte
}

func (s *slab) Get(n int) ([]byte, *tensor.Buffer, error) {
	if n > s.limit {
		return nil, nil, fmt.Errorf("%d bytes: %w", n, quintet.ErrInput)
	}
	for i, b := range s.free {
		if len(s.data[b.ID]) >= n {
			s.free = slices.Delete(s.free, i, i+1)
			b.Refs = 1
			return s.data[b.ID][:n], b, nil
		}
	}
	s.data = append(s.data, tensor.Alloc(n))
	return s.data[len(s.data)-1], &tensor.Buffer{Refs: 1, ID: len(s.data) - 1}, nil
}

func (s *slab) Put(b *tensor.Buffer) { s.free = append(s.free, b) }

// prepare builds a node and returns what runs it again and again.
func prepare(t testing.TB, n *onnxpb.Node, opset int, in ...*tensor.Tensor) func() error {
	t.Helper()
	o, _, err := optest.Build(op.Domains{"": layout.Table}, n, opset, in)
	require.NoError(t, err)
	c := &op.Ctx{Context: context.Background(), Mem: &slab{limit: 1 << 30}}
	out := make([]*tensor.Tensor, len(n.Outputs))
	for i := range out {
		out[i] = new(tensor.Tensor)
	}
	c.Outs = out
	return func() error {
		err := o.Run(c, in, out)
		c.EndScratch()
		return err
	}
}

func TestRunsDoNotAllocate(t *testing.T) {
	x := counting[float32](2, 3, 16, 4)
	axis := onnxpb.IntAttr("axis", 0)
	tests := map[string]func() error{
		"Reshape":   prepare(t, node("Reshape", 1), 13, x, ints(0, -1)),
		"Squeeze":   prepare(t, node("Squeeze", 1), 13, counting[float32](1, 2), ints(0)),
		"Unsqueeze": prepare(t, node("Unsqueeze", 1), 13, integer(1), ints(0)),
		"Transpose": prepare(t, node("Transpose", 1, attr("perm", 0, 2, 1, 3)), 13, x),
		"Plane":     prepare(t, node("Transpose", 1), 13, x),
		"Concat":    prepare(t, node("Concat", 1, axis), 13, ints(1), ints(2), ints(3)),
		"Split":     prepare(t, node("Split", 2), 13, x, ints(1, 1)),
		"Slice":     prepare(t, node("Slice", 1), 13, ints(1, 2, 3), ints(0), ints(1), ints(0)),
		"Gather":    prepare(t, node("Gather", 1), 13, ints(1, 2, 3), integer(1)),
		"Rows":      prepare(t, node("Gather", 1), 13, x, ints(1, 0, 1)),
		"Expand":    prepare(t, node("Expand", 1), 13, counting[float32](3, 1), ints(2, 3, 4)),
		"Shape":     prepare(t, node("Shape", 1), 13, x),
		"Range":     prepare(t, node("Range", 1), 13, integer(0), integer(9), integer(1)),
		"Pad":       prepare(t, node("Pad", 1), 13, x, ints(0, 0, 1, 1, 0, 0, 1, 1)),
		"TopK":      prepare(t, node("TopK", 2), 13, x, ints(2)),
		"Fill":      prepare(t, node("ConstantOfShape", 1), 13, ints(2, 3)),
	}
	for name, run := range tests {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, run())
			require.Zero(t, testing.AllocsPerRun(20, func() { _ = run() }))
		})
	}
}

// inPairs is a team of two workers that run the parts backwards, on one thread.
type inPairs struct{}

func (inPairs) Size() int { return 2 }

func (inPairs) Do(parts int, f func(part, worker int)) {
	for i := parts - 1; i >= 0; i-- {
		f(i, i%2)
	}
}

func TestThreadsCopyTheSame(t *testing.T) {
	x := counting[float32](3, 40, 61, 41)
	for name, n := range map[string]*onnxpb.Node{
		"planes": node("Transpose", 1, attr("perm", 0, 1, 3, 2)),
		"matrix": node("Transpose", 1, attr("perm", 2, 3, 0, 1)),
		"runs":   node("Transpose", 1, attr("perm", 2, 1, 0, 3)),
	} {
		t.Run(name, func(t *testing.T) {
			o, _, err := optest.Build(op.Domains{"": layout.Table}, n, 13, []*tensor.Tensor{x})
			require.NoError(t, err)
			c, out := optest.NewCtx(), new(tensor.Tensor)
			c.Team = inPairs{}
			require.NoError(t, o.Run(c, []*tensor.Tensor{x}, []*tensor.Tensor{out}))
			same(t, run(t, n, 13, x), out)
		})
	}
}

// FuzzOperators runs any operator with any inputs: it is refused, fails with a typed
// error, or gives outputs whose elements fill their shapes.
func FuzzOperators(f *testing.F) {
	var names []string
	for name := range layout.Table {
		names = append(names, name)
	}
	slices.Sort(names)
	for i := range names {
		for seed := range uint64(8) {
			f.Add(uint8(i), seed)
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, seed uint64) {
		rng := rand.New(rand.NewPCG(seed, 1))
		n := randomNode(rng, names[int(which)%len(names)])
		in := make([]*tensor.Tensor, rng.IntN(6))
		for i := range in {
			in[i] = randomTensor(rng)
		}
		typed := func(err error) {
			for _, cause := range []error{quintet.ErrInput, quintet.ErrUnsupported, quintet.ErrModel} {
				if err == nil || errors.Is(err, cause) {
					return
				}
			}
			t.Fatalf("%s of %v: %v", n.OpType, in, err)
		}
		o, types, err := optest.Build(op.Domains{"": layout.Table}, n, 7+rng.IntN(15), in)
		typed(err)
		if err != nil {
			return
		}
		c := &op.Ctx{Context: t.Context(), Mem: &slab{limit: 1 << 20}}
		out := make([]*tensor.Tensor, len(n.Outputs))
		for i := range out {
			out[i] = new(tensor.Tensor)
		}
		err = o.Run(c, in, out)
		typed(err)
		for i, y := range out {
			if err != nil {
				break
			}
			if k, _ := tensor.Count(y.Shape); y.Type != types[i] || k != y.Len() {
				t.Fatalf("%s of %v gives %v with %d elements of %s", n.OpType, in, y, y.Len(), types[i])
			}
		}
	})
}

// randomNode has one to four outputs and any of the attributes that operators know.
func randomNode(rng *rand.Rand, typ string) *onnxpb.Node {
	n := node(typ, 1+rng.IntN(4)*rng.IntN(2))
	switch typ {
	case "TopK":
		n = node(typ, 2)
	case "Unique":
		n = node(typ, 4)
	case "Split":
	default:
		n = node(typ, 1)
	}
	for _, name := range []string{"axis", "k", "batch_dims", "batch_axis", "time_axis", "blocksize", "largest", "start",
		"end", "allowzero", "upper", "value_int"} {
		if rng.IntN(4) == 0 {
			n.Attributes = append(n.Attributes, onnxpb.IntAttr(name, int64(rng.IntN(7)-3)))
		}
	}
	for _, name := range []string{"axes", "perm", "pads", "split", "starts", "ends"} {
		if rng.IntN(4) == 0 {
			n.Attributes = append(n.Attributes, onnxpb.IntsAttr(name, randomInts(rng)...))
		}
	}
	for name, values := range map[string][]string{
		"mode":      {"constant", "reflect", "edge", "wrap", "DCR", "CRD"},
		"reduction": {"none", "add", "mul", "max", "min"},
	} {
		if rng.IntN(2) == 0 {
			n.Attributes = append(n.Attributes, onnxpb.TextAttr(name, values[rng.IntN(len(values))]))
		}
	}
	return n
}

func randomInts(rng *rand.Rand) []int64 {
	v := make([]int64, rng.IntN(5))
	for i := range v {
		switch v[i] = int64(rng.IntN(7) - 2); rng.IntN(12) {
		case 0:
			v[i] = math.MaxInt64
		case 1:
			v[i] = math.MinInt64
		}
	}
	return v
}

func randomTensor(rng *rand.Rand) *tensor.Tensor {
	if rng.IntN(2) == 0 {
		v := randomInts(rng)
		if len(v) == 1 && rng.IntN(2) == 0 {
			return tensor.From(v)
		}
		return tensor.From(v, len(v))
	}
	shape := randomShape(rng, 4)
	switch rng.IntN(4) {
	case 0:
		return counting[int64](shape...)
	case 1:
		return counting[uint8](shape...)
	case 2:
		t := counting[uint16](shape...)
		t.Type = onnxpb.Float16
		return t
	}
	return counting[float32](shape...)
}
