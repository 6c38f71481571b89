//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// Registers: R8 the next bits, the first on top; R9 the place of the next bit; R10 the
// last coefficient; R11 the table of AC codes; R12 the window; R13 the steps; R14 the
// table for passing over; R15 the last coefficient that is kept; SI the zigzag order;
// DI the block.

// PEEK makes 57 bits available.
#define PEEK \
	MOVQ   R9, AX          \
	MOVL   R9, CX          \
	SHRQ   $3, AX          \
	ANDL   $7, CX          \
	MOVQ   (R12)(AX*1), R8 \
	BSWAPQ R8              \
	SHLXQ  CX, R8, R8

// NUMBER leaves the number of the code on top of R8, whose entry is AX, in DX, and
// takes both.
#define NUMBER \
	MOVL    AX, CX        \
	SHRL    $16, CX       \
	SHLXQ   CX, R8, DX    \
	SHLXQ   AX, R8, R8    \
	MOVQ    DX, BX        \
	SARQ    $63, BX       \
	NOTQ    BX            \
	XORQ    BX, DX        \
	SHRQ    $1, DX        \
	SHRL    $8, CX        \
	SHRXQ   CX, DX, DX    \
	XORL    BX, DX        \
	SUBL    BX, DX        \
	MOVBLZX AL, AX        \
	ADDQ    AX, R9

// AHEAD looks a code up. Where it leads beyond a limit is the place to go then.
#define AHEAD(limit, special) \
	MOVQ    R8, AX          \
	SHRQ    $(64-const_lookBits), AX         \
	MOVL    (R11)(AX*4), AX \
	MOVBLZX AH, BX          \
	ADDQ    R10, BX         \
	CMPQ    BX, limit       \
	JHI     special

// COEFFICIENT decodes one into the block.
#define COEFFICIENT(limit) \
	AHEAD(limit, special)   \
	MOVQ    BX, R10         \
	NUMBER                  \
	IMULL   (R13)(R10*4), DX \
	MOVBLZX (SI)(R10*1), CX \
	MOVL    DX, (DI)(CX*4)

// PASS looks several codes up. BX sums up their bits in its first byte, and where they
// lead above.
#define PASS \
	MOVQ    R8, AX          \
	SHRQ    $(64-const_passBits), AX         \
	MOVWLZX (R14)(AX*2), AX \
	ADDL    AX, BX          \
	CMPL    BX, $0x4000     \
	JCC     crossed         \
	SHLXQ   AX, R8, R8

// func codesBMI2(s *scan, i, k int) (nextBlock, next int)
TEXT ·codesBMI2(SB), NOSPLIT, $8-40
	MOVQ s+0(FP), BX
	MOVQ i+8(FP), AX
	MOVQ k+16(FP), R10
	LEAQ (scan_bits+bits_window)(BX), R12
	MOVQ (scan_bits+bits_at)(BX), R9
	MOVQ scan_keep(BX), R15
	LEAQ ·zigzag(SB), SI
	MOVQ (scan_order+8)(BX), CX
	SUBQ AX, CX
	MOVQ CX, left-8(SP)
	IMULQ $block__size, AX
	ADDQ scan_order(BX), AX
	LEAQ block_values(AX), DI
	MOVQ (block_part-block_values)(DI), DX
	TESTQ R10, R10
	JLT  start
	MOVQ part_ac(DX), R11
	MOVQ part_pass(DX), R14
	LEAQ part_steps(DX), R13
	LEAQ huffman_look(R11), R11
	JMP  more

start:
	CMPQ R9, $const_enough
	JHI  return

	// The mean.
	PEEK
	MOVQ (block_part-block_values)(DI), R13
	MOVQ part_dc(R13), BX
	MOVQ R8, AX
	SHRQ $(64-const_lookBits), AX
	MOVL huffman_look(BX)(AX*4), AX
	TESTL $63, AX
	JZ   return
	NUMBER
	ADDL part_last(R13), DX
	MOVL DX, part_last(R13)
	MOVQ part_ac(R13), R11
	MOVQ part_pass(R13), R14
	LEAQ huffman_look(R11), R11
	LEAQ part_steps(R13), R13
	IMULL (R13), DX
	MOVL DX, (DI)
	XORL R10, R10
	MOVL $0x100, BX
	CMPQ R15, $4
	JLT  second // of the codes of a PEEK
	JGT  kept2

	// Of the next four coefficients the first ones are kept, which needs no branch.
	COEFFICIENT($63)
	COEFFICIENT($63)
	PEEK
	COEFFICIENT($63)
	COEFFICIENT($63)
	LEAL 1(R10), BX
	SHLL $8, BX
	JMP  third

more:
	CMPQ R10, R15
	JGE  enough
	PEEK
	COEFFICIENT(R15)
kept2:
	COEFFICIENT(R15)
	COEFFICIENT(R15)
	JMP  more

special:
	CMPQ BX, $63
	JHI  last
	MOVQ BX, R10 // it is not kept
	MOVBLZX AL, AX
	ADDQ AX, R9

enough:
	CMPQ R10, $63
	JEQ  finished
	LEAL 1(R10), BX
	SHLL $8, BX

pass:
	PEEK
	PASS
second:
	PASS
third:
	PASS
	MOVBLZX BL, AX
	ADDQ AX, R9
	ANDL $0xff00, BX
	JMP  pass

crossed:
	MOVL BX, CX
	SHRL $8, CX
	ANDL $127, CX
	CMPL AX, $0x8000
	JCC  end
	CMPL CX, $64 // just behind the block
	JEQ  passed
	JMP  undo
end:
	CMPL CX, $64
	JLT  passed
undo:
	SUBL AX, BX // some of it belongs to the next block, or its code is long
	MOVBLZX BL, AX
	ADDQ AX, R9
	SHRL $8, BX
	LEAQ -1(BX), R10
	JMP  return
passed:
	MOVBLZX BL, AX
	ADDQ AX, R9
	LEAQ -1(CX), R10
	JMP  finished

last:
	CMPQ R10, $63
	JEQ  finished
	TESTL $0x8000, AX
	JZ   return
	MOVBLZX AL, AX
	ADDQ AX, R9

finished:
	MOVQ R10, (block_read-block_values)(DI)
	ADDQ $block__size, DI
	MOVQ $-1, R10
	DECQ left-8(SP)
	JNZ  start

return:
	MOVQ s+0(FP), BX
	MOVQ R9, (scan_bits+bits_at)(BX)
	MOVQ (scan_order+8)(BX), AX
	SUBQ left-8(SP), AX
	MOVQ AX, nextBlock+24(FP)
	MOVQ R10, next+32(FP)
	RET
