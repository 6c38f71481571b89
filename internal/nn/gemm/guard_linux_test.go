package gemm_test

import (
	"math/rand/v2"
	"os"
	"syscall"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/nn/gemm"
)

// guarded returns n random floats that end where memory ends, or begin where it
// begins: reading or writing past that faults.
func guarded(t *testing.T, rng *rand.Rand, n int, atStart bool) []float32 {
	t.Helper()
	page := os.Getpagesize()
	size := (4*n + page - 1) / page * page
	const access, kind = syscall.PROT_READ | syscall.PROT_WRITE, syscall.MAP_ANON | syscall.MAP_PRIVATE
	room, err := syscall.Mmap(-1, 0, size+2*page, access, kind)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, syscall.Munmap(room)) })
	require.NoError(t, syscall.Mprotect(room[:page], syscall.PROT_NONE))
	require.NoError(t, syscall.Mprotect(room[page+size:], syscall.PROT_NONE))
	at := page
	if !atStart {
		at += size - 4*n
	}
	x := unsafe.Slice((*float32)(unsafe.Pointer(&room[at])), n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x
}

func TestProductsReadNothingOutsideTheirSlices(t *testing.T) {
	both(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(1, 2))
		for _, atStart := range []bool{false, true} {
			slice := func(n int) []float32 { return guarded(t, rng, n, atStart) }
			for m := 1; m <= 7; m++ {
				for _, n := range []int{1, 3, 8, 9, 16, 21} {
					const k = 7
					a, b, dst := slice(m*k), slice(k*n), slice(m*n)
					e := gemm.Epilogue{Bias: slice(n), Add: slice(m * n), AddStride: n, Accumulate: true, Clamp: true, Hi: 1}
					gemm.Mul(dst, n, a, k, m, gemm.Pack(b, k, n, n, false), e)
					gemm.MulRaw(dst, n, a, k, b, n, m, n, k, e)
					gemm.PackOver(slice(gemm.TransposedScratch(n, k)), b, n, k, n)
					gemm.MulTransposed(dst, n, a, k, b, k, m, n, k, slice(gemm.TransposedScratch(n, k)), e)
				}
			}
		}
	})
}

func TestConvolutionsReadNothingOutsideTheirSlices(t *testing.T) {
	both(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(3, 4))
		for i := range 40 {
			slice := func(n int) []float32 { return guarded(t, rng, max(1, n), i%2 == 0) }
			s := anyShape(rng)
			s.InStride, s.OutStride = 0, 0
			n := s.OutH * s.OutW * s.OutC
			e := gemm.Epilogue{Bias: slice(s.OutC), Add: slice(n), AddStride: s.OutC, Accumulate: true, Clamp: true}
			w := slice(s.OutC * s.InC / s.Groups * s.KernelH * s.KernelW)
			var scratch gemm.Scratch
			gemm.Conv(slice(n), slice(s.InH*s.InW*s.InC), s, gemm.PackConv(w, s), 0, s.OutH, &scratch, e)
			gemm.ConvTranspose(slice(n), slice(s.InH*s.InW*s.InC), s, gemm.PackConvTranspose(w, s), &scratch, e)
		}
	})
}
