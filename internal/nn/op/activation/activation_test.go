package activation_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/op/activation"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

func softplus(x float64) float64 { return math.Log1p(math.Exp(x)) }

// functions are what each name means, with alpha 0.3 and beta 0.6.
var functions = map[string]func(x float64) float64{
	"":            func(x float64) float64 { return x },
	"Relu":        func(x float64) float64 { return max(x, 0) },
	"Clip":        func(x float64) float64 { return min(max(x, 0.3), 0.6) },
	"LeakyRelu":   func(x float64) float64 { return max(x, 0) + 0.3*min(x, 0) },
	"Elu":         func(x float64) float64 { return max(x, 0) + 0.3*math.Expm1(min(x, 0)) },
	"Sigmoid":     sigmoid,
	"Tanh":        math.Tanh,
	"HardSigmoid": func(x float64) float64 { return min(max(0.3*x+0.6, 0), 1) },
	"HardSwish":   func(x float64) float64 { return x * min(max(x/6+0.5, 0), 1) },
	"Silu":        func(x float64) float64 { return x * sigmoid(x) },
	"Gelu":        func(x float64) float64 { return 0.5 * x * (1 + math.Erf(x/math.Sqrt2)) },
	"GeluTanh":    func(x float64) float64 { return 0.5 * x * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x))) },
	"QuickGelu":   func(x float64) float64 { return x * sigmoid(0.3*x) },
	"Softplus":    softplus,
	"Mish":        func(x float64) float64 { return x * math.Tanh(softplus(x)) },
	"Erf":         math.Erf,
}

func TestFunctions(t *testing.T) {
	for name, want := range functions {
		t.Run(name, func(t *testing.T) {
			n := &op.Node{Attrs: []onnxpb.Attribute{onnxpb.TextAttr("activation", name), onnxpb.FloatAttr("alpha", 0.3),
				onnxpb.FloatAttr("beta", 0.6)}}
			f, err := activation.Of(n)
			require.NoError(t, err)
			require.True(t, f.Known())
			for count := range 40 {
				x := make([]float32, count)
				for i := range x {
					x[i] = float32(i)*0.37 - 5
				}
				f.Apply(x)
				for i, got := range x {
					arg := float64(float32(i)*0.37 - 5)
					require.InDelta(t, want(arg), float64(got), 2e-6*max(1, math.Abs(want(arg))), "of %v", arg)
				}
			}
			lo, hi, ok := f.Clamp()
			require.Equal(t, name == "Relu" || name == "Clip", ok)
			if ok {
				require.EqualValues(t, float32(want(-100)), lo)
				require.GreaterOrEqual(t, float64(hi), want(100)-1e-6)
			}
		})
	}
}

func TestOfRefuses(t *testing.T) {
	f, err := activation.Of(&op.Node{})
	require.NoError(t, err)
	require.Equal(t, activation.Func{}, f)
	_, err = activation.Of(&op.Node{Attrs: []onnxpb.Attribute{onnxpb.TextAttr("activation", "Frobnicate")}})
	require.ErrorIs(t, err, quintet.ErrUnsupported)
	for _, name := range []string{"activation", "alpha", "beta"} {
		_, err = activation.Of(&op.Node{Attrs: []onnxpb.Attribute{onnxpb.IntAttr(name, 1)}})
		require.ErrorIs(t, err, quintet.ErrModel)
	}
}
