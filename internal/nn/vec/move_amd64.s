//go:build !purego

#include "textflag.h"

// TRANSPOSE4 makes of four columns of eight rows, at SI+off and R10+off with the
// strides R8 and R9, four rows of eight. The upper halves come from rows 4 to 7,
// so that no value has to cross the halves afterwards.
#define TRANSPOSE4(off) \
	VMOVUPS off(SI), X0 \
	VMOVUPS off(SI)(R8*1), X1 \
	VMOVUPS off(SI)(R8*2), X2 \
	VMOVUPS off(SI)(R9*1), X3 \
	VINSERTF128 $1, off(R10), Y0, Y0 \
	VINSERTF128 $1, off(R10)(R8*1), Y1, Y1 \
	VINSERTF128 $1, off(R10)(R8*2), Y2, Y2 \
	VINSERTF128 $1, off(R10)(R9*1), Y3, Y3 \
	VUNPCKLPS Y1, Y0, Y4 \
	VUNPCKHPS Y1, Y0, Y5 \
	VUNPCKLPS Y3, Y2, Y6 \
	VUNPCKHPS Y3, Y2, Y7 \
	VSHUFPS $0x44, Y6, Y4, Y0 \
	VSHUFPS $0xEE, Y6, Y4, Y1 \
	VSHUFPS $0x44, Y7, Y5, Y2 \
	VSHUFPS $0xEE, Y7, Y5, Y3 \
	VMOVUPS Y0, (DI) \
	VMOVUPS Y1, (DI)(R11*1) \
	VMOVUPS Y2, (DI)(R11*2) \
	VMOVUPS Y3, (DI)(R12*1) \
	LEAQ    (DI)(R11*4), DI

// func transposeAsm(dst *float32, ldd int, src *float32, lds int, blocks int)
TEXT ·transposeAsm(SB), NOSPLIT, $0-40
	MOVQ dst+0(FP), DI
	MOVQ ldd+8(FP), R11
	MOVQ src+16(FP), SI
	MOVQ lds+24(FP), R8
	MOVQ blocks+32(FP), CX
	SHLQ $2, R11
	SHLQ $2, R8
	LEAQ (R11)(R11*2), R12
	LEAQ (R8)(R8*2), R9
	LEAQ (SI)(R8*4), R10
	PCALIGN $32

block:
	TRANSPOSE4(0)
	TRANSPOSE4(16)
	ADDQ $32, SI
	ADDQ $32, R10
	DECQ CX
	JNE  block
	VZEROUPPER
	RET

// func halfToFloatAsm(dst *float32, src *uint16, n int)
TEXT ·halfToFloatAsm(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ n+16(FP), CX
	PCALIGN $32

eight:
	VCVTPH2PS (SI), Y0
	VMOVUPS Y0, (DI)
	ADDQ $16, SI
	ADDQ $32, DI
	SUBQ $8, CX
	JGT  eight
	VZEROUPPER
	RET

// func floatToHalfAsm(dst *uint16, src *float32, n int)
TEXT ·floatToHalfAsm(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ n+16(FP), CX
	PCALIGN $32

eight:
	VMOVUPS (SI), Y0
	VCVTPS2PH $0, Y0, (DI)
	ADDQ $32, SI
	ADDQ $16, DI
	SUBQ $8, CX
	JGT  eight
	VZEROUPPER
	RET
