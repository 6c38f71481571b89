//go:build !purego

#include "textflag.h"
#include "macros_arm64.h"

// func transposeAsm(dst *float32, ldd int, src *float32, lds int, blocks int)
TEXT ·transposeAsm(SB), NOSPLIT, $0-40
	MOVD dst+0(FP), R0
	MOVD ldd+8(FP), R1
	MOVD src+16(FP), R2
	MOVD lds+24(FP), R3
	MOVD blocks+32(FP), R8
	LSL  $2, R1
	LSL  $2, R3
	ADD  R3, R2, R4
	ADD  R3, R4, R5
	ADD  R3, R5, R6

block:
	VLD1.P 16(R2), [V0.S4]
	VLD1.P 16(R4), [V1.S4]
	VLD1.P 16(R5), [V2.S4]
	VLD1.P 16(R6), [V3.S4]
	VZIP1 V2.S4, V0.S4, V4.S4
	VZIP2 V2.S4, V0.S4, V5.S4
	VZIP1 V3.S4, V1.S4, V6.S4
	VZIP2 V3.S4, V1.S4, V7.S4
	VZIP1 V6.S4, V4.S4, V0.S4
	VZIP2 V6.S4, V4.S4, V1.S4
	VZIP1 V7.S4, V5.S4, V2.S4
	VZIP2 V7.S4, V5.S4, V3.S4
	VST1 [V0.S4], (R0)
	ADD  R1, R0
	VST1 [V1.S4], (R0)
	ADD  R1, R0
	VST1 [V2.S4], (R0)
	ADD  R1, R0
	VST1 [V3.S4], (R0)
	ADD  R1, R0
	SUBS $1, R8, R8
	BNE  block
	RET

// func halfToFloatAsm(dst *float32, src *uint16, n int)
TEXT ·halfToFloatAsm(SB), NOSPLIT, $0-24
	MOVD dst+0(FP), R0
	MOVD src+8(FP), R1
	MOVD n+16(FP), R8

eight:
	VLD1.P 16(R1), [V0.H8]
	FCVTL4(1, 0)
	FCVTL4HIGH(2, 0)
	VST1.P [V1.S4, V2.S4], 32(R0)
	SUBS $8, R8, R8
	BGT  eight
	RET

// func floatToHalfAsm(dst *uint16, src *float32, n int)
TEXT ·floatToHalfAsm(SB), NOSPLIT, $0-24
	MOVD dst+0(FP), R0
	MOVD src+8(FP), R1
	MOVD n+16(FP), R8

eight:
	VLD1.P 32(R1), [V0.S4, V1.S4]
	FCVTN4(2, 0)
	FCVTN4HIGH(2, 1)
	VST1.P [V2.H8], 16(R0)
	SUBS $8, R8, R8
	BGT  eight
	RET
