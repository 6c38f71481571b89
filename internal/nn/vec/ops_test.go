package vec_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/nn/vec"
)

// op is a kernel with a result as long as its inputs.
type op struct {
	ins  int
	run  func(dst []float32, in [][]float32)
	rows bool // elements depend on the whole row
}

func unary(f func(dst, x []float32)) op {
	return op{ins: 1, run: func(dst []float32, in [][]float32) { f(dst, in[0]) }}
}

func scaled(f func(dst, x []float32, s float32)) op {
	return op{ins: 1, run: func(dst []float32, in [][]float32) { f(dst, in[0], 0.7) }}
}

func pairwise(f func(dst, a, b []float32)) op {
	return op{ins: 2, run: func(dst []float32, in [][]float32) { f(dst, in[0], in[1]) }}
}

func row(ins int, f func(dst []float32, in [][]float32)) op { return op{ins: ins, run: f, rows: true} }

func ops() map[string]op {
	all := map[string]op{
		"Add": pairwise(vec.Add), "Sub": pairwise(vec.Sub), "Mul": pairwise(vec.Mul), "Div": pairwise(vec.Div),
		"Max": pairwise(vec.Max), "Min": pairwise(vec.Min),
		"AddScalar": scaled(vec.AddScalar), "MulScalar": scaled(vec.MulScalar),
		"SubFromScalar": scaled(vec.SubFromScalar), "DivScalar": scaled(vec.DivScalar),
		"LeakyRelu": scaled(vec.LeakyRelu), "Elu of 0.7": scaled(vec.Elu), "QuickGelu of 0.7": scaled(vec.QuickGelu),
		"HardSigmoid": unary(func(dst, x []float32) { vec.HardSigmoid(dst, x, 0.2, 0.5) }),
		"Clip":        unary(func(dst, x []float32) { vec.Clip(dst, x, -0.5, 1) }),
		"MulAdd":      {ins: 3, run: func(dst []float32, in [][]float32) { vec.MulAdd(dst, in[0], in[1], in[2]) }},
		"Axpy": {ins: 2, run: func(dst []float32, in [][]float32) {
			copy(dst, in[0])
			vec.Axpy(dst, in[1], 0.7)
		}},
		"MaxOfRows": {ins: 6, run: vec.MaxOfRows},
		"SumOfRows": {ins: 6, run: func(dst []float32, in [][]float32) { vec.SumOfRows(dst, in, 0.25) }},
		"GRUCell":   {ins: 7, run: gru},
		"LSTMCell":  {ins: 5, run: func(dst []float32, in [][]float32) { lstm(dst, nil, in) }},
		"LSTMCell's c": {ins: 5, run: func(dst []float32, in [][]float32) {
			lstm(nil, dst, in)
		}},

		"Softmax":    row(1, func(dst []float32, in [][]float32) { vec.Softmax(dst, in[0]) }),
		"LogSoftmax": row(1, func(dst []float32, in [][]float32) { vec.LogSoftmax(dst, in[0]) }),
		"SoftmaxScaled with a mask": row(2, func(dst []float32, in [][]float32) {
			vec.SoftmaxScaled(dst, in[0], 0.7, in[1])
		}),
		"LayerNorm": row(3, func(dst []float32, in [][]float32) { vec.LayerNorm(dst, in[0], in[1], in[2], 1e-3) }),
		"LayerNorm without beta": row(2, func(dst []float32, in [][]float32) {
			vec.LayerNorm(dst, in[0], in[1], nil, 1e-3)
		}),
		"LayerNorm without gamma": row(2, func(dst []float32, in [][]float32) {
			vec.LayerNorm(dst, in[0], nil, in[1], 1e-3)
		}),
		"LayerNorm alone": row(1, func(dst []float32, in [][]float32) { vec.LayerNorm(dst, in[0], nil, nil, 1e-3) }),
		"AddLayerNorm": row(5, func(dst []float32, in [][]float32) {
			vec.AddLayerNorm(dst, nil, in[0], in[1], in[2], in[3], in[4], 1e-3)
		}),
		"AddLayerNorm without bias": row(4, func(dst []float32, in [][]float32) {
			vec.AddLayerNorm(dst, nil, in[0], in[1], nil, in[2], in[3], 1e-3)
		}),
		"RMSNorm":               row(2, func(dst []float32, in [][]float32) { vec.RMSNorm(dst, in[0], in[1], 1e-3) }),
		"RMSNorm without gamma": row(1, func(dst []float32, in [][]float32) { vec.RMSNorm(dst, in[0], nil, 1e-3) }),
	}
	for name, f := range functions() {
		all[name] = unary(f.kernel)
	}
	return all
}

// lstm runs a cell whose gates are the first four inputs and c the fifth. It
// writes h or c where it is wanted.
func lstm(h, c []float32, in [][]float32) {
	if h == nil {
		h = make([]float32, len(c))
	}
	if c == nil {
		c = make([]float32, len(h))
	}
	gates := slices.Concat(in[:4]...)
	copy(c, in[4])
	vec.LSTMCell(gates, c, h)
}

// gru runs a cell whose gates are the first six inputs and h the seventh.
func gru(dst []float32, in [][]float32) {
	input, recurrent := slices.Concat(in[:3]...), slices.Concat(in[3:6]...)
	copy(dst, in[6])
	vec.GRUCell(input, recurrent, dst)
}

// lengths straddle the blocks of every kernel: 1, 4, 8, 16, 32 floats in
// assembly, 4096 above it.
func lengths() (ns []int) {
	for n := range 71 {
		ns = append(ns, n)
	}
	return append(ns, 127, 128, 129, 255, 256, 257, 4095, 4096, 4097, 4096+33)
}

func random(rng *rand.Rand, x []float32) []float32 {
	for i := range x {
		x[i] = float32(2 * rng.NormFloat64())
	}
	return x
}

// canaried returns n floats that start at any place in memory, and a function
// that checks that what lies around them is untouched.
func canaried(rng *rand.Rand, n int) (x []float32, check func(t *testing.T)) {
	const guard = -12345
	room := slices.Repeat([]float32{guard}, n+80)
	at := 32 + rng.IntN(16)
	return room[at : at+n : at+n], func(t *testing.T) {
		t.Helper()
		around := append(slices.Clone(room[:at]), room[at+n:]...)
		require.Equal(t, slices.Repeat([]float32{guard}, 80), around)
	}
}

func near(got, want float32) bool {
	switch g, w := float64(got), float64(want); {
	case got == want, got != got && want != want:
		return true
	default:
		return math.Abs(g-w) <= 3e-6*max(1, math.Abs(w))
	}
}

func requireNear(t *testing.T, want, got []float32, format string, args ...any) {
	t.Helper()
	require.Len(t, got, len(want))
	for i, w := range want {
		if !near(got[i], w) {
			t.Fatalf(format+": element %d is %v, want %v", append(args, i, got[i], w)...)
		}
	}
}

// sameBits compares with == but takes NaN for equal to NaN.
func sameBits(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool {
		return math.Float32bits(x) == math.Float32bits(y) || x != x && y != y
	})
}

func TestAssemblyAgreesWithGoAtEveryLengthAndPlace(t *testing.T) {
	for name, o := range ops() {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 2))
			for _, n := range lengths() {
				var in, before [][]float32
				for range o.ins {
					x, _ := canaried(rng, n)
					in = append(in, random(rng, x))
					before = append(before, slices.Clone(x))
				}
				dst, check := canaried(rng, n)
				o.run(dst, in)
				check(t)
				require.Equal(t, before, in, "inputs stay")
				want := make([]float32, n)
				restore := vec.Generic()
				o.run(want, in)
				restore()
				requireNear(t, want, dst, "n=%d", n)
				o.run(in[0], in)
				require.True(t, sameBits(dst, in[0]), "in place, n=%d", n)
			}
		})
	}
}

func TestAnElementHasOneResultWhereverItStands(t *testing.T) {
	for name, o := range ops() {
		if o.rows {
			continue
		}
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(3, 4))
			in := make([][]float32, o.ins)
			for i := range in {
				in[i] = random(rng, make([]float32, 77))
			}
			whole := make([]float32, 77)
			o.run(whole, in)
			for from := range whole {
				n := 1 + rng.IntN(len(whole)-from)
				part, parts := make([]float32, n), make([][]float32, o.ins)
				for i := range in {
					parts[i] = in[i][from : from+n]
				}
				o.run(part, parts)
				require.True(t, sameBits(whole[from:from+n], part), "%d elements from %d", n, from)
			}
		})
	}
}

func TestNothingOutsideTheSlicesIsTouched(t *testing.T) {
	fences := make([][]float32, 8)
	for i := range fences {
		fences[i] = newFence(t)
	}
	for name, o := range ops() {
		t.Run(name, func(t *testing.T) {
			for n := range 71 {
				atEnd, atStart := make([][]float32, 8), make([][]float32, 8)
				for i, f := range fences {
					atEnd[i], atStart[i] = f[len(f)-n:], f[:n]
				}
				o.run(atEnd[7], atEnd[:o.ins])
				o.run(atStart[7], atStart[:o.ins])
			}
		})
	}
}

func TestReductionsAndMovesTouchNothingOutside(t *testing.T) {
	f, g, h := newFence(t), newFence(t), newFence(t)
	for n := range 71 {
		for _, at := range []int{0, len(f) - n} {
			x, y := f[at:at+n], g[at:at+n]
			vec.Sum(x)
			vec.SumSquares(x)
			vec.Dot(x, y)
			vec.MinMax(x)
			vec.MinOf(x)
			vec.ArgMax(x)
			vec.LogSoftmax(x, y)
			vec.SoftmaxScaled(x, y, 2, x)
			vec.AddRow(x, x, y)
			if n > 0 {
				halves := unsafe.Slice((*uint16)(unsafe.Pointer(&h[at])), 2*n)
				vec.FloatToHalf(halves[n:], x)
				vec.FloatToHalf(halves[:n], x)
				vec.HalfToFloat(x, halves[:n])
				vec.HalfToFloat(x, halves[n:])
			}
		}
	}
	for rows := range 29 {
		for cols := range 29 {
			n := rows * cols
			vec.Transpose(f[:n], rows, g[:n], cols, rows, cols)
			vec.Transpose(f[len(f)-n:], rows, g[len(g)-n:], cols, rows, cols)
		}
	}
}

func TestNothingIsAllocated(t *testing.T) {
	x, y, row := make([]float32, 600), make([]float32, 600), make([]float32, 3)
	halves, pixels := make([]uint16, 600), [][]float32{x, y, x, y, x}
	require.Zero(t, testing.AllocsPerRun(10, func() {
		vec.Gelu(y, x)
		vec.AddRow(y, x, row)
		vec.MulRow(y, x, row)
		vec.SoftmaxScaled(y, x, 2, x)
		vec.LogSoftmax(y, x)
		vec.AddLayerNorm(y, nil, x, x, x, x, x, 1)
		vec.MaxOfRows(y, pixels)
		vec.SumOfRows(y, pixels, 0.2)
		vec.LSTMCell(x[:400], y[:100], y[100:200])
		vec.GRUCell(x[:300], x[300:], y[:100])
		vec.FloatToHalf(halves[:99], x)
		vec.HalfToFloat(x[:99], halves)
		vec.Transpose(y, 20, x, 30, 20, 30)
		vec.ArgMax(x)
	}))
}

func TestEqualInputGivesEqualBits(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	x := random(rng, make([]float32, 4096+77))
	want := []float32{vec.Sum(x), vec.SumSquares(x), vec.Dot(x, x)}
	for shift := range 9 {
		y := append(make([]float32, shift), x...)[shift:]
		require.Equal(t, want, []float32{vec.Sum(y), vec.SumSquares(y), vec.Dot(y, y)})
	}
}
