package tensor_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

func TestCount(t *testing.T) {
	tests := map[string]struct {
		shape []int
		want  int // -1 for an error
	}{
		"a scalar":                     {nil, 1},
		"a vector":                     {[]int{7}, 7},
		"nothing":                      {[]int{3, 0, 5}, 0},
		"nothing, and much besides":    {[]int{math.MaxInt, 0, math.MaxInt}, 0},
		"nothing, with a negative one": {[]int{0, -1}, -1},
		"the most":                     {[]int{math.MaxInt32}, math.MaxInt32},
		"one more":                     {[]int{1 << 31}, -1},
		"2^32":                         {[]int{1 << 16, 1 << 16}, -1},
		"2^64, which is 0 in 64 bits":  {[]int{1 << 32, 1 << 32}, -1},
		"2^65 by small steps":          {[]int{1 << 13, 1 << 13, 1 << 13, 1 << 13, 1 << 13}, -1},
		"2^64+2^31, and more":          {[]int{1 << 32, 1<<32 + 1, 3}, -1},
		"eight dimensions":             {[]int{2, 2, 2, 2, 2, 2, 2, 2}, 256},
		"nine dimensions":              {[]int{1, 1, 1, 1, 1, 1, 1, 1, 1}, -1},
		"negative":                     {[]int{-1}, -1},
		"as negative as can be":        {[]int{math.MinInt, math.MinInt}, -1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			n, err := tensor.Count(tt.shape)
			if tt.want < 0 {
				require.ErrorIs(t, err, quintet.ErrInput)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.want, n)
		})
	}
}

// at reads element index of a tensor of shape from, stretched to the shape to, the
// slow way.
func at(from, to []int, index []int) int {
	n := 0
	for i, d := range from {
		j := index[len(to)-len(from)+i]
		if d == 1 {
			j = 0
		}
		n = n*d + j
	}
	return n
}

func TestBroadcasting(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		to := make([]int, rng.IntN(5))
		for i := range to {
			to[i] = rng.IntN(4)
		}
		from := slices.Clone(to[rng.IntN(len(to)+1):])
		for i := range from {
			if rng.IntN(2) == 0 {
				from[i] = 1
			}
		}
		for _, pair := range [][2][]int{{from, to}, {to, from}} {
			got, err := tensor.Broadcast(nil, pair[0], pair[1])
			require.NoError(t, err)
			require.Equal(t, append([]int{}, to...), append([]int{}, got...))
		}
		strides := tensor.BroadcastStrides(nil, from, to)
		index := make([]int, len(to))
		n, err := tensor.Count(to)
		require.NoError(t, err)
		for k := range n {
			sum := 0
			for i := len(to) - 1; i >= 0; i-- {
				index[i], k = k%to[i], k/to[i]
				sum += index[i] * strides[i]
			}
			require.Equal(t, at(from, to, index), sum, "%v as %v at %v", from, to, index)
		}
	}
	for _, bad := range [][2][]int{{{2}, {3}}, {{2, 3}, {2, 4}}, {{0}, {2}}, {{2, 1}, {3, 5}}} {
		_, err := tensor.Broadcast(nil, bad[0], bad[1])
		require.ErrorIs(t, err, quintet.ErrInput)
	}
	require.Equal(t, []int{20, 5, 1}, tensor.Strides(make([]int, 1, 8), []int{3, 4, 5}))
	dst, err := tensor.Broadcast([]int{9, 9, 9, 9}, []int{2, 1}, []int{3})
	require.NoError(t, err)
	require.Equal(t, []int{2, 3}, dst, "what was in the slice is overwritten")
}

func TestAxis(t *testing.T) {
	for axis, want := range map[int]int{0: 0, 2: 2, -1: 2, -3: 0} {
		got, err := tensor.Axis(axis, 3)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	for _, axis := range []int{3, -4, math.MaxInt, math.MinInt} {
		_, err := tensor.Axis(axis, 3)
		require.ErrorIs(t, err, quintet.ErrInput)
	}
	_, err := tensor.Axis(0, 0)
	require.ErrorIs(t, err, quintet.ErrInput)
}

func TestNewAndClone(t *testing.T) {
	for typ := range onnxpb.DataType(30) {
		x, err := tensor.New(typ, 2, 3)
		if tensor.Size(typ) == 0 {
			require.ErrorIs(t, err, quintet.ErrUnsupported)
			continue
		}
		require.NoError(t, err)
		require.Len(t, x.Data, 6*tensor.Size(typ))
		require.Equal(t, 6, x.Len())
		require.Equal(t, 2, x.Rank())
		require.Zero(t, uintptr(unsafe.Pointer(&x.Data[0]))%64)
		c := x.Clone()
		c.Data[0], c.Shape[0] = 1, 9
		require.Zero(t, x.Data[0])
		require.Equal(t, 2, x.Shape[0])
	}
	_, err := tensor.New(onnxpb.Float, 1<<31)
	require.ErrorIs(t, err, quintet.ErrInput)
	require.Panics(t, func() { tensor.From([]float32{1, 2}, 3) })
	require.Panics(t, func() { tensor.Of[float64](tensor.From([]float32{1, 2}, 2)) })
	require.Equal(t, "float32[1 2]", tensor.From([]float32{1, 2}, 1, 2).String())
	for n := range 200 {
		b := tensor.Alloc(n)
		require.Len(t, b, n)
		require.Equal(t, n, cap(b))
	}
}

// fromProto reads a tensor of one Go type from raw bytes, at an odd address, too.
func fromProto[T interface {
	tensor.Elem
	onnxpb.Element
}](t *testing.T, v []T) {
	t.Helper()
	p := onnxpb.NewTensor("w", v, int64(len(v)))
	x, err := tensor.FromProto(p)
	require.NoError(t, err)
	require.Equal(t, tensor.TypeOf[T](), x.Type)
	require.Equal(t, v, append([]T{}, tensor.Of[T](x)...))
	odd := append([]byte{0xff}, p.Raw...)
	p.Raw = odd[1:]
	x, err = tensor.FromProto(p)
	require.NoError(t, err)
	require.Equal(t, p.Raw, x.Data)
	y := x.Clone()
	require.Equal(t, v, append([]T{}, tensor.Of[T](y)...))
}

func TestFromProtoOfEveryType(t *testing.T) {
	fromProto(t, []float32{1, -2.5, float32(math.Inf(1))})
	fromProto(t, []float64{1, -2.5, math.Inf(-1)})
	fromProto(t, []int8{1, -128})
	fromProto(t, []int16{1, math.MinInt16})
	fromProto(t, []int32{1, math.MinInt32})
	fromProto(t, []int64{1, math.MinInt64, math.MaxInt64})
	fromProto(t, []uint8{1, 255})
	fromProto(t, []uint16{1, 65535})
	fromProto(t, []uint32{1, math.MaxUint32})
	fromProto(t, []uint64{1, math.MaxUint64})
	for _, typ := range []onnxpb.DataType{onnxpb.Float16, onnxpb.BFloat16} {
		x, err := tensor.FromProto(&onnxpb.Tensor{DataType: typ, Dims: []int64{2}, Raw: []byte{1, 2, 3, 4}})
		require.NoError(t, err)
		require.Equal(t, []uint16{0x201, 0x403}, tensor.Of[uint16](x))
	}
	raw := []byte{0, 1, 7, 255}
	x, err := tensor.FromProto(&onnxpb.Tensor{DataType: onnxpb.Bool, Dims: []int64{4}, Raw: raw})
	require.NoError(t, err)
	require.Equal(t, []byte{0, 1, 1, 1}, x.Data)
	require.Equal(t, []byte{0, 1, 7, 255}, raw, "the file is not changed")
}

// TestFromProtoOfTypedData reads the fields that files have instead of raw bytes, as
// they come from the wire.
func TestFromProtoOfTypedData(t *testing.T) {
	tests := map[string]struct {
		file []byte // of a TensorProto
		want *tensor.Tensor
	}{
		"float32":  {[]byte{0x08, 2, 0x10, 1, 0x22, 8, 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0}, tensor.From([]float32{1, -2}, 2)},
		"int64":    {[]byte{0x08, 2, 0x10, 7, 0x3a, 2, 5, 6}, tensor.From([]int64{5, 6}, 2)},
		"int32":    {[]byte{0x08, 2, 0x10, 6, 0x2a, 2, 5, 6}, tensor.From([]int32{5, 6}, 2)},
		"uint8":    {[]byte{0x08, 2, 0x10, 2, 0x2a, 2, 5, 6}, tensor.From([]uint8{5, 6}, 2)},
		"float64":  {[]byte{0x08, 1, 0x10, 11, 0x52, 8, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f}, tensor.From([]float64{1}, 1)},
		"bool":     {[]byte{0x08, 2, 0x10, 9, 0x2a, 2, 0, 1}, &tensor.Tensor{Type: onnxpb.Bool, Shape: []int{2}, Data: []byte{0, 1}}},
		"float16":  {[]byte{0x08, 1, 0x10, 10, 0x2a, 2, 0x80, 0x78}, &tensor.Tensor{Type: onnxpb.Float16, Shape: []int{1}, Data: []byte{0, 0x3c}}},
		"too few":  {[]byte{0x08, 3, 0x10, 7, 0x3a, 2, 5, 6}, nil},
		"too many": {[]byte{0x08, 1, 0x10, 7, 0x3a, 2, 5, 6}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p, err := onnxpb.ReadTensor(tt.file)
			var x *tensor.Tensor
			if err == nil {
				x, err = tensor.FromProto(p)
			}
			if tt.want == nil {
				require.ErrorIs(t, err, quintet.ErrModel)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.want.String(), x.String())
			require.Equal(t, tt.want.Data, append([]byte{}, x.Data...))
		})
	}
}

func TestFromProtoRefuses(t *testing.T) {
	tests := map[string]struct {
		p     onnxpb.Tensor
		cause error
	}{
		"strings":              {onnxpb.Tensor{DataType: onnxpb.String, Dims: []int64{1}}, quintet.ErrUnsupported},
		"no type":              {onnxpb.Tensor{Dims: []int64{1}}, quintet.ErrUnsupported},
		"an unknown type":      {onnxpb.Tensor{DataType: 1 << 30, Dims: []int64{1}}, quintet.ErrUnsupported},
		"a negative dimension": {onnxpb.Tensor{DataType: onnxpb.Float, Dims: []int64{-1, -1}, Raw: make([]byte, 4)}, quintet.ErrModel},
		"too few bytes":        {onnxpb.Tensor{DataType: onnxpb.Float, Dims: []int64{2}, Raw: make([]byte, 7)}, quintet.ErrModel},
		"too many bytes":       {onnxpb.Tensor{DataType: onnxpb.Float, Dims: []int64{2}, Raw: make([]byte, 9)}, quintet.ErrModel},
		"a size that is 0 in 64 bits": {onnxpb.Tensor{DataType: onnxpb.Float, Dims: []int64{1 << 32, 1 << 32}},
			quintet.ErrModel},
		"a size that is 4 in 32 bits": {onnxpb.Tensor{DataType: onnxpb.Float, Dims: []int64{1<<32 + 1}, Raw: make([]byte, 4)},
			quintet.ErrModel},
		"nine dimensions": {onnxpb.Tensor{DataType: onnxpb.Uint8, Dims: slices.Repeat([]int64{1}, 9), Raw: make([]byte, 1)}, quintet.ErrModel},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := tensor.FromProto(&tt.p)
			require.ErrorIs(t, err, tt.cause)
		})
	}
}
