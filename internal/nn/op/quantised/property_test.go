package quantised_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/nn/op/quantised"
	"github.com/quintet-ai/quintet/internal/nn/optest"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// product is the sum that MatMulInteger defines, for matrices.
func product(a, b, aZero, bZero *tensor.Tensor, row, col, k, n int) int {
	sum := 0
	for i := range k {
		sum += (at(a, row*k+i) - at(aZero, row)) * (at(b, i*n+col) - at(bZero, col))
	}
	return sum
}

func TestMatMulIntegerIsTheSum(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range 40 {
		m, k, n := 1+rng.IntN(70), 1+rng.IntN(40), 1+rng.IntN(40)
		aSigned, bSigned := i&1 > 0, i&2 > 0
		a, b := randomBytes(rng, aSigned, m, k), randomBytes(rng, bSigned, k, n)
		var aZero, bZero *tensor.Tensor
		switch i / 4 % 3 {
		case 1:
			aZero, bZero = randomBytes(rng, aSigned), randomBytes(rng, bSigned)
		case 2:
			aZero, bZero = randomBytes(rng, aSigned, m), randomBytes(rng, bSigned, n)
		}
		y := run(t, quantised.Table, node("MatMulInteger"), a, b, aZero, bZero)
		require.Equal(t, []int{m, n}, y.Shape)
		for j, got := range tensor.Of[int32](y) {
			require.EqualValues(t, product(a, b, aZero, bZero, j/n, j%n, k, n), got)
		}
	}
}

func TestMatMulIntegerBroadcastsStacks(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	tests := map[string]struct{ a, b, want []int }{
		"one matrix on the right": {[]int{2, 3, 4, 5}, []int{5, 6}, []int{2, 3, 4, 6}},
		"one matrix on the left":  {[]int{4, 5}, []int{3, 5, 6}, []int{3, 4, 6}},
		"stretched both ways":     {[]int{2, 1, 4, 5}, []int{1, 3, 5, 6}, []int{2, 3, 4, 6}},
		"vector on the left":      {[]int{5}, []int{3, 5, 6}, []int{3, 6}},
		"vector on the right":     {[]int{3, 4, 5}, []int{5}, []int{3, 4}},
		"two vectors":             {[]int{5}, []int{5}, []int{}},
		"no rows":                 {[]int{2, 0, 5}, []int{5, 6}, []int{2, 0, 6}},
		"nothing to sum":          {[]int{2, 0}, []int{0, 3}, []int{2, 3}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			a, b := random[uint8](rng, tt.a...), random[int8](rng, tt.b...)
			y := run(t, quantised.Table, node("MatMulInteger"), a, b)
			require.Equal(t, tt.want, append([]int{}, y.Shape...))
			if len(tt.a) == 4 && len(tt.b) == 4 {
				for i := range 2 {
					for j := range 3 {
						x := &tensor.Tensor{Type: a.Type, Shape: []int{4, 5}, Data: a.Data[i*20 : i*20+20]}
						w := &tensor.Tensor{Type: b.Type, Shape: []int{5, 6}, Data: b.Data[j*30 : j*30+30]}
						for k, got := range tensor.Of[int32](y)[(i*3+j)*24:][:24] {
							require.EqualValues(t, product(x, w, nil, nil, k/6, k%6, 5, 6), got)
						}
					}
				}
			}
		})
	}
}

func TestQLinearMatMulRoundsTheSum(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for i := range 40 {
		m, k, n := 1+rng.IntN(70), 1+rng.IntN(40), 1+rng.IntN(40)
		a, b := randomBytes(rng, i&1 > 0, m, k), randomBytes(rng, i&2 > 0, k, n)
		aZero, bZero, yZero := randomBytes(rng, i&1 > 0), randomBytes(rng, i&2 > 0), randomBytes(rng, i&4 > 0)
		bScale := scalar(float32(0.02))
		if i%3 == 0 {
			bScale = vector(make([]float32, n)...)
			for j := range n {
				tensor.Of[float32](bScale)[j] = 0.01 + 0.001*float32(j)
			}
		}
		aScale, yScale := scalar(float32(0.03)), scalar(float32(4))
		y := run(t, quantised.Table, node("QLinearMatMul"), a, aScale, aZero, b, bScale, bZero, yScale, yZero)
		close1(t, func(j int) int {
			v := float64(product(a, b, aZero, bZero, j/n, j%n, k, n)) * 0.03 * floatAt(bScale, j%n)
			return rounded(v, 4, at(yZero, 0), i&4 > 0)
		}, y)
	}
}

func TestQGemmIsTheFormula(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for i := range 16 {
		m, k, n := 1+rng.IntN(40), 1+rng.IntN(20), 1+rng.IntN(20)
		a, b := randomBytes(rng, false, m, k), randomBytes(rng, true, k, n)
		bias := vector(make([]int32, n)...)
		for j := range n {
			tensor.Of[int32](bias)[j] = int32(j*100 - 300)
		}
		at1, bt := a, b
		attrs := []onnxpb.Attribute{onnxpb.FloatAttr("alpha", 0.5)}
		if i&1 > 0 {
			at1, attrs = turned(a), append(attrs, onnxpb.IntAttr("transA", 1))
		}
		if i&2 > 0 {
			bt, attrs = turned(b), append(attrs, onnxpb.IntAttr("transB", 1))
		}
		in := []*tensor.Tensor{at1, scalar(float32(0.1)), scalar(uint8(9)), bt, scalar(float32(0.2)), scalar(int8(-3)), bias}
		sum := func(j int) float64 {
			v := product(a, b, in[2], in[5], j/n, j%n, k, n) + int(tensor.Of[int32](bias)[j%n])
			return float64(v) * 0.1 * 0.2 * 0.5
		}
		y := run(t, quantised.Microsoft, node("QGemm", attrs...), in...)
		for j, got := range tensor.Of[float32](y) {
			require.InEpsilon(t, sum(j)+1e6, float64(got)+1e6, 1e-6)
		}
		y = run(t, quantised.Microsoft, node("QGemm", attrs...), append(in, scalar(float32(3)), scalar(int8(5)))...)
		close1(t, func(j int) int { return rounded(sum(j), 3, 5, true) }, y)
	}
}

// turned is the transpose of a matrix of bytes.
func turned(x *tensor.Tensor) *tensor.Tensor {
	y := x.Clone()
	m, n := x.Shape[0], x.Shape[1]
	y.Shape = []int{n, m}
	for i := range m {
		for j := range n {
			y.Data[j*m+i] = x.Data[i*n+j]
		}
	}
	return y
}

func TestConvolutionsAreTheSum(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	for i := range 60 {
		groups, in, out := 1+rng.IntN(3), 1+rng.IntN(9), 1+rng.IntN(9)
		if i%4 == 0 {
			groups, in, out = 2+rng.IntN(8), 1, 1
		}
		s := conv{n: 1 + rng.IntN(2), h: 1 + rng.IntN(9), w: 1 + rng.IntN(40), in: in, out: out, groups: groups,
			kh: 1 + rng.IntN(3), kw: 1 + rng.IntN(3), stride: 1 + rng.IntN(2), dilation: 1 + rng.IntN(2)}
		if i%5 == 0 {
			s.kh, s.kw, s.stride = 1, 1, 1
		} else {
			s.pads = [4]int{rng.IntN(3), rng.IntN(3), rng.IntN(3), rng.IntN(3)}
		}
		if s.height() < 1 || s.width() < 1 {
			continue
		}
		x, w := randomBytes(rng, i&1 > 0, s.n, groups*in, s.h, s.w), randomBytes(rng, i&2 > 0, groups*out, in, s.kh, s.kw)
		xZero, wZero := randomBytes(rng, i&1 > 0), randomBytes(rng, i&2 > 0)
		if i%3 == 0 {
			wZero = randomBytes(rng, i&2 > 0, groups*out)
		}
		y := run(t, quantised.Table, node("ConvInteger", s.attrs()...), x, w, xZero, wZero)
		require.Equal(t, []int{s.n, groups * out, s.height(), s.width()}, y.Shape)
		for j, got := range tensor.Of[int32](y) {
			require.EqualValues(t, s.sum(x, w, xZero, wZero, j), got, "%+v", s)
		}
		bias := vector(make([]int32, groups*out)...)
		for j := range bias.Len() {
			tensor.Of[int32](bias)[j] = int32(rng.IntN(2000) - 1000)
		}
		yZero := randomBytes(rng, i&4 > 0)
		q := run(t, quantised.Table, node("QLinearConv", s.attrs()...), x, scalar(float32(0.5)), xZero, w,
			scalar(float32(0.25)), wZero, scalar(float32(100)), yZero, bias)
		close1(t, func(j int) int {
			channel := j / (s.height() * s.width()) % (groups * out)
			v := s.sum(x, w, xZero, wZero, j) + int(tensor.Of[int32](bias)[channel])
			return rounded(float64(v)*0.125, 100, at(yZero, 0), i&4 > 0)
		}, q, "%+v", s)
	}
}

// conv is the geometry of a convolution, with in and out channels of a group.
type conv struct {
	n, h, w, in, out, groups, kh, kw, stride, dilation int
	pads                                               [4]int
}

func (s conv) height() int {
	return (s.h + s.pads[0] + s.pads[2] - (s.kh-1)*s.dilation - 1 + s.stride) / s.stride
}
func (s conv) width() int {
	return (s.w + s.pads[1] + s.pads[3] - (s.kw-1)*s.dilation - 1 + s.stride) / s.stride
}

func (s conv) attrs() []onnxpb.Attribute {
	two := func(name string, v int) onnxpb.Attribute { return onnxpb.IntsAttr(name, int64(v), int64(v)) }
	return []onnxpb.Attribute{two("strides", s.stride), two("dilations", s.dilation),
		onnxpb.IntAttr("group", int64(s.groups)),
		onnxpb.IntsAttr("pads", int64(s.pads[0]), int64(s.pads[1]), int64(s.pads[2]), int64(s.pads[3]))}
}

// sum is element j of the convolution by its definition.
func (s conv) sum(x, w, xZero, wZero *tensor.Tensor, j int) (sum int) {
	ox, oy := j%s.width(), j/s.width()%s.height()
	channel := j / (s.width() * s.height())
	image, channel := channel/(s.groups*s.out), channel%(s.groups*s.out)
	g := channel / s.out
	for c := range s.in {
		for ky := range s.kh {
			for kx := range s.kw {
				y0, x0 := oy*s.stride-s.pads[0]+ky*s.dilation, ox*s.stride-s.pads[1]+kx*s.dilation
				if y0 < 0 || y0 >= s.h || x0 < 0 || x0 >= s.w {
					continue
				}
				a := at(x, ((image*s.groups*s.in+g*s.in+c)*s.h+y0)*s.w+x0) - at(xZero, 0)
				sum += a * (at(w, ((channel*s.in+c)*s.kh+ky)*s.kw+kx) - at(wZero, channel))
			}
		}
	}
	return sum
}

func TestLinearScalesAreThoseOfTheAxis(t *testing.T) {
	x := randomFloats(rand.New(rand.NewPCG(11, 12)), 3, 4, 5)
	scale, zero := vector[float32](0.1, 0.2, 0.3, 0.4), vector[int8](0, 1, 2, 3)
	q := run(t, quantised.Table, node("QuantizeLinear", onnxpb.IntAttr("axis", -2)), x, scale, zero)
	for i := range q.Len() {
		k := i / 5 % 4
		require.Equal(t, rounded(float64(tensor.Of[float32](x)[i]/tensor.Of[float32](scale)[k]), 1, k, true), at(q, i))
	}
	y := run(t, quantised.Table, node("DequantizeLinear"), q, scale, zero)
	for i, got := range tensor.Of[float32](y) {
		k := i / 5 % 4
		require.Equal(t, float32(at(q, i)-k)*tensor.Of[float32](scale)[k], got)
	}
}

func TestLinearScalesOfBlocks(t *testing.T) {
	x := random[uint8](rand.New(rand.NewPCG(13, 14)), 2, 5, 3)
	scale := randomFloats(rand.New(rand.NewPCG(15, 16)), 2, 3, 3)
	y := run(t, quantised.Table, node("DequantizeLinear", onnxpb.IntAttr("block_size", 2)), x, scale)
	for i, got := range tensor.Of[float32](y) {
		o, k, j := i/15, i/3%5, i%3
		require.Equal(t, float32(at(x, i))*tensor.Of[float32](scale)[(o*3+k/2)*3+j], got)
	}
}

func TestDequantizeOfInt32(t *testing.T) {
	y := run(t, quantised.Table, node("DequantizeLinear"), vector[int32](-7, 1<<30), scalar(float32(0.5)))
	require.NoError(t, optest.Compare(y, vector[float32](-3.5, 1<<29), 0, 0))
}
