package quantised_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/op/quantised"
	"github.com/quintet-ai/quintet/internal/nn/optest"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// team is a team of workers that run the parts one after the other, backwards.
type team int

func (w team) Size() int { return int(w) }

func (w team) Do(parts int, f func(part, worker int)) {
	for i := parts - 1; i >= 0; i-- {
		f(i, i%int(w))
	}
}

// slab is memory that gives a buffer out again, and refuses what is over its limit.
type slab struct {
	limit int
	free  []*tensor.Buffer
	data  [][]byte
}

func (s *slab) Get(n int) ([]byte, *tensor.Buffer, error) {
	if n > s.limit {
		return nil, nil, fmt.Errorf("%d bytes: %w", n, errTooBig)
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

// domainOf returns the operators with those of one table.
func domainOf(table op.Table) op.Domains { return op.Domains{"": table} }

// prepare builds a node with all inputs but the first known, and returns what runs it.
func prepare(t testing.TB, table op.Table, n *onnxpb.Node, threads int, in ...*tensor.Tensor) func() (*tensor.Tensor, error) {
	t.Helper()
	var constant []int
	for i := 1; i < len(in); i++ {
		if in[i] != nil {
			constant = append(constant, i)
		}
	}
	o, _, err := optest.Build(domainOf(table), n, 21, in, constant...)
	require.NoError(t, err)
	c := &op.Ctx{Context: context.Background(), Mem: &slab{limit: 1 << 30}}
	if threads > 1 {
		c.Team = team(threads)
	}
	out := []*tensor.Tensor{new(tensor.Tensor)}
	c.Outs = out
	return func() (*tensor.Tensor, error) {
		err := o.Run(c, in, out)
		c.EndScratch()
		return out[0], err
	}
}

// layer has the inputs of a QuantLinear.
type layer struct{ x, w, scale, zero, bias, add *tensor.Tensor }

func randomLayer(rng *rand.Rand, m, k, n int, all bool) layer {
	l := layer{x: randomFloats(rng, m, k), w: random[int8](rng, k, n), scale: scalar(float32(0.01))}
	if all {
		l.zero, l.bias, l.add = random[int8](rng, n), randomFloats(rng, n), randomFloats(rng, m, n)
		l.scale = randomFloats(rng, n)
	}
	return l
}

func (l layer) in() []*tensor.Tensor {
	return []*tensor.Tensor{l.x, l.w, l.scale, l.zero, l.bias, l.add}
}

// naive is the layer as the nodes compute it that it stands for.
func (l layer) naive(t *testing.T, perRow bool) []float64 {
	t.Helper()
	m, k, n := l.x.Shape[0], l.x.Shape[1], l.w.Shape[1]
	y := make([]float64, m*n)
	rows := m
	if perRow {
		rows = 1
	}
	for lo := 0; lo < m; lo += rows {
		x := tensor.From(tensor.Of[float32](l.x)[lo*k:(lo+rows)*k], rows, k)
		dynamic := onnxpb.NewNode("DynamicQuantizeLinear", nil, []string{"q", "scale", "zero"})
		q, err := optest.Run(quantised.Table, dynamic, 21, x)
		require.NoError(t, err)
		for i := range rows * n {
			v := float64(product(q[0], l.w, q[2], l.zero, i/n, i%n, k, n)) * floatAt(q[1], 0) * floatAt(l.scale, i%n)
			if l.bias != nil {
				v += floatAt(l.bias, i%n)
			}
			if l.add != nil {
				v += float64(tensor.Of[float32](l.add)[lo*n+i])
			}
			y[lo*n+i] = v
		}
	}
	return y
}

func TestQuantLinearIsItsNodes(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 22))
	acts := map[string]func(v float64) float64{
		"":     func(v float64) float64 { return v },
		"Relu": func(v float64) float64 { return max(v, 0) },
		"Tanh": math.Tanh,
	}
	for _, m := range []int{1, 2, 31, 32, 33, 70} {
		for name, act := range acts {
			for _, perRow := range []int64{0, 1} {
				k, n := 1+rng.IntN(40), 1+rng.IntN(40)
				l := randomLayer(rng, m, k, n, rng.IntN(2) > 0)
				fused := node("QuantLinear", onnxpb.TextAttr("activation", name), onnxpb.IntAttr("per_row", perRow))
				y, err := prepare(t, quantised.Fused, fused, 1, l.in()...)()
				require.NoError(t, err)
				for i, want := range l.naive(t, perRow == 1) {
					want = act(want)
					if got := float64(tensor.Of[float32](y)[i]); !(math.Abs(got-want) <= 1e-4*(1+math.Abs(want))) {
						t.Fatalf("%d x %d x %d %s: element %d is %v, want %v", m, k, n, name, i, got, want)
					}
				}
			}
		}
	}
}

func TestQuantLinearIsTheSameOnThreads(t *testing.T) {
	rng := rand.New(rand.NewPCG(23, 24))
	for _, m := range []int{20, 130, 300} {
		l := randomLayer(rng, m, 210, 301, true)
		for _, perRow := range []int64{0, 1} {
			n := node("QuantLinear", onnxpb.TextAttr("activation", "Silu"), onnxpb.IntAttr("per_row", perRow))
			one, err := prepare(t, quantised.Fused, n, 1, l.in()...)()
			require.NoError(t, err)
			for threads := 2; threads < 5; threads++ {
				y, err := prepare(t, quantised.Fused, n, threads, l.in()...)()
				require.NoError(t, err)
				require.NoError(t, optest.Compare(y, one, 1e-6, 1e-6))
			}
		}
	}
}

// TestQuantLinearWorksInPlace gives the memory of what is added away.
func TestQuantLinearWorksInPlace(t *testing.T) {
	l := randomLayer(rand.New(rand.NewPCG(25, 26)), 70, 40, 40, true)
	n := node("QuantLinear")
	for name, in := range map[string][]*tensor.Tensor{"add": l.in(), "add is x": l.in()} {
		t.Run(name, func(t *testing.T) {
			want, err := prepare(t, quantised.Fused, n, 1, l.in()...)()
			require.NoError(t, err)
			if in[5] = l.add.Clone(); name != "add" {
				in[5] = l.x.Clone()
				in[0] = in[5]
				plain := layer{l.x, l.w, l.scale, l.zero, l.bias, l.x}
				want, err = prepare(t, quantised.Fused, n, 1, plain.in()...)()
				require.NoError(t, err)
			}
			in[5].Buf = &tensor.Buffer{Refs: 1}
			o, _, err := optest.Build(domainOf(quantised.Fused), n, 1, in, 1, 2, 3, 4)
			require.NoError(t, err)
			c, out := optest.NewCtx(), new(tensor.Tensor)
			c.Last = 1<<5 | 1
			require.NoError(t, o.Run(c, in, []*tensor.Tensor{out}))
			require.Same(t, in[5].Buf, out.Buf)
			require.NoError(t, optest.Compare(out, want, 0, 0))
		})
	}
}

func TestRunsDoNotAllocate(t *testing.T) {
	rng := rand.New(rand.NewPCG(27, 28))
	l := randomLayer(rng, 70, 64, 48, true)
	for name, run := range map[string]func() (*tensor.Tensor, error){
		"tensor":     prepare(t, quantised.Fused, node("QuantLinear"), 1, l.in()...),
		"row":        prepare(t, quantised.Fused, node("QuantLinear", onnxpb.IntAttr("per_row", 1)), 1, l.in()...),
		"gelu":       prepare(t, quantised.Fused, node("QuantLinear", onnxpb.TextAttr("activation", "Gelu")), 1, l.in()...),
		"quantize":   prepare(t, quantised.Table, node("QuantizeLinear"), 1, l.x, scalar(float32(1)), scalar(uint8(1))),
		"dequantize": prepare(t, quantised.Table, node("DequantizeLinear"), 1, l.w, scalar(float32(1))),
		"dynamic":    prepare(t, quantised.Microsoft, node("DynamicQuantizeMatMul"), 1, l.x, l.w, l.scale),
		"sum":        prepare(t, quantised.Microsoft, node("QLinearAdd"), 1, l.w, scalar(float32(1)), nil, l.w, scalar(float32(1)), nil, scalar(float32(2))),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := run()
			require.NoError(t, err)
			require.Zero(t, testing.AllocsPerRun(20, func() { _, _ = run() }))
		})
	}
}

func BenchmarkQuantLinear(b *testing.B) {
	rng := rand.New(rand.NewPCG(29, 30))
	for _, m := range []int{1, 8, 32, 128} {
		for _, size := range [][2]int{{384, 384}, {384, 1536}, {1536, 384}} {
			k, n := size[0], size[1]
			l := layer{x: randomFloats(rng, m, k), w: random[int8](rng, k, n), scale: scalar(float32(0.01)), bias: randomFloats(rng, n)}
			for i, v := range tensor.Of[int8](l.w) {
				tensor.Of[int8](l.w)[i] = v / 2 // as the quantiser makes them, for the fast kernel
			}
			run := prepare(b, quantised.Fused, node("QuantLinear"), 1, l.in()...)
			b.Run(fmt.Sprintf("m=%d/k=%d/n=%d", m, k, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					_, _ = run()
				}
				b.ReportMetric(float64(2*m*k*n)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "Gop/s")
			})
		}
	}
}

func BenchmarkQLinearConv(b *testing.B) {
	rng := rand.New(rand.NewPCG(31, 32))
	for name, s := range map[string]struct {
		x, w  []int
		group int64
	}{
		"kernel=1x1": {[]int{1, 64, 56, 56}, []int{64, 64, 1, 1}, 1},
		"kernel=3x3": {[]int{1, 64, 28, 28}, []int{64, 64, 3, 3}, 1},
		"depthwise":  {[]int{1, 64, 56, 56}, []int{64, 1, 3, 3}, 64},
	} {
		x, w := random[uint8](rng, s.x...), random[int8](rng, s.w...)
		n := node("QLinearConv", onnxpb.IntAttr("group", s.group))
		run := prepare(b, quantised.Table, n, 1, x, scalar(float32(0.1)), scalar(uint8(3)), w, scalar(float32(0.1)),
			scalar(int8(0)), scalar(float32(10)), scalar(uint8(9)))
		y, err := run()
		require.NoError(b, err)
		ops := 2 * y.Len() * w.Len() / w.Shape[0]
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_, _ = run()
			}
			b.ReportMetric(float64(ops)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "Gop/s")
		})
	}
}
