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

// naiveResize computes each element from all elements, weighed along each axis.
// weights returns the weights of the elements of an axis of in for output o.
func naiveResize(x volume, out [3]int, weights func(o, in, out int) []float64) volume {
	y := newVolume(x.n, x.c, out)
	for n := range x.n {
		for c := range x.c {
			for o := range out[0] * out[1] * out[2] {
				at := [3]int{o / (out[1] * out[2]), o / out[2] % out[1], o % out[2]}
				sum := 0.0
				for d, a := range weights(at[0], x.size[0], out[0]) {
					for h, b := range weights(at[1], x.size[1], out[1]) {
						for w, e := range weights(at[2], x.size[2], out[2]) {
							sum += a * b * e * float64(x.v[x.at(n, c, d, h, w)])
						}
					}
				}
				y.v[y.at(n, c, at[0], at[1], at[2])] = float32(sum)
			}
		}
	}
	return y
}

// hat is the weights of linear interpolation at half-pixel places.
func hat(o, in, out int) []float64 {
	w := make([]float64, in)
	x := (float64(o)+0.5)*float64(in)/float64(out) - 0.5
	x = min(max(x, 0), float64(in-1))
	for i := range w {
		w[i] = max(0, 1-math.Abs(x-float64(i)))
	}
	return w
}

// left is the weights of the nearest pixel to the left, asymmetric.
func left(o, in, out int) []float64 {
	w := make([]float64, in)
	w[int(float32(o)/(float32(out)/float32(in)))] = 1
	return w
}

func TestResizeIsTheDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(19, 20))
	for i := range 90 {
		rank := 1 + i%3
		in, out := [3]int{1, 1, 1}, [3]int{1, 1, 1}
		for j := 3 - rank; j < 3; j++ {
			in[j], out[j] = 1+rng.IntN(6), 1+rng.IntN(9)
		}
		x := randomVolume(rng, 1+rng.IntN(2), []int{1, 2, 8, 19}[rng.IntN(4)], in)
		attrs := []onnxpb.Attribute{onnxpb.TextAttr("mode", "linear")}
		weights := hat
		if rng.IntN(2) == 0 {
			weights = left
			attrs = []onnxpb.Attribute{
				onnxpb.TextAttr("coordinate_transformation_mode", "asymmetric"), onnxpb.TextAttr("nearest_mode", "floor"),
			}
		}
		sizes := []int64{int64(x.n), int64(x.c)}
		for _, n := range out[3-rank:] {
			sizes = append(sizes, int64(n))
		}
		want := naiveResize(x, out, weights)
		for _, last := range []bool{false, true} {
			got, err := run(node(last, "Resize", attrs), way{13, rng.IntN(2) == 0, 1},
				x.tensor(rank, last), nil, nil, tensor.From(sizes, len(sizes)))
			require.NoError(t, err)
			require.NoError(t, optest.Compare(got[0], want.tensor(rank, last), 1e-4, 1e-5), "%d: %v to %v", i, in, out)
		}
	}
}

func TestResizeSplitsOverThreads(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 22))
	x := randomVolume(rng, 1, 40, [3]int{1, 40, 30})
	scales := tensor.From([]float32{1, 1, 2, 3}, 4)
	for _, mode := range []string{"nearest", "linear", "cubic"} {
		attrs := []onnxpb.Attribute{onnxpb.TextAttr("mode", mode)}
		for _, last := range []bool{false, true} {
			one, err := run(node(last, "Resize", attrs), way{13, false, 1}, x.tensor(2, last), nil, scales)
			require.NoError(t, err)
			many, err := run(node(last, "Resize", attrs), way{13, false, 3}, x.tensor(2, last), nil, scales)
			require.NoError(t, err)
			require.Equal(t, one, many)
		}
	}
}

func TestResizeNearestMovesEveryType(t *testing.T) {
	for _, typ := range []tensor.DType{
		onnxpb.Bool, onnxpb.Int8, onnxpb.Float16, onnxpb.BFloat16, onnxpb.Int32, onnxpb.Int64, onnxpb.Double,
	} {
		t.Run(fmt.Sprint(typ), func(t *testing.T) {
			x, err := tensor.New(typ, 1, 1, 2)
			require.NoError(t, err)
			size := tensor.Size(typ)
			for i := range x.Data {
				x.Data[i] = byte(i % 2)
			}
			x.Data[size] = 1
			got, err := run(node(false, "Resize", nil), way{13, false, 1}, x, nil, tensor.From([]float32{1, 1, 2}, 3))
			require.NoError(t, err)
			for i := range 4 {
				require.Equal(t, x.Data[i/2*size:][:size], got[0].Data[i*size:][:size])
			}
		})
	}
}

func TestResizeReadsItsVersions(t *testing.T) {
	text := onnxpb.TextAttr
	x := tensor.From([]float32{1, 2, 3, 4}, 1, 1, 4)
	floats := func(v ...float32) *tensor.Tensor { return tensor.From(v, len(v)) }
	sizes := func(v ...int64) *tensor.Tensor { return tensor.From(v, len(v)) }
	tests := map[string]struct {
		attrs []onnxpb.Attribute
		in    []*tensor.Tensor
		want  []float32
	}{
		"version 10 rounds up to shrink":   {nil, []*tensor.Tensor{x, floats(1, 1, 0.6)}, []float32{1, 3}},
		"version 10 rounds down to grow":   {nil, []*tensor.Tensor{x, floats(1, 1, 1.5)}, []float32{1, 1, 2, 3, 3, 4}},
		"version 10 is asymmetric":         {[]onnxpb.Attribute{text("mode", "linear")}, []*tensor.Tensor{x, floats(1, 1, 2)}, []float32{1, 1.5, 2, 2.5, 3, 3.5, 4, 4}},
		"empty scales give way to sizes":   {nil, []*tensor.Tensor{x, floats(), floats(), sizes(1, 1, 2)}, []float32{1, 3}},
		"axes are counted from the end":    {[]onnxpb.Attribute{onnxpb.IntsAttr("axes", -1)}, []*tensor.Tensor{x, nil, floats(0.5)}, []float32{1, 3}},
		"the smaller scale is kept":        {[]onnxpb.Attribute{onnxpb.IntsAttr("axes", 1, 2), text("keep_aspect_ratio_policy", "not_larger")}, []*tensor.Tensor{x, nil, nil, sizes(1, 8)}, []float32{1, 2, 3, 4}},
		"a crop fills what is outside":     {[]onnxpb.Attribute{text("mode", "linear"), text("coordinate_transformation_mode", "tf_crop_and_resize"), onnxpb.FloatAttr("extrapolation_value", 9)}, []*tensor.Tensor{x, floats(0, 0, 0.5, 1, 1, 1.5), nil, sizes(1, 1, 4)}, []float32{2.5, 3.5, 9, 9}},
		"symmetric half pixels":            {[]onnxpb.Attribute{text("mode", "linear"), text("coordinate_transformation_mode", "half_pixel_symmetric")}, []*tensor.Tensor{x, nil, floats(1, 1, 0.65)}, []float32{1.7307693, 3.2692308}},
		"an antialias filter is wider":     {[]onnxpb.Attribute{text("mode", "linear"), onnxpb.IntAttr("antialias", 1)}, []*tensor.Tensor{x, nil, floats(1, 1, 0.5)}, []float32{1.625, 3.375}},
		"sizes that stay copy the picture": {[]onnxpb.Attribute{text("mode", "cubic")}, []*tensor.Tensor{x, nil, nil, sizes(1, 1, 4)}, []float32{1, 2, 3, 4}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := run(node(false, "Resize", tt.attrs), way{19, false, 1}, tt.in...)
			require.NoError(t, err)
			require.InDeltaSlice(t, tt.want, tensor.Of[float32](got[0]), 1e-5)
		})
	}
}

func TestUpsampleTakesScalesFromAttributeOrInput(t *testing.T) {
	x := tensor.From([]float32{1, 3}, 1, 1, 2)
	want := []float32{1, 1, 3, 3}
	got, err := run(node(false, "Upsample", []onnxpb.Attribute{onnxpb.FloatsAttr("scales", 1, 1, 2)}), way{7, false, 1}, x)
	require.NoError(t, err)
	require.Equal(t, want, tensor.Of[float32](got[0]))
	got, err = run(node(false, "Upsample", nil), way{9, false, 1}, x, tensor.From([]float32{1, 1, 2}, 3))
	require.NoError(t, err)
	require.Equal(t, want, tensor.Of[float32](got[0]))
}
