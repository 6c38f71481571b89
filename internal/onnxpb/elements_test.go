package onnxpb_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// typed is a tensor of data type d with data in a typed field.
func typed(d onnxpb.DataType, t onnxpb.Tensor, dims ...int64) *onnxpb.Tensor {
	t.DataType, t.Dims, t.Name = d, dims, "t"
	return &t
}

// rawOf is t with its data as raw bytes.
func rawOf(t *testing.T, tensor *onnxpb.Tensor) *onnxpb.Tensor {
	t.Helper()
	b, err := tensor.Bytes()
	require.NoError(t, err)
	return &onnxpb.Tensor{Name: tensor.Name, DataType: tensor.DataType, Dims: tensor.Dims, Raw: b}
}

func TestElementsAreTheSameFromRawAndTypedData(t *testing.T) {
	i32 := func(v ...int32) onnxpb.Tensor { return onnxpb.Tensor{Int32Data: v} }
	u64 := func(v ...uint64) onnxpb.Tensor { return onnxpb.Tensor{Uint64Data: v} }
	tests := map[string]struct {
		tensor *onnxpb.Tensor
		read   func(*onnxpb.Tensor) (any, error)
		want   any
	}{
		"float32":                           {typed(onnxpb.Float, onnxpb.Tensor{FloatData: []float32{1, -2.5}}, 2), float32s, []float32{1, -2.5}},
		"float16":                           {typed(onnxpb.Float16, i32(0x3c00, 0xc100), 2), float32s, []float32{1, -2.5}},
		"float16 in numbers beyond 16 bits": {typed(onnxpb.Float16, i32(0x13c00), 1), float32s, []float32{1}},
		"bfloat16":                          {typed(onnxpb.BFloat16, i32(0x3f80, 0xc020), 2), float32s, []float32{1, -2.5}},
		"float64":                           {typed(onnxpb.Double, onnxpb.Tensor{DoubleData: []float64{1e300}}, 1), float64s, []float64{1e300}},
		"float32 as float64":                {typed(onnxpb.Float, onnxpb.Tensor{FloatData: []float32{0.5}}, 1), float64s, []float64{0.5}},
		"int64":                             {typed(onnxpb.Int64, onnxpb.Tensor{Int64Data: []int64{-1, 1 << 60}}, 2), int64s, []int64{-1, 1 << 60}},
		"int32 as int64":                    {typed(onnxpb.Int32, i32(-5), 1), int64s, []int64{-5}},
		"uint32 as int64":                   {typed(onnxpb.Uint32, u64(1<<32-1), 1), int64s, []int64{1<<32 - 1}},
		"uint64":                            {typed(onnxpb.Uint64, u64(1<<64-1), 1), uint64s, []uint64{1<<64 - 1}},
		"int32":                             {typed(onnxpb.Int32, i32(math.MinInt32), 1), int32s, []int32{math.MinInt32}},
		"int16":                             {typed(onnxpb.Int16, i32(-2), 1), int32s, []int32{-2}},
		"uint16":                            {typed(onnxpb.Uint16, i32(65535), 1), int32s, []int32{65535}},
		"int8 as int32":                     {typed(onnxpb.Int8, i32(-128), 1), int32s, []int32{-128}},
		"uint8 as int32":                    {typed(onnxpb.Uint8, i32(255), 1), int32s, []int32{255}},
		"bool as int32":                     {typed(onnxpb.Bool, i32(1, 0), 2), int32s, []int32{1, 0}},
		"int8":                              {typed(onnxpb.Int8, i32(-128, 127), 2), int8s, []int8{-128, 127}},
		"uint8":                             {typed(onnxpb.Uint8, i32(0, 255), 2), uint8s, []uint8{0, 255}},
		"bool":                              {typed(onnxpb.Bool, i32(0, 1), 2), bools, []bool{false, true}},
		"int4":                              {typed(onnxpb.Int4, i32(0x8f, 0x07), 3), int32s, []int32{-1, -8, 7}},
		"uint4":                             {typed(onnxpb.Uint4, i32(0x8f, 0x07), 3), int32s, []int32{15, 8, 7}},
		"complex64":                         {typed(onnxpb.Complex64, onnxpb.Tensor{FloatData: []float32{1, 2}}, 1), complexes, []complex128{1 + 2i}},
		"complex128":                        {typed(onnxpb.Complex128, onnxpb.Tensor{DoubleData: []float64{1, -2}}, 1), complexes, []complex128{1 - 2i}},
		"a scalar":                          {typed(onnxpb.Int64, onnxpb.Tensor{Int64Data: []int64{7}}), int64s, []int64{7}},
		"none":                              {typed(onnxpb.Float, onnxpb.Tensor{}, 3, 0), float32s, []float32{}},
		"none of a huge kind":               {typed(onnxpb.Float, onnxpb.Tensor{}, 1<<62, 0, 1<<62), float32s, []float32{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := tt.read(tt.tensor)
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
			got, err = tt.read(rawOf(t, tt.tensor))
			require.NoError(t, err)
			require.Equal(t, tt.want, got, "from raw data")
		})
	}
}

func float32s(t *onnxpb.Tensor) (any, error)  { return t.Float32s() }
func float64s(t *onnxpb.Tensor) (any, error)  { return t.Float64s() }
func int64s(t *onnxpb.Tensor) (any, error)    { return t.Int64s() }
func int32s(t *onnxpb.Tensor) (any, error)    { return t.Int32s() }
func uint64s(t *onnxpb.Tensor) (any, error)   { return t.Uint64s() }
func int8s(t *onnxpb.Tensor) (any, error)     { return t.Int8s() }
func uint8s(t *onnxpb.Tensor) (any, error)    { return t.Uint8s() }
func bools(t *onnxpb.Tensor) (any, error)     { return t.Bools() }
func complexes(t *onnxpb.Tensor) (any, error) { return t.Complex128s() }
func texts(t *onnxpb.Tensor) (any, error)     { return t.Strings() }

var readers = map[string]func(*onnxpb.Tensor) (any, error){"Float32s": float32s, "Float64s": float64s, "Int64s": int64s,
	"Int32s": int32s, "Uint64s": uint64s, "Int8s": int8s, "Uint8s": uint8s, "Bools": bools, "Complex128s": complexes, "Strings": texts}

func TestStringsAreNoRawData(t *testing.T) {
	s := typed(onnxpb.String, onnxpb.Tensor{StringData: [][]byte{[]byte("a"), nil}}, 2)
	got, err := s.Strings()
	require.NoError(t, err)
	require.Equal(t, []string{"a", ""}, got)
	_, err = s.Bytes()
	require.EqualError(t, err, "tensor t: string has no raw data: model cannot be used")
	s.Raw = []byte("ab")
	_, err = s.Strings()
	require.EqualError(t, err, "tensor t: string has no raw data: model cannot be used")
}

func TestTensorsThatLieAreErrors(t *testing.T) {
	floats := func(n int, dims ...int64) *onnxpb.Tensor {
		return typed(onnxpb.Float, onnxpb.Tensor{FloatData: make([]float32, n)}, dims...)
	}
	of, none := typed, onnxpb.Tensor{}
	raw := func(n int) onnxpb.Tensor { return onnxpb.Tensor{Raw: make([]byte, n)} }
	tests := map[string]struct {
		tensor *onnxpb.Tensor
		read   string
		want   string
	}{
		"a negative dimension":        {floats(0, -1), "Float32s", "dimension -1"},
		"a negative one beside zero":  {floats(0, 0, -1), "Float32s", "dimension -1"},
		"2^64 elements":               {floats(0, 1<<32, 1<<32), "Float32s", "dimensions [4294967296 4294967296] overflow"},
		"2^62 floats in raw data":     {of(onnxpb.Float, raw(1), 1<<62), "Float32s", "overflow"},
		"2^61 complex numbers":        {of(onnxpb.Complex64, none, 1<<61), "Complex128s", "overflow"},
		"too few numbers":             {floats(3, 2, 2), "Float32s", "float32[2 2] needs 16 bytes of data and has 12"},
		"too many numbers":            {floats(5, 2, 2), "Float32s", "float32[2 2] needs 16 bytes of data and has 20"},
		"half a complex number":       {of(onnxpb.Complex64, onnxpb.Tensor{FloatData: make([]float32, 3)}, 1), "Complex128s", "complex64[1] needs 8 bytes of data and has 12"},
		"too few raw bytes":           {of(onnxpb.Float, raw(15), 4), "Float32s", "float32[4] needs 16 bytes of raw data and has 15"},
		"raw bytes of nothing":        {of(onnxpb.Float, raw(4), 0), "Float32s", "needs 0 bytes of raw data and has 4"},
		"no data at all":              {of(onnxpb.Int64, none, 1), "Int64s", "int64[1] needs 8 bytes of data and has 0"},
		"too few strings":             {of(onnxpb.String, none, 1), "Strings", "string[1] has 0 elements"},
		"too few nibbles":             {of(onnxpb.Int4, raw(1), 3), "Int32s", "int4[3] needs 2 bytes of raw data and has 1"},
		"too few typed nibbles":       {of(onnxpb.Int4, onnxpb.Tensor{Int32Data: []int32{1}}, 3), "Int32s", "int4[3] needs 2 bytes of data and has 1"},
		"data in another file":        {of(onnxpb.Float, onnxpb.Tensor{Location: onnxpb.Outside}, 1), "Float32s", "its data is in another file"},
		"data in a place of its own":  {of(onnxpb.Float, onnxpb.Tensor{Location: 7}, 1), "Float32s", "data location 7"},
		"a segment":                   {of(onnxpb.Float, onnxpb.Tensor{Segment: []byte{8, 1}}, 1), "Float32s", "is a segment of a tensor"},
		"integers asked for floats":   {of(onnxpb.Int64, none, 1), "Float32s", "holds int64, want floats of at most 32 bits"},
		"float64 asked for float32":   {of(onnxpb.Double, none, 1), "Float32s", "holds float64, want floats of at most 32 bits"},
		"integers asked for float64":  {of(onnxpb.Int64, none, 1), "Float64s", "holds int64, want floats of at most 32 bits"},
		"floats asked for integers":   {floats(1, 1), "Int64s", "holds float32, want integers that fit"},
		"int64 asked for int32":       {of(onnxpb.Int64, none, 1), "Int32s", "holds int64, want integers that fit"},
		"int8 asked for uint8":        {of(onnxpb.Int8, none, 1), "Uint8s", "holds int8, want uint8"},
		"uint8 asked for int8":        {of(onnxpb.Uint8, none, 1), "Int8s", "holds uint8, want int8"},
		"uint8 asked for bool":        {of(onnxpb.Uint8, none, 1), "Bools", "holds uint8, want bool"},
		"int64 asked for uint64":      {of(onnxpb.Int64, none, 1), "Uint64s", "holds int64, want uint64"},
		"floats asked for complex":    {floats(1, 1), "Complex128s", "holds float32, want complex numbers"},
		"floats asked for strings":    {floats(1, 1), "Strings", "holds float32, want string"},
		"a type nobody knows":         {of(99, none, 1), "Int32s", "holds data type 99, want integers that fit"},
		"raw data of an unknown type": {of(99, raw(1), 1), "Int32s", "holds data type 99, want integers that fit"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := readers[tt.read](tt.tensor)
			require.ErrorContains(t, err, tt.want)
			require.ErrorIs(t, err, quintet.ErrModel)
		})
	}
}

func TestBytesIsAWindowIntoRawData(t *testing.T) {
	w := onnxpb.NewTensor("w", []float32{1, 2}, 2)
	b, err := w.Bytes()
	require.NoError(t, err)
	require.Same(t, &w.Raw[0], &b[0])
}

// TestHalfToFloat32 holds all 65,536 numbers against the definition of IEEE 754.
func TestHalfToFloat32(t *testing.T) {
	for h := range 1 << 16 {
		sign, exp, frac := 1-2*float64(h>>15), h>>10&31, float64(h&1023)
		got := float64(onnxpb.HalfToFloat32(uint16(h)))
		switch {
		case exp == 31 && frac != 0:
			require.True(t, math.IsNaN(got), "%#04x", h)
		case exp == 31:
			require.Equal(t, math.Inf(int(sign)), got, "%#04x", h)
		case exp == 0:
			require.Equal(t, sign*math.Ldexp(frac, -24), got, "%#04x", h)
		default:
			require.Equal(t, sign*math.Ldexp(1+frac/1024, exp-15), got, "%#04x", h)
		}
		require.Equal(t, sign < 0, math.Signbit(got), "%#04x", h)
	}
}

func TestDataTypesHaveNamesAndWidths(t *testing.T) {
	require.Equal(t, "float32", onnxpb.Float.String())
	require.Equal(t, "float64", onnxpb.Double.String())
	require.Equal(t, "data type -1", onnxpb.DataType(-1).String())
	require.Equal(t, 4, onnxpb.Int4.Bits())
	require.Equal(t, 128, onnxpb.Complex128.Bits())
	require.Zero(t, onnxpb.String.Bits())
	require.Zero(t, onnxpb.DataType(99).Bits())
	require.Equal(t, "ints", onnxpb.AttrInts.String())
	require.Equal(t, "attribute type 99", onnxpb.AttributeType(99).String())
}

func TestNewTensorHoldsEveryElementType(t *testing.T) {
	require.Equal(t, []byte{1, 0}, onnxpb.NewTensor("", []bool{true, false}, 2).Raw)
	require.Equal(t, []byte{0, 0, 0x80, 0x3f}, onnxpb.NewTensor("", []float32{1}).Raw)
	for want, got := range map[onnxpb.DataType]*onnxpb.Tensor{
		onnxpb.Bool: onnxpb.NewTensor("", []bool{true}), onnxpb.Int8: onnxpb.NewTensor("", []int8{1}),
		onnxpb.Uint8: onnxpb.NewTensor("", []uint8{1}), onnxpb.Int16: onnxpb.NewTensor("", []int16{1}),
		onnxpb.Uint16: onnxpb.NewTensor("", []uint16{1}), onnxpb.Int32: onnxpb.NewTensor("", []int32{1}),
		onnxpb.Uint32: onnxpb.NewTensor("", []uint32{1}), onnxpb.Int64: onnxpb.NewTensor("", []int64{1}),
		onnxpb.Uint64: onnxpb.NewTensor("", []uint64{1}), onnxpb.Float: onnxpb.NewTensor("", []float32{1}),
		onnxpb.Double: onnxpb.NewTensor("", []float64{1}),
	} {
		require.Equal(t, want, got.DataType)
		require.Len(t, got.Raw, want.Bits()/8)
	}
}
