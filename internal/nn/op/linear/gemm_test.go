package linear_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/op/linear"
	"github.com/quintet-ai/quintet/internal/nn/optest"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/nn/vec"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

func TestGemmIsTheNaiveOne(t *testing.T) {
	gemmOf[float32](t)
	gemmOf[float64](t)
	gemmOf[int32](t)
	gemmOf[int64](t)
	gemmOf[uint32](t)
	gemmOf[uint64](t)
}

func gemmOf[T tensor.Elem](t *testing.T) {
	t.Helper()
	rng := seeded()
	for i, s := range [][3]int{{1, 1, 1}, {3, 4, 5}, {7, 17, 18}, {0, 3, 4}, {3, 0, 4}, {3, 4, 0}, {30, 40, 50}} {
		for _, c := range [][]int{nil, {}, {1}, {s[2]}, {1, s[2]}, {s[0], 1}, {s[0], s[2]}} {
			transA, transB := i%2, i/2%2
			as, bs := []int{s[0], s[1]}, []int{s[1], s[2]}
			if transA == 1 {
				as = []int{s[1], s[0]}
			}
			if transB == 1 {
				bs = []int{s[2], s[1]}
			}
			in := list(whole[T](rng, as...), whole[T](rng, bs...))
			if c != nil {
				in = append(in, whole[T](rng, c...))
			}
			attrs := with(onnxpb.FloatAttr("alpha", 2), onnxpb.FloatAttr("beta", 3),
				onnxpb.IntAttr("transA", int64(transA)), onnxpb.IntAttr("transB", int64(transB)))
			want := naiveGemm[T](in, s, transA == 1, transB == 1)
			near(t, want, result(t, linear.Table, "Gemm", in, attrs...))
			out, err := optest.RunConst(linear.Table, node("Gemm", in, 1, attrs...), 13, in...)
			require.NoError(t, err)
			near(t, want, out[0])
		}
	}
}

// naiveGemm is 2*A*B + 3*C.
func naiveGemm[T tensor.Elem](in []*tensor.Tensor, s [3]int, transA, transB bool) *tensor.Tensor {
	a, b, z := tensor.Of[T](in[0]), tensor.Of[T](in[1]), make([]T, s[0]*s[2])
	for i := range s[0] {
		for j := range s[2] {
			var sum T
			for p := range s[1] {
				ia, ib := i*s[1]+p, p*s[2]+j
				if transA {
					ia = p*s[0] + i
				}
				if transB {
					ib = j*s[1] + p
				}
				sum += a[ia] * b[ib]
			}
			z[i*s[2]+j] = 2 * sum
			if len(in) > 2 {
				st := tensor.BroadcastStrides(nil, in[2].Shape, []int{s[0], s[2]})
				z[i*s[2]+j] += 3 * tensor.Of[T](in[2])[i*st[0]+j*st[1]]
			}
		}
	}
	return tensor.From(z, s[0], s[2])
}

func TestLinearIsGemmWithAnActivation(t *testing.T) {
	rng := seeded()
	for _, s := range [][3]int{{1, 4, 3}, {50, 16, 32}, {100, 5, 17}, {0, 3, 4}, {3, 4, 0}, {2, 0, 5}} {
		x, w, bias, add := random(rng, s[0], s[1]), random(rng, s[1], s[2]), random(rng, s[2]), random(rng, s[0], s[2])
		for _, name := range []string{"", "Relu", "Tanh"} {
			in := list(x, w, bias, add)
			n := node("Linear", in, 1, onnxpb.TextAttr("activation", name))
			o, _, err := optest.Build(op.Domains{"": linear.Fused}, n, 1, in, 1, 2)
			require.NoError(t, err)
			got, want := &tensor.Tensor{}, result(t, linear.Table, "Gemm", list(x, w, bias))
			require.NoError(t, o.Run(optest.NewCtx(), in, list(got)))
			y := tensor.Of[float32](want)
			vec.Add(y, y, tensor.Of[float32](add))
			switch name {
			case "Relu":
				vec.Relu(y, y)
			case "Tanh":
				vec.Tanh(y, y)
			}
			near(t, want, got)
			in[3] = random(rng, s[0]+1, s[2])
			require.ErrorIs(t, o.Run(optest.NewCtx(), in, list(got)), quintet.ErrInput)
		}
	}
}
