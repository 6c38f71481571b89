package vec_test

import (
	"encoding/binary"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/nn/vec"
)

func bytesOf(x ...float32) (b []byte) {
	for _, v := range x {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}

// FuzzFunctions gives every function any floats. Each keeps its bound, writes
// nothing outside dst, leaves its input as it was, and gives an element the same
// result alone as in company.
func FuzzFunctions(f *testing.F) {
	f.Add(bytesOf(0, float32(math.Copysign(0, -1)), 1, inf, -inf, nan, math.MaxFloat32, 88.7228394, -87.3365479))
	f.Add(bytesOf(0x1p-126, 0x1p-149, -103.97, 9.02, 3.95, 0.7071067, 1.4142135))
	all := functions()
	f.Fuzz(func(t *testing.T, data []byte) {
		x := make([]float32, min(len(data)/4, 1000))
		for i := range x {
			x[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
		}
		before := slices.Clone(x)
		for name, fn := range all {
			room := slices.Repeat([]float32{-12345}, len(x)+2)
			dst := room[1 : 1+len(x)]
			fn.kernel(dst, x)
			require.True(t, sameBits(before, x), name)
			require.Equal(t, [2]float32{-12345, -12345}, [2]float32{room[0], room[len(x)+1]}, name)
			for i, v := range x {
				require.LessOrEqual(t, fn.excess(v, dst[i]), 1.0, "%s of %v is %v", name, v, dst[i])
				alone := []float32{v}
				fn.kernel(alone, alone)
				require.True(t, sameBits(dst[i:i+1], alone), "%s of %v", name, v)
			}
		}
	})
}

// FuzzRows gives rows of any floats to what reduces them: the assembly agrees
// with Go on the extremes and on halves, and a softmax is a distribution or NaN
// throughout.
func FuzzRows(f *testing.F) {
	f.Add(bytesOf(1, 2, 3, -1, 65519, 65520, 1e-8))
	f.Add(bytesOf(nan, 1, inf))
	f.Fuzz(func(t *testing.T, data []byte) {
		x := make([]float32, min(len(data)/4, 1000))
		for i := range x {
			x[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
		}
		run := func() ([]float32, []uint16, int) {
			lo, hi := vec.MinMax(x)
			halves := make([]uint16, len(x))
			vec.FloatToHalf(halves, x)
			return []float32{lo, hi, vec.MinOf(x), vec.MaxOf(x)}, halves, vec.ArgMax(x)
		}
		extremes, halves, at := run()
		restore := vec.Generic()
		wantExtremes, wantHalves, wantAt := run()
		restore()
		require.True(t, slices.EqualFunc(wantExtremes, extremes, near))
		require.Equal(t, wantHalves, halves)
		require.Equal(t, wantAt, at)

		p := make([]float32, len(x))
		vec.Softmax(p, x)
		if len(p) == 0 || p[0] != p[0] {
			require.False(t, slices.ContainsFunc(p, func(v float32) bool { return v == v }))
			return
		}
		require.InDelta(t, 1, vec.Sum(p), 1e-4)
		require.GreaterOrEqual(t, vec.MinOf(p), float32(0))
	})
}
