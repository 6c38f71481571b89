package linear_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/op/linear"
	"github.com/quintet-ai/quintet/internal/nn/optest"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/nn/vec"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// whole is a tensor of small whole numbers, whose products are exact in all types.
func whole[T tensor.Elem](rng *rand.Rand, shape ...int) *tensor.Tensor {
	n := 1
	for _, d := range shape {
		n *= d
	}
	x := make([]T, n)
	for i := range x {
		x[i] = T(rng.IntN(7))
	}
	return tensor.From(x, shape...)
}

// naiveMatMul multiplies as numpy.matmul says.
func naiveMatMul[T tensor.Elem](t testing.TB, a, b *tensor.Tensor) *tensor.Tensor {
	t.Helper()
	as, bs := a.Shape, b.Shape
	if len(as) == 1 {
		as = []int{1, as[0]}
	}
	if len(bs) == 1 {
		bs = []int{bs[0], 1}
	}
	m, k, n := as[len(as)-2], as[len(as)-1], bs[len(bs)-1]
	batch, err := tensor.Broadcast(nil, as[:len(as)-2], bs[:len(bs)-2])
	require.NoError(t, err)
	sa, sb := tensor.BroadcastStrides(nil, as[:len(as)-2], batch), tensor.BroadcastStrides(nil, bs[:len(bs)-2], batch)
	shape := append([]int{}, batch...)
	if len(a.Shape) > 1 {
		shape = append(shape, m)
	}
	if len(b.Shape) > 1 {
		shape = append(shape, n)
	}
	out, err := tensor.New(tensor.TypeOf[T](), shape...)
	require.NoError(t, err)
	x, y, z := tensor.Of[T](a), tensor.Of[T](b), tensor.Of[T](out)
	for at := range z {
		i, rest := at, 0
		col, row := i%n, i/n%m
		i /= n * m
		atA, atB := 0, 0
		for d := len(batch) - 1; d >= 0; d-- {
			rest, i = i%batch[d], i/batch[d]
			atA, atB = atA+rest*sa[d], atB+rest*sb[d]
		}
		for p := range k {
			z[at] += x[(atA*m+row)*k+p] * y[(atB*k+p)*n+col]
		}
	}
	return out
}

var matrixShapes = [][2][]int{
	{{3, 4}, {4, 5}}, {{1, 1}, {1, 1}}, {{7, 16}, {16, 33}}, {{2, 3, 4}, {4, 5}}, {{2, 3, 4}, {2, 4, 5}}, {{3, 4}, {2, 4, 5}},
	{{2, 1, 3, 4}, {1, 5, 4, 2}}, {{1, 3, 4}, {6, 4, 2}}, {{4}, {4}}, {{4}, {4, 3}}, {{3, 4}, {4}}, {{4}, {2, 4, 3}}, {{2, 3, 4}, {4}},
	{{0, 4}, {4, 5}}, {{3, 0}, {0, 5}}, {{3, 4}, {4, 0}}, {{0, 3, 4}, {4, 5}}, {{2, 3, 0}, {2, 0, 5}}, {{5, 1, 1, 4}, {5, 2, 4, 1}},
	{{1, 2, 3, 4}, {2, 4, 5}}, {{2, 1, 6, 8}, {8, 9}}, {{17, 30}, {30, 17}}, {{1, 300}, {300, 40}},
}

func TestMatMulIsTheNaiveOne(t *testing.T) {
	matMulOf[float32](t)
	matMulOf[float64](t)
	matMulOf[int32](t)
	matMulOf[int64](t)
	matMulOf[uint32](t)
	matMulOf[uint64](t)
}

func matMulOf[T tensor.Elem](t *testing.T) {
	t.Helper()
	rng := seeded()
	for _, s := range matrixShapes {
		t.Run(fmt.Sprintf("%s %v %v", tensor.TypeOf[T](), s[0], s[1]), func(t *testing.T) {
			a, b := whole[T](rng, s[0]...), whole[T](rng, s[1]...)
			want := naiveMatMul[T](t, a, b)
			near(t, want, result(t, linear.Table, "MatMul", list(a, b)))
			out, err := optest.RunConst(linear.Table, node("MatMul", list(a, b), 1), 13, a, b)
			require.NoError(t, err)
			near(t, want, out[0])
		})
	}
}

// halves is a tensor of float16 with the values of x.
func halves(x *tensor.Tensor) *tensor.Tensor {
	h := make([]uint16, x.Len())
	vec.FloatToHalf(h, tensor.Of[float32](x))
	y := tensor.From(h, x.Shape...)
	y.Type = onnxpb.Float16
	return y
}

func TestProductsOfFloat16AreThoseOfFloat32(t *testing.T) {
	rng := seeded()
	a, b, c := whole[float32](rng, 2, 5), whole[float32](rng, 5, 7), whole[float32](rng, 7)
	got := result(t, linear.Table, "MatMul", list(halves(a), halves(b)))
	near(t, halves(naiveMatMul[float32](t, a, b)), got)
	got = result(t, linear.Table, "Gemm", list(halves(a), halves(b), halves(c)))
	near(t, halves(result(t, linear.Table, "Gemm", list(a, b, c))), got)
	q := random(rng, 1, 4, 8)
	got = result(t, linear.Microsoft, "MultiHeadAttention", list(halves(q), halves(q), halves(q)), onnxpb.IntAttr("num_heads", 2))
	require.Equal(t, onnxpb.Float16, got.Type)
}

func TestFusedMatMulTransposes(t *testing.T) {
	rng := seeded()
	for _, lead := range [][]int{nil, {2}, {2, 3}} {
		a, b := whole[float32](rng, append(lead, 3, 4)...), whole[float32](rng, 4, 5)
		at := result(t, linear.Microsoft, "FusedMatMul", list(a, eye(4)))
		near(t, a, at)
		turned := transposed(a)
		want := naiveMatMul[float32](t, a, b)
		for i := range tensor.Of[float32](want) {
			tensor.Of[float32](want)[i] *= 0.5
		}
		in := list(turned, transposed(b))
		flags := with(onnxpb.IntAttr("transA", 1), onnxpb.IntAttr("transB", 1), onnxpb.FloatAttr("alpha", 0.5))
		near(t, want, result(t, linear.Microsoft, "FusedMatMul", in, flags...))
		out, err := optest.RunConst(linear.Microsoft, node("FusedMatMul", in, 1, flags...), 1, in...)
		require.NoError(t, err)
		near(t, want, out[0])
	}
	v := whole[float32](rng, 4) // a vector stays what it is
	near(t, naiveMatMul[float32](t, v, eye(4)), result(t, linear.Microsoft, "FusedMatMul", list(v, eye(4)), onnxpb.IntAttr("transA", 1)))
}

func with(a ...onnxpb.Attribute) []onnxpb.Attribute { return a }

func eye(n int) *tensor.Tensor {
	x := make([]float32, n*n)
	for i := range n {
		x[i*n+i] = 1
	}
	return tensor.From(x, n, n)
}

// transposed swaps the last two dimensions.
func transposed(x *tensor.Tensor) *tensor.Tensor {
	y := x.Clone()
	n := len(x.Shape)
	rows, cols := x.Shape[n-2], x.Shape[n-1]
	y.Shape[n-2], y.Shape[n-1] = cols, rows
	from, to := tensor.Of[float32](x), tensor.Of[float32](y)
	for i := range from {
		page, r, c := i/(rows*cols), i/cols%rows, i%cols
		to[page*rows*cols+c*rows+r] = from[i]
	}
	return y
}

func TestManyThreadsGiveWhatOneDoes(t *testing.T) {
	rng := seeded()
	long := func(shape ...int) *tensor.Tensor { return whole[float32](rng, shape...) }
	q := random(rng, 2, 150, 24*8)
	tests := map[string]struct {
		table op.Table
		typ   string
		in    []*tensor.Tensor
		attrs []onnxpb.Attribute
	}{
		"rows":        {linear.Table, "MatMul", list(long(300, 64), long(64, 100)), nil},
		"columns":     {linear.Table, "MatMul", list(long(2, 640), long(640, 1000)), nil},
		"a batch":     {linear.Table, "MatMul", list(long(8, 3, 60, 64), long(3, 64, 60)), nil},
		"whole":       {linear.Table, "MatMul", list(whole[int32](rng, 300, 64), whole[int32](rng, 64, 100)), nil},
		"whole, wide": {linear.Table, "MatMul", list(whole[int64](rng, 1, 640), whole[int64](rng, 640, 2000)), nil},
		"Gemm":        {linear.Table, "Gemm", list(long(300, 64), long(100, 64), long(100)), with(onnxpb.IntAttr("transB", 1))},
		"Linear":      {linear.Fused, "Linear", list(long(300, 64), long(64, 100)), with(onnxpb.TextAttr("activation", "Gelu"))},
		"Linear, wide": {linear.Fused, "Linear", list(long(2, 640), long(640, 1000), nil, long(2, 1000)),
			with(onnxpb.TextAttr("activation", "Tanh"))},
		"Attention": {linear.Fused, "Attention", list(q, q, q), with(onnxpb.IntAttr("heads", 24), onnxpb.FloatAttr("scale", 0.1))},
		"Einsum":    {linear.Table, "Einsum", list(long(300, 64), long(64, 100)), with(onnxpb.TextAttr("equation", "ij,jk->ki"))},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			n := node(tt.typ, tt.in, 1, tt.attrs...)
			o, _, err := optest.Build(op.Domains{"": tt.table}, n, 23, tt.in, 1)
			require.NoError(t, err)
			want := &tensor.Tensor{}
			require.NoError(t, o.Run(optest.NewCtx(), tt.in, list(want)))
			for _, threads := range []int{2, 3, 20} {
				c, got := optest.NewCtx(), &tensor.Tensor{}
				c.Team = team(threads)
				require.NoError(t, o.Run(c, tt.in, list(got)))
				near(t, want, got)
			}
		})
	}
}
