package main

import "fmt"

func floatAMD64() string {
	s := newSource()
	lanes := make([]uint32, 32)
	for i := range 16 {
		lanes[i] = 0xffffffff
	}
	s.table("lanes", lanes...)
	s.correctKernel()
	s.floatKernel()
	s.sumKernel()
	return s.String()
}

// finishHead loads what correctKernel and floatKernel share: the sums' factors
// in Y8 and Y9, and pointers.
const finishHead = `
	MOVQ f+0(FP), DI
	MOVQ 0(DI), SI
	MOVQ 8(DI), DX
	MOVQ 24(DI), R8
	MOVQ 40(DI), CX
	MOVQ 48(DI), R10
	MOVQ 56(DI), R11
	MOVQ 96(DI), R13
	MOVQ 104(DI), R9
	MOVQ 112(DI), AX
	VMOVDQU (R9), Y8
	VMOVDQU 32(R9), Y9`

// corrected loads a row of sums into Y3 and Y4 and corrects it.
const corrected = `
	VPBROADCASTD (R10), Y0
	VPBROADCASTD (R11), Y1
	VMOVDQU (SI), Y3
	VMOVDQU 32(SI), Y4
	VPSUBD (R13), Y3, Y3
	VPSUBD 32(R13), Y4, Y4
	VPMULLD Y8, Y0, Y5
	VPSUBD Y5, Y3, Y3
	VPMULLD Y9, Y0, Y5
	VPSUBD Y5, Y4, Y4
	VPMULLD (AX), Y1, Y5
	VPSUBD Y5, Y3, Y3
	VPMULLD 32(AX), Y1, Y5
	VPSUBD Y5, Y4, Y4`

func (s *source) correctKernel() {
	s.lines(`
// func correctAsm(f *finishing)
TEXT ·correctAsm(SB), NOSPLIT, $0-8`)
	s.lines(finishHead)
	s.label("row")
	s.lines(corrected)
	s.lines(`
	VMOVDQU Y3, (SI)
	VMOVDQU Y4, 32(SI)
	ADDQ R8, SI
	ADDQ 72(DI), R10
	ADDQ 80(DI), R11
	DECQ CX
	JNE row
	VZEROUPPER
	RET`)
}

func (s *source) floatKernel() {
	s.lines(`

// func floatAsm(f *finishing)
TEXT ·floatAsm(SB), NOSPLIT, $0-8`)
	s.lines(finishHead)
	s.lines(`
	MOVQ 120(DI), R9
	VMOVUPS (R9), Y10
	VMOVUPS 32(R9), Y11
	MOVQ 128(DI), R9
	VMOVUPS (R9), Y12
	VMOVUPS 32(R9), Y13
	VBROADCASTSS 144(DI), Y14
	VBROADCASTSS 148(DI), Y15
	MOVQ 16(DI), BX
	MOVQ 32(DI), R9
	MOVQ 64(DI), R12
	CMPQ 136(DI), $64
	JNE part`)
	s.floatRows("row", "(BX), Y3, Y3", "32(BX), Y4, Y4", "VMOVUPS Y3, (DX)", "VMOVUPS Y4, 32(DX)", false)
	s.label("part")
	s.lines(`
	LEAQ lanes<>+64(SB), R15
	SUBQ 136(DI), R15
	VMOVDQU (R15), Y6
	VMOVDQU 32(R15), Y7`)
	s.floatRows("partrow", "Y5, Y3, Y3", "Y5, Y4, Y4", "VMASKMOVPS Y3, Y6, (DX)", "VMASKMOVPS Y4, Y7, 32(DX)", true)
}

// floatRows adds the loop over the rows, which the masks in Y6 and Y7 cut if
// masked.
func (s *source) floatRows(loop, add0, add1, store0, store1 string, masked bool) {
	s.label("%s", loop)
	s.lines(corrected)
	s.lines(`
	VBROADCASTSS (R12), Y2
	VCVTDQ2PS Y3, Y3
	VCVTDQ2PS Y4, Y4
	VMULPS Y10, Y2, Y5
	VMULPS Y5, Y3, Y3
	VMULPS Y11, Y2, Y5
	VMULPS Y5, Y4, Y4
	VADDPS Y12, Y3, Y3
	VADDPS Y13, Y4, Y4
	TESTQ BX, BX`)
	s.op("JZ %sclamp", loop)
	if masked {
		s.op("VMASKMOVPS (BX), Y6, Y5")
	}
	s.op("VADDPS %s", add0)
	if masked {
		s.op("VMASKMOVPS 32(BX), Y7, Y5")
	}
	s.op("VADDPS %s", add1)
	s.op("ADDQ R9, BX")
	fmt.Fprintf(s, "\n%sclamp:\n", loop)
	s.lines(`
	VMAXPS Y3, Y14, Y3
	VMAXPS Y4, Y14, Y4
	VMINPS Y3, Y15, Y3
	VMINPS Y4, Y15, Y4`)
	s.op("%s", store0)
	s.op("%s", store1)
	s.lines(`
	ADDQ $64, SI
	ADDQ R8, DX
	ADDQ 72(DI), R10
	ADDQ 80(DI), R11
	ADDQ 88(DI), R12
	DECQ CX`)
	s.op("JNE %s", loop)
	s.op("VZEROUPPER")
	s.op("RET")
}

func (s *source) sumKernel() {
	s.lines(`

// func sumAsm(x *uint8, n int, flip uint32) int64
TEXT ·sumAsm(SB), NOSPLIT, $0-32
	MOVQ x+0(FP), SI
	MOVQ n+8(FP), CX
	MOVL flip+16(FP), AX
	VMOVD AX, X3
	VPBROADCASTD X3, Y3
	VPXOR Y0, Y0, Y0
	VPXOR Y2, Y2, Y2

loop:
	VPXOR (SI), Y3, Y1
	VPSADBW Y2, Y1, Y1
	VPADDQ Y1, Y0, Y0
	ADDQ $32, SI
	SUBQ $32, CX
	JG loop
	VEXTRACTI128 $1, Y0, X1
	VPADDQ X1, X0, X0
	VPSHUFD $0x4e, X0, X1
	VPADDQ X1, X0, X0
	VZEROUPPER
	MOVQ X0, ret+24(FP)
	RET`)
}
