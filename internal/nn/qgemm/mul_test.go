package qgemm_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/nn/qgemm"
)

// problem is a product with everything that can vary.
type problem struct {
	a, b               matrix
	aZero, bZero       []int32
	aSigned, bSigned   bool
	transposed         bool
	aGap, bGap, dstGap int
}

// product runs p and fails the test if it leaves dst's rows.
func (p problem) product(t *testing.T) []int32 {
	t.Helper()
	ldc := p.b.cols + p.dstGap
	size := max(0, (p.a.rows-1)*ldc+p.b.cols)
	dst, intact := fenced[int32](size, -77)
	for i := range dst {
		dst[i] = -77
	}
	w := p.pack()
	lda := p.a.cols + p.aGap
	if p.aSigned {
		qgemm.MulSigned(dst, ldc, bytes[int8](p.a, lda, false), lda, p.a.rows, w, p.aZero, p.bZero)
	} else {
		qgemm.Mul(dst, ldc, bytes[uint8](p.a, lda, false), lda, p.a.rows, w, p.aZero, p.bZero)
	}
	require.True(t, intact(), "wrote outside dst")
	out := make([]int32, 0, p.a.rows*p.b.cols)
	for i := range p.a.rows {
		out = append(out, dst[i*ldc:][:p.b.cols]...)
		if i+1 < p.a.rows {
			for _, v := range dst[i*ldc+p.b.cols : (i+1)*ldc] {
				require.Equal(t, int32(-77), v, "wrote between rows")
			}
		}
	}
	return out
}

func (p problem) pack() *qgemm.Packed {
	ldb := p.b.cols + p.bGap
	if p.transposed {
		ldb = p.b.rows + p.bGap
	}
	if p.bSigned {
		return qgemm.Pack(bytes[int8](p.b, ldb, p.transposed), p.b.rows, p.b.cols, ldb, p.transposed)
	}
	return qgemm.PackUint8(bytes[uint8](p.b, ldb, p.transposed), p.b.rows, p.b.cols, ldb, p.transposed)
}

func random(rng *rand.Rand, m, n, k int) problem {
	p := problem{
		aSigned: rng.IntN(2) == 0, bSigned: rng.IntN(2) == 0, transposed: rng.IntN(2) == 0,
		aGap: rng.IntN(3), bGap: rng.IntN(3), dstGap: rng.IntN(3),
	}
	aLo, bLo, bHi := int64(0), int64(0), int64(255)
	if p.aSigned {
		aLo = -128
	}
	if p.bSigned {
		bLo, bHi = -128, 127
	}
	if rng.IntN(2) == 0 { // the fast kernel
		bLo, bHi = (bLo+bHi+1)/2-64, (bLo+bHi+1)/2+64
	}
	p.a, p.b = newMatrix(m, k, span(rng, aLo, aLo+255)), newMatrix(k, n, span(rng, bLo, bHi))
	p.aZero, p.bZero = zeros(rng, m, aLo, aLo+255), zeros(rng, n, bLo, bHi)
	return p
}

func (p problem) String() string {
	return fmt.Sprintf("m=%d n=%d k=%d signed=%v,%v zeros=%d,%d", p.a.rows, p.b.cols, p.a.cols,
		p.aSigned, p.bSigned, len(p.aZero), len(p.bZero))
}

func TestProductsAreExactAtEverySize(t *testing.T) {
	both(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(1, 2))
		for m := range 13 {
			for _, n := range []int{0, 1, 15, 16, 17, 33, 50} {
				for _, k := range []int{0, 1, 2, 3, 4, 5, 8, 31, 33} {
					p := random(rng, m, n, k)
					require.Equal(t, naive(p.a, p.b, p.aZero, p.bZero), p.product(t), "%v", p)
				}
			}
		}
	})
}

func TestProductsAreExactAcrossBlocks(t *testing.T) {
	both(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(3, 4))
		for _, s := range [][3]int{{63, 16, 9}, {64, 17, 8}, {65, 33, 5}, {129, 20, 6}, {3, 17, 16383},
			{2, 16, 16384}, {5, 16, 16389}, {1, 5, 33000}} {
			p := random(rng, s[0], s[1], s[2])
			require.Equal(t, naive(p.a, p.b, p.aZero, p.bZero), p.product(t), "%v", p)
		}
	})
}

func TestNothingSaturates(t *testing.T) {
	both(t, func(t *testing.T) {
		for _, w := range []int64{-128, -127, -65, -64, 63, 64, 65, 127} {
			for _, a := range []int64{0, 127, 128, 255} {
				for m := range 11 {
					p := problem{bSigned: true, a: newMatrix(m, 37, always(a)), b: newMatrix(37, 19, always(w))}
					require.Equal(t, naive(p.a, p.b, nil, nil), p.product(t), "%d x %d, m=%d", a, w, m)
				}
			}
			for _, a := range []int64{-128, -1, 127} {
				p := problem{aSigned: true, bSigned: true, a: newMatrix(9, 37, always(a)), b: newMatrix(37, 19, always(w))}
				require.Equal(t, naive(p.a, p.b, nil, nil), p.product(t), "%d x %d", a, w)
			}
		}
	})
}

func TestWeightsWithinSixtyFourAreFast(t *testing.T) {
	for name, tt := range map[string]struct {
		weights []int8
		want    bool
	}{
		"64 is fast":          {[]int8{64, -64, 0, 1}, true},
		"65 is not":           {[]int8{0, 0, 0, 65}, false},
		"-65 is not":          {[]int8{-65, 0, 0, 0}, false},
		"no weights are fast": {nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tt.want, qgemm.Pack(tt.weights, len(tt.weights)/2, 2, 2, false).Fast())
		})
	}
	require.True(t, qgemm.PackUint8([]uint8{64, 192}, 1, 2, 2, false).Fast())
	require.False(t, qgemm.PackUint8([]uint8{63, 192}, 1, 2, 2, false).Fast())
}

func TestPackedKnowsItsSize(t *testing.T) {
	p := qgemm.Pack(make([]int8, 5*17), 5, 17, 17, false)
	require.Equal(t, 5, p.K)
	require.Equal(t, 17, p.N)
	require.GreaterOrEqual(t, p.Bytes(), int64(2*16*8+2*16*4))
	require.Less(t, p.Bytes(), int64(1024))
}

func TestColumnsAddUpToTheWhole(t *testing.T) {
	both(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(5, 6))
		for range 40 {
			p := random(rng, 1+rng.IntN(9), 1+rng.IntN(90), 1+rng.IntN(40))
			n := p.b.cols
			m, dst, w := p.a.rows, make([]int32, p.a.rows*n), p.pack()
			cut := rng.IntN(n/16+1) * 16
			for _, r := range [][2]int{{0, cut}, {cut, n}} {
				if p.aSigned {
					a := bytes[int8](p.a, w.K, false)
					qgemm.MulSignedColumns(dst, n, a, w.K, m, w, p.aZero, p.bZero, r[0], r[1])
				} else {
					a := bytes[uint8](p.a, w.K, false)
					qgemm.MulColumns(dst, n, a, w.K, m, w, p.aZero, p.bZero, r[0], r[1])
				}
			}
			require.Equal(t, naive(p.a, p.b, p.aZero, p.bZero), dst, "%v cut at %d", p, cut)
		}
	})
}

func TestRowsOfActivationsMayOverlap(t *testing.T) {
	both(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(13, 14))
		for _, lda := range []int{0, 1, 3, 4, 8} {
			line, w := newMatrix(1, 6*lda+9, span(rng, 0, 255)), newMatrix(9, 5, span(rng, -128, 127))
			windows := matrix{7, 9, nil}
			for i := range windows.rows {
				windows.v = append(windows.v, line.v[i*lda:][:9]...)
			}
			dst := make([]int32, 7*5)
			p := qgemm.Pack(bytes[int8](w, 5, false), 9, 5, 5, false)
			qgemm.Mul(dst, 5, bytes[uint8](line, line.cols, false), lda, 7, p, []int32{3}, []int32{-2})
			require.Equal(t, naive(windows, w, []int32{3}, []int32{-2}), dst, "stride %d", lda)
		}
	})
}

func TestBugsOfTheCallerPanic(t *testing.T) {
	w := qgemm.Pack(make([]int8, 8*20), 8, 20, 20, false)
	a, dst, scratch := make([]uint8, 16), make([]int32, 40), make([]int32, qgemm.Scratch(2, 20))
	y := make([]float32, 40)
	for name, bug := range map[string]func(){
		"a short":             func() { qgemm.Mul(dst, 20, a[:15], 8, 2, w, nil, nil) },
		"overlapping a short": func() { qgemm.Mul(dst, 20, a[:14], 7, 2, w, nil, nil) },
		"dst short":           func() { qgemm.Mul(dst[:39], 20, a, 8, 2, w, nil, nil) },
		"stride under N":      func() { qgemm.Mul(dst, 19, a, 8, 2, w, nil, nil) },
		"aZero short":         func() { qgemm.Mul(make([]int32, 60), 20, make([]uint8, 24), 8, 3, w, dst[:2], nil) },
		"bZero short":         func() { qgemm.Mul(dst, 20, a, 8, 2, w, nil, dst[:19]) },
		"negative stride":     func() { qgemm.Mul(dst, 20, a, -8, 2, w, nil, nil) },
		"negative rows":       func() { qgemm.Mul(dst, 20, a, 8, -1, w, nil, nil) },
		"columns inside":      func() { qgemm.MulColumns(dst, 20, a, 8, 2, w, nil, nil, 8, 16) },
		"columns past N":      func() { qgemm.MulColumns(dst, 20, a, 8, 2, w, nil, nil, 16, 32) },
		"scratch short":       func() { qgemm.MulFloat(y, 20, a, 8, 2, w, nil, nil, scratch[:9:9], qgemm.Epilogue{}) },
		"BScale short":        func() { qgemm.MulFloat(y, 20, a, 8, 2, w, nil, nil, scratch, qgemm.Epilogue{BScale: y[:9]}) },
		"Bias short":          func() { qgemm.MulFloat(y, 20, a, 8, 2, w, nil, nil, scratch, qgemm.Epilogue{Bias: y[:9]}) },
		"AScales short":       func() { qgemm.MulFloat(y, 20, a, 8, 2, w, nil, nil, scratch, qgemm.Epilogue{AScales: y[:1]}) },
		"Add short":           func() { qgemm.MulFloat(y, 20, a, 8, 2, w, nil, nil, scratch, qgemm.Epilogue{Add: y, AddStride: 21}) },
		"weights short":       func() { qgemm.Pack(make([]int8, 9), 2, 5, 5, false) },
		"quantised too short": func() { qgemm.Quantize(make([]uint8, 1), y, 1, 0) },
		"broken row":          func() { qgemm.Requantize(make([]uint8, 40), dst, y[:7], 0) },
		"nine bits":           func() { qgemm.QuantizeWeights(make([]int8, 4), y[:2], y[:4], 2, 2, 2, false, 9) },
	} {
		t.Run(name, func(t *testing.T) { require.Panics(t, bug) })
	}
}

// epilogue is the formula of Epilogue.
func epilogue(e qgemm.Epilogue, p int32, i, j int) float32 {
	as, bs := e.AScale, float32(1)
	if e.AScales != nil {
		as = e.AScales[i]
	}
	switch len(e.BScale) {
	case 0:
	case 1:
		bs = e.BScale[0]
	default:
		bs = e.BScale[j]
	}
	y := float32(float32(p) * float32(as*bs))
	if e.Bias != nil {
		y += e.Bias[j]
	} else {
		y += 0
	}
	if e.Add != nil {
		y += e.Add[i*e.AddStride+j]
	}
	if e.Clamp {
		if y < e.Lo {
			y = e.Lo
		}
		if y > e.Hi {
			y = e.Hi
		}
	}
	return y
}

func randomEpilogue(rng *rand.Rand, m, n int) qgemm.Epilogue {
	e := qgemm.Epilogue{AScale: 0.01, Lo: -3, Hi: 5, Clamp: rng.IntN(2) == 0, AddStride: n + rng.IntN(3)}
	if rng.IntN(2) == 0 {
		e.AScales = floats(rng, m)
	}
	if k := rng.IntN(3); k > 0 {
		e.BScale = floats(rng, []int{0, 1, n}[k])
	}
	if rng.IntN(2) == 0 {
		e.Bias = floats(rng, n)
	}
	if rng.IntN(2) == 0 {
		e.Add = floats(rng, (m-1)*e.AddStride+n)
		e.Add[0] = float32(math.NaN())
	}
	return e
}

func TestFloatsAreTheFormulaToTheBit(t *testing.T) {
	both(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(7, 8))
		for range 300 {
			p := random(rng, 1+rng.IntN(12), 1+rng.IntN(70), rng.IntN(40))
			m, n := p.a.rows, p.b.cols
			e := randomEpilogue(rng, m, n)
			ldc := n + rng.IntN(3)
			dst, intact := fenced[float32]((m-1)*ldc+n, -7)
			scratch, scratchIntact := fenced[int32](qgemm.Scratch(m, n), -7)
			w, lda := p.pack(), p.a.cols+p.aGap
			if p.aSigned {
				qgemm.MulFloatSigned(dst, ldc, bytes[int8](p.a, lda, false), lda, m, w, p.aZero, p.bZero, scratch, e)
			} else {
				qgemm.MulFloat(dst, ldc, bytes[uint8](p.a, lda, false), lda, m, w, p.aZero, p.bZero, scratch, e)
			}
			require.True(t, intact() && scratchIntact())
			for k, v := range naive(p.a, p.b, p.aZero, p.bZero) {
				requireSame(t, epilogue(e, v, k/n, k%n), dst[k/n*ldc+k%n])
			}
		}
	})
}

func requireSame(t *testing.T, want, got float32) {
	t.Helper()
	if want != got && (want == want || got == got) {
		t.Fatalf("want %v, got %v", want, got)
	}
}

func TestFloatColumnsAddUpToTheWholeAndMayAddInPlace(t *testing.T) {
	both(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(9, 10))
		for range 40 {
			p := random(rng, 1+rng.IntN(9), 1+rng.IntN(90), 1+rng.IntN(40))
			m, n := p.a.rows, p.b.cols
			w, scratch := p.pack(), make([]int32, qgemm.Scratch(m, n))
			dst := floats(rng, m*n)
			e := qgemm.Epilogue{AScale: 0.5, Add: append([]float32(nil), dst...), AddStride: n}
			want := make([]float32, m*n)
			for k, v := range naive(p.a, p.b, p.aZero, p.bZero) {
				want[k] = epilogue(e, v, k/n, k%n)
			}
			e.Add = dst
			cut := rng.IntN(n/16+1) * 16
			for _, r := range [][2]int{{0, cut}, {cut, n}} {
				if p.aSigned {
					a := bytes[int8](p.a, w.K, false)
					qgemm.MulFloatSignedColumns(dst, n, a, w.K, m, w, p.aZero, p.bZero, scratch, e, r[0], r[1])
				} else {
					a := bytes[uint8](p.a, w.K, false)
					qgemm.MulFloatColumns(dst, n, a, w.K, m, w, p.aZero, p.bZero, scratch, e, r[0], r[1])
				}
			}
			require.Equal(t, want, dst)
		}
	})
}

func TestNothingIsAllocated(t *testing.T) {
	const m, k, n = 7, 37, 35
	rng := rand.New(rand.NewPCG(11, 12))
	p := problem{a: newMatrix(m, k, always(200)), b: newMatrix(k, n, always(3))}
	w, a, x := p.pack(), bytes[uint8](p.a, k, false), floats(rng, m*k)
	dst, out, scratch := make([]int32, m*n), make([]float32, m*n), make([]int32, qgemm.Scratch(m, n))
	e := qgemm.Epilogue{AScale: 1, Bias: out[:n], Add: out, AddStride: n}
	zero := []int32{7}
	require.Zero(t, testing.AllocsPerRun(10, func() {
		qgemm.DynamicParams(x)
		qgemm.Quantize(a, x, 0.1, 3)
		qgemm.Mul(dst, n, a, k, m, w, zero, zero)
		qgemm.MulFloat(out, n, a, k, m, w, zero, zero, scratch, e)
		qgemm.Requantize(a[:n], dst[:n], out[:n], 1)
		qgemm.Dequantize(x, a, 0.1, 3)
	}))
}

func FuzzMul(f *testing.F) {
	f.Add(uint64(1), uint8(3), uint8(17), uint8(9))
	f.Fuzz(func(t *testing.T, seed uint64, m, n, k uint8) {
		p := random(rand.New(rand.NewPCG(seed, 1)), int(m)%80, int(n)%80, int(k))
		require.Equal(t, naive(p.a, p.b, p.aZero, p.bZero), p.product(t), "%v", p)
	})
}
