//go:build !purego

#include "textflag.h"

DATA ones<>+0(SB)/4, $1.0
GLOBL ones<>(SB), RODATA|NOPTR, $4
DATA half<>+0(SB)/4, $0.5
GLOBL half<>(SB), RODATA|NOPTR, $4
DATA sin3<>+0(SB)/4, $0.86602540378443864676
GLOBL sin3<>(SB), RODATA|NOPTR, $4
DATA fifth<>+0(SB)/4, $0.30901699437494742410
DATA fifth<>+4(SB)/4, $-0.80901699437494742410
DATA fifth<>+8(SB)/4, $0.95105651629515357212
DATA fifth<>+12(SB)/4, $0.58778525229247312917
GLOBL fifth<>(SB), RODATA|NOPTR, $16
DATA conj<>+0(SB)/8, $0x8000000000000000
GLOBL conj<>(SB), RODATA|NOPTR, $8

// A register holds four complex numbers. SWAP exchanges real and imaginary parts.
// With t = SWAP(z), x ∓ t by VADDSUBPS is x + iz and, with the signs the other way
// round by VFMSUBADD and a factor of 1, x - iz.
#define SWAP(x, y) VPERMILPS $0xB1, x, y

// TIMES multiplies x by re + i·im; t is work space.
#define TIMES(x, re, im, t) \
	SWAP(x, t) \
	VMULPS im, t, t \
	VFMADDSUB213PS t, re, x

// FOUR is a butterfly of radix 4: Y0 to Y3 are its inputs, Y8, Y6, Y4 and Y5 its
// outputs, Y9 holds ones.
#define FOUR \
	VADDPS Y2, Y0, Y4 \
	VSUBPS Y2, Y0, Y5 \
	VADDPS Y3, Y1, Y6 \
	VSUBPS Y3, Y1, Y7 \
	SWAP(Y7, Y7) \
	VADDPS Y6, Y4, Y8 \
	VSUBPS Y6, Y4, Y4 \
	VMOVAPS Y5, Y6 \
	VFMSUBADD213PS Y7, Y9, Y6 \
	VADDSUBPS Y7, Y5, Y5

// func first4AVX2(dst, src, twiddles *complex64, q int)
//
// Four values of k a round. Their outputs lie four by four side by side, so they
// are transposed. The last round begins at q-4 and may repeat some of the one
// before.
TEXT ·first4AVX2(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ twiddles+16(FP), BX
	MOVQ q+24(FP), CX
	VBROADCASTSS ones<>(SB), Y9
	MOVQ CX, R8
	SHLQ $3, R8
	LEAQ (R8)(R8*2), R9
	LEAQ -4(CX), R10
	XORQ AX, AX

first:
	CMPQ AX, R10
	JLE  inside
	MOVQ R10, AX

inside:
	LEAQ (SI)(AX*8), R11
	LEAQ (BX)(AX*8), R12
	MOVQ AX, R13
	SHLQ $5, R13
	ADDQ DI, R13
	VMOVUPS (R11), Y0
	VMOVUPS (R11)(R8*1), Y1
	VMOVUPS (R11)(R8*2), Y2
	VMOVUPS (R11)(R9*1), Y3
	FOUR
	VMOVSLDUP (R12), Y10
	VMOVSHDUP (R12), Y11
	VMOVSLDUP (R12)(R8*1), Y12
	VMOVSHDUP (R12)(R8*1), Y13
	VMOVSLDUP (R12)(R8*2), Y14
	VMOVSHDUP (R12)(R8*2), Y15
	TIMES(Y6, Y10, Y11, Y0)
	TIMES(Y4, Y12, Y13, Y1)
	TIMES(Y5, Y14, Y15, Y2)
	VUNPCKLPD Y6, Y8, Y0
	VUNPCKHPD Y6, Y8, Y1
	VUNPCKLPD Y5, Y4, Y2
	VUNPCKHPD Y5, Y4, Y3
	VPERM2F128 $0x20, Y2, Y0, Y4
	VPERM2F128 $0x20, Y3, Y1, Y5
	VPERM2F128 $0x31, Y2, Y0, Y6
	VPERM2F128 $0x31, Y3, Y1, Y7
	VMOVUPS Y4, (R13)
	VMOVUPS Y5, 32(R13)
	VMOVUPS Y6, 64(R13)
	VMOVUPS Y7, 96(R13)
	ADDQ $4, AX
	CMPQ AX, CX
	JLT  first
	VZEROUPPER
	RET

// The passes below take four values of j a round, all with the same twiddles. The
// inputs of one branch of the butterfly follow each other through all rounds.

// func pass4AVX2(dst, src, twiddles *complex64, q, s int)
TEXT ·pass4AVX2(SB), NOSPLIT, $0-40
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ twiddles+16(FP), BX
	MOVQ q+24(FP), CX
	MOVQ s+32(FP), R9
	SHLQ $3, R9
	MOVQ R9, R8
	IMULQ CX, R8
	LEAQ (R8)(R8*2), R11
	LEAQ (R9)(R9*2), R12
	VBROADCASTSS ones<>(SB), Y9

k4:
	VBROADCASTSS (BX), Y10
	VBROADCASTSS 4(BX), Y11
	VBROADCASTSS 8(BX), Y12
	VBROADCASTSS 12(BX), Y13
	VBROADCASTSS 16(BX), Y14
	VBROADCASTSS 20(BX), Y15
	MOVQ R9, R10

j4:
	VMOVUPS (SI), Y0
	VMOVUPS (SI)(R8*1), Y1
	VMOVUPS (SI)(R8*2), Y2
	VMOVUPS (SI)(R11*1), Y3
	FOUR
	TIMES(Y6, Y10, Y11, Y0)
	TIMES(Y4, Y12, Y13, Y1)
	TIMES(Y5, Y14, Y15, Y2)
	VMOVUPS Y8, (DI)
	VMOVUPS Y6, (DI)(R9*1)
	VMOVUPS Y4, (DI)(R9*2)
	VMOVUPS Y5, (DI)(R12*1)
	ADDQ $32, SI
	ADDQ $32, DI
	SUBQ $32, R10
	JNZ  j4
	ADDQ R12, DI
	ADDQ $24, BX
	DECQ CX
	JNZ  k4
	VZEROUPPER
	RET

// func pass2AVX2(dst, src, twiddles *complex64, q, s int)
TEXT ·pass2AVX2(SB), NOSPLIT, $0-40
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ twiddles+16(FP), BX
	MOVQ q+24(FP), CX
	MOVQ s+32(FP), R9
	SHLQ $3, R9
	MOVQ R9, R8
	IMULQ CX, R8

k2:
	VBROADCASTSS (BX), Y10
	VBROADCASTSS 4(BX), Y11
	MOVQ R9, R10

j2:
	VMOVUPS (SI), Y0
	VMOVUPS (SI)(R8*1), Y1
	VADDPS Y1, Y0, Y2
	VSUBPS Y1, Y0, Y3
	TIMES(Y3, Y10, Y11, Y0)
	VMOVUPS Y2, (DI)
	VMOVUPS Y3, (DI)(R9*1)
	ADDQ $32, SI
	ADDQ $32, DI
	SUBQ $32, R10
	JNZ  j2
	ADDQ R9, DI
	ADDQ $8, BX
	DECQ CX
	JNZ  k2
	VZEROUPPER
	RET

// func pass3AVX2(dst, src, twiddles *complex64, q, s int)
TEXT ·pass3AVX2(SB), NOSPLIT, $0-40
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ twiddles+16(FP), BX
	MOVQ q+24(FP), CX
	MOVQ s+32(FP), R9
	SHLQ $3, R9
	MOVQ R9, R8
	IMULQ CX, R8
	VBROADCASTSS ones<>(SB), Y9
	VBROADCASTSS half<>(SB), Y14
	VBROADCASTSS sin3<>(SB), Y15

k3:
	VBROADCASTSS (BX), Y10
	VBROADCASTSS 4(BX), Y11
	VBROADCASTSS 8(BX), Y12
	VBROADCASTSS 12(BX), Y13
	MOVQ R9, R10

j3:
	VMOVUPS (SI), Y0
	VMOVUPS (SI)(R8*1), Y1
	VMOVUPS (SI)(R8*2), Y2
	VADDPS Y2, Y1, Y3
	VSUBPS Y2, Y1, Y4
	VADDPS Y3, Y0, Y5
	VFNMADD231PS Y3, Y14, Y0
	VMULPS Y15, Y4, Y4
	SWAP(Y4, Y4)
	VMOVAPS Y0, Y6
	VFMSUBADD213PS Y4, Y9, Y6
	VADDSUBPS Y4, Y0, Y0
	TIMES(Y6, Y10, Y11, Y1)
	TIMES(Y0, Y12, Y13, Y2)
	VMOVUPS Y5, (DI)
	VMOVUPS Y6, (DI)(R9*1)
	VMOVUPS Y0, (DI)(R9*2)
	ADDQ $32, SI
	ADDQ $32, DI
	SUBQ $32, R10
	JNZ  j3
	LEAQ (DI)(R9*2), DI
	ADDQ $16, BX
	DECQ CX
	JNZ  k3
	VZEROUPPER
	RET

// func pass5AVX2(dst, src, twiddles *complex64, q, s int)
TEXT ·pass5AVX2(SB), NOSPLIT, $0-40
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ twiddles+16(FP), BX
	MOVQ q+24(FP), CX
	MOVQ s+32(FP), R9
	SHLQ $3, R9
	MOVQ R9, R8
	IMULQ CX, R8
	LEAQ (R8)(R8*2), R11
	LEAQ (R9)(R9*2), R12
	VBROADCASTSS ones<>(SB), Y15
	VBROADCASTSS fifth<>+0(SB), Y14
	VBROADCASTSS fifth<>+4(SB), Y13
	VBROADCASTSS fifth<>+8(SB), Y12
	VBROADCASTSS fifth<>+12(SB), Y11

k5:
	MOVQ R9, R10

j5:
	VMOVUPS (SI), Y0
	VMOVUPS (SI)(R8*1), Y1
	VMOVUPS (SI)(R8*2), Y2
	VMOVUPS (SI)(R11*1), Y3
	VMOVUPS (SI)(R8*4), Y4
	VADDPS Y4, Y1, Y5
	VSUBPS Y4, Y1, Y6
	VADDPS Y3, Y2, Y7
	VSUBPS Y3, Y2, Y8
	VADDPS Y7, Y5, Y1
	VADDPS Y0, Y1, Y1
	VMOVUPS Y1, (DI)
	VMOVAPS Y0, Y1
	VFMADD231PS Y5, Y14, Y1
	VFMADD231PS Y7, Y13, Y1
	VFMADD231PS Y5, Y13, Y0
	VFMADD231PS Y7, Y14, Y0
	VMULPS Y6, Y12, Y3
	VFMADD231PS Y8, Y11, Y3
	VMULPS Y6, Y11, Y4
	VFNMADD231PS Y8, Y12, Y4
	SWAP(Y3, Y3)
	SWAP(Y4, Y4)
	VMOVAPS Y1, Y2
	VFMSUBADD213PS Y3, Y15, Y2
	VADDSUBPS Y3, Y1, Y1
	VMOVAPS Y0, Y5
	VFMSUBADD213PS Y4, Y15, Y5
	VADDSUBPS Y4, Y0, Y0
	VBROADCASTSS (BX), Y9
	VBROADCASTSS 4(BX), Y10
	TIMES(Y2, Y9, Y10, Y6)
	VBROADCASTSS 8(BX), Y9
	VBROADCASTSS 12(BX), Y10
	TIMES(Y5, Y9, Y10, Y7)
	VBROADCASTSS 16(BX), Y9
	VBROADCASTSS 20(BX), Y10
	TIMES(Y0, Y9, Y10, Y6)
	VBROADCASTSS 24(BX), Y9
	VBROADCASTSS 28(BX), Y10
	TIMES(Y1, Y9, Y10, Y7)
	VMOVUPS Y2, (DI)(R9*1)
	VMOVUPS Y5, (DI)(R9*2)
	VMOVUPS Y0, (DI)(R12*1)
	VMOVUPS Y1, (DI)(R9*4)
	ADDQ $32, SI
	ADDQ $32, DI
	SUBQ $32, R10
	JNZ  j5
	LEAQ (DI)(R9*4), DI
	ADDQ $32, BX
	DECQ CX
	JNZ  k5
	VZEROUPPER
	RET

// APART takes four values from k on, at R8, and those of the bins that mirror them,
// at R9, apart: Y2 becomes e + o, Y0 becomes e - o of split. Y15 holds halves, Y14
// the signs of conjugates; the turns are at BX.
#define APART \
	VMOVUPS (R8), Y0 \
	VPERMPD $0x1B, (R9), Y1 \
	VXORPS Y14, Y1, Y1 \
	VADDPS Y1, Y0, Y2 \
	VSUBPS Y1, Y0, Y3 \
	VMULPS Y15, Y2, Y2 \
	VMOVSLDUP (BX), Y4 \
	VMOVSHDUP (BX), Y5 \
	TIMES(Y3, Y4, Y5, Y6) \
	VSUBPS Y3, Y2, Y0 \
	VADDPS Y3, Y2, Y2

// func splitAVX2(dst, z, turns *complex64, m, blocks int)
//
// Four bins from 1 on and the four that mirror them a round.
TEXT ·splitAVX2(SB), NOSPLIT, $0-40
	MOVQ dst+0(FP), DI
	MOVQ z+8(FP), SI
	MOVQ turns+16(FP), BX
	MOVQ m+24(FP), AX
	MOVQ blocks+32(FP), CX
	VBROADCASTSS half<>(SB), Y15
	VBROADCASTSD conj<>(SB), Y14
	LEAQ 8(SI), R8
	LEAQ -32(SI)(AX*8), R9
	LEAQ -32(DI)(AX*8), R10
	ADDQ $8, DI
	ADDQ $8, BX

split:
	APART
	VXORPS Y14, Y0, Y0
	VPERMPD $0x1B, Y0, Y0
	VMOVUPS Y2, (DI)
	VMOVUPS Y0, (R10)
	ADDQ $32, R8
	SUBQ $32, R9
	ADDQ $32, DI
	SUBQ $32, R10
	ADDQ $32, BX
	DECQ CX
	JNZ  split
	VZEROUPPER
	RET

// func powerAVX2(dst *float32, z, turns *complex64, m, blocks int)
TEXT ·powerAVX2(SB), NOSPLIT, $0-40
	MOVQ dst+0(FP), DI
	MOVQ z+8(FP), SI
	MOVQ turns+16(FP), BX
	MOVQ m+24(FP), AX
	MOVQ blocks+32(FP), CX
	VBROADCASTSS half<>(SB), Y15
	VBROADCASTSD conj<>(SB), Y14
	LEAQ 8(SI), R8
	LEAQ -32(SI)(AX*8), R9
	LEAQ -16(DI)(AX*4), R10
	ADDQ $4, DI
	ADDQ $8, BX

power:
	APART
	VMULPS Y2, Y2, Y2
	VMULPS Y0, Y0, Y0
	VHADDPS Y0, Y2, Y2
	VPERMPD $0xD8, Y2, Y2
	VEXTRACTF128 $1, Y2, X0
	VPERMILPS $0x1B, X0, X0
	VMOVUPS X2, (DI)
	VMOVUPS X0, (R10)
	ADDQ $32, R8
	SUBQ $32, R9
	ADDQ $16, DI
	SUBQ $16, R10
	ADDQ $32, BX
	DECQ CX
	JNZ  power
	VZEROUPPER
	RET
