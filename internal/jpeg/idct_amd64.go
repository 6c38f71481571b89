//go:build !purego

package jpeg

import "golang.org/x/sys/cpu"

// idct8AVX2 is idct8Generic. It writes eight rows of eight bytes.
//
//go:noescape
func idct8AVX2(block *[64]int32, dst *uint8, stride int)

// idct4AVX2 is idct4Generic. It writes four rows of four bytes.
//
//go:noescape
func idct4AVX2(block *[64]int32, dst *uint8, stride int)

var hasAVX2 = cpu.X86.HasAVX2

func idct8(b *[64]int32, dst []uint8, stride int) {
	if !hasAVX2 {
		idct8Generic(b, dst, stride)
		return
	}
	_ = dst[7*stride+7]
	idct8AVX2(b, &dst[0], stride)
}

func idct4(b *[64]int32, dst []uint8, stride int) {
	if !hasAVX2 {
		idct4Generic(b, dst, stride)
		return
	}
	_ = dst[3*stride+3]
	idct4AVX2(b, &dst[0], stride)
}
