package qgemm_test

import (
	"math/rand/v2"
	"os"
	"syscall"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/nn/qgemm"
)

// atEnd returns n elements whose end is the end of readable memory: touching what
// is behind them ends the process.
func atEnd[T int8 | uint8 | int32 | float32](t *testing.T, n int) []T {
	t.Helper()
	var one T
	page, size := os.Getpagesize(), n*int(unsafe.Sizeof(one))
	whole := (size + page - 1) / page * page
	const access, kind = syscall.PROT_READ | syscall.PROT_WRITE, syscall.MAP_ANON | syscall.MAP_PRIVATE
	room, err := syscall.Mmap(-1, 0, whole+page, access, kind)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, syscall.Munmap(room)) })
	require.NoError(t, syscall.Mprotect(room[whole:], syscall.PROT_NONE))
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(room[whole-size:]))), n)
}

func TestNothingBehindASliceIsTouched(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, k := range []int{1, 2, 3, 4, 5, 33, 48} {
		for _, m := range []int{1, 2, 5, 6} {
			for _, n := range []int{1, 15, 16, 17} {
				p := random(rng, m, n, k)
				p.aZero, p.bZero, p.bSigned = []int32{3}, []int32{5}, true
				w := p.pack()
				a := atEnd[uint8](t, m*k)
				dst, out := atEnd[int32](t, m*n), atEnd[float32](t, m*n)
				scratch := atEnd[int32](t, qgemm.Scratch(m, n))
				e := qgemm.Epilogue{AScales: atEnd[float32](t, m), BScale: atEnd[float32](t, n),
					Bias: atEnd[float32](t, n), Add: atEnd[float32](t, m*n), AddStride: n}
				qgemm.Mul(dst, n, a, k, m, w, atEnd[int32](t, m), atEnd[int32](t, n))
				qgemm.MulFloat(out, n, a, k, m, w, nil, nil, scratch, e)
			}
		}
	}
	for n := 1; n < 42; n++ {
		x, q, s, acc := atEnd[float32](t, n), atEnd[uint8](t, n), atEnd[int8](t, n), atEnd[int32](t, n)
		scale, zero := qgemm.DynamicParams(x)
		qgemm.Quantize(q, x, scale, zero)
		qgemm.QuantizeInt8(s, x, scale, 0)
		qgemm.Dequantize(x, q, scale, zero)
		qgemm.DequantizeInt8(x, s, scale, 0)
		qgemm.Requantize(q, acc, x, zero)
		qgemm.RequantizeInt8(s, acc, x[:1], 0)
	}
}
