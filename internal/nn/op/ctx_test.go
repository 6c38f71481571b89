package op_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// ledger is memory that keeps book of what is in use.
type ledger struct {
	used map[*tensor.Buffer]bool
	left int
}

func newLedger() *ledger { return &ledger{used: map[*tensor.Buffer]bool{}, left: 1 << 20} }

func (l *ledger) Get(n int) ([]byte, *tensor.Buffer, error) {
	if n > l.left {
		return nil, nil, fmt.Errorf("no memory: %w", quintet.ErrInput)
	}
	b := &tensor.Buffer{Refs: 1}
	l.used[b] = true
	return make([]byte, n), b, nil
}

func (l *ledger) Put(b *tensor.Buffer) {
	if !l.used[b] {
		panic("given back twice, or to the wrong memory")
	}
	delete(l.used, b)
}

func TestMemoryIsGivenBackWithItsLastUser(t *testing.T) {
	mem := newLedger()
	c := &op.Ctx{Mem: mem}
	var a, b, d tensor.Tensor
	require.NoError(t, c.New(&a, onnxpb.Float, 2, 3))
	require.Equal(t, []int{2, 3}, a.Shape)
	require.Len(t, a.Data, 24)
	require.NoError(t, c.Share(&b, &a, []int{6}))
	require.NoError(t, c.Share(&d, &b, []int{3, 2}))
	require.Same(t, &a.Data[0], &d.Data[0])
	require.Equal(t, 3, a.Buf.Refs)
	c.Drop(&a)
	c.Drop(&a)
	require.Len(t, mem.used, 1)
	require.NoError(t, c.New(&b, onnxpb.Float, 1), "New lets go of what was there")
	require.Len(t, mem.used, 2)
	c.Drop(&d)
	c.Drop(&b)
	require.Empty(t, mem.used)
	require.Nil(t, d.Data)
}

func TestNewRefusesShapes(t *testing.T) {
	c := &op.Ctx{Mem: newLedger()}
	var a tensor.Tensor
	require.ErrorIs(t, c.New(&a, onnxpb.Float, -1), quintet.ErrInput)
	require.ErrorIs(t, c.New(&a, onnxpb.Float, 1<<20, 1<<20), quintet.ErrInput)
	require.ErrorIs(t, c.New(&a, onnxpb.Double, 1<<20), quintet.ErrInput)
	require.NoError(t, c.New(&a, onnxpb.Float, 4))
	shape := a.Shape
	require.NoError(t, c.NewShape(&a, onnxpb.Int64, shape), "its own shape")
	require.Equal(t, []int{4}, a.Shape)
}

func TestShareChecksTheNumberOfElements(t *testing.T) {
	for _, fresh := range []uint64{0, 1} {
		c := &op.Ctx{Mem: newLedger(), Fresh: fresh}
		var a, b tensor.Tensor
		require.NoError(t, c.New(&a, onnxpb.Float, 4))
		c.Outs = []*tensor.Tensor{&b}
		for _, shape := range [][]int{{5}, {3}, {-4, -1}, {1 << 40}, {0}} {
			require.ErrorIs(t, c.Share(&b, &a, shape), quintet.ErrInput, shape)
		}
		require.NoError(t, c.Share(&b, &a, []int{2, 2}))
	}
}

func TestNewOverTakesMemoryThatNobodyNeeds(t *testing.T) {
	type setup struct {
		last, fresh uint64
		shared      bool
		foreign     bool
		shape       []int
		typ         tensor.DType
		wantInPlace bool
	}
	tests := map[string]setup{
		"the last reader":                     {last: 1, shape: []int{2, 3}, typ: onnxpb.Float, wantInPlace: true},
		"another shape of the same size":      {last: 1, shape: []int{6}, typ: onnxpb.Int32, wantInPlace: true},
		"another reader follows":              {last: 0, shape: []int{6}, typ: onnxpb.Float},
		"another view exists":                 {last: 1, shared: true, shape: []int{6}, typ: onnxpb.Float},
		"the caller's memory":                 {last: 1, foreign: true, shape: []int{6}, typ: onnxpb.Float},
		"an output that leaves the graph":     {last: 1, fresh: 1, shape: []int{6}, typ: onnxpb.Float},
		"a larger result":                     {last: 1, shape: []int{7}, typ: onnxpb.Float},
		"a smaller result":                    {last: 1, shape: []int{5}, typ: onnxpb.Float},
		"larger elements":                     {last: 1, shape: []int{6}, typ: onnxpb.Double},
		"half as many elements of twice that": {last: 1, shape: []int{3}, typ: onnxpb.Double, wantInPlace: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			mem := newLedger()
			c := &op.Ctx{Mem: mem, Last: tt.last, Fresh: tt.fresh}
			var x, view, out tensor.Tensor
			require.NoError(t, c.New(&x, onnxpb.Float, 2, 3))
			if tt.shared {
				require.NoError(t, c.Share(&view, &x, []int{6}))
			}
			if tt.foreign {
				x.Buf = nil
			}
			c.Outs = []*tensor.Tensor{&out}
			require.NoError(t, c.NewOver(&out, []*tensor.Tensor{&x}, 0, tt.typ, tt.shape))
			require.Equal(t, tt.shape, out.Shape)
			require.Equal(t, tt.typ, out.Type)
			require.Equal(t, tt.wantInPlace, &out.Data[0] == &x.Data[0])
			require.Equal(t, out.Len()*tensor.Size(tt.typ), len(out.Data))
			if tt.fresh != 0 {
				require.Nil(t, out.Buf, "outputs are of the Go heap")
			}
		})
	}
}

// TestOutputsOfABodyAreTheOuterRuns has outputs that leave a graph within a graph.
func TestOutputsOfABodyAreTheOuterRuns(t *testing.T) {
	inner, outer := newLedger(), newLedger()
	var x, out tensor.Tensor
	c := &op.Ctx{Mem: inner, Away: outer, Fresh: 1, Outs: []*tensor.Tensor{&out}}
	require.NoError(t, c.New(&x, onnxpb.Float, 2))
	require.NoError(t, c.Share(&out, &x, []int{2}))
	require.NotSame(t, &x.Data[0], &out.Data[0])
	require.NoError(t, c.New(&out, onnxpb.Float, 3), "the first goes back to where it came from")
	require.Len(t, outer.used, 1)
	require.Len(t, inner.used, 1)
	c.Drop(&out)
	require.Empty(t, outer.used)
	many := make([]*tensor.Tensor, 70)
	for i := range many {
		many[i] = new(tensor.Tensor)
	}
	c.Outs, c.Fresh = many, 0
	require.NoError(t, c.New(many[69], onnxpb.Float, 1))
	require.Len(t, outer.used, 1, "an output beyond the bits is taken to leave")
}

func TestScratchEndsWithTheNode(t *testing.T) {
	mem := newLedger()
	c := &op.Ctx{Mem: mem}
	a, err := op.Scratch[float32](c, 10)
	require.NoError(t, err)
	require.Len(t, a, 10)
	b, err := op.Scratch[int64](c, 3)
	require.NoError(t, err)
	require.Len(t, b, 3)
	require.Len(t, mem.used, 2)
	c.EndScratch()
	c.EndScratch()
	require.Empty(t, mem.used)
	_, err = op.Scratch[float32](c, 1<<20)
	require.ErrorIs(t, err, quintet.ErrInput)
}

// crew is a team that does parts one after the other, backwards.
type crew int

func (c crew) Size() int { return int(c) }

func (c crew) Do(parts int, f func(part, worker int)) {
	for i := parts - 1; i >= 0; i-- {
		f(i, i%int(c))
	}
}

func TestSplitCoversEverythingOnce(t *testing.T) {
	for _, threads := range []int{0, 1, 2, 5} {
		c := &op.Ctx{}
		if threads > 0 {
			c.Team = crew(threads)
		}
		require.Equal(t, max(threads, 1), c.Threads())
		for n := range 70 {
			for grain := 1; grain < 20; grain++ {
				seen := make([]atomic.Int32, n)
				c.Split(n, grain, func(lo, hi, worker int) {
					require.Less(t, lo, hi)
					require.Zero(t, lo%grain)
					require.True(t, hi == n || hi%grain == 0)
					require.Less(t, worker, c.Threads())
					for i := lo; i < hi; i++ {
						seen[i].Add(1)
					}
				})
				for i := range seen {
					require.EqualValues(t, 1, seen[i].Load())
				}
			}
		}
	}
}

func TestStateIsKeptByWorkerAndKey(t *testing.T) {
	c := &op.Ctx{}
	*op.StateOf[int](c, 2, "a") = 7
	require.Equal(t, 7, *op.StateOf[int](c, 2, "a"))
	require.Zero(t, *op.StateOf[int](c, 1, "a"))
	require.Zero(t, *op.StateOf[int](c, 2, "b"))
	require.NoError(t, c.Done())
	ctx, cancel := context.WithCancelCause(context.Background())
	c.Context = ctx
	require.NoError(t, c.Done())
	cause := errors.New("enough")
	cancel(cause)
	require.ErrorIs(t, c.Done(), cause)
}

// node has an attribute of each kind.
func node() *op.Node {
	return &op.Node{Type: "Some", Opset: 17,
		Attrs: []onnxpb.Attribute{onnxpb.IntAttr("int", 5), onnxpb.IntAttr("huge", 1<<40), onnxpb.IntAttr("low", -1<<40),
			onnxpb.IntsAttr("ints", 1, -1<<40), onnxpb.FloatAttr("float", 1.5), onnxpb.FloatsAttr("floats", 1, 2),
			onnxpb.TextAttr("text", "words"), onnxpb.TextsAttr("texts", "a", "b"), onnxpb.TensorAttr("tensor", onnxpb.NewTensor("", []int64{4})),
			onnxpb.GraphAttr("graph", &onnxpb.Graph{Name: "g"}), {Name: "empty", Type: onnxpb.AttrTensor}, {Name: "hollow", Type: onnxpb.AttrGraph}},
		In: []op.Value{{Type: onnxpb.Float}, {Missing: true}, {Type: onnxpb.Int64, Const: tensor.From([]int64{3, 1 << 40}, 2)},
			{Type: onnxpb.Int32, Const: tensor.From([]int32{-7}, 1)}},
		Out: []bool{true, false}}
}

func TestAttributes(t *testing.T) {
	n := node()
	i, err := n.Int("int", 1)
	require.NoError(t, err)
	require.Equal(t, 5, i)
	i, err = n.Int("huge", 1)
	require.NoError(t, err)
	require.Equal(t, 1<<31-1, i, "numbers are bounded")
	i, err = n.Int("low", 1)
	require.NoError(t, err)
	require.Equal(t, -1<<31, i)
	i, err = n.Int("none", 9)
	require.NoError(t, err)
	require.Equal(t, 9, i)
	list, err := n.Ints("ints")
	require.NoError(t, err)
	require.Equal(t, []int{1, -1 << 31}, list)
	f, err := n.Float("float", 0)
	require.NoError(t, err)
	require.EqualValues(t, 1.5, f)
	fs, err := n.Floats("floats")
	require.NoError(t, err)
	require.Equal(t, []float32{1, 2}, fs)
	s, err := n.Text("text", "")
	require.NoError(t, err)
	require.Equal(t, "words", s)
	ss, err := n.Texts("texts")
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b"}, ss)
	flag, err := n.Flag("int", false)
	require.NoError(t, err)
	require.True(t, flag)
	x, err := n.Tensor("tensor")
	require.NoError(t, err)
	require.Equal(t, []int64{4}, tensor.Of[int64](x))
	x, err = n.Tensor("none")
	require.NoError(t, err)
	require.Nil(t, x)
	g, err := n.Graph("graph")
	require.NoError(t, err)
	require.Equal(t, "g", g.Name)
	require.True(t, n.HasAttr("int"))
	require.False(t, n.HasAttr("none"))
}

// TestAttributesOfAnotherType asks every reader for every attribute of another kind.
func TestAttributesOfAnotherType(t *testing.T) {
	n := node()
	readers := map[string]func(name string) error{
		"int":    func(name string) error { _, err := n.Int(name, 0); return err },
		"flag":   func(name string) error { _, err := n.Flag(name, false); return err },
		"ints":   func(name string) error { _, err := n.Ints(name); return err },
		"float":  func(name string) error { _, err := n.Float(name, 0); return err },
		"floats": func(name string) error { _, err := n.Floats(name); return err },
		"text":   func(name string) error { _, err := n.Text(name, ""); return err },
		"texts":  func(name string) error { _, err := n.Texts(name); return err },
		"tensor": func(name string) error { _, err := n.Tensor(name); return err },
		"graph":  func(name string) error { _, err := n.Graph(name); return err },
	}
	own := map[string][]string{"int": {"int", "huge", "low"}, "flag": {"int", "huge", "low"}, "tensor": {"tensor"}, "graph": {"graph"}}
	for kind, read := range readers {
		for _, a := range n.Attrs {
			if a.Name == kind || slices.Contains(own[kind], a.Name) {
				require.NoError(t, read(a.Name))
				continue
			}
			require.ErrorIs(t, read(a.Name), quintet.ErrModel, "%s as %s", a.Name, kind)
		}
	}
	require.ErrorIs(t, readers["graph"]("none"), quintet.ErrModel)
}

func TestInputs(t *testing.T) {
	n := node()
	require.True(t, n.Has(0))
	require.False(t, n.Has(1))
	require.False(t, n.Has(9))
	require.Equal(t, onnxpb.Undefined, n.Dtype(1))
	require.Nil(t, n.Const(0))
	require.NotNil(t, n.Const(2))
	require.True(t, n.Wants(0))
	require.False(t, n.Wants(1))
	require.False(t, n.Wants(2))
	require.NoError(t, n.Inputs(1, 4))
	require.ErrorIs(t, n.Inputs(2, 4), quintet.ErrModel)
	require.ErrorIs(t, n.Inputs(1, 3), quintet.ErrModel)
	require.NoError(t, n.Typed(0, onnxpb.Int8, onnxpb.Float))
	require.ErrorIs(t, n.Typed(0, onnxpb.Int8), quintet.ErrUnsupported)
	require.ErrorIs(t, n.Typed(1, onnxpb.Float), quintet.ErrModel)
	require.NoError(t, n.Float32(0, 1, 9))
	require.ErrorIs(t, n.Float32(2), quintet.ErrUnsupported)
	list, ok := n.ConstInts(2)
	require.True(t, ok)
	require.Equal(t, []int{3, 1<<31 - 1}, list)
	list, ok = n.ConstInts(3)
	require.True(t, ok)
	require.Equal(t, []int{-7}, list)
	_, ok = n.ConstInts(0)
	require.False(t, ok)
	_, ok = op.Ints(nil, tensor.From([]float32{1}, 1))
	require.False(t, ok)
}
