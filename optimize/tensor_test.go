package optimize_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

func TestNewTensorBorrows(t *testing.T) {
	data := []float32{1, 2, 3, 4, 5, 6}
	x, err := optimize.NewTensor(data, 2, 3)
	require.NoError(t, err)
	require.Equal(t, "float32[2 3]", x.String())
	require.Equal(t, 6, x.Len())
	require.Equal(t, 2, x.Rank())
	require.Equal(t, 3, x.Dim(1))
	clone := x.Clone()
	data[0] = 9
	got, err := optimize.Data[float32](x)
	require.NoError(t, err)
	require.Equal(t, float32(9), got[0])
	got, err = optimize.Data[float32](clone)
	require.NoError(t, err)
	require.Equal(t, float32(1), got[0])
	x.Shape()[0] = 7
	require.Equal(t, []int{2, 3}, x.Shape(), "the shape cannot be changed from outside")
}

func TestShapesAreChecked(t *testing.T) {
	for name, shape := range map[string][]int{
		"too few elements":     {2, 2},
		"too many elements":    {3, 3},
		"a negative dimension": {-1, 6},
		"an overflow":          {math.MaxInt, 2, 3},
		"a wrapped overflow":   {math.MaxInt, math.MaxInt, math.MaxInt, 6},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := optimize.NewTensor(make([]int64, 6), shape...)
			require.ErrorIs(t, err, quintet.ErrInput)
		})
	}
	_, err := optimize.Zeros[float32](1<<16, 1<<16)
	require.ErrorIs(t, err, quintet.ErrInput, "refused before it is allocated")
	scalar, err := optimize.NewTensor([]int64{16000})
	require.NoError(t, err)
	require.Equal(t, 1, scalar.Len())
	empty, err := optimize.Zeros[float32](0, 1<<20, 1<<20)
	require.NoError(t, err)
	require.Zero(t, empty.Len())
}

func TestReshape(t *testing.T) {
	x, err := optimize.Zeros[int8](4, 6)
	require.NoError(t, err)
	y, err := x.Reshape(2, -1, 3)
	require.NoError(t, err)
	require.Equal(t, []int{2, 4, 3}, y.Shape())
	for name, shape := range map[string][]int{
		"another size": {5, 5}, "not a divisor": {-1, 7}, "two unknown": {-1, -1}, "by zero": {0, -1},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := x.Reshape(shape...)
			require.ErrorIs(t, err, quintet.ErrInput)
		})
	}
	_, err = optimize.Tensor{}.Reshape(0)
	require.ErrorIs(t, err, quintet.ErrInput)
}

func elementType[T optimize.Element](t *testing.T, want optimize.DType, name string, size int) {
	t.Helper()
	x, err := optimize.Zeros[T](2)
	require.NoError(t, err)
	require.Equal(t, want, x.DType())
	require.Equal(t, name, want.String())
	require.Equal(t, size, want.Size())
	data, err := optimize.Data[T](x.Clone())
	require.NoError(t, err)
	require.Len(t, data, 2)
}

func TestElementTypes(t *testing.T) {
	elementType[float32](t, optimize.Float32, "float32", 4)
	elementType[optimize.Half](t, optimize.Float16, "float16", 2)
	elementType[int64](t, optimize.Int64, "int64", 8)
	elementType[int32](t, optimize.Int32, "int32", 4)
	elementType[int8](t, optimize.Int8, "int8", 1)
	elementType[uint8](t, optimize.Uint8, "uint8", 1)
	elementType[bool](t, optimize.Bool, "bool", 1)
	elementType[string](t, optimize.String, "string", 0)
	x, err := optimize.Zeros[int8](1)
	require.NoError(t, err)
	_, err = optimize.Data[uint8](x)
	require.EqualError(t, err, "tensor holds int8, not uint8: invalid input")
	_, err = optimize.Data[uint8](optimize.Tensor{})
	require.ErrorIs(t, err, quintet.ErrInput)
	require.Equal(t, "invalid", optimize.DType(99).String())
}

func TestTensorInfoChecks(t *testing.T) {
	info := optimize.TensorInfo{Name: "ids", DType: optimize.Int64, Shape: []int{-1, -1, 2}, Names: []string{"batch", "", ""}}
	require.Equal(t, "ids int64[batch ? 2]", info.String())
	ok, _ := optimize.Zeros[int64](3, 4, 2)
	require.NoError(t, info.Check(ok))
	wrongType, _ := optimize.Zeros[int32](3, 4, 2)
	wrongRank, _ := optimize.Zeros[int64](3, 4)
	wrongSize, _ := optimize.Zeros[int64](3, 4, 3)
	for _, x := range []optimize.Tensor{wrongType, wrongRank, wrongSize, {}} {
		require.ErrorIs(t, info.Check(x), quintet.ErrInput)
	}
}

func TestTensorInfoOfAnyRank(t *testing.T) {
	info := optimize.TensorInfo{Name: "x", DType: optimize.Float32, AnyRank: true}
	require.Equal(t, "x float32[...]", info.String())
	for _, shape := range [][]int{nil, {0}, {2, 3, 4}} {
		x, err := optimize.Zeros[float32](shape...)
		require.NoError(t, err)
		require.NoError(t, info.Check(x))
		require.Equal(t, shape == nil, optimize.TensorInfo{DType: optimize.Float32}.Check(x) == nil, "without it, a scalar")
	}
	ids, err := optimize.Zeros[int64](2)
	require.NoError(t, err)
	require.ErrorIs(t, info.Check(ids), quintet.ErrInput)
	require.ErrorIs(t, info.Check(optimize.Tensor{}), quintet.ErrInput)
}
