package spatial_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/nn/optest"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// vector returns n random numbers from 0.5 to 1.5.
func vector(rng *rand.Rand, n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = 0.5 + rng.Float32()
	}
	return v
}

func TestBatchNormalizationScalesAndShifts(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	for _, channels := range []int{1, 7, 70, 5000} {
		x := randomVolume(rng, 2, channels, [3]int{1, 2, 3})
		p := [4][]float32{vector(rng, channels), vector(rng, channels), vector(rng, channels), vector(rng, channels)}
		want := newVolume(2, channels, x.size)
		for i, v := range x.v {
			c := i / 6 % channels
			want.v[i] = (v-p[2][c])/float32(math.Sqrt(float64(p[3][c]+1e-5)))*p[0][c] + p[1][c]
		}
		for _, last := range []bool{false, true} {
			for _, fixed := range []bool{false, true} {
				in := []*tensor.Tensor{x.tensor(2, last)}
				for _, v := range p {
					in = append(in, tensor.From(v, channels))
				}
				got, err := run(node(last, "BatchNormalization", nil), way{15, fixed, 1}, in...)
				require.NoError(t, err)
				require.NoError(t, optest.Compare(got[0], want.tensor(2, last), 1e-4, 1e-5))
			}
		}
	}
}

// naiveGroupNorm normalises groups of channels.
func naiveGroupNorm(x volume, groups int, scale, bias func(channel int) float32) volume {
	y := newVolume(x.n, x.c, x.size)
	area := len(x.v) / x.n / x.c
	size := x.c / groups * area
	for i := 0; i < len(x.v); i += size {
		mean, square := 0.0, 0.0
		for _, v := range x.v[i : i+size] {
			mean += float64(v) / float64(size)
		}
		for _, v := range x.v[i : i+size] {
			square += (float64(v) - mean) * (float64(v) - mean) / float64(size)
		}
		for j := i; j < i+size; j++ {
			c := j / area % x.c
			y.v[j] = float32((float64(x.v[j])-mean)/math.Sqrt(square+1e-5))*scale(c) + bias(c)
		}
	}
	return y
}

func TestInstanceNormalizationIsTheDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 16))
	for _, channels := range []int{1, 6, 33} {
		x := randomVolume(rng, 2, channels, [3]int{1, 5, 7})
		scale, bias := vector(rng, channels), vector(rng, channels)
		want := naiveGroupNorm(x, channels, func(c int) float32 { return scale[c] }, func(c int) float32 { return bias[c] })
		for _, last := range []bool{false, true} {
			got, err := run(node(last, "InstanceNormalization", nil), way{6, false, 1}, x.tensor(2, last),
				tensor.From(scale, channels), tensor.From(bias, channels))
			require.NoError(t, err)
			require.NoError(t, optest.Compare(got[0], want.tensor(2, last), 1e-4, 1e-5))
		}
	}
}

func TestGroupNormalizationScalesGroupsBefore21AndChannelsAfter(t *testing.T) {
	rng := rand.New(rand.NewPCG(17, 18))
	x := randomVolume(rng, 2, 6, [3]int{1, 4, 4})
	attrs := []onnxpb.Attribute{onnxpb.IntAttr("num_groups", 3)}
	for opset, count := range map[int]int{18: 3, 21: 6} {
		scale, bias := vector(rng, count), vector(rng, count)
		each := 6 / count
		want := naiveGroupNorm(x, 3, func(c int) float32 { return scale[c/each] }, func(c int) float32 { return bias[c/each] })
		got, err := run(node(false, "GroupNormalization", attrs), way{opset, false, 1}, x.tensor(2, false),
			tensor.From(scale, count), tensor.From(bias, count))
		require.NoError(t, err)
		require.NoError(t, optest.Compare(got[0], want.tensor(2, false), 1e-4, 1e-5))
	}
}

func TestLRNTakesAnyExponent(t *testing.T) {
	x := tensor.From([]float32{1, 2, 3}, 1, 3, 1)
	attrs := []onnxpb.Attribute{onnxpb.IntAttr("size", 2), onnxpb.FloatAttr("alpha", 2), onnxpb.FloatAttr("beta", 1)}
	got, err := run(node(false, "LRN", attrs), way{13, false, 1}, x)
	require.NoError(t, err)
	// A window of two channels is the channel and the next.
	require.NoError(t, optest.Compare(got[0], tensor.From([]float32{1. / 6, 2. / 14, 3. / 10}, 1, 3, 1), 1e-5, 0))
}
