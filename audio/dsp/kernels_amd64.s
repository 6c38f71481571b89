//go:build !purego

#include "textflag.h"

DATA logs<>+0(SB)/4, $1e-10
DATA logs<>+4(SB)/4, $0x3f3504f3
DATA logs<>+8(SB)/4, $0x007fffff
DATA logs<>+12(SB)/4, $1.0
DATA logs<>+16(SB)/4, $2.88539008
DATA logs<>+20(SB)/4, $0.961796694
DATA logs<>+24(SB)/4, $0.577078016
DATA logs<>+28(SB)/4, $0.412198583
DATA logs<>+32(SB)/4, $0.320598898
GLOBL logs<>(SB), RODATA|NOPTR, $36

// func log2AVX2(values *float32, n int, scale float32) (largest float32)
//
// Eight values a round by the formula of log2. Maxima return their second operand
// if one is NaN: values keep it, the largest does not take it.
TEXT ·log2AVX2(SB), NOSPLIT, $0-28
	MOVQ values+0(FP), DI
	MOVQ n+8(FP), CX
	VBROADCASTSS scale+16(FP), Y15
	VBROADCASTSS logs<>+0(SB), Y14
	VBROADCASTSS logs<>+4(SB), Y13
	VBROADCASTSS logs<>+8(SB), Y12
	VBROADCASTSS logs<>+12(SB), Y11
	VBROADCASTSS logs<>+16(SB), Y10
	VBROADCASTSS logs<>+20(SB), Y9
	VBROADCASTSS logs<>+24(SB), Y8
	VBROADCASTSS logs<>+28(SB), Y7
	VPCMPEQD Y6, Y6, Y6
	VPSLLD $23, Y6, Y6 // -Inf is 0xff800000

round:
	VMOVUPS (DI), Y0
	VMAXPS Y0, Y14, Y0
	VPSUBD Y13, Y0, Y1
	VPAND Y12, Y1, Y2
	VPADDD Y13, Y2, Y2 // m
	VPSRAD $23, Y1, Y1
	VCVTDQ2PS Y1, Y1   // e
	VSUBPS Y11, Y2, Y3
	VADDPS Y11, Y2, Y2
	VDIVPS Y2, Y3, Y3  // t
	VMULPS Y3, Y3, Y4
	VBROADCASTSS logs<>+32(SB), Y5
	VFMADD213PS Y7, Y4, Y5
	VFMADD213PS Y8, Y4, Y5
	VFMADD213PS Y9, Y4, Y5
	VFMADD213PS Y10, Y4, Y5
	VFMADD213PS Y1, Y3, Y5
	VSUBPS Y0, Y0, Y0
	VADDPS Y0, Y5, Y5
	VMULPS Y15, Y5, Y5
	VMAXPS Y6, Y5, Y6
	VMOVUPS Y5, (DI)
	ADDQ $32, DI
	SUBQ $8, CX
	JNZ  round
	VEXTRACTF128 $1, Y6, X0
	VMAXPS X0, X6, X0
	VMOVHLPS X0, X0, X1
	VMAXPS X1, X0, X0
	VMOVSHDUP X0, X1
	VMAXPS X1, X0, X0
	VZEROUPPER
	MOVSS X0, largest+24(FP)
	RET

// func taperAVX2(dst, x, window *float32, n int) (seen uint32)
TEXT ·taperAVX2(SB), NOSPLIT, $0-36
	MOVQ dst+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ window+16(FP), BX
	MOVQ n+24(FP), CX
	VXORPS Y3, Y3, Y3

taper:
	VMOVUPS (SI), Y0
	VMULPS (BX), Y0, Y0
	VORPS Y0, Y3, Y3
	VMOVUPS Y0, (DI)
	ADDQ $32, SI
	ADDQ $32, BX
	ADDQ $32, DI
	SUBQ $8, CX
	JNZ  taper
	VEXTRACTF128 $1, Y3, X0
	VORPS X3, X0, X0
	VMOVHLPS X0, X0, X1
	VORPS X1, X0, X0
	VMOVSHDUP X0, X1
	VORPS X1, X0, X0
	VZEROUPPER
	VMOVD X0, AX
	MOVL AX, seen+32(FP)
	RET
