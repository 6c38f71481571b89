package spatial_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/nn/optest"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// randomWindow returns a window and an input size that it fits into; dimensions
// that do not exist are 1.
func randomWindow(rng *rand.Rand, rank int) (s sliding, in [3]int) {
	one := [3]int{1, 1, 1}
	s = sliding{kernel: one, stride: one, dilation: one, groups: 1}
	in = one
	for i := 3 - rank; i < 3; i++ {
		s.kernel[i], s.stride[i], s.dilation[i] = 1+rng.IntN(3), 1+rng.IntN(3), 1+rng.IntN(2)
		s.begin[i], s.end[i] = rng.IntN(s.kernel[i]), rng.IntN(s.kernel[i])
		in[i] = (s.kernel[i]-1)*s.dilation[i] + 1 + rng.IntN(7)
	}
	return s, in
}

// outSize is the size of what a window makes of in.
func (s *sliding) outSize(in [3]int, ceil bool) (out [3]int) {
	for i := range out {
		free := in[i] + s.begin[i] + s.end[i] - (s.kernel[i]-1)*s.dilation[i] - 1
		out[i] = free/s.stride[i] + 1
		if ceil && free%s.stride[i] != 0 && out[i]*s.stride[i] < in[i]+s.begin[i] {
			out[i]++
		}
	}
	return out
}

// attrs are the attributes that describe s.
func (s *sliding) attrs(rank int) []onnxpb.Attribute {
	return []onnxpb.Attribute{
		ints("kernel_shape", rank, s.kernel), ints("strides", rank, s.stride), ints("dilations", rank, s.dilation),
		ints("pads", rank, s.begin, s.end),
	}
}

func TestConvIsTheDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range 120 {
		rank := 1 + i%3
		s, size := randomWindow(rng, rank)
		in, out := 1+rng.IntN(3), 1+rng.IntN(5)
		switch rng.IntN(4) {
		case 0:
			s.groups = 1 + rng.IntN(3)
		case 1: // depthwise
			s.groups, in, out = 1+rng.IntN(20), 1, 1
		case 2:
			in, out = 1+rng.IntN(24), 1+rng.IntN(40)
		}
		x := randomVolume(rng, 1+rng.IntN(2), in*s.groups, size)
		w := randomVolume(rng, out*s.groups, in, s.kernel)
		bias := randomVolume(rng, 1, w.n, [3]int{1, 1, 1}).v
		weights, b := w.tensor(rank, false), tensor.From(bias, len(bias))
		attrs := append(s.attrs(rank), onnxpb.IntAttr("group", int64(s.groups)))
		want := naiveConv(x, w, bias, s, s.outSize(size, false))
		for _, last := range []bool{false, true} {
			how := way{13, rng.IntN(2) == 0, 1 + rng.IntN(3)}
			got, err := run(node(last, "Conv", attrs), how, x.tensor(rank, last), weights, b)
			require.NoError(t, err)
			require.NoError(t, optest.Compare(got[0], want.tensor(rank, last), 1e-4, 1e-4), "%d: %+v %+v", i, s, how)
		}
	}
}

func TestConvAddsBeforeItActivates(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	acts := map[string]func(float64) float64{
		"":        func(x float64) float64 { return x },
		"Relu":    func(x float64) float64 { return max(x, 0) },
		"Clip":    func(x float64) float64 { return min(max(x, -0.5), 1) },
		"Sigmoid": func(x float64) float64 { return 1 / (1 + math.Exp(-x)) },
		"Silu":    func(x float64) float64 { return x / (1 + math.Exp(-x)) },
	}
	for rank := 1; rank <= 3; rank++ {
		s, size := randomWindow(rng, rank)
		s.begin, s.stride[2] = [3]int{}, 1
		size[2] += 20
		if rank == 3 {
			// Depths 0 and 1 of the output see padding alone.
			s.kernel[0], s.stride[0], s.dilation[0], s.begin[0] = 2, 1, 1, 3
		}
		x, w := randomVolume(rng, 2, 12, size), randomVolume(rng, 20, 12, s.kernel)
		bias := randomVolume(rng, 1, 20, [3]int{1, 1, 1}).v
		sums := naiveConv(x, w, bias, s, s.outSize(size, false))
		add := randomVolume(rng, 2, 20, sums.size)
		for name, f := range acts {
			t.Run(fmt.Sprintf("%s in %d dimensions", name, rank), func(t *testing.T) {
				want := newVolume(2, 20, sums.size)
				for i, v := range add.v {
					want.v[i] = float32(f(float64(sums.v[i] + v)))
				}
				attrs := append(s.attrs(rank), onnxpb.TextAttr("activation", name),
					onnxpb.FloatAttr("alpha", -0.5), onnxpb.FloatAttr("beta", 1))
				for threads := 1; threads <= 3; threads += 2 {
					got, err := run(node(true, "Conv", attrs), way{1, true, threads}, x.tensor(rank, true),
						w.tensor(rank, false), tensor.From(bias, 20), add.tensor(rank, true))
					require.NoError(t, err)
					require.NoError(t, optest.Compare(got[0], want.tensor(rank, true), 1e-4, 1e-4))
				}
			})
		}
	}
}

func TestConvSplitsOverThreads(t *testing.T) {
	rng := rand.New(rand.NewPCG(27, 28))
	s := sliding{kernel: [3]int{1, 3, 3}, stride: [3]int{1, 1, 1}, dilation: [3]int{1, 1, 1}, groups: 1}
	s.begin, s.end = [3]int{0, 1, 1}, [3]int{0, 1, 1}
	x := randomVolume(rng, 1, 32, [3]int{1, 24, 24})
	for rank := 1; rank <= 2; rank++ {
		w := randomVolume(rng, 64, 32, [3]int{1, 3, 3})
		if rank == 1 {
			x.size, w.size, s.kernel, s.begin[1], s.end[1] = [3]int{1, 1, 576}, [3]int{1, 1, 9}, [3]int{1, 1, 9}, 0, 0
		}
		one, err := run(node(true, "Conv", s.attrs(rank)), way{1, true, 1}, x.tensor(rank, true), w.tensor(rank, false))
		require.NoError(t, err)
		many, err := run(node(true, "Conv", s.attrs(rank)), way{1, true, 3}, x.tensor(rank, true), w.tensor(rank, false))
		require.NoError(t, err)
		require.NoError(t, optest.Compare(many[0], one[0], 1e-4, 1e-4))
		x.size, s.kernel, s.begin[1], s.end[1] = [3]int{1, 24, 24}, [3]int{1, 3, 3}, 1, 1
	}
}

func TestConvWithHeavyWeightsSplitsOverChannels(t *testing.T) {
	rng := rand.New(rand.NewPCG(29, 30))
	s := sliding{kernel: [3]int{1, 3, 3}, stride: [3]int{1, 1, 1}, dilation: [3]int{1, 1, 1}, groups: 1}
	s.begin, s.end = [3]int{0, 1, 1}, [3]int{0, 1, 1}
	x, w := randomVolume(rng, 2, 64, [3]int{1, 7, 7}), randomVolume(rng, 131, 64, [3]int{1, 3, 3})
	for _, name := range []string{"", "Relu", "Sigmoid"} {
		attrs := append(s.attrs(2), onnxpb.TextAttr("activation", name))
		one, err := run(node(true, "Conv", attrs), way{1, true, 1}, x.tensor(2, true), w.tensor(2, false))
		require.NoError(t, err)
		many, err := run(node(true, "Conv", attrs), way{1, true, 3}, x.tensor(2, true), w.tensor(2, false))
		require.NoError(t, err)
		require.NoError(t, optest.Compare(many[0], one[0], 1e-5, 1e-5))
	}
}

func TestConvTransposeIsTheDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for i := range 90 {
		rank := 1 + i%3
		s, _ := randomWindow(rng, rank)
		s.groups = 1 + rng.IntN(2)
		block := rng.IntN(3) == 0 // whose output blocks do not overlap
		if block {
			s.stride, s.dilation = s.kernel, [3]int{1, 1, 1}
			s.begin, s.end, s.groups = [3]int{}, [3]int{}, 1
		}
		size, out, extra := [3]int{1, 1, 1}, [3]int{1, 1, 1}, [3]int{}
		for j := 3 - rank; j < 3; j++ {
			if size[j] = 2 + rng.IntN(5); !block {
				extra[j] = rng.IntN(2)
			}
			out[j] = (size[j]-1)*s.stride[j] + extra[j] + (s.kernel[j]-1)*s.dilation[j] + 1 - s.begin[j] - s.end[j]
		}
		if min(out[0], out[1], out[2]) < 1 {
			continue
		}
		in, each := 1+rng.IntN(12), 1+rng.IntN(20)
		x, w := randomVolume(rng, 1+rng.IntN(2), in*s.groups, size), randomVolume(rng, in*s.groups, each, s.kernel)
		bias := randomVolume(rng, 1, each*s.groups, [3]int{1, 1, 1}).v
		attrs := append(s.attrs(rank), onnxpb.IntAttr("group", int64(s.groups)), ints("output_padding", rank, extra))
		want := naiveConvTranspose(x, w, bias, s, out)
		for _, last := range []bool{false, true} {
			how := way{13, rng.IntN(2) == 0, 1 + rng.IntN(2)}
			got, err := run(node(last, "ConvTranspose", attrs), how, x.tensor(rank, last), w.tensor(rank, false),
				tensor.From(bias, len(bias)))
			require.NoError(t, err)
			require.NoError(t, optest.Compare(got[0], want.tensor(rank, last), 1e-4, 1e-4), "%d: %+v %+v", i, s, how)
		}
	}
}

func TestConvTransposeOfBlocksActivatesAndSplits(t *testing.T) {
	rng := rand.New(rand.NewPCG(29, 30))
	two := [3]int{1, 2, 2}
	s := sliding{kernel: two, stride: two, dilation: [3]int{1, 1, 1}, groups: 1}
	for _, out := range []int{1, 3, 24} {
		x, w := randomVolume(rng, 1, 24, [3]int{1, 32, 32}), randomVolume(rng, 24, out, two)
		bias := randomVolume(rng, 1, out, [3]int{1, 1, 1}).v
		want := naiveConvTranspose(x, w, bias, s, [3]int{1, 64, 64})
		for i, v := range want.v {
			want.v[i] = float32(1 / (1 + math.Exp(-float64(v))))
		}
		attrs := append(s.attrs(2), onnxpb.TextAttr("activation", "Sigmoid"))
		for threads := 1; threads <= 3; threads += 2 {
			got, err := run(node(true, "ConvTranspose", attrs), way{1, true, threads}, x.tensor(2, true),
				w.tensor(2, false), tensor.From(bias, out))
			require.NoError(t, err)
			require.NoError(t, optest.Compare(got[0], want.tensor(2, true), 1e-4, 1e-5))
		}
	}
}

func TestConvTransposeFillsTheOutputShape(t *testing.T) {
	x, w := tensor.From([]float32{1, 2}, 1, 1, 2), tensor.From([]float32{1, 10, 100}, 1, 1, 3)
	upper, size := onnxpb.TextAttr("auto_pad", "SAME_UPPER"), func(n ...int64) onnxpb.Attribute {
		return onnxpb.IntsAttr("output_shape", n...)
	}
	type attrs = []onnxpb.Attribute
	tests := map[string]struct {
		attrs []onnxpb.Attribute
		want  []float32
	}{
		"as large as it gets":          {nil, []float32{1, 12, 120, 200}},
		"more is cut off in front":     {attrs{size(3)}, []float32{12, 120, 200}},
		"or behind for SAME_UPPER":     {attrs{size(3), upper}, []float32{1, 12, 120}},
		"SAME_UPPER alone":             {attrs{upper}, []float32{12, 120}},
		"zeros behind if it is larger": {attrs{size(6)}, []float32{1, 12, 120, 200, 0, 0}},
		"batch and channels are named": {attrs{ints("pads", 1, [3]int{}, [3]int{}), size(1, 1, 4)}, []float32{1, 12, 120, 200}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := run(node(false, "ConvTranspose", tt.attrs), way{13, true, 1}, x, w)
			require.NoError(t, err)
			require.Equal(t, tt.want, tensor.Of[float32](got[0]))
		})
	}
}
