//go:build !purego

#include "textflag.h"
#include "rows_amd64.h"

// func l2RowsAsm(dst, q *float32, n int, bases **byte, shift, mask, stride int, ids *uint32, count int)
//
// Four rows a round, 16 floats of each a step: one cache line, while the same
// line of the next four rows is prefetched.
TEXT ·l2RowsAsm(SB), NOSPLIT, $0-72
	MOVQ q+8(FP), SI
	MOVQ ids+56(FP), R8
	MOVQ count+64(FP), R9
	MOVQ dst+0(FP), R10
	NEXT

group:
	ADVANCE

last:
	CLEAR8
	XORQ CX, CX
	MOVQ n+16(FP), R14
	PCALIGN $32

step:
	VMOVUPS (SI)(CX*1), Y8
	VMOVUPS 32(SI)(CX*1), Y9
	FETCH
	VSUBPS (R11)(CX*1), Y8, Y10
	VSUBPS (R12)(CX*1), Y8, Y11
	VSUBPS (R13)(CX*1), Y8, Y12
	VSUBPS (R15)(CX*1), Y8, Y13
	VFMADD231PS Y10, Y10, Y0
	VFMADD231PS Y11, Y11, Y1
	VFMADD231PS Y12, Y12, Y2
	VFMADD231PS Y13, Y13, Y3
	VSUBPS 32(R11)(CX*1), Y9, Y10
	VSUBPS 32(R12)(CX*1), Y9, Y11
	VSUBPS 32(R13)(CX*1), Y9, Y12
	VSUBPS 32(R15)(CX*1), Y9, Y13
	VFMADD231PS Y10, Y10, Y4
	VFMADD231PS Y11, Y11, Y5
	VFMADD231PS Y12, Y12, Y6
	VFMADD231PS Y13, Y13, Y7
	ADDQ $64, CX
	SUBQ $16, R14
	JG   step
	SUM4
	VMOVUPS X0, (R10)
	ADDQ $16, R10
	SUBQ $4, R9
	JG   group
	VZEROUPPER
	RET

// func dotRowsAsm(dst, q *float32, n int, bases **byte, shift, mask, stride int, ids *uint32, count int)
//
// The same with products, whose negated sums are the ranks.
TEXT ·dotRowsAsm(SB), NOSPLIT, $0-72
	MOVQ q+8(FP), SI
	MOVQ ids+56(FP), R8
	MOVQ count+64(FP), R9
	MOVQ dst+0(FP), R10
	NEXT

group:
	ADVANCE

last:
	CLEAR8
	XORQ CX, CX
	MOVQ n+16(FP), R14
	PCALIGN $32

step:
	VMOVUPS (SI)(CX*1), Y8
	VMOVUPS 32(SI)(CX*1), Y9
	FETCH
	VFNMADD231PS (R11)(CX*1), Y8, Y0
	VFNMADD231PS (R12)(CX*1), Y8, Y1
	VFNMADD231PS (R13)(CX*1), Y8, Y2
	VFNMADD231PS (R15)(CX*1), Y8, Y3
	VFNMADD231PS 32(R11)(CX*1), Y9, Y4
	VFNMADD231PS 32(R12)(CX*1), Y9, Y5
	VFNMADD231PS 32(R13)(CX*1), Y9, Y6
	VFNMADD231PS 32(R15)(CX*1), Y9, Y7
	ADDQ $64, CX
	SUBQ $16, R14
	JG   step
	SUM4
	VMOVUPS X0, (R10)
	ADDQ $16, R10
	SUBQ $4, R9
	JG   group
	VZEROUPPER
	RET

// func codeRowsAsm(dst *float32, q *byte, n int, bases **byte, shift, mask, stride int,
//	ids *uint32, count int, factor float32)
//
// Four rows a round, 64 bytes of each a step. VPMADDUBSW wants one operand without
// signs: that of q goes to the row. Its sums of two products are at most 2·127²,
// which 16 bits hold.
TEXT ·codeRowsAsm(SB), NOSPLIT, $0-76
	MOVQ q+8(FP), SI
	MOVQ ids+56(FP), R8
	MOVQ count+64(FP), R9
	MOVQ dst+0(FP), R10
	VPCMPEQW Y15, Y15, Y15
	VPSRLW   $15, Y15, Y15
	NEXT

group:
	ADVANCE

last:
	VPXOR Y0, Y0, Y0
	VPXOR Y1, Y1, Y1
	VPXOR Y2, Y2, Y2
	VPXOR Y3, Y3, Y3
	XORQ CX, CX
	MOVQ n+16(FP), R14
	PCALIGN $32

step:
	FETCH
	CODES(0)
	CODES(32)
	ADDQ $64, CX
	SUBQ $64, R14
	JG   step
	FETCH
	VPHADDD Y1, Y0, Y0
	VPHADDD Y3, Y2, Y2
	VPHADDD Y2, Y0, Y0
	VEXTRACTI128 $1, Y0, X1
	VPADDD    X1, X0, X0
	VCVTDQ2PS X0, X0
	VMOVSS    (R11)(CX*1), X4
	VINSERTPS $0x10, (R12)(CX*1), X4, X4
	VINSERTPS $0x20, (R13)(CX*1), X4, X4
	VINSERTPS $0x30, (R15)(CX*1), X4, X4
	VMOVSS    4(R11)(CX*1), X5
	VINSERTPS $0x10, 4(R12)(CX*1), X5, X5
	VINSERTPS $0x20, 4(R13)(CX*1), X5, X5
	VINSERTPS $0x30, 4(R15)(CX*1), X5, X5
	VBROADCASTSS factor+72(FP), X6
	VMULPS  X4, X0, X0
	VFMADD213PS X5, X6, X0
	VMOVUPS X0, (R10)
	ADDQ $16, R10
	SUBQ $4, R9
	JG   group
	VZEROUPPER
	RET

// func l2HalvesAsm(dst, q *float32, n int, bases **byte, shift, mask, stride int, ids *uint32, count int)
//
// l2RowsAsm for rows of 16-bit floats: 16 of each a step, half a line.
TEXT ·l2HalvesAsm(SB), NOSPLIT, $0-72
	MOVQ q+8(FP), SI
	MOVQ ids+56(FP), R8
	MOVQ count+64(FP), R9
	MOVQ dst+0(FP), R10
	NEXT

group:
	ADVANCE

last:
	CLEAR8
	XORQ CX, CX
	MOVQ n+16(FP), R14
	PCALIGN $32

step:
	VMOVUPS (SI)(CX*2), Y8
	VMOVUPS 32(SI)(CX*2), Y9
	FETCH
	HALVES(0)
	VSUBPS Y10, Y8, Y10
	VSUBPS Y11, Y8, Y11
	VSUBPS Y12, Y8, Y12
	VSUBPS Y13, Y8, Y13
	VFMADD231PS Y10, Y10, Y0
	VFMADD231PS Y11, Y11, Y1
	VFMADD231PS Y12, Y12, Y2
	VFMADD231PS Y13, Y13, Y3
	HALVES(16)
	VSUBPS Y10, Y9, Y10
	VSUBPS Y11, Y9, Y11
	VSUBPS Y12, Y9, Y12
	VSUBPS Y13, Y9, Y13
	VFMADD231PS Y10, Y10, Y4
	VFMADD231PS Y11, Y11, Y5
	VFMADD231PS Y12, Y12, Y6
	VFMADD231PS Y13, Y13, Y7
	ADDQ $32, CX
	SUBQ $16, R14
	JG   step
	SUM4
	VMOVUPS X0, (R10)
	ADDQ $16, R10
	SUBQ $4, R9
	JG   group
	VZEROUPPER
	RET

// func dotHalvesAsm(dst, q *float32, n int, bases **byte, shift, mask, stride int, ids *uint32, count int)
//
// The same with products, whose negated sums are the ranks.
TEXT ·dotHalvesAsm(SB), NOSPLIT, $0-72
	MOVQ q+8(FP), SI
	MOVQ ids+56(FP), R8
	MOVQ count+64(FP), R9
	MOVQ dst+0(FP), R10
	NEXT

group:
	ADVANCE

last:
	CLEAR8
	XORQ CX, CX
	MOVQ n+16(FP), R14
	PCALIGN $32

step:
	VMOVUPS (SI)(CX*2), Y8
	VMOVUPS 32(SI)(CX*2), Y9
	FETCH
	HALVES(0)
	VFNMADD231PS Y10, Y8, Y0
	VFNMADD231PS Y11, Y8, Y1
	VFNMADD231PS Y12, Y8, Y2
	VFNMADD231PS Y13, Y8, Y3
	HALVES(16)
	VFNMADD231PS Y10, Y9, Y4
	VFNMADD231PS Y11, Y9, Y5
	VFNMADD231PS Y12, Y9, Y6
	VFNMADD231PS Y13, Y9, Y7
	ADDQ $32, CX
	SUBQ $16, R14
	JG   step
	SUM4
	VMOVUPS X0, (R10)
	ADDQ $16, R10
	SUBQ $4, R9
	JG   group
	VZEROUPPER
	RET

// func fromHalvesAsm(dst *float32, from *uint16, n int)
TEXT ·fromHalvesAsm(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), DI
	MOVQ from+8(FP), SI
	MOVQ n+16(FP), CX

step:
	VCVTPH2PS (SI), Y0
	VCVTPH2PS 16(SI), Y1
	VMOVUPS Y0, (DI)
	VMOVUPS Y1, 32(DI)
	ADDQ $32, SI
	ADDQ $64, DI
	SUBQ $16, CX
	JG   step
	VZEROUPPER
	RET

// func hasF16C() bool
TEXT ·hasF16C(SB), NOSPLIT, $0-1
	MOVL $1, AX
	XORL CX, CX
	CPUID
	SHRL $29, CX
	ANDL $1, CX
	MOVB CX, ret+0(FP)
	RET

// func bitRowsAsm(dst *float32, q *uint64, n int, bases **byte, shift, mask, stride int, ids *uint32,
//	count int, factor float32, sum int32)
//
// One row after the other: those of a few hundred dimensions are one line each, which
// fetchAsm has brought.
TEXT ·bitRowsAsm(SB), NOSPLIT, $0-80
	MOVQ ids+56(FP), R8
	MOVQ count+64(FP), R9
	MOVQ dst+0(FP), R10
	VBROADCASTSS factor+72(FP), X6

row:
	ADDRESS(0, AX)
	MOVQ q+8(FP), SI
	MOVQ n+16(FP), CX
	XORQ R11, R11
	XORQ R12, R12
	XORQ R13, R13
	XORQ R15, R15

word:
	MOVQ    (AX), BX
	MOVQ    (SI), DX
	MOVQ    8(SI), DI
	ANDQ    BX, DX
	ANDQ    BX, DI
	POPCNTQ DX, DX
	POPCNTQ DI, DI
	ADDQ    DX, R11
	ADDQ    DI, R12
	MOVQ    16(SI), DX
	ANDQ    BX, DX
	ANDQ    24(SI), BX
	POPCNTQ DX, DX
	POPCNTQ BX, BX
	ADDQ    DX, R13
	ADDQ    BX, R15
	ADDQ    $8, AX
	ADDQ    $32, SI
	DECQ    CX
	JG      word

	LEAQ (R11)(R12*2), R11
	LEAQ (R11)(R13*4), R11
	SHLQ $3, R15
	SUBQ R15, R11
	ADDQ R11, R11
	MOVLQSX sum+76(FP), DX
	SUBQ DX, R11
	VCVTSI2SSQ R11, X6, X0
	VMULSS (AX), X0, X0
	VMULSS X6, X0, X0
	VADDSS 4(AX), X0, X0
	VMOVSS X0, (R10)
	ADDQ $4, R10
	ADDQ $4, R8
	DECQ R9
	JG   row
	RET

// func fetchAsm(bases unsafe.Pointer, shift, mask, stride int, ids *uint32, count, lines int)
//
// Prefetches the first lines of the given rows.
TEXT ·fetchAsm(SB), NOSPLIT, $0-56
	MOVQ bases+0(FP), BX
	MOVQ shift+8(FP), CX
	MOVQ mask+16(FP), SI
	MOVQ stride+24(FP), DX
	MOVQ ids+32(FP), R8
	MOVQ count+40(FP), R9

row:
	MOVL  (R8), AX
	SHRXQ CX, AX, R11
	ANDQ  SI, AX
	IMULQ DX, AX
	ADDQ  (BX)(R11*8), AX
	MOVQ  lines+48(FP), R10

line:
	PREFETCHT0 (AX)
	ADDQ $64, AX
	DECQ R10
	JG   line
	ADDQ $4, R8
	DECQ R9
	JG   row
	RET
