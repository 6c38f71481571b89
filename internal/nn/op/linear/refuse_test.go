package linear_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/op/linear"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

func TestProductsRefuse(t *testing.T) {
	rng := seeded()
	f := func(shape ...int) *tensor.Tensor { return random(rng, shape...) }
	tests := map[string]struct {
		table op.Table
		typ   string
		in    []*tensor.Tensor
		attrs []onnxpb.Attribute
		want  error
	}{
		"scalars":                  {linear.Table, "MatMul", list(f(), f(3)), nil, quintet.ErrInput},
		"another inner size":       {linear.Table, "MatMul", list(f(3, 4), f(5, 6)), nil, quintet.ErrInput},
		"batches that differ":      {linear.Table, "MatMul", list(f(2, 3, 4), f(3, 4, 5)), nil, quintet.ErrInput},
		"two types":                {linear.Table, "MatMul", list(f(3, 4), whole[int32](rng, 4, 5)), nil, quintet.ErrUnsupported},
		"bytes":                    {linear.Table, "MatMul", list(whole[int8](rng, 3, 4), whole[int8](rng, 4, 5)), nil, quintet.ErrUnsupported},
		"one operand":              {linear.Table, "MatMul", list(f(3, 4)), nil, quintet.ErrModel},
		"a huge result":            {linear.Table, "MatMul", list(f(1<<20, 0), f(0, 1<<20)), nil, quintet.ErrInput},
		"Gemm of vectors":          {linear.Table, "Gemm", list(f(3), f(3)), nil, quintet.ErrInput},
		"Gemm of other sizes":      {linear.Table, "Gemm", list(f(3, 4), f(5, 4)), nil, quintet.ErrInput},
		"Gemm, C of another size":  {linear.Table, "Gemm", list(f(3, 4), f(4, 5), f(4)), nil, quintet.ErrInput},
		"Gemm, C of three axes":    {linear.Table, "Gemm", list(f(3, 4), f(4, 5), f(1, 3, 5)), nil, quintet.ErrInput},
		"Gemm, C larger":           {linear.Table, "Gemm", list(f(1, 4), f(4, 5), f(3, 5)), nil, quintet.ErrInput},
		"Gemm, attribute of text":  {linear.Table, "Gemm", list(f(1, 4), f(4, 5)), with(onnxpb.TextAttr("alpha", "1")), quintet.ErrModel},
		"batches transposed":       {linear.Microsoft, "FusedMatMul", list(f(3, 4), f(4, 5)), with(onnxpb.IntAttr("transBatchA", 1)), quintet.ErrUnsupported},
		"an activation":            {linear.Microsoft, "FusedGemm", list(f(3, 4), f(4, 5)), with(onnxpb.TextAttr("activation", "Sine")), quintet.ErrUnsupported},
		"Linear without constants": {linear.Fused, "Linear", list(f(3, 4), f(4, 5)), nil, quintet.ErrUnsupported},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := compute(tt.table, tt.typ, tt.in, 1, tt.attrs...)
			require.ErrorIs(t, err, tt.want)
		})
	}
}

func TestAttentionRefuses(t *testing.T) {
	rng := seeded()
	f := func(shape ...int) *tensor.Tensor { return random(rng, shape...) }
	ints := func(v ...int32) *tensor.Tensor { return tensor.From(v, len(v)) }
	heads, two := onnxpb.IntAttr("heads", 2), onnxpb.IntAttr("num_heads", 2)
	group := with(two, onnxpb.IntAttr("kv_num_heads", 1))
	standard := with(onnxpb.IntAttr("q_num_heads", 2), onnxpb.IntAttr("kv_num_heads", 1))
	x, ms := f(2, 3, 8), linear.Microsoft
	tests := map[string]struct {
		table op.Table
		typ   string
		in    []*tensor.Tensor
		attrs []onnxpb.Attribute
		want  error
	}{
		"no heads":                   {linear.Fused, "Attention", list(x, x, x), nil, quintet.ErrModel},
		"heads that do not divide":   {linear.Fused, "Attention", list(x, x, x), with(onnxpb.IntAttr("heads", 3)), quintet.ErrInput},
		"a matrix":                   {linear.Fused, "Attention", list(f(3, 8), x, x), with(heads), quintet.ErrInput},
		"a scalar":                   {linear.Fused, "Attention", list(f(), x, x), with(heads), quintet.ErrInput},
		"another batch":              {linear.Fused, "Attention", list(x, f(1, 3, 8), x), with(heads), quintet.ErrInput},
		"another width":              {linear.Fused, "Attention", list(x, f(2, 3, 6), x), with(heads), quintet.ErrInput},
		"more keys than values":      {linear.Fused, "Attention", list(x, f(2, 4, 8), x), with(heads), quintet.ErrInput},
		"a mask of other keys":       {linear.Fused, "Attention", list(x, x, x, f(2, 1, 1, 4)), with(heads), quintet.ErrInput},
		"a mask of five axes":        {linear.Fused, "Attention", list(x, x, x, f(1, 1, 1, 1, 1)), with(heads), quintet.ErrInput},
		"packed, not thirds":         {linear.Fused, "Attention", list(x), with(heads, onnxpb.IntAttr("packed", 1)), quintet.ErrInput},
		"whole numbers":              {linear.Fused, "Attention", list(whole[int32](rng, 2, 3, 8), x, x), with(heads), quintet.ErrUnsupported},
		"heads apart of three axes":  {linear.Fused, "HeadAttention", list(x, x, x), nil, quintet.ErrInput},
		"heads that share unevenly":  {linear.Fused, "HeadAttention", list(f(1, 3, 2, 4), f(1, 2, 2, 4), f(1, 2, 2, 4)), nil, quintet.ErrInput},
		"no shared heads":            {linear.Fused, "HeadAttention", list(f(1, 3, 2, 4), f(1, 0, 2, 4), f(1, 0, 2, 4)), nil, quintet.ErrInput},
		"past keys without values":   {linear.Table, "Attention", list(x, x, x, nil, f(2, 1, 3, 4)), standard, quintet.ErrModel},
		"past of another width":      {linear.Table, "Attention", list(x, f(2, 3, 4), f(2, 3, 4), nil, f(2, 1, 3, 5), f(2, 1, 3, 4)), standard, quintet.ErrInput},
		"no number of heads":         {linear.Table, "Attention", list(x, x, x), nil, quintet.ErrInput},
		"weights of another size":    {ms, "Attention", list(x, f(9, 24)), with(two), quintet.ErrInput},
		"weights, not thirds":        {ms, "Attention", list(x, f(8, 25)), with(two), quintet.ErrInput},
		"bias of another size":       {ms, "Attention", list(x, f(8, 24), f(23)), with(two), quintet.ErrInput},
		"mask of another batch":      {ms, "Attention", list(x, f(8, 24), nil, ints(1, 2, 3)), with(two), quintet.ErrInput},
		"past of one axis":           {ms, "Attention", list(x, f(8, 24), nil, nil, f(2)), with(two), quintet.ErrInput},
		"rotary in Attention":        {ms, "Attention", list(x, f(8, 24)), with(two, onnxpb.IntAttr("do_rotary", 1)), quintet.ErrUnsupported},
		"packed in another way":      {ms, "MultiHeadAttention", list(f(2, 3, 2, 2, 4)), with(two), quintet.ErrInput},
		"multi-head bias":            {ms, "MultiHeadAttention", list(x, x, x, f(8)), with(two), quintet.ErrInput},
		"values without keys":        {ms, "MultiHeadAttention", list(x, nil, x), with(two), quintet.ErrModel},
		"a cache with beams":         {ms, "MultiHeadAttention", list(x, x, x, nil, nil, nil, nil, nil, ints(1)), with(two), quintet.ErrUnsupported},
		"another count of heads":     {ms, "MultiHeadAttention", list(x, f(2, 1, 3, 4), f(2, 1, 3, 4)), with(two), quintet.ErrInput},
		"smooth softmax":             {ms, "GroupQueryAttention", list(f(1, 1, 16), nil, nil, nil, nil, ints(0), ints(1)), append(group, onnxpb.IntAttr("smooth_softmax", 1)), quintet.ErrUnsupported},
		"keys beyond the past":       {ms, "GroupQueryAttention", list(f(1, 1, 16), nil, nil, nil, nil, ints(5), ints(9)), group, quintet.ErrInput},
		"lengths beyond the total":   {ms, "GroupQueryAttention", list(f(1, 1, 16), nil, nil, nil, nil, ints(1), ints(1)), group, quintet.ErrInput},
		"negative lengths":           {ms, "GroupQueryAttention", list(f(1, 1, 16), nil, nil, nil, nil, ints(-1), ints(1)), group, quintet.ErrInput},
		"a total of none":            {ms, "GroupQueryAttention", list(f(1, 1, 16), nil, nil, nil, nil, ints(0), ints()), group, quintet.ErrInput},
		"rotary without tables":      {ms, "GroupQueryAttention", list(f(1, 1, 16), nil, nil, nil, nil, ints(0), ints(1)), append(group, onnxpb.IntAttr("do_rotary", 1)), quintet.ErrModel},
		"a position that is not one": {ms, "RotaryEmbedding", list(f(1, 1, 4), tensor.From([]int64{-1}, 1), f(3, 2), f(3, 2)), nil, quintet.ErrInput},
		"a huge position":            {ms, "RotaryEmbedding", list(f(1, 1, 4), tensor.From([]int64{math.MaxInt64}, 1), f(3, 2), f(3, 2)), nil, quintet.ErrInput},
		"tables that are too wide":   {ms, "RotaryEmbedding", list(f(1, 1, 2, 4), tensor.From([]int64{0}, 1), f(3, 4), f(3, 4)), nil, quintet.ErrInput},
		"sines of another size":      {ms, "RotaryEmbedding", list(f(1, 1, 4), tensor.From([]int64{0}, 1), f(3, 2), f(2, 2)), nil, quintet.ErrInput},
		"a token that is not one": {ms, "EmbedLayerNormalization", list(tensor.From([]int32{7}, 1, 1), nil, f(3, 4), f(2, 4), nil, f(4), f(4)), nil,
			quintet.ErrInput},
		"more tokens than places": {ms, "EmbedLayerNormalization", list(tensor.From([]int32{0, 0, 0}, 1, 3), nil, f(3, 4), f(2, 4), nil, f(4), f(4)), nil,
			quintet.ErrInput},
		"a gamma of another size": {ms, "EmbedLayerNormalization", list(tensor.From([]int32{0}, 1, 1), nil, f(3, 4), f(2, 4), nil, f(5), f(4)), nil,
			quintet.ErrInput},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := compute(tt.table, tt.typ, tt.in, 1, tt.attrs...)
			require.ErrorIs(t, err, tt.want)
		})
	}
}
