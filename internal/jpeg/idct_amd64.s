//go:build !purego

#include "textflag.h"

#define FACTOR(name, value) \
	DATA name<>+0(SB)/8, $value; \
	DATA name<>+8(SB)/8, $value; \
	DATA name<>+16(SB)/8, $value; \
	DATA name<>+24(SB)/8, $value; \
	GLOBL name<>(SB), RODATA|NOPTR, $32

FACTOR(f0298, 0x0000098e0000098e)
FACTOR(n0390, 0xfffff384fffff384)
FACTOR(f0541, 0x0000115100001151)
FACTOR(f0765, 0x0000187e0000187e)
FACTOR(n0899, 0xffffe333ffffe333)
FACTOR(f1175, 0x000025a1000025a1)
FACTOR(f1501, 0x0000300b0000300b)
FACTOR(n1847, 0xffffc4dfffffc4df)
FACTOR(n1961, 0xffffc13bffffc13b)
FACTOR(f2053, 0x000041b3000041b3)
FACTOR(n2562, 0xffffadfdffffadfd)
FACTOR(f3072, 0x0000625400006254)
FACTOR(round1, 0x0000040000000400)
FACTOR(round2, 0x0202000002020000)

#define FACTOR4(name, value) \
	DATA name<>+0(SB)/8, $value; \
	DATA name<>+8(SB)/8, $value; \
	GLOBL name<>(SB), RODATA|NOPTR, $16

FACTOR4(quarter, 0x00000b5000000b50)
FACTOR4(odd1, 0x00000ec800000ec8)
FACTOR4(odd3, 0x0000061f0000061f)
FACTOR4(low1, 0x0000008000000080)
FACTOR4(low2, 0x0202000002020000)

DATA rows<>+0(SB)/8, $0x0000000400000000
DATA rows<>+8(SB)/8, $0x0000000500000001
DATA rows<>+16(SB)/8, $0x0000000600000002
DATA rows<>+24(SB)/8, $0x0000000700000003
GLOBL rows<>(SB), RODATA|NOPTR, $32

// EIGHT is the transform of eight across Y0 to Y7, in place; see eight. Its odd
// part leaves o0 to o3 in Y8, Y9, Y10 and Y11.
#define EIGHT(round, shift) \
	VPADDD  Y1, Y7, Y12                 \ // a1
	VPADDD  Y3, Y5, Y13                 \ // a2
	VPADDD  Y3, Y7, Y14                 \ // a3
	VPADDD  Y1, Y5, Y15                 \ // a4
	VPADDD  Y14, Y15, Y11               \
	VPMULLD f1175<>(SB), Y11, Y11       \ // w
	VPMULLD n0899<>(SB), Y12, Y12       \
	VPMULLD n2562<>(SB), Y13, Y13       \
	VPMULLD n1961<>(SB), Y14, Y14       \
	VPMULLD n0390<>(SB), Y15, Y15       \
	VPADDD  Y11, Y14, Y14               \
	VPADDD  Y11, Y15, Y15               \
	VPMULLD f0298<>(SB), Y7, Y8         \
	VPMULLD f2053<>(SB), Y5, Y9         \
	VPMULLD f3072<>(SB), Y3, Y10        \
	VPMULLD f1501<>(SB), Y1, Y11        \
	VPADDD  Y12, Y8, Y8                 \
	VPADDD  Y14, Y8, Y8                 \
	VPADDD  Y13, Y9, Y9                 \
	VPADDD  Y15, Y9, Y9                 \
	VPADDD  Y13, Y10, Y10               \
	VPADDD  Y14, Y10, Y10               \
	VPADDD  Y12, Y11, Y11               \
	VPADDD  Y15, Y11, Y11               \
	VPADDD  Y2, Y6, Y12                 \
	VPMULLD f0541<>(SB), Y12, Y12       \ // z
	VPMULLD n1847<>(SB), Y6, Y6         \
	VPMULLD f0765<>(SB), Y2, Y2         \
	VPADDD  Y12, Y6, Y6                 \ // e2
	VPADDD  Y12, Y2, Y2                 \ // e3
	VPADDD  Y4, Y0, Y12                 \
	VPSUBD  Y4, Y0, Y13                 \
	VPSLLD  $13, Y12, Y12               \
	VPSLLD  $13, Y13, Y13               \
	VPADDD  round<>(SB), Y12, Y12       \ // e0
	VPADDD  round<>(SB), Y13, Y13       \ // e1
	VPADDD  Y2, Y12, Y14                \ // s0
	VPSUBD  Y2, Y12, Y15                \ // s3
	VPADDD  Y6, Y13, Y12                \ // s1
	VPSUBD  Y6, Y13, Y13                \ // s2
	VPADDD  Y11, Y14, Y0                \
	VPSUBD  Y11, Y14, Y7                \
	VPADDD  Y10, Y12, Y1                \
	VPSUBD  Y10, Y12, Y6                \
	VPADDD  Y9, Y13, Y2                 \
	VPSUBD  Y9, Y13, Y5                 \
	VPADDD  Y8, Y15, Y3                 \
	VPSUBD  Y8, Y15, Y4                 \
	VPSRAD  $shift, Y0, Y0              \
	VPSRAD  $shift, Y1, Y1              \
	VPSRAD  $shift, Y2, Y2              \
	VPSRAD  $shift, Y3, Y3              \
	VPSRAD  $shift, Y4, Y4              \
	VPSRAD  $shift, Y5, Y5              \
	VPSRAD  $shift, Y6, Y6              \
	VPSRAD  $shift, Y7, Y7

// func idct8AVX2(block *[64]int32, dst *uint8, stride int)
TEXT ·idct8AVX2(SB), NOSPLIT, $0-24
	MOVQ block+0(FP), SI
	MOVQ dst+8(FP), DI
	MOVQ stride+16(FP), DX

	// Register x holds the column of frequency x; its lanes are the frequencies
	// of the other direction.
	VMOVDQU (SI), Y0
	VMOVDQU 32(SI), Y1
	VMOVDQU 64(SI), Y2
	VMOVDQU 96(SI), Y3
	VMOVDQU 128(SI), Y4
	VMOVDQU 160(SI), Y5
	VMOVDQU 192(SI), Y6
	VMOVDQU 224(SI), Y7
	VPXOR   Y15, Y15, Y15
	VMOVDQU Y15, (SI)
	VMOVDQU Y15, 32(SI)
	VMOVDQU Y15, 64(SI)
	VMOVDQU Y15, 96(SI)
	VMOVDQU Y15, 128(SI)
	VMOVDQU Y15, 160(SI)
	VMOVDQU Y15, 192(SI)
	VMOVDQU Y15, 224(SI)
	EIGHT(round1, 11)

	// Transpose: register y then holds the row of frequency y, lanes are pixels.
	VPUNPCKLDQ  Y1, Y0, Y8
	VPUNPCKHDQ  Y1, Y0, Y9
	VPUNPCKLDQ  Y3, Y2, Y10
	VPUNPCKHDQ  Y3, Y2, Y11
	VPUNPCKLDQ  Y5, Y4, Y12
	VPUNPCKHDQ  Y5, Y4, Y13
	VPUNPCKLDQ  Y7, Y6, Y14
	VPUNPCKHDQ  Y7, Y6, Y15
	VPUNPCKLQDQ Y10, Y8, Y0
	VPUNPCKHQDQ Y10, Y8, Y1
	VPUNPCKLQDQ Y11, Y9, Y2
	VPUNPCKHQDQ Y11, Y9, Y3
	VPUNPCKLQDQ Y14, Y12, Y8
	VPUNPCKHQDQ Y14, Y12, Y9
	VPUNPCKLQDQ Y15, Y13, Y10
	VPUNPCKHQDQ Y15, Y13, Y11
	VPERM2I128  $0x31, Y8, Y0, Y4
	VPERM2I128  $0x31, Y9, Y1, Y5
	VPERM2I128  $0x31, Y10, Y2, Y6
	VPERM2I128  $0x31, Y11, Y3, Y7
	VPERM2I128  $0x20, Y8, Y0, Y0
	VPERM2I128  $0x20, Y9, Y1, Y1
	VPERM2I128  $0x20, Y10, Y2, Y2
	VPERM2I128  $0x20, Y11, Y3, Y3
	EIGHT(round2, 18)

	// To bytes, with saturation: four rows in each register.
	VPACKSSDW Y1, Y0, Y0
	VPACKSSDW Y3, Y2, Y2
	VPACKSSDW Y5, Y4, Y4
	VPACKSSDW Y7, Y6, Y6
	VPACKUSWB Y2, Y0, Y0
	VPACKUSWB Y6, Y4, Y4
	VMOVDQU   rows<>(SB), Y8
	VPERMD    Y0, Y8, Y0
	VPERMD    Y4, Y8, Y4
	VEXTRACTI128 $1, Y0, X1
	VEXTRACTI128 $1, Y4, X5
	LEAQ      (DX)(DX*2), CX
	VMOVQ     X0, (DI)
	VPEXTRQ   $1, X0, (DI)(DX*1)
	VMOVQ     X1, (DI)(DX*2)
	VPEXTRQ   $1, X1, (DI)(CX*1)
	LEAQ      (DI)(DX*4), DI
	VMOVQ     X4, (DI)
	VPEXTRQ   $1, X4, (DI)(DX*1)
	VMOVQ     X5, (DI)(DX*2)
	VPEXTRQ   $1, X5, (DI)(CX*1)
	VZEROUPPER
	RET

// FOUR is the transform of four across X0 to X3, in place; see four.
#define FOUR(round, shift) \
	VPADDD  X2, X0, X4           \
	VPSUBD  X2, X0, X5           \
	VPMULLD quarter<>(SB), X4, X4 \
	VPMULLD quarter<>(SB), X5, X5 \
	VPADDD  round<>(SB), X4, X4  \ // sum
	VPADDD  round<>(SB), X5, X5  \ // diff
	VPMULLD odd1<>(SB), X1, X6   \
	VPMULLD odd3<>(SB), X3, X7   \
	VPADDD  X7, X6, X6           \ // odd0
	VPMULLD odd3<>(SB), X1, X7   \
	VPMULLD odd1<>(SB), X3, X8   \
	VPSUBD  X8, X7, X7           \ // odd2
	VPADDD  X6, X4, X0           \
	VPSUBD  X6, X4, X3           \
	VPADDD  X7, X5, X1           \
	VPSUBD  X7, X5, X2           \
	VPSRAD  $shift, X0, X0       \
	VPSRAD  $shift, X1, X1       \
	VPSRAD  $shift, X2, X2       \
	VPSRAD  $shift, X3, X3

// func idct4AVX2(block *[64]int32, dst *uint8, stride int)
TEXT ·idct4AVX2(SB), NOSPLIT, $0-24
	MOVQ block+0(FP), SI
	MOVQ dst+8(FP), DI
	MOVQ stride+16(FP), DX
	VMOVDQU (SI), X0
	VMOVDQU 32(SI), X1
	VMOVDQU 64(SI), X2
	VMOVDQU 96(SI), X3
	VPXOR   Y8, Y8, Y8
	VMOVDQU Y8, (SI)
	VMOVDQU Y8, 32(SI)
	VMOVDQU Y8, 64(SI)
	VMOVDQU Y8, 96(SI)
	VMOVDQU Y8, 128(SI)
	VMOVDQU Y8, 160(SI)
	VMOVDQU Y8, 192(SI)
	VMOVDQU Y8, 224(SI)
	FOUR(low1, 8)
	VPUNPCKLDQ  X1, X0, X4
	VPUNPCKHDQ  X1, X0, X5
	VPUNPCKLDQ  X3, X2, X6
	VPUNPCKHDQ  X3, X2, X7
	VPUNPCKLQDQ X6, X4, X0
	VPUNPCKHQDQ X6, X4, X1
	VPUNPCKLQDQ X7, X5, X2
	VPUNPCKHQDQ X7, X5, X3
	FOUR(low2, 18)
	VPACKSSDW X1, X0, X0
	VPACKSSDW X3, X2, X2
	VPACKUSWB X2, X0, X0
	LEAQ    (DX)(DX*2), CX
	VMOVD   X0, (DI)
	VPEXTRD $1, X0, (DI)(DX*1)
	VPEXTRD $2, X0, (DI)(DX*2)
	VPEXTRD $3, X0, (DI)(CX*1)
	VZEROUPPER
	RET
