package elementwise_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/op/elementwise"
	"github.com/quintet-ai/quintet/internal/nn/optest"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/nn/vec"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// below0 is f below zero and the identity from there on.
func below0(f func(float64) float64) func(float64) float64 {
	return func(x float64) float64 {
		if x < 0 {
			return f(x)
		}
		return x
	}
}

func TestFunctionsAreTheirDefinitions(t *testing.T) {
	alpha := func(v float32) onnxpb.Attribute { return onnxpb.FloatAttr("alpha", v) }
	gelu := func(x float64) float64 { return x * 0.5 * (1 + math.Erf(x/math.Sqrt2)) }
	geluTanh := func(x float64) float64 { return x * logistic(2*math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x)) }
	tests := map[string]struct {
		table op.Table
		node  *onnxpb.Node
		f     func(float64) float64
	}{
		"Sqrt":       {elementwise.Table, node("Sqrt", 1), math.Sqrt},
		"Exp":        {elementwise.Table, node("Exp", 1), math.Exp},
		"Log":        {elementwise.Table, node("Log", 1), math.Log},
		"Sin":        {elementwise.Table, node("Sin", 1), math.Sin},
		"Atan":       {elementwise.Table, node("Atan", 1), math.Atan},
		"Sigmoid":    {elementwise.Table, node("Sigmoid", 1), logistic},
		"Softplus":   {elementwise.Table, node("Softplus", 1), func(x float64) float64 { return math.Log1p(math.Exp(x)) }},
		"Mish":       {elementwise.Table, node("Mish", 1), func(x float64) float64 { return x * math.Tanh(math.Log1p(math.Exp(x))) }},
		"Gelu":       {elementwise.Table, node("Gelu", 1), gelu},
		"tanh Gelu":  {elementwise.Table, node("Gelu", 1, onnxpb.TextAttr("approximate", "tanh")), geluTanh},
		"Swish":      {elementwise.Table, node("Swish", 1, alpha(2)), func(x float64) float64 { return x * logistic(2*x) }},
		"LeakyRelu":  {elementwise.Table, node("LeakyRelu", 1, alpha(0.25)), below0(func(x float64) float64 { return x / 4 })},
		"Elu":        {elementwise.Table, node("Elu", 1, alpha(0.5)), below0(func(x float64) float64 { return math.Expm1(x) / 2 })},
		"Celu":       {elementwise.Table, node("Celu", 1, alpha(0.5)), below0(func(x float64) float64 { return math.Expm1(x*2) / 2 })},
		"plain Celu": {elementwise.Table, node("Celu", 1), below0(math.Expm1)},
		"Round":      {elementwise.Table, node("Round", 1), math.RoundToEven},
		"Sign":       {elementwise.Table, node("Sign", 1), func(x float64) float64 { return math.Copysign(1, x) }},
		"old Clip": {elementwise.Table, node("Clip", 1, onnxpb.FloatAttr("min", -0.5), onnxpb.FloatAttr("max", 1)),
			func(x float64) float64 { return math.Min(math.Max(x, -0.5), 1) }},
		"Gelu of com.microsoft": {elementwise.Microsoft, node("Gelu", 1), gelu},
		"FastGelu":              {elementwise.Microsoft, node("FastGelu", 1), geluTanh},
		"QuickGelu":             {elementwise.Microsoft, node("QuickGelu", 1), func(x float64) float64 { return x * logistic(1.702*x) }},
	}
	rng := rand.New(rand.NewPCG(5, 6))
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			x := random(rng, 3, 67)
			double := make([]float64, x.Len())
			half, err := tensor.New(onnxpb.Float16, 3, 67)
			require.NoError(t, err)
			want := make([]float64, x.Len())
			single := make([]float32, x.Len())
			vec.FloatToHalf(tensor.Of[uint16](half), tensor.Of[float32](x))
			vec.HalfToFloat(tensor.Of[float32](x), tensor.Of[uint16](half))
			for i, v := range tensor.Of[float32](x) {
				double[i], want[i] = float64(v), tt.f(float64(v))
				single[i] = float32(want[i])
			}
			opset := 20
			if name == "old Clip" {
				opset = 10
			}
			out, err := optest.Run(tt.table, tt.node, opset, x)
			require.NoError(t, err)
			require.NoError(t, optest.Compare(out[0], tensor.From(single, 3, 67), 1e-6, 1e-6))
			out, err = optest.Run(tt.table, tt.node, opset, tensor.From(double, 3, 67))
			require.NoError(t, err)
			require.NoError(t, optest.Compare(out[0], tensor.From(want, 3, 67), 1e-7, 1e-9)) // attributes are float32
			out, err = optest.Run(tt.table, tt.node, opset, half)
			require.NoError(t, err)
			vec.FloatToHalf(tensor.Of[uint16](half), single)
			require.NoError(t, optest.Compare(out[0], half, 1.0/512, 1e-6))
		})
	}
}

func TestPowersByOneExponent(t *testing.T) {
	inf := float32(math.Inf(1))
	x := []float32{0, float32(math.Copysign(0, -1)), 1, -1, 2, -2, 0.3, 1e20, inf, float32(math.NaN()), -inf}
	for _, n := range []int{len(x), len(x) - 1, len(x) - 2} { // without -Inf, without NaN
		for _, e := range []float32{0, 1, 2, 3, -1, 0.5, -0.5, 1.5, -3, inf} {
			t.Run(fmt.Sprintf("n=%d/e=%v", n, e), func(t *testing.T) {
				want := make([]float32, n)
				for i, v := range x[:n] {
					want[i] = float32(math.Pow(float64(v), float64(e)))
				}
				out, err := optest.Run(elementwise.Table, node("Pow", 2), 13, tensor.From(x[:n], n), tensor.From([]float32{e}))
				require.NoError(t, err)
				require.NoError(t, optest.Compare(out[0], tensor.From(want, n), 1e-6, 0))
			})
		}
	}
}

func TestIntegersWrapAround(t *testing.T) {
	least := tensor.From([]int8{-128, -1, 5}, 3)
	unsigned := tensor.From([]uint8{200, 1, 0}, 3)
	i8 := func(v ...int8) *tensor.Tensor { return tensor.From(v, len(v)) }
	tests := map[string]struct {
		node *onnxpb.Node
		in   []*tensor.Tensor
		want *tensor.Tensor
	}{
		"a sum":                        {node("Add", 2), []*tensor.Tensor{least, least}, i8(0, -2, 10)},
		"the least by minus one":       {node("Div", 2), []*tensor.Tensor{least, i8(-1)}, i8(-128, 1, -5)},
		"the least's remainder":        {node("Mod", 2), []*tensor.Tensor{least, i8(-1)}, i8(0, 0, 0)},
		"a remainder as the divisor":   {node("Mod", 2), []*tensor.Tensor{i8(-7, 7, 7), i8(3, -3, 3)}, i8(2, -2, 1)},
		"a remainder as the dividend":  {node("Mod", 2, onnxpb.IntAttr("fmod", 1)), []*tensor.Tensor{i8(-7, 7, 7), i8(3, -3, 3)}, i8(-1, 1, 1)},
		"a quotient towards zero":      {node("Div", 2), []*tensor.Tensor{i8(-7, 7, -6), i8(2, -2, 2)}, i8(-3, -3, -3)},
		"an absolute value":            {node("Abs", 1), []*tensor.Tensor{least}, i8(-128, 1, 5)},
		"a sign":                       {node("Sign", 1), []*tensor.Tensor{least}, i8(-1, -1, 1)},
		"an unsigned sign":             {node("Sign", 1), []*tensor.Tensor{unsigned}, tensor.From([]uint8{1, 1, 0}, 3)},
		"a negative":                   {node("Neg", 1), []*tensor.Tensor{least}, i8(-128, 1, -5)},
		"a rectified integer":          {node("Relu", 1), []*tensor.Tensor{least}, i8(0, 0, 5)},
		"a bitwise complement":         {node("BitwiseNot", 1), []*tensor.Tensor{unsigned}, tensor.From([]uint8{55, 254, 255}, 3)},
		"bits in common":               {node("BitwiseAnd", 2), []*tensor.Tensor{least, i8(4)}, i8(0, 4, 4)},
		"bits in either":               {node("BitwiseOr", 2), []*tensor.Tensor{least, i8(4)}, i8(-124, -1, 5)},
		"bits in one":                  {node("BitwiseXor", 2), []*tensor.Tensor{least, i8(4)}, i8(-124, -5, 1)},
		"a shift by more than is left": {node("BitShift", 2, onnxpb.TextAttr("direction", "LEFT")), []*tensor.Tensor{unsigned, tensor.From([]uint8{1, 9, 3}, 3)}, tensor.From([]uint8{144, 0, 0}, 3)},
		"a negative power":             {node("Pow", 2), []*tensor.Tensor{tensor.From([]int32{2, 1, -1}, 3), tensor.From([]int32{-1}, 1)}, tensor.From([]int32{0, 1, -1}, 3)},
		"an exact power":               {node("Pow", 2), []*tensor.Tensor{tensor.From([]int64{3, -3}, 2), tensor.From([]int64{39}, 1)}, tensor.From([]int64{4052555153018976267, -4052555153018976267}, 2)},
		"a clip":                       {node("Clip", 3), []*tensor.Tensor{least, nil, i8(-100)}, i8(-128, -100, -100)},
		"crossed bounds":               {node("Clip", 3), []*tensor.Tensor{least, i8(3), i8(2)}, i8(2, 2, 2)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			out, err := optest.Run(elementwise.Table, tt.node, 18, tt.in...)
			require.NoError(t, err)
			require.NoError(t, optest.Compare(out[0], tt.want, 0, 0))
		})
	}
}

func TestNaNAndInfinity(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	x := tensor.From([]float32{nan, inf, -inf, -1, 2}, 5)
	f := func(v ...float32) *tensor.Tensor { return tensor.From(v, len(v)) }
	b := func(v ...uint8) *tensor.Tensor {
		return &tensor.Tensor{Type: onnxpb.Bool, Shape: []int{len(v)}, Data: v}
	}
	tests := map[string]struct {
		node *onnxpb.Node
		in   []*tensor.Tensor
		want *tensor.Tensor
	}{
		"IsNaN":          {node("IsNaN", 1), []*tensor.Tensor{x}, b(1, 0, 0, 0, 0)},
		"IsInf":          {node("IsInf", 1), []*tensor.Tensor{x}, b(0, 1, 1, 0, 0)},
		"IsInf below":    {node("IsInf", 1, onnxpb.IntAttr("detect_positive", 0)), []*tensor.Tensor{x}, b(0, 0, 1, 0, 0)},
		"Greater":        {node("Greater", 2), []*tensor.Tensor{x, f(0)}, b(0, 1, 0, 0, 1)},
		"LessOrEqual":    {node("LessOrEqual", 2), []*tensor.Tensor{x, f(0)}, b(0, 0, 1, 1, 0)},
		"Equal":          {node("Equal", 2), []*tensor.Tensor{x, x}, b(0, 1, 1, 1, 1)},
		"Max":            {node("Max", 2), []*tensor.Tensor{x, f(0)}, f(nan, inf, 0, 0, 2)},
		"Relu":           {node("Relu", 1), []*tensor.Tensor{x}, f(nan, inf, 0, 0, 2)},
		"Clip":           {node("Clip", 3), []*tensor.Tensor{x, f(0), f(1)}, f(nan, 1, 0, 0, 1)},
		"Sign":           {node("Sign", 1), []*tensor.Tensor{x}, f(nan, 1, -1, -1, 1)},
		"PRelu":          {node("PRelu", 2), []*tensor.Tensor{x, f(2, 2, 2, 2, 2)}, f(nan, inf, -inf, -2, 2)},
		"PRelu of Alpha": {node("PRelu", 2), []*tensor.Tensor{x, f(2)}, f(nan, inf, -inf, -2, 2)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			out, err := optest.Run(elementwise.Table, tt.node, 18, tt.in...)
			require.NoError(t, err)
			require.NoError(t, optest.Compare(out[0], tt.want, 0, 0))
		})
	}
}

func TestDropoutMaskHasTheTypeOfTheOpset(t *testing.T) {
	n := &onnxpb.Node{OpType: "Dropout", Inputs: []string{"x"}, Outputs: []string{"y", "mask"}}
	x := tensor.From([]float32{3, 4}, 2)
	for opset, typ := range map[int]tensor.DType{7: onnxpb.Float, 13: onnxpb.Bool} {
		out, err := optest.Run(elementwise.Table, n, opset, x)
		require.NoError(t, err)
		require.Equal(t, typ, out[1].Type)
		require.NoError(t, optest.Compare(out[0], x, 0, 0))
	}
}

func TestFusedNodesAreTheirParts(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	name := func(v string) onnxpb.Attribute { return onnxpb.TextAttr("activation", v) }
	for _, f := range []string{"Relu", "Sigmoid", "Tanh", "HardSwish", "Gelu", "Softplus"} {
		for _, s := range [][2][]int{{{2, 5000}, {2, 5000}}, {{2, 5000}, {5000}}, {{6, 5, 4}, {6, 1, 4}}, {{300, 50}, {300, 1}}, {{300, 1}, {300, 50}}} {
			t.Run(fmt.Sprint(f, s), func(t *testing.T) {
				a, b := random(rng, s[0]...), random(rng, s[1]...)
				sum, err := optest.Run(elementwise.Table, node("Add", 2), 20, a, b)
				require.NoError(t, err)
				want, err := optest.Run(elementwise.Table, node(f, 1), 20, sum[0])
				require.NoError(t, err)
				got, err := optest.Run(elementwise.Fused, node("AddActivation", 2, name(f)), 1, a, b)
				require.NoError(t, err)
				require.NoError(t, optest.Compare(got[0], want[0], 0, 0))
				got, err = optest.Run(elementwise.Fused, node("Activation", 1, name(f)), 1, sum[0])
				require.NoError(t, err)
				require.NoError(t, optest.Compare(got[0], want[0], 0, 0))
			})
		}
	}
	a, b := random(rng, 4, 40), random(rng, 40)
	sum, err := optest.Run(elementwise.Table, node("Add", 2), 20, a, b)
	require.NoError(t, err)
	for f, attr := range map[string]string{"BiasGelu": "none", "FastGelu": "tanh"} {
		want, err := optest.Run(elementwise.Table, node("Gelu", 1, onnxpb.TextAttr("approximate", attr)), 20, sum[0])
		require.NoError(t, err)
		got, err := optest.Run(elementwise.Microsoft, node(f, 2), 1, a, b)
		require.NoError(t, err)
		require.NoError(t, optest.Compare(got[0], want[0], 0, 0))
	}
}
