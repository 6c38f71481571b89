package hnsw

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/simd"
)

// scattered returns chunks of rows in memory of their own, with NaN around.
func scattered(rng *rand.Rand, dim, chunks int) (layout, []*float32) {
	l := newLayout(dim)
	l.shift = 2
	var bases []*float32
	for range chunks {
		room := make([]float32, l.stride<<l.shift+64)
		for i := range room {
			room[i] = float32(math.NaN())
		}
		rows := room[rng.IntN(32) : len(room)-32]
		for r := range 1 << l.shift {
			row := rows[r*l.stride : (r+1)*l.stride]
			clear(row)
			for i := range dim {
				row[i] = float32(rng.NormFloat64())
			}
		}
		bases = append(bases, &rows[0])
	}
	return l, bases
}

func TestKernelsAgreeWithTheLoop(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, dim := range []int{1, 2, 15, 16, 17, 31, 32, 33, 48, 64, 100, 128, 384, 1000} {
		l, bases := scattered(rng, dim, 5)
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
			l2, dot := make([]float32, len(ids)+1), make([]float32, len(ids)+1)
			l2Rows(l2, q, l, bases, ids)
			dotRows(dot, q, l, bases, ids)
			require.Zero(t, l2[len(ids)]+dot[len(ids)], "nothing is written past the end")
			for i, id := range ids {
				row := l.at(bases, id)
				require.InDelta(t, simd.SquaredL2(q, row), l2[i], 1e-5*float64(dim+1))
				require.InDelta(t, -simd.Dot(q, row), dot[i], 1e-5*float64(dim+1))
			}
		}
	}
}

func TestEqualRowsRankEqually(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	l, bases := scattered(rng, 100, 1)
	q := l.at(bases, 0)
	copy(l.at(bases, 2), l.at(bases, 1))
	dst := make([]float32, 8)
	l2Rows(dst, q, l, bases, []uint32{1, 0, 2, 2, 3, 2, 1, 1})
	for _, i := range []int{2, 3, 5, 6, 7} {
		require.Equal(t, dst[0], dst[i])
	}
	require.Zero(t, dst[1])
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
	for _, dim := range []int{1, 31, 32, 63, 64, 65, 100, 128, 384, 1000, 8192} {
		b := newCodebook(make([]float32, dim), 1)
		var codes []*byte
		for range 3 {
			codes = append(codes, &newCodes(b)[0])
		}
		extreme := make([]float32, dim) // all codes are -127 or 127
		for i := range extreme {
			extreme[i] = 3 - 6*float32(i/3%2)
		}
		for id := range uint32(6) {
			v := extreme
			if id > 1 {
				v = make([]float32, dim)
				for i := range v {
					v[i] = float32(rng.NormFloat64())
				}
			}
			b.encode(b.row(codes, id), v, true, true)
		}
		ids := []uint32{0, 1, 2, 3, 4, 5, 5, 5}
		got := make([]float32, len(ids))
		for _, q := range ids[:6] {
			codeRows(got, b.row(codes, q), 1.5, b, codes, ids)
			for i, id := range ids {
				require.InEpsilon(t, 1+1e3*float64(dim), 1+1e3*float64(dim)+codeLoop(b, codes, q, id)-float64(got[i]), 1e-6)
			}
		}
	}
}

// codeLoop is what codeRows does for one row.
func codeLoop(b *codebook, codes []*byte, q, id uint32) float64 {
	row, sum := b.row(codes, id), 0
	for j, c := range b.row(codes, q)[:b.n] {
		sum += int(int8(c)) * int(int8(row[j]))
	}
	scale := math.Float32frombits(binary.NativeEndian.Uint32(row[b.n:]))
	norm := math.Float32frombits(binary.NativeEndian.Uint32(row[b.n+4:]))
	return float64(norm) + 1.5*float64(scale)*float64(sum)
}

func TestACodeIsWithinHalfAStep(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	mean := []float32{1000, -5, 0, 0, 0, 1e-3}
	b := newCodebook(mean, 0)
	row := newCodes(b)
	for range 100 {
		v := make([]float32, len(mean))
		for i := range v {
			v[i] = mean[i] + float32(rng.NormFloat64())
		}
		scale := b.encode(row, v, true, true)
		for i := range v {
			require.InDelta(t, v[i]-mean[i], scale*float32(int8(row[i])), float64(scale)*0.51)
		}
	}
	require.Zero(t, b.encode(row, mean, true, true))
	require.Zero(t, b.encode(row, make([]float32, len(mean)), false, true))
}
