package quantised_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/op/quantised"
	"github.com/quintet-ai/quintet/internal/nn/optest"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

var errTooBig = fmt.Errorf("too much for a test: %w", quintet.ErrInput)

// value is the number that an integer stands for.
func value(x *tensor.Tensor, i int, scale float64, zero int) float64 {
	return float64(at(x, i)-zero) * scale
}

func TestBinaryOperatorsBroadcast(t *testing.T) {
	rng := rand.New(rand.NewPCG(41, 42))
	a, row, one := random[uint8](rng, 3, 1500), random[uint8](rng, 1500), random[uint8](rng)
	column := random[uint8](rng, 3, 1)
	half, quarter := scalar(float32(0.5)), scalar(float32(0.25))
	for name, tt := range map[string]struct {
		b    *tensor.Tensor
		from func(i int) int
	}{
		"the same shape": {random[uint8](rng, 3, 1500), func(i int) int { return i }},
		"a row":          {row, func(i int) int { return i % 1500 }},
		"a column":       {column, func(i int) int { return i / 1500 }},
		"a scalar":       {one, func(int) int { return 0 }},
	} {
		t.Run(name, func(t *testing.T) {
			y := run(t, quantised.Microsoft, node("QLinearAdd"), a, half, scalar(uint8(7)), tt.b, quarter, nil, half, scalar(uint8(1)))
			close1(t, func(i int) int {
				return rounded(value(a, i, 0.5, 7)+value(tt.b, tt.from(i), 0.25, 0), 0.5, 1, false)
			}, y)
			y = run(t, quantised.Microsoft, node("QLinearMul"), a, half, scalar(uint8(7)), tt.b, quarter, nil, half)
			close1(t, func(i int) int {
				return rounded(value(a, i, 0.5, 7)*value(tt.b, tt.from(i), 0.25, 0), 0.5, 0, false)
			}, y)
		})
	}
}

func TestUnaryOperators(t *testing.T) {
	x := random[int8](rand.New(rand.NewPCG(43, 44)), 700)
	in := []*tensor.Tensor{x, scalar(float32(0.05)), scalar(int8(3)), scalar(float32(1. / 256)), scalar(int8(-128))}
	y := run(t, quantised.Microsoft, node("QLinearSigmoid"), in...)
	close1(t, func(i int) int {
		return rounded(1/(1+math.Exp(-value(x, i, 0.05, 3))), 1./256, -128, true)
	}, y)
	in[3], in[4] = scalar(float32(0.05)), nil
	y = run(t, quantised.Microsoft, node("QLinearLeakyRelu", onnxpb.FloatAttr("alpha", 0.1)), in...)
	close1(t, func(i int) int {
		v := value(x, i, 0.05, 3)
		return rounded(max(v, 0.1*v), 0.05, 0, true)
	}, y)
}

func TestSoftmaxAlongAnAxis(t *testing.T) {
	x := random[uint8](rand.New(rand.NewPCG(45, 46)), 2, 5, 3)
	in := []*tensor.Tensor{x, scalar(float32(0.02)), nil, scalar(float32(1. / 256)), scalar(uint8(0))}
	for version, lines := range map[int64]func(i int) []int{
		13: func(i int) (all []int) { // along the axis
			for k := range 5 {
				all = append(all, i/15*15+k*3+i%3)
			}
			return all
		},
		12: func(i int) (all []int) { // over all from the axis on
			for k := range 15 {
				all = append(all, i/15*15+k)
			}
			return all
		},
	} {
		y := run(t, quantised.Microsoft, node("QLinearSoftmax", onnxpb.IntAttr("axis", 1), onnxpb.IntAttr("opset", version)), in...)
		close1(t, func(i int) int {
			sum := 0.0
			for _, j := range lines(i) {
				sum += math.Exp(value(x, j, 0.02, 0))
			}
			return rounded(math.Exp(value(x, i, 0.02, 0))/sum, 1./256, 0, false)
		}, y)
	}
}

func TestConcatBringsToOneScale(t *testing.T) {
	rng := rand.New(rand.NewPCG(47, 48))
	a, b := random[uint8](rng, 2, 3, 2), random[uint8](rng, 2, 1, 2)
	y := run(t, quantised.Microsoft, node("QLinearConcat", onnxpb.IntAttr("axis", 1)), scalar(float32(0.5)), scalar(uint8(10)),
		a, scalar(float32(0.25)), scalar(uint8(3)), b, scalar(float32(1)), scalar(uint8(4)))
	require.Equal(t, []int{2, 4, 2}, y.Shape)
	close1(t, func(i int) int {
		if k := i % 8; k < 6 {
			return rounded(value(a, i/8*6+k, 0.25, 3), 0.5, 10, false)
		} else {
			return rounded(value(b, i/8*2+k-6, 1, 4), 0.5, 10, false)
		}
	}, y)
}

func TestPoolsAreMeans(t *testing.T) {
	x := random[uint8](rand.New(rand.NewPCG(49, 50)), 2, 3, 5, 4)
	in := []*tensor.Tensor{x, scalar(float32(0.5)), scalar(uint8(9)), scalar(float32(0.4)), scalar(uint8(2))}
	mean := func(from func(c, y, x int) bool, n float64, channel int) int {
		sum := 0.0
		for i := range 20 {
			if from(channel, i/4, i%4) {
				sum += value(x, channel*20+i, 0.5, 9)
			}
		}
		return rounded(sum/n, 0.4, 2, false)
	}
	y := run(t, quantised.Microsoft, node("QLinearGlobalAveragePool"), in...)
	require.Equal(t, []int{2, 3, 1, 1}, y.Shape)
	close1(t, func(i int) int { return mean(func(_, _, _ int) bool { return true }, 20, i) }, y)

	for _, padding := range []int64{0, 1} {
		y = run(t, quantised.Microsoft, node("QLinearAveragePool", onnxpb.IntsAttr("kernel_shape", 2, 2),
			onnxpb.IntsAttr("strides", 2, 1), onnxpb.IntsAttr("pads", 1, 0, 0, 0), onnxpb.IntAttr("count_include_pad", padding)), in...)
		require.Equal(t, []int{2, 3, 3, 3}, y.Shape)
		close1(t, func(i int) int {
			oy, ox, n := i/3%3*2-1, i%3, 4.0
			if oy < 0 && padding == 0 {
				n = 2
			}
			return mean(func(_, y, x int) bool { return y-oy >= 0 && y-oy < 2 && x-ox >= 0 && x-ox < 2 }, n, i/9)
		}, y)
	}
}

func TestProductsToFloat(t *testing.T) {
	rng := rand.New(rand.NewPCG(51, 52))
	for i := range 20 {
		l := randomLayer(rng, 1+rng.IntN(70), 1+rng.IntN(30), 1+rng.IntN(30), i&1 > 0)
		l.add = nil
		want := l.naive(t, false)
		y := run(t, quantised.Microsoft, node("DynamicQuantizeMatMul"), l.x, l.w, l.scale, l.zero, l.bias)
		for j, got := range tensor.Of[float32](y) {
			require.InDelta(t, want[j], got, 1e-4*(1+math.Abs(want[j])))
		}
		dynamic := onnxpb.NewNode("DynamicQuantizeLinear", nil, []string{"q", "scale", "zero"})
		q, err := optest.Run(quantised.Table, dynamic, 21, l.x)
		require.NoError(t, err)
		z := run(t, quantised.Microsoft, node("MatMulIntegerToFloat"), q[0], l.w, q[1], l.scale, q[2], l.zero, l.bias)
		require.NoError(t, optest.Compare(z, y, 0, 0))
	}
}

func TestBadInput(t *testing.T) {
	rng := rand.New(rand.NewPCG(53, 54))
	x, b, w := randomFloats(rng, 2, 3), random[uint8](rng, 2, 3), random[int8](rng, 3, 4)
	picture, kernel := random[uint8](rng, 1, 2, 3, 3), random[int8](rng, 2, 2, 3, 3)
	s, z, z8 := scalar(float32(1)), scalar(uint8(0)), scalar(int8(0))
	tests := map[string]struct {
		table op.Table
		node  *onnxpb.Node
		in    []*tensor.Tensor
	}{
		"scales for another axis":      {quantised.Table, node("QuantizeLinear"), []*tensor.Tensor{x, vector[float32](1, 2)}},
		"zero points without scales":   {quantised.Table, node("QuantizeLinear"), []*tensor.Tensor{x, s, vector[uint8](1, 2, 3)}},
		"a product of unequal lengths": {quantised.Table, node("MatMulInteger"), []*tensor.Tensor{b, random[int8](rng, 2, 4)}},
		"a product of a scalar":        {quantised.Table, node("MatMulInteger"), []*tensor.Tensor{z, w}},
		"stacks that do not broadcast": {quantised.Table, node("MatMulInteger"), []*tensor.Tensor{random[uint8](rng, 2, 2, 3), random[int8](rng, 3, 3, 4)}},
		"zero points of other columns": {quantised.Table, node("MatMulInteger"), []*tensor.Tensor{b, w, z, vector[int8](1, 2)}},
		"two scales for all rows":      {quantised.Table, node("QLinearMatMul"), []*tensor.Tensor{b, vector[float32](1, 2), z, w, s, z8, s, z}},
		"channels that do not fit":     {quantised.Table, node("ConvInteger"), []*tensor.Tensor{picture, random[int8](rng, 2, 3, 1, 1)}},
		"groups that do not come out":  {quantised.Table, node("ConvInteger", onnxpb.IntAttr("group", 3)), []*tensor.Tensor{picture, kernel}},
		"a kernel beyond the picture":  {quantised.Table, node("ConvInteger"), []*tensor.Tensor{picture, random[int8](rng, 2, 2, 4, 4)}},
		"one stride of two":            {quantised.Table, node("ConvInteger", onnxpb.IntsAttr("strides", 1)), []*tensor.Tensor{picture, kernel}},
		"another kernel than said":     {quantised.Table, node("ConvInteger", onnxpb.IntsAttr("kernel_shape", 2, 2)), []*tensor.Tensor{picture, kernel}},
		"a bias of other channels":     {quantised.Table, node("QLinearConv"), []*tensor.Tensor{picture, s, z, kernel, s, z8, s, z, vector[int32](1)}},
		"sums that do not broadcast":   {quantised.Microsoft, node("QLinearAdd"), []*tensor.Tensor{b, s, z, vector[uint8](1, 2), s, z, s}},
		"softmax of what is not":       {quantised.Microsoft, node("QLinearSoftmax", onnxpb.IntAttr("axis", 2), onnxpb.IntAttr("opset", 13)), []*tensor.Tensor{b, s, z, s}},
		"a mean of no pixels":          {quantised.Microsoft, node("QLinearGlobalAveragePool"), []*tensor.Tensor{random[uint8](rng, 1, 2, 0), s, z, s}},
		"a bias of other columns":      {quantised.Microsoft, node("DynamicQuantizeMatMul"), []*tensor.Tensor{x, w, s, nil, vector[float32](1)}},
		"C that does not broadcast":    {quantised.Microsoft, node("QGemm"), []*tensor.Tensor{b, s, z, w, s, z8, vector[int32](1, 2)}},
		"rows of another length":       {quantised.Fused, node("QuantLinear"), []*tensor.Tensor{randomFloats(rng, 2, 4), w, s}},
		"scales of other columns":      {quantised.Fused, node("QuantLinear"), []*tensor.Tensor{x, w, vector[float32](1, 2)}},
		"to add another shape":         {quantised.Fused, node("QuantLinear"), []*tensor.Tensor{x, w, s, nil, nil, randomFloats(rng, 4)}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := optest.RunConst(tt.table, tt.node, 21, tt.in...)
			require.ErrorIs(t, err, quintet.ErrInput)
		})
	}
}

func TestRefusals(t *testing.T) {
	rng := rand.New(rand.NewPCG(55, 56))
	x, w, s := randomFloats(rng, 2, 3), random[int8](rng, 3, 4), scalar(float32(1))
	tests := map[string]struct {
		table op.Table
		node  *onnxpb.Node
		in    []*tensor.Tensor
	}{
		"16 bits":                      {quantised.Table, node("QuantizeLinear"), []*tensor.Tensor{x, s, scalar(uint16(0))}},
		"weights that are not known":   {quantised.Fused, node("QuantLinear"), []*tensor.Tensor{x, w, s}},
		"a stack of weights":           {quantised.Microsoft, node("DynamicQuantizeMatMul"), []*tensor.Tensor{x, random[int8](rng, 2, 3, 4), s}},
		"three dimensions":             {quantised.Table, node("ConvInteger"), []*tensor.Tensor{random[uint8](rng, 1, 1, 2, 2, 2), random[int8](rng, 1, 1, 1, 1, 1)}},
		"an unknown padding":           {quantised.Table, node("ConvInteger", onnxpb.TextAttr("auto_pad", "SOME")), []*tensor.Tensor{random[uint8](rng, 1, 1, 2), random[int8](rng, 1, 1, 1)}},
		"an average over the channels": {quantised.Microsoft, node("QLinearAveragePool", onnxpb.IntsAttr("kernel_shape", 1), onnxpb.IntAttr("channels_last", 1)), []*tensor.Tensor{random[uint8](rng, 1, 1, 2), s, nil, s}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := optest.Run(tt.table, tt.node, 21, tt.in...)
			require.ErrorIs(t, err, quintet.ErrUnsupported)
		})
	}
}

// FuzzOperators runs any operator with inputs of the right types in random order: it is
// refused, fails with a typed error, or gives an output whose elements fill its shape.
func FuzzOperators(f *testing.F) {
	type entry struct {
		table op.Table
		name  string
	}
	var all []entry
	for _, table := range []op.Table{quantised.Table, quantised.Microsoft, quantised.Fused} {
		for name := range table {
			all = append(all, entry{table, name})
		}
	}
	slices.SortStableFunc(all, func(a, b entry) int { return slices.Compare([]byte(a.name), []byte(b.name)) })
	for i := range all {
		for seed := range uint64(8) {
			f.Add(uint8(i), seed)
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, seed uint64) {
		rng := rand.New(rand.NewPCG(seed, 1))
		e := all[int(which)%len(all)]
		n, in := randomNode(rng, e.name), randomInputs(rng, e.name)
		var constant []int
		for i, x := range in {
			if x != nil && rng.IntN(2) == 0 {
				constant = append(constant, i)
			}
		}
		o, types, err := optest.Build(domainOf(e.table), n, 7+rng.IntN(15), in, constant...)
		c := &op.Ctx{Context: t.Context(), Mem: &slab{limit: 1 << 20}}
		out := make([]*tensor.Tensor, len(n.Outputs))
		for i := range out {
			out[i] = new(tensor.Tensor)
		}
		if err == nil {
			err = o.Run(c, in, out)
		}
		switch {
		case err == nil:
		case errors.Is(err, quintet.ErrInput), errors.Is(err, quintet.ErrUnsupported), errors.Is(err, quintet.ErrModel):
			return
		default:
			t.Fatalf("%s of %v: %v", n.OpType, in, err)
		}
		for i, y := range out {
			if k, _ := tensor.Count(y.Shape); y.Type != types[i] || k != y.Len() {
				t.Fatalf("%s of %v gives %v with %d elements of %s", n.OpType, in, y, y.Len(), types[i])
			}
		}
	})
}

func randomNode(rng *rand.Rand, name string) *onnxpb.Node {
	n := node(name)
	if name == "DynamicQuantizeLinear" {
		n.Outputs = []string{"a", "b", "c"}
	}
	for _, name := range []string{"axis", "group", "block_size", "transA", "transB", "ceil_mode", "per_row", "channels_last"} {
		if rng.IntN(4) == 0 {
			n.Attributes = append(n.Attributes, onnxpb.IntAttr(name, int64(rng.IntN(4)-1)))
		}
	}
	if name == "QLinearSoftmax" {
		n.Attributes = append(n.Attributes, onnxpb.IntAttr("opset", 12+rng.Int64N(2)))
	}
	for _, name := range []string{"strides", "dilations", "pads", "kernel_shape"} {
		if rng.IntN(3) == 0 {
			v := make([]int64, 2<<rng.IntN(2))
			for i := range v {
				v[i] = rng.Int64N(4)
			}
			n.Attributes = append(n.Attributes, onnxpb.IntsAttr(name, v...))
		}
	}
	return n
}

// randomInputs follows the types that the operators want, mostly.
func randomInputs(rng *rand.Rand, name string) []*tensor.Tensor {
	kinds := map[string]string{
		"ConvInteger": "ubub", "DequantizeLinear": "bfb", "DynamicQuantizeLinear": "f", "MatMulInteger": "ubub",
		"QLinearConv": "ufubfbfui", "QLinearMatMul": "ufubfbfu", "QuantizeLinear": "ffu", "DynamicQuantizeMatMul": "fbfbf",
		"MatMulIntegerToFloat": "ubffubf", "QGemm": "ufubfbifu", "QLinearConcat": "fuufuufu", "QuantLinear": "fbfbff",
	}[name]
	if kinds == "" {
		kinds = "ufufu"
		if name == "QLinearAdd" || name == "QLinearMul" {
			kinds = "ufuufufu"
		}
	}
	in := make([]*tensor.Tensor, len(kinds))
	for i, kind := range kinds {
		shape := make([]int, rng.IntN(5)*rng.IntN(2))
		if i == 0 || kind == 'b' && i < 4 && kinds[max(i-1, 0)] != 'f' {
			shape = make([]int, 1+rng.IntN(4))
		}
		for d := range shape {
			shape[d] = max(rng.IntN(5), rng.IntN(2))
		}
		switch {
		case rng.IntN(12) == 0:
		case kind == 'f':
			in[i] = randomFloats(rng, shape...)
		case kind == 'i':
			in[i] = tensor.From(make([]int32, 2), 2)
		default:
			in[i] = randomBytes(rng, kind == 'b', shape...)
		}
	}
	return in
}
