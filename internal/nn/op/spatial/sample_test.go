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

func TestGridSampleIsTheSameInBothLayouts(t *testing.T) {
	rng := rand.New(rand.NewPCG(23, 24))
	for _, mode := range []string{"linear", "bilinear", "nearest", "cubic", "bicubic"} {
		for _, pad := range []string{"zeros", "border", "reflection"} {
			for corners := range int64(2) {
				x, grid := randomVolume(rng, 2, 5, [3]int{1, 4, 6}), randomVolume(rng, 2, 3, [3]int{1, 7, 2})
				g := tensor.From(grid.v, 2, 3, 7, 2)
				attrs := []onnxpb.Attribute{
					onnxpb.TextAttr("mode", mode), onnxpb.TextAttr("padding_mode", pad), onnxpb.IntAttr("align_corners", corners),
				}
				a, err := run(node(false, "GridSample", attrs), way{16, false, 1}, x.tensor(2, false), g)
				require.NoError(t, err)
				y := volume{2, 5, [3]int{1, 3, 7}, tensor.Of[float32](a[0])}
				b, err := run(node(true, "GridSample", attrs), way{16, false, 1}, x.tensor(2, true), g)
				require.NoError(t, err)
				require.NoError(t, optest.Compare(b[0], y.tensor(2, true), 0, 0))
			}
		}
	}
}

func TestGridSampleSplitsOverThreads(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 32))
	x, grid := randomVolume(rng, 1, 64, [3]int{1, 9, 9}), randomVolume(rng, 1, 1, [3]int{64, 64, 2})
	in := []*tensor.Tensor{x.tensor(2, true), tensor.From(grid.v, 1, 64, 64, 2)}
	one, err := run(node(true, "GridSample", nil), way{16, false, 1}, in...)
	require.NoError(t, err)
	many, err := run(node(true, "GridSample", nil), way{16, false, 3}, in...)
	require.NoError(t, err)
	require.Equal(t, one, many)
}

func TestGridSampleGoesBeyondThePicture(t *testing.T) {
	x := tensor.From([]float32{1, 2, 4, 8}, 1, 1, 1, 4)
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	grid := tensor.From([]float32{-1.25, 0, 1.25, 0, inf, 0, nan, 0, 3, 0}, 1, 1, 5, 2)
	for pad, want := range map[string][]float32{
		"zeros":      {0.0, 0, 0, 0, 0},
		"border":     {1, 8, 8, 1, 8},
		"reflection": {1, 8, 0, 0, 1},
	} {
		t.Run(pad, func(t *testing.T) {
			attrs := []onnxpb.Attribute{onnxpb.TextAttr("padding_mode", pad), onnxpb.TextAttr("mode", "nearest")}
			got, err := run(node(false, "GridSample", attrs), way{16, false, 1}, x, grid)
			require.NoError(t, err)
			for i, v := range tensor.Of[float32](got[0]) {
				if pad == "reflection" && (i == 2 || i == 3) {
					require.Contains(t, tensor.Of[float32](x), v, "some pixel")
					continue
				}
				require.Equal(t, want[i], v, i)
			}
		})
	}
}

func TestRoiAlignTakesTheLargestShare(t *testing.T) {
	x := tensor.From([]float32{1, 2, 3, 4}, 1, 1, 2, 2)
	attrs := []onnxpb.Attribute{onnxpb.TextAttr("mode", "max"), onnxpb.IntAttr("sampling_ratio", 1)}
	got, err := run(node(false, "RoiAlign", attrs), way{16, false, 1}, x,
		tensor.From([]float32{0, 0, 2, 2}, 1, 4), tensor.From([]int64{0}, 1))
	require.NoError(t, err)
	require.Equal(t, []float32{1}, tensor.Of[float32](got[0])) // a quarter of each, the largest of 4
}

func TestMaxRoiPoolRoundsRegions(t *testing.T) {
	x := tensor.From([]float32{1, 2, 3, 4, 5, 6, 7, 8, 9}, 1, 1, 3, 3)
	attrs := []onnxpb.Attribute{onnxpb.IntsAttr("pooled_shape", 1, 2)}
	got, err := run(node(false, "MaxRoiPool", attrs), way{13, false, 1}, x, tensor.From([]float32{0, 0, 0.4, 1, 1.4, 0, 9, 9, 12, 12}, 2, 5))
	require.NoError(t, err)
	require.Equal(t, []float32{4, 5, 0, 0}, tensor.Of[float32](got[0]))
}

func TestMaxUnpoolUndoesMaxPool(t *testing.T) {
	x := tensor.From([]float32{1, 4, 2, 3}, 1, 1, 4)
	attrs := []onnxpb.Attribute{onnxpb.IntsAttr("kernel_shape", 2), onnxpb.IntsAttr("strides", 2)}
	pooled, err := run(node(false, "MaxPool", attrs, "indices"), way{13, false, 1}, x)
	require.NoError(t, err)
	got, err := run(node(false, "MaxUnpool", attrs), way{13, false, 1}, pooled...)
	require.NoError(t, err)
	require.Equal(t, []float32{0, 4, 0, 3}, tensor.Of[float32](got[0]))
}
