package layout_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op/layout"
	"github.com/quintet-ai/quintet/internal/nn/optest"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

func attr(name string, v ...int64) onnxpb.Attribute { return onnxpb.IntsAttr(name, v...) }

func TestOperators(t *testing.T) {
	nan := float32(math.NaN())
	x := counting[float32](2, 3)
	tests := map[string]struct {
		node  *onnxpb.Node
		opset int
		in    []*tensor.Tensor
		want  []*tensor.Tensor
	}{
		"reshape keeps and frees":          {node("Reshape", 1), 13, []*tensor.Tensor{x, ints(0, -1, 1)}, []*tensor.Tensor{counting[float32](2, 3, 1)}},
		"reshape of nothing to rows":       {node("Reshape", 1), 13, []*tensor.Tensor{counting[float32](0, 4), ints(-1, 2)}, []*tensor.Tensor{counting[float32](0, 2)}},
		"reshape to a scalar":              {node("Reshape", 1), 13, []*tensor.Tensor{counting[float32](1, 1), ints()}, []*tensor.Tensor{counting[float32]()}},
		"flatten of a scalar":              {node("Flatten", 1, onnxpb.IntAttr("axis", 0)), 13, []*tensor.Tensor{counting[float32]()}, []*tensor.Tensor{counting[float32](1, 1)}},
		"squeeze by attribute":             {node("Squeeze", 1, attr("axes", -1)), 11, []*tensor.Tensor{counting[int8](1, 2, 1)}, []*tensor.Tensor{counting[int8](1, 2)}},
		"squeeze of all ones":              {node("Squeeze", 1), 13, []*tensor.Tensor{counting[int8](1, 2, 1), nil}, []*tensor.Tensor{counting[int8](2)}},
		"unsqueeze by attribute":           {node("Unsqueeze", 1, attr("axes", 0, -1)), 11, []*tensor.Tensor{counting[int8](2)}, []*tensor.Tensor{counting[int8](1, 2, 1)}},
		"transpose of a scalar":            {node("Transpose", 1), 13, []*tensor.Tensor{counting[int8]()}, []*tensor.Tensor{counting[int8]()}},
		"slice by attributes":              {node("Slice", 1, attr("starts", 1), attr("ends", 99)), 9, []*tensor.Tensor{counting[int32](3)}, []*tensor.Tensor{tensor.From([]int32{1, 2}, 2)}},
		"slice to the least int64":         {node("Slice", 1), 13, []*tensor.Tensor{counting[int32](3), ints(-1), ints(math.MinInt64), ints(0), ints(-1)}, []*tensor.Tensor{tensor.From([]int32{2, 1, 0}, 3)}},
		"slice of nothing backwards":       {node("Slice", 1), 13, []*tensor.Tensor{counting[int32](0), ints(-1), ints(math.MinInt64), ints(0), ints(-1)}, []*tensor.Tensor{counting[int32](0)}},
		"split by num_outputs":             {node("Split", 2, onnxpb.IntAttr("num_outputs", 2)), 18, []*tensor.Tensor{counting[int16](5)}, []*tensor.Tensor{counting[int16](3), tensor.From([]int16{3, 4}, 2)}},
		"split by attribute":               {node("Split", 2, attr("split", 1, 2), onnxpb.IntAttr("axis", 1)), 11, []*tensor.Tensor{x}, []*tensor.Tensor{tensor.From([]float32{0, 3}, 2, 1), tensor.From([]float32{1, 2, 4, 5}, 2, 2)}},
		"concat with nothing":              {node("Concat", 1, onnxpb.IntAttr("axis", 0)), 13, []*tensor.Tensor{x, counting[float32](0, 3)}, []*tensor.Tensor{x}},
		"gather by a scalar":               {node("Gather", 1), 13, []*tensor.Tensor{x, integer(-1)}, []*tensor.Tensor{tensor.From([]float32{3, 4, 5}, 3)}},
		"gather of 32-bit indices":         {node("Gather", 1, onnxpb.IntAttr("axis", 1)), 13, []*tensor.Tensor{x, tensor.From([]int32{2}, 1)}, []*tensor.Tensor{tensor.From([]float32{2, 5}, 2, 1)}},
		"gather nothing of nothing":        {node("Gather", 1), 13, []*tensor.Tensor{counting[float32](0, 3), ints()}, []*tensor.Tensor{counting[float32](0, 3)}},
		"scatter the larger":               {node("ScatterElements", 1, onnxpb.TextAttr("reduction", "max")), 18, []*tensor.Tensor{counting[int32](3), ints(0, 2, 0), tensor.From([]int32{5, 1, 4}, 3)}, []*tensor.Tensor{tensor.From([]int32{5, 1, 2}, 3)}},
		"scatter slices, the smaller":      {node("ScatterND", 1, onnxpb.TextAttr("reduction", "min")), 18, []*tensor.Tensor{x, tensor.From([]int64{1}, 1, 1), tensor.From([]float32{-1, 9, nan}, 1, 3)}, []*tensor.Tensor{tensor.From([]float32{0, 1, 2, -1, 4, nan}, 2, 3)}},
		"scatter a tensor into itself":     {node("ScatterElements", 1, onnxpb.IntAttr("axis", 0)), 13, []*tensor.Tensor{ints(1, 2, 0), ints(1, 2, 0), ints(1, 2, 0)}, []*tensor.Tensor{ints(0, 1, 2)}},
		"pad some axes":                    {node("Pad", 1), 18, []*tensor.Tensor{counting[int8](1, 2), ints(1, 0), integer8(7), ints(-1)}, []*tensor.Tensor{tensor.From([]int8{7, 0, 1}, 1, 3)}},
		"pad by attributes":                {node("Pad", 1, attr("pads", 0, 1), onnxpb.FloatAttr("value", 2)), 10, []*tensor.Tensor{counting[float32](2)}, []*tensor.Tensor{tensor.From([]float32{0, 1, 2}, 3)}},
		"pad nothing with a constant":      {node("Pad", 1), 13, []*tensor.Tensor{counting[float32](0), ints(1, 1)}, []*tensor.Tensor{tensor.From([]float32{0, 0}, 2)}},
		"pad a scalar":                     {node("Pad", 1), 13, []*tensor.Tensor{counting[float32](), ints()}, []*tensor.Tensor{counting[float32]()}},
		"constant int beyond 32 bits":      {node("Constant", 1, onnxpb.IntAttr("value_int", 1<<40)), 13, nil, []*tensor.Tensor{integer(1 << 40)}},
		"constant ints":                    {node("Constant", 1, attr("value_ints", 1, 2)), 13, nil, []*tensor.Tensor{ints(1, 2)}},
		"constant floats":                  {node("Constant", 1, onnxpb.FloatsAttr("value_floats", 1, 2)), 13, nil, []*tensor.Tensor{tensor.From([]float32{1, 2}, 2)}},
		"constant of an empty shape":       {node("ConstantOfShape", 1), 9, []*tensor.Tensor{ints()}, []*tensor.Tensor{counting[float32]()}},
		"range downwards":                  {node("Range", 1), 11, []*tensor.Tensor{integer(5), integer(0), integer(-2)}, []*tensor.Tensor{ints(5, 3, 1)}},
		"range in the wrong direction":     {node("Range", 1), 11, []*tensor.Tensor{integer(0), integer(5), integer(-2)}, []*tensor.Tensor{ints()}},
		"range over all int64":             {node("Range", 1), 11, []*tensor.Tensor{integer(math.MinInt64), integer(math.MaxInt64), integer(math.MaxInt64)}, []*tensor.Tensor{ints(math.MinInt64, -1, math.MaxInt64-1)}},
		"one-hot outside is nowhere":       {node("OneHot", 1), 11, []*tensor.Tensor{tensor.From([]float32{1, -3, 7, nan}, 4), tensor.From([]float32{2}), tensor.From([]int8{5, 6}, 2)}, []*tensor.Tensor{tensor.From([]int8{5, 6, 5, 5, 5, 5, 5, 5}, 4, 2)}},
		"eye below the diagonal":           {node("EyeLike", 1, onnxpb.IntAttr("k", -1)), 9, []*tensor.Tensor{counting[int32](2, 2)}, []*tensor.Tensor{tensor.From([]int32{0, 0, 1, 0}, 2, 2)}},
		"nonzero of a scalar":              {node("NonZero", 1), 13, []*tensor.Tensor{tensor.From([]float32{nan})}, []*tensor.Tensor{tensor.From([]int64{0}, 1, 1)}},
		"nonzero of -0":                    {node("NonZero", 1), 13, []*tensor.Tensor{tensor.From([]float32{float32(math.Copysign(0, -1)), 1}, 2)}, []*tensor.Tensor{tensor.From([]int64{1}, 1, 1)}},
		"the best of columns":              {node("TopK", 2, onnxpb.IntAttr("axis", 0), onnxpb.IntAttr("k", 1)), 9, []*tensor.Tensor{tensor.From([]float32{1, nan, 3, 3, 2, nan}, 2, 3)}, []*tensor.Tensor{tensor.From([]float32{3, nan, nan}, 1, 3), tensor.From([]int64{1, 0, 1}, 1, 3)}},
		"top 0":                            {node("TopK", 2), 11, []*tensor.Tensor{x, ints(0)}, []*tensor.Tensor{counting[float32](2, 0), counting[int64](2, 0)}},
		"unique of nothing":                {node("Unique", 4), 11, []*tensor.Tensor{counting[float32](0)}, []*tensor.Tensor{counting[float32](0), ints(), ints(), ints()}},
		"compress over a short condition":  {node("Compress", 1), 11, []*tensor.Tensor{x, truth(0, 1)}, []*tensor.Tensor{tensor.From([]float32{1}, 1)}},
		"center: crop one and pad another": {node("CenterCropPad", 1), 18, []*tensor.Tensor{x, ints(4, 1)}, []*tensor.Tensor{tensor.From([]float32{0, 1, 4, 0}, 4, 1)}},
		"upper triangle above":             {node("Trilu", 1), 14, []*tensor.Tensor{x, integer(1)}, []*tensor.Tensor{tensor.From([]float32{0, 1, 2, 0, 0, 5}, 2, 3)}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := optest.Run(layout.Table, tt.node, tt.opset, tt.in...)
			require.NoError(t, err)
			for i, want := range tt.want {
				same(t, want, got[i])
			}
		})
	}
}

func integer8(v int8) *tensor.Tensor { return tensor.From([]int8{v}) }

func truth(v ...uint8) *tensor.Tensor {
	t := tensor.From(v, len(v))
	t.Type = onnxpb.Bool
	return t
}

func TestBadInput(t *testing.T) {
	x := counting[float32](2, 3)
	axis := func(v int64) onnxpb.Attribute { return onnxpb.IntAttr("axis", v) }
	tests := map[string]struct {
		node  *onnxpb.Node
		opset int
		in    []*tensor.Tensor
		says  string
	}{
		"reshape to another size":      {node("Reshape", 1), 13, []*tensor.Tensor{x, ints(7)}, "does not fit"},
		"reshape beyond all sizes":     {node("Reshape", 1), 13, []*tensor.Tensor{x, ints(1<<31, 1<<31, 1<<31, -1)}, "does not fit"},
		"reshape with two free":        {node("Reshape", 1), 13, []*tensor.Tensor{x, ints(-1, -1)}, "two free"},
		"reshape keeps what is not":    {node("Reshape", 1), 13, []*tensor.Tensor{x, ints(2, 3, 0)}, "dimension 2"},
		"reshape to nine dimensions":   {node("Reshape", 1), 13, []*tensor.Tensor{x, ints(1, 1, 1, 1, 1, 1, 1, 1, 6)}, "9 dimensions"},
		"flatten outside":              {node("Flatten", 1, axis(3)), 13, []*tensor.Tensor{x}, "axis 3"},
		"squeeze a dimension of 2":     {node("Squeeze", 1), 13, []*tensor.Tensor{x, ints(0)}, "is not 1"},
		"squeeze an axis twice":        {node("Squeeze", 1), 13, []*tensor.Tensor{counting[int8](1, 1), ints(0, -2)}, "twice"},
		"unsqueeze too often":          {node("Unsqueeze", 1), 13, []*tensor.Tensor{x, ints(0, 1, 2, 3, 4, 5, 6)}, "more dimensions"},
		"transpose of another rank":    {node("Transpose", 1, attr("perm", 0, 2, 1)), 13, []*tensor.Tensor{x}, "permutation of 3"},
		"concat of unequal rows":       {node("Concat", 1, axis(0)), 13, []*tensor.Tensor{x, counting[float32](2, 2)}, "beside"},
		"split in more than there is":  {node("Split", 2), 13, []*tensor.Tensor{x, ints(2, 1)}, "piece of 1"},
		"split in less than there is":  {node("Split", 2), 13, []*tensor.Tensor{x, ints(1, 0)}, "left"},
		"split unevenly":               {node("Split", 2, axis(1)), 13, []*tensor.Tensor{x}, "in 2 pieces"},
		"slice by 0":                   {node("Slice", 1), 13, []*tensor.Tensor{x, ints(0), ints(1), ints(0), ints(0)}, "step 0"},
		"slice with a lost end":        {node("Slice", 1), 13, []*tensor.Tensor{x, ints(0, 0), ints(1)}, "2 starts, 1 ends"},
		"gather outside":               {node("Gather", 1), 13, []*tensor.Tensor{x, ints(0, 2)}, "index 2 is outside a dimension of 2"},
		"gather before":                {node("Gather", 1), 13, []*tensor.Tensor{x, ints(-3)}, "index -3"},
		"gather elements of more":      {node("GatherElements", 1), 13, []*tensor.Tensor{x, counting[int64](1, 4)}, "indices"},
		"gather by long tuples":        {node("GatherND", 1), 13, []*tensor.Tensor{x, counting[int64](1, 3)}, "indices"},
		"gather by tuples outside":     {node("GatherND", 1), 13, []*tensor.Tensor{x, tensor.From([]int64{1, 3}, 1, 2)}, "index 3"},
		"scatter fewer updates":        {node("ScatterElements", 1), 13, []*tensor.Tensor{x, counting[int64](1, 2), counting[float32](1, 1)}, "updates"},
		"scatter slices outside":       {node("ScatterND", 1), 13, []*tensor.Tensor{x, tensor.From([]int64{2}, 1, 1), counting[float32](1, 3)}, "index 2"},
		"expand what does not fit":     {node("Expand", 1), 13, []*tensor.Tensor{x, ints(2, 4)}, "broadcast"},
		"expand beyond memory":         {node("Expand", 1), 13, []*tensor.Tensor{counting[float32](1), ints(1<<30, 1<<30)}, "more than"},
		"tile by too few":              {node("Tile", 1), 13, []*tensor.Tensor{x, ints(2)}, "1 repeats"},
		"tile by -1":                   {node("Tile", 1), 13, []*tensor.Tensor{x, ints(1, -1)}, "negative"},
		"pad by too few":               {node("Pad", 1), 13, []*tensor.Tensor{x, ints(1, 1)}, "2 pads"},
		"pad away more than there is":  {node("Pad", 1), 13, []*tensor.Tensor{x, ints(-2, 0, -1, 0)}, "negative"},
		"mirror nothing":               {node("Pad", 1, onnxpb.TextAttr("mode", "reflect")), 13, []*tensor.Tensor{counting[float32](0), ints(1, 1)}, "nothing to pad with"},
		"constant of a negative shape": {node("ConstantOfShape", 1), 9, []*tensor.Tensor{ints(-1)}, "negative"},
		"range by 0":                   {node("Range", 1), 11, []*tensor.Tensor{integer(0), integer(5), integer(0)}, "step of 0"},
		"range without end":            {node("Range", 1), 11, []*tensor.Tensor{tensor.From([]float32{0}), tensor.From([]float32{float32(math.Inf(1))}), tensor.From([]float32{1})}, "range of"},
		"one-hot below 0":              {node("OneHot", 1), 11, []*tensor.Tensor{ints(0), integer(-1), ints(0, 1)}, "depth of -1"},
		"eye of three dimensions":      {node("EyeLike", 1), 9, []*tensor.Tensor{counting[int32](1, 1, 1)}, "identity"},
		"triangle of a vector":         {node("Trilu", 1), 14, []*tensor.Tensor{ints(1)}, "triangle"},
		"top 4 of 3":                   {node("TopK", 2), 11, []*tensor.Tensor{x, ints(4)}, "best 4 of 3"},
		"compress more than there is":  {node("Compress", 1, axis(0)), 11, []*tensor.Tensor{x, truth(1, 1, 1)}, "condition"},
		"a sequence longer than it is": {node("ReverseSequence", 1), 10, []*tensor.Tensor{x, ints(1, 2, 3)}, "length 3"},
		"squares of a shallow depth":   {node("DepthToSpace", 1, onnxpb.IntAttr("blocksize", 2)), 13, []*tensor.Tensor{counting[int8](1, 3, 1, 1)}, "depth"},
		"squares that do not come out": {node("SpaceToDepth", 1, onnxpb.IntAttr("blocksize", 2)), 13, []*tensor.Tensor{counting[int8](1, 1, 3, 2)}, "squares"},
		"boxes without scores":         {node("NonMaxSuppression", 1), 11, []*tensor.Tensor{counting[float32](1, 2, 4), counting[float32](1, 1, 3)}, "boxes"},
		"a size for no axis":           {node("CenterCropPad", 1), 18, []*tensor.Tensor{x, ints(1)}, "1 sizes"},
		"unique along what is not":     {node("Unique", 1, axis(2)), 11, []*tensor.Tensor{x}, "axis 2"},
		"axes of a transposed rank":    {node("Pad", 1), 18, []*tensor.Tensor{x, ints(1, 1), nil, ints(2)}, "axis 2"},
		"concat along what is not":     {node("Concat", 1, axis(2)), 13, []*tensor.Tensor{x, x}, "axis 2"},
		"more sizes than outputs":      {node("Split", 2), 13, []*tensor.Tensor{x, ints(1, 1, 0)}, "3 sizes"},
		"batches that differ":          {node("GatherND", 1, onnxpb.IntAttr("batch_dims", 1)), 13, []*tensor.Tensor{x, counting[int64](3, 1)}, "indices"},
		"two numbers as how many":      {node("TopK", 2), 11, []*tensor.Tensor{x, ints(1, 2)}, "2 numbers as k"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := optest.Run(layout.Table, tt.node, tt.opset, tt.in...)
			require.ErrorIs(t, err, quintet.ErrInput)
			require.ErrorContains(t, err, tt.says)
		})
	}
}

func TestRefusals(t *testing.T) {
	x := counting[float32](2, 3)
	half := &tensor.Tensor{Type: onnxpb.Float16, Shape: []int{1}, Data: []byte{0, 0}}
	tests := map[string]struct {
		node  *onnxpb.Node
		opset int
		in    []*tensor.Tensor
		want  error
	}{
		"a text constant":             {node("Constant", 1, onnxpb.TextAttr("value_string", "a")), 13, nil, quintet.ErrUnsupported},
		"two constants in one":        {node("Constant", 1, onnxpb.IntAttr("value_int", 1), onnxpb.IntAttr("value_int", 2)), 13, nil, quintet.ErrModel},
		"a value that is no int":      {node("Constant", 1, onnxpb.TextAttr("value_int", "a")), 13, nil, quintet.ErrModel},
		"an unknown mode of padding":  {node("Pad", 1, onnxpb.TextAttr("mode", "mirror")), 13, []*tensor.Tensor{x, ints()}, quintet.ErrUnsupported},
		"an unknown reduction":        {node("ScatterND", 1, onnxpb.TextAttr("reduction", "mean")), 18, []*tensor.Tensor{x, counting[int64](1, 1), x}, quintet.ErrUnsupported},
		"sums of halves":              {node("ScatterND", 1, onnxpb.TextAttr("reduction", "add")), 18, []*tensor.Tensor{half, counting[int64](1, 1), half}, quintet.ErrUnsupported},
		"a range of halves":           {node("Range", 1), 11, []*tensor.Tensor{half, half, half}, quintet.ErrUnsupported},
		"a permutation that is none":  {node("Transpose", 1, attr("perm", 0, 0)), 13, []*tensor.Tensor{x}, quintet.ErrModel},
		"concat of two types":         {node("Concat", 1, onnxpb.IntAttr("axis", 0)), 13, []*tensor.Tensor{x, ints(1)}, quintet.ErrModel},
		"concat without an axis":      {node("Concat", 1), 13, []*tensor.Tensor{x, x}, quintet.ErrModel},
		"unsqueeze without axes":      {node("Unsqueeze", 1), 11, []*tensor.Tensor{x}, quintet.ErrModel},
		"float indices":               {node("Gather", 1), 13, []*tensor.Tensor{x, x}, quintet.ErrUnsupported},
		"squares of no pixel":         {node("DepthToSpace", 1, onnxpb.IntAttr("blocksize", 0)), 13, []*tensor.Tensor{x}, quintet.ErrModel},
		"other outputs than promised": {node("Split", 2, onnxpb.IntAttr("num_outputs", 3)), 18, []*tensor.Tensor{x}, quintet.ErrModel},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := optest.Run(layout.Table, tt.node, tt.opset, tt.in...)
			require.ErrorIs(t, err, tt.want)
		})
	}
}
