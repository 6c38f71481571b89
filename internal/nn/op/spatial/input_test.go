package spatial_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/optest"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

var errInput, errModel, errUnsupported = quintet.ErrInput, quintet.ErrModel, quintet.ErrUnsupported

// blank is a tensor of zeros.
func blank(shape ...int) *tensor.Tensor {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return tensor.From(make([]float32, n), shape...)
}

func TestNodesThatMakeNoSenseAreRefused(t *testing.T) {
	const huge = math.MaxInt32
	list, text, number := onnxpb.IntsAttr, onnxpb.TextAttr, onnxpb.IntAttr
	kernel := list("kernel_shape", 2, 2)
	x, w := blank(1, 2, 4, 4), blank(2, 2, 3, 3)
	type attrs = []onnxpb.Attribute
	type in = []*tensor.Tensor
	tests := map[string]struct {
		op    string
		attrs attrs
		in    in
		want  error
	}{
		"stride 0":                             {"Conv", attrs{list("strides", 0, 1)}, in{x, w}, errModel},
		"a kernel of 0":                        {"MaxPool", attrs{list("kernel_shape", 0, 1)}, in{x}, errModel},
		"no kernel at all":                     {"MaxPool", nil, in{x}, errModel},
		"lists of different lengths":           {"MaxPool", attrs{kernel, list("strides", 1)}, in{x}, errModel},
		"an odd number of pads":                {"MaxPool", attrs{kernel, list("pads", 1, 1, 1)}, in{x}, errModel},
		"negative pads":                        {"MaxPool", attrs{kernel, list("pads", 0, -1, 0, 0)}, in{x}, errUnsupported},
		"four spatial dimensions":              {"MaxPool", attrs{list("kernel_shape", 1, 1, 1, 1)}, in{x}, errUnsupported},
		"an unknown auto_pad":                  {"MaxPool", attrs{kernel, text("auto_pad", "SAME")}, in{x}, errModel},
		"a dilated kernel beyond all":          {"MaxPool", attrs{kernel, list("dilations", huge, huge), list("kernel_shape", 3, 3)}, in{x}, errModel},
		"a kernel larger than the picture":     {"MaxPool", attrs{list("kernel_shape", 5, 1)}, in{x}, errInput},
		"a kernel for other dimensions":        {"MaxPool", attrs{list("kernel_shape", 2)}, in{x}, errInput},
		"pads beyond memory":                   {"MaxPool", attrs{kernel, list("pads", huge, huge, huge, huge)}, in{x}, errInput},
		"no pixels":                            {"MaxPool", attrs{kernel}, in{blank(1, 1, 0, 4)}, errInput},
		"integers in AveragePool":              {"AveragePool", attrs{kernel}, in{tensor.From([]int8{1}, 1, 1, 1, 1)}, errUnsupported},
		"groups that do not divide":            {"Conv", attrs{number("group", 2)}, in{x, blank(3, 1, 1, 1)}, errInput},
		"no groups":                            {"Conv", attrs{number("group", 0)}, in{x, w}, errModel},
		"other channels than the weights":      {"Conv", nil, in{x, blank(2, 3, 1, 1)}, errInput},
		"weights of another rank":              {"Conv", nil, in{x, blank(2, 2, 1)}, errInput},
		"empty weights":                        {"Conv", nil, in{x, blank(2, 2, 0, 1)}, errInput},
		"another kernel than the weights":      {"Conv", attrs{list("kernel_shape", 2, 2)}, in{x, w}, errInput},
		"a bias of another length":             {"Conv", nil, in{x, w, blank(3)}, errInput},
		"padding out of proportion":            {"Conv", attrs{list("pads", 1<<20, 1<<20, 1<<20, 1<<20), list("strides", 1<<20, 1<<20)}, in{x, w}, errInput},
		"more cut off than there is":           {"ConvTranspose", attrs{list("pads", 9, 9, 9, 9)}, in{x, w}, errInput},
		"an output beyond memory":              {"ConvTranspose", attrs{list("output_shape", 1<<20, 1<<20)}, in{x, w}, errInput},
		"a negative output shape":              {"ConvTranspose", attrs{list("output_shape", -1, 4)}, in{x, w}, errModel},
		"transposed strides beyond memory":     {"ConvTranspose", attrs{list("strides", 1<<20, 1<<20)}, in{x, w}, errUnsupported},
		"statistics of another length":         {"BatchNormalization", nil, in{x, blank(2), blank(2), blank(2), blank(3)}, errInput},
		"statistics for each pixel":            {"BatchNormalization", attrs{number("spatial", 0)}, in{x, blank(2), blank(2), blank(2), blank(2)}, errUnsupported},
		"no groups to normalise":               {"GroupNormalization", nil, in{x, blank(2), blank(2)}, errModel},
		"groups that do not divide to be":      {"GroupNormalization", attrs{number("num_groups", 3)}, in{x, blank(3), blank(3)}, errInput},
		"a scale for other channels":           {"InstanceNormalization", nil, in{x, blank(3), blank(2)}, errInput},
		"neighbours of no size":                {"LRN", nil, in{x}, errModel},
		"a norm of no order":                   {"GlobalLpPool", attrs{number("p", 0)}, in{x}, errModel},
		"a matrix without channels":            {"GlobalMaxPool", nil, in{blank(3)}, errInput},
		"neither scales nor sizes":             {"Resize", nil, in{x, nil, nil}, errModel},
		"too few scales":                       {"Resize", nil, in{x, nil, blank(3)}, errInput},
		"scales of zero":                       {"Resize", nil, in{x, nil, blank(4)}, errInput},
		"scales that are no numbers":           {"Resize", nil, in{x, nil, tensor.From([]float32{1, 1, float32(math.NaN()), 1}, 4)}, errInput},
		"scales beyond memory":                 {"Resize", nil, in{x, nil, tensor.From([]float32{1, 1, 1e9, 1e9}, 4)}, errInput},
		"sizes beyond memory":                  {"Resize", nil, in{x, nil, nil, tensor.From([]int64{1, 2, 1 << 40, 1}, 4)}, errInput},
		"negative sizes":                       {"Resize", nil, in{x, nil, nil, tensor.From([]int64{1, 2, -4, 1}, 4)}, errInput},
		"pixels out of nothing":                {"Resize", nil, in{blank(1, 1, 0), nil, nil, tensor.From([]int64{1, 1, 2}, 3)}, errInput},
		"axes that are not there":              {"Resize", attrs{list("axes", 4)}, in{x, nil, blank(1)}, errInput},
		"a crop without region":                {"Resize", attrs{text("coordinate_transformation_mode", "tf_crop_and_resize")}, in{x, blank(3), blank(4)}, errInput},
		"an unknown mode":                      {"Resize", attrs{text("mode", "area")}, in{x, nil, blank(4)}, errUnsupported},
		"integers to interpolate":              {"Resize", attrs{text("mode", "linear")}, in{tensor.From([]int8{1}, 1, 1, 1), nil, blank(3)}, errUnsupported},
		"a grid of volumes":                    {"GridSample", nil, in{blank(1, 1, 2, 2, 2), blank(1, 2, 2, 2, 3)}, errUnsupported},
		"a grid for other pictures":            {"GridSample", nil, in{x, blank(2, 1, 1, 2)}, errInput},
		"a picture without pixels to sample":   {"GridSample", nil, in{blank(1, 1, 0, 2), blank(1, 1, 1, 2)}, errInput},
		"a region of a picture that is absent": {"RoiAlign", nil, in{x, blank(1, 4), tensor.From([]int64{1}, 1)}, errInput},
		"a region without end": {"RoiAlign", nil,
			in{x, tensor.From([]float32{0, 0, 1e30, 1}, 1, 4), tensor.From([]int64{0}, 1)}, errInput},
		"a region that is no number": {"MaxRoiPool", attrs{list("pooled_shape", 1, 1)},
			in{x, tensor.From([]float32{float32(math.NaN()), 0, 0, 0, 0}, 1, 5)}, errInput},
		"an index outside": {"MaxUnpool", attrs{kernel},
			in{blank(1, 1, 1, 1), tensor.From([]int64{4}, 1, 1, 1, 1)}, errInput},
		"an output shape for MaxUnpool": {"MaxUnpool", attrs{kernel},
			in{blank(1, 1, 1, 1), tensor.From([]int64{0}, 1, 1, 1, 1), tensor.From([]int64{1, 1, 2, 2}, 4)}, errUnsupported},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := run(node(false, tt.op, tt.attrs), way{19, false, 1}, tt.in...)
			require.ErrorIs(t, err, tt.want)
			_, err = run(node(false, tt.op, tt.attrs), way{19, true, 1}, tt.in...)
			require.Error(t, err)
		})
	}
}

func TestConstantWeightsThatDoNotFitAreTheModelsFault(t *testing.T) {
	_, err := run(node(false, "Conv", []onnxpb.Attribute{onnxpb.IntAttr("group", 2)}), way{13, true, 1}, blank(1, 2, 4, 4), blank(3, 1, 1, 1))
	require.ErrorIs(t, err, errModel)
}

func TestResidualMustHaveTheShapeOfTheOutput(t *testing.T) {
	_, err := run(node(true, "Conv", nil), way{1, true, 1}, blank(1, 4, 4, 2), blank(2, 2, 1, 1), nil, blank(1, 4, 4, 1))
	require.ErrorIs(t, err, errInput)
}

func TestEmptyBatchesGiveEmptyOutputs(t *testing.T) {
	x := blank(0, 2, 4, 4)
	kernel := []onnxpb.Attribute{onnxpb.IntsAttr("kernel_shape", 3, 3)}
	v := blank(2)
	for name, in := range map[string][]*tensor.Tensor{
		"Conv": {x, blank(2, 2, 3, 3)}, "MaxPool": {x}, "AveragePool": {x}, "LpPool": {x}, "GlobalMaxPool": {x},
		"BatchNormalization": {x, v, v, v, v}, "InstanceNormalization": {x, v, v},
		"GridSample": {x, blank(0, 2, 2, 2)}, "ConvTranspose": {x, blank(2, 2, 3, 3)},
	} {
		got, err := run(node(false, name, kernel), way{13, false, 1}, in...)
		require.NoError(t, err, name)
		require.Zero(t, got[0].Len())
		require.Equal(t, 0, got[0].Shape[0])
	}
}

func TestHalfPrecisionIsWidened(t *testing.T) {
	one, two, three := uint16(0x3c00), uint16(0x4000), uint16(0x4200)
	halves := func(shape []int, v ...uint16) *tensor.Tensor {
		return &tensor.Tensor{Type: onnxpb.Float16, Shape: shape, Data: tensor.Bytes(v)}
	}
	x, w := halves([]int{1, 1, 2}, one, two), halves([]int{1, 1, 2}, one, one)
	for _, fixed := range []bool{false, true} {
		got, err := run(node(false, "Conv", nil), way{13, fixed, 1}, x, w)
		require.NoError(t, err)
		require.NoError(t, optest.Compare(got[0], halves([]int{1, 1, 1}, three), 0, 0))
	}
	linear := []onnxpb.Attribute{onnxpb.TextAttr("mode", "linear"), onnxpb.TextAttr("coordinate_transformation_mode", "align_corners")}
	got, err := run(node(false, "Resize", linear), way{13, false, 1}, halves([]int{1, 1, 2}, one, three), nil, nil,
		tensor.From([]int64{1, 1, 3}, 3))
	require.NoError(t, err)
	require.NoError(t, optest.Compare(got[0], halves([]int{1, 1, 3}, one, two, three), 0, 0))
}

// FuzzWindows holds that whatever the window and the picture are, there is an
// output or a typed error.
func FuzzWindows(f *testing.F) {
	names := []string{"Conv", "ConvTranspose", "MaxPool", "AveragePool", "LpPool", "Resize", "GridSample", "MaxUnpool"}
	f.Add(uint64(1), byte(0), int64(3), int64(1), int64(1), int64(1))
	f.Add(uint64(2), byte(3), int64(3), int64(1<<40), int64(-1), int64(1<<31))
	f.Fuzz(func(t *testing.T, seed uint64, op byte, kernel, stride, dilation, pad int64) {
		rng := rand.New(rand.NewPCG(seed, 0))
		name := names[int(op)%len(names)]
		channels, each := 1+rng.IntN(3), rng.IntN(3)
		x := randomVolume(rng, rng.IntN(3), channels, [3]int{1, rng.IntN(6), rng.IntN(6)})
		in := []*tensor.Tensor{x.tensor(2, false)}
		last := rng.IntN(2) == 0
		in[0] = x.tensor(2, last)
		attrs := []onnxpb.Attribute{
			onnxpb.IntsAttr("strides", stride, 1+rng.Int64N(3)), onnxpb.IntsAttr("dilations", dilation, 1+rng.Int64N(3)),
			onnxpb.IntsAttr("pads", pad, rng.Int64N(4), rng.Int64N(4), pad), onnxpb.IntAttr("ceil_mode", rng.Int64N(2)),
			onnxpb.TextAttr("auto_pad", []string{"NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"}[rng.IntN(4)*rng.IntN(2)]),
		}
		switch name {
		case "Conv", "ConvTranspose":
			size := [3]int{1, int(min(max(kernel, 0), 5)), rng.IntN(4)}
			w := randomVolume(rng, channels, each, size)
			in = append(in, w.tensor(2, false))
		case "Resize":
			in = append(in, nil, tensor.From([]float32{1, 1, float32(kernel) / 4, rng.Float32() * 4}, 4))
			attrs = append(attrs, onnxpb.TextAttr("mode", []string{"linear", "nearest", "cubic"}[rng.IntN(3)]),
				onnxpb.IntAttr("antialias", rng.Int64N(2)), onnxpb.IntAttr("exclude_outside", rng.Int64N(2)))
		case "GridSample":
			grid := randomVolume(rng, x.n, 2, [3]int{1, 3, 2})
			grid.v = append(grid.v[:0:0], grid.v...)
			if len(grid.v) > 0 {
				grid.v[0] = math.Float32frombits(uint32(kernel))
			}
			in = append(in, tensor.From(grid.v, x.n, 2, 3, 2))
			attrs = append(attrs, onnxpb.TextAttr("padding_mode", []string{"zeros", "border", "reflection"}[rng.IntN(3)]))
		case "MaxUnpool":
			index := make([]int64, len(x.v))
			for i := range index {
				index[i] = rng.Int64N(100) - 1
			}
			in, last = append(in, tensor.From(index, in[0].Shape...)), false
			fallthrough
		default:
			attrs = append(attrs, onnxpb.IntsAttr("kernel_shape", kernel, 1+rng.Int64N(3)))
			last = last && name != "LpPool"
		}
		got, err := run(node(last, name, attrs), way{19, rng.IntN(2) == 0, 1 + rng.IntN(2)}, in...)
		if err != nil {
			for _, want := range []error{errInput, errModel, errUnsupported} {
				if errors.Is(err, want) {
					return
				}
			}
			t.Fatal(err)
		}
		n, err := tensor.Count(got[0].Shape)
		require.NoError(t, err)
		require.Equal(t, n, got[0].Len())
	})
}
