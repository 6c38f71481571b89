package hnsw

import (
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// scattered returns chunks of rows in memory of their own, with bytes 255 around,
// which are no numbers.
func scattered(rng *rand.Rand, dim, chunks int, half bool) (Layout, []*byte) {
	l := NewLayout(dim, half)
	l.shift = 2
	var bases []*byte
	for range chunks {
		room := alignedBytes(l.size()<<l.shift + 256)
		for i := range room {
			room[i] = 0xff
		}
		rows := room[32*rng.IntN(4):][:l.size()<<l.shift]
		clear(rows)
		for r := range 1 << l.shift {
			v := make([]float32, dim)
			for i := range v {
				v[i] = float32(rng.NormFloat64())
			}
			l.Put(l.Row(rows, r), v)
		}
		bases = append(bases, &rows[0])
	}
	return l, bases
}

func TestKernelsAgreeWithTheLoop(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, half := range []bool{false, true} {
		for _, dim := range []int{1, 2, 15, 16, 17, 31, 32, 33, 48, 64, 100, 128, 384, 1000} {
			l, bases := scattered(rng, dim, 5, half)
			q := make([]float32, l.stride)
			for i := range dim {
				q[i] = float32(rng.NormFloat64())
			}
			for n := 1; n <= 33; n++ {
				ids := make([]uint32, n)
				for i := range ids {
					ids[i] = uint32(rng.IntN(5 << l.shift))
				}
				ids = pad(ids)
				for _, m := range []Metric{L2, Dot} {
					got := make([]float32, len(ids)+1)
					l.rank(got, q, m, bases, ids)
					require.Zero(t, got[len(ids)], "nothing is written past the end")
					for i, id := range ids {
						require.InDelta(t, l.rankRow(q, m, l.at(bases, id)), got[i], 1e-5*float64(dim+1))
					}
				}
			}
		}
	}
}

func TestEqualRowsRankEqually(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for _, half := range []bool{false, true} {
		l, bases := scattered(rng, 100, 1, half)
		var buf []float32
		q := l.Vector(l.at(bases, 0), &buf)
		copy(l.at(bases, 2), l.at(bases, 1))
		dst := make([]float32, 8)
		l.rank(dst, q, L2, bases, []uint32{1, 0, 2, 2, 3, 2, 1, 1})
		for _, i := range []int{2, 3, 5, 6, 7} {
			require.Equal(t, dst[0], dst[i])
		}
		require.Zero(t, dst[1])
	}
}

func TestRowsBeginWithACacheLine(t *testing.T) {
	for _, n := range []int{1, 16, 100, 1 << 16} {
		x := alignedFloats(n)
		require.Len(t, x, n)
		require.Zero(t, uintptr(unsafe.Pointer(&x[0]))%64)
	}
}

func TestKeysOrderLikeRanksThenIDs(t *testing.T) {
	ranks := []float32{float32(math.Inf(-1)), -3, -1e-30, 0, 1e-30, 2, 1e30, float32(math.Inf(1))}
	for _, flip := range []uint32{0, MaxID} {
		s := Searcher{flip: flip}
		for i, r := range ranks {
			for _, id := range []uint32{0, 7, MaxID} {
				k := s.key(r, id)
				require.Equal(t, r, rankOf(k|expanded|passes))
				require.Equal(t, id, s.id(k|expanded|passes))
				if i > 0 {
					require.Greater(t, k, s.key(ranks[i-1], 3))
				}
			}
			require.Equal(t, flip == 0, s.key(r, 1) < s.key(r, 2))
		}
	}
}

func TestCodesAgreeWithTheLoop(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	var buf []float32
	for _, dim := range []int{1, 31, 32, 63, 64, 65, 100, 128, 384, 1000, 8192} {
		b := newCodebook(Code8, make([]float32, dim), L2, 1)
		codes := codesOf(rng, b, dim)
		ids := []uint32{0, 1, 2, 3, 4, 5, 5, 5}
		got := make([]float32, len(ids))
		for _, q := range ids[:6] {
			codeRows(got, b.row(codes, q), 1.5, b, codes, ids)
			for i, id := range ids {
				require.InEpsilon(t, 1+1e3*float64(dim), 1+1e3*float64(dim)+codeLoop(b, codes, q, id)-float64(got[i]), 1e-6)
			}
		}
		b = newCodebook(Code1, make([]float32, dim), L2, 1)
		codes = codesOf(rng, b, dim)
		var s Searcher
		for range 3 {
			x := b.turned(b.moved(gauss(rng, dim), &buf))
			s.aimBits(x)
			bitRows(got, s.planes, s.sum, 1.5, b, codes, ids)
			for i, id := range ids {
				require.InEpsilon(t, 1e4+bitLoop(b, codes, x, s.factor, id), 1e4+float64(got[i]), 1e-5)
			}
		}
	}
}

func gauss(rng *rand.Rand, dim int) []float32 {
	v := make([]float32, dim)
	for i := range v {
		v[i] = float32(rng.NormFloat64())
	}
	return v
}

// codesOf makes codes of two extreme vectors and four others, in chunks of two.
func codesOf(rng *rand.Rand, b *codebook, dim int) (codes []*byte) {
	var buf []float32
	for id := range uint32(6) {
		if id%2 == 0 {
			codes = append(codes, &b.newCodes()[0])
		}
		v := gauss(rng, dim)
		if id < 2 { // all integers are -127 or 127
			for i := range v {
				v[i] = 3 - 6*float32(i/3%2)
			}
		}
		b.encode(b.row(codes, id), v, &buf)
	}
	return codes
}

// codeLoop is what codeRows does for one row.
func codeLoop(b *codebook, codes []*byte, q, id uint32) float64 {
	row, sum := b.row(codes, id), 0
	for j, c := range b.row(codes, q)[:b.n] {
		sum += int(int8(c)) * int(int8(row[j]))
	}
	scale, norm := b.tail(row)
	return float64(norm) + 1.5*float64(scale)*float64(sum)
}

// bitLoop is what bitRows does for one row.
func bitLoop(b *codebook, codes []*byte, x []float32, step float32, id uint32) float64 {
	row, sum := b.row(codes, id), 0
	for i, v := range x {
		c := int(math.RoundToEven(float64(v * (1 / step))))
		if row[i/8]>>(i%8)&1 == 0 {
			c = -c
		}
		sum += c
	}
	scale, norm := b.tail(row)
	return float64(norm) + 1.5*float64(scale)*float64(sum)
}

func TestACodeIsWithinHalfAStep(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	mean := []float32{1000, -5, 0, 0, 0, 1e-3}
	b := newCodebook(Code8, mean, L2, 0)
	row := b.newCodes()
	var buf []float32
	for range 100 {
		v := make([]float32, len(mean))
		for i := range v {
			v[i] = mean[i] + float32(rng.NormFloat64())
		}
		b.encode(row, v, &buf)
		scale, _ := b.tail(row)
		for i := range v {
			require.InDelta(t, v[i]-mean[i], scale*float32(int8(row[i])), float64(scale)*0.51)
		}
	}
	b.encode(row, mean, &buf)
	scale, norm := b.tail(row)
	require.Zero(t, scale+norm)
}

func TestARotationKeepsLengthsAndAngles(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	dot := func(a, b []float32) (sum float64) {
		for i := range a {
			sum += float64(a[i]) * float64(b[i])
		}
		return sum
	}
	for _, n := range []int{64, 128, 192, 384, 448, 8192} {
		r := newRotation(n)
		a, b := gauss(rng, n), gauss(rng, n)
		aa, ab := dot(a, a), dot(a, b)
		r.apply(a)
		r.apply(b)
		require.InEpsilon(t, aa, dot(a, a), 1e-5)
		require.InDelta(t, ab, dot(a, b), 1e-5*aa)
		one := make([]float32, n)
		one[n/3] = 1
		r.apply(one)
		for _, x := range one {
			require.Less(t, float64(x*x), 40/float64(n), "what was in one dimension is spread over all")
		}
	}
}

// TestProductsBySignsAreEstimatedWithoutBias looks at many pairs of vectors, of which
// some dimensions are a thousand times as large as others.
func TestProductsBySignsAreEstimatedWithoutBias(t *testing.T) {
	const dim, pairs = 384, 2000
	rng := rand.New(rand.NewPCG(6, 6))
	b := newCodebook(Code1, make([]float32, dim), Dot, 1)
	codes := []*byte{&b.newCodes()[0]}
	var buf []float32
	var s Searcher
	var bias, spread float64
	got := make([]float32, lanes)
	for range pairs {
		x, q := gauss(rng, dim), gauss(rng, dim)
		for i := range 6 {
			x[i*50] *= 1000
			q[i*50] *= 1000
		}
		b.encode(b.row(codes, 0), x, &buf)
		s.aimBits(b.turned(b.moved(q, &buf)))
		bitRows(got, s.planes, s.sum, s.factor, b, codes, make([]uint32, lanes))
		var dot, xx, qq float64
		for i := range x {
			dot, xx, qq = dot+float64(x[i]*q[i]), xx+float64(x[i]*x[i]), qq+float64(q[i]*q[i])
		}
		off := (float64(got[0]) - dot) / math.Sqrt(xx*qq) * math.Sqrt(dim)
		bias, spread = bias+off/pairs, spread+off*off/pairs
	}
	t.Logf("bias %.3f, spread %.3f of |x|·|y|/√n", bias, math.Sqrt(spread))
	require.InDelta(t, 0, bias, 0.08)
	require.InDelta(t, 0.78, math.Sqrt(spread), 0.1)
}
