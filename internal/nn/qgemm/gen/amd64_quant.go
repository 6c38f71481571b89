package main

func quantAMD64() string {
	s := newSource()
	s.constant("limit", 255)
	s.table("order", 0, 4, 1, 5, 2, 6, 3, 7)
	s.minMaxKernel()
	s.lines(`

// func quantizeAsm(dst *uint8, x *float32, n int, scale float32, zero int32, flip uint32)
TEXT ·quantizeAsm(SB), NOSPLIT, $0-36
	MOVQ dst+0(FP), DX
	MOVQ x+8(FP), SI
	MOVQ n+16(FP), CX
	VBROADCASTSS scale+24(FP), Y8
	MOVL zero+28(FP), AX
	MOVL flip+32(FP), BX`)
	s.narrowing(func(i int) { s.op("VMOVUPS %d(SI), Y%d", 32*i, i); s.op("VDIVPS Y8, Y%d, Y%d", i, i) },
		func(n int) { s.op("ADDQ $%d, SI", 4*n) })
	s.lines(`

// func requantizeAsm(dst *uint8, acc *int32, n int, scale *float32, advance int, zero int32, flip uint32)
TEXT ·requantizeAsm(SB), NOSPLIT, $0-48
	MOVQ dst+0(FP), DX
	MOVQ acc+8(FP), SI
	MOVQ n+16(FP), CX
	MOVQ scale+24(FP), DI
	MOVQ advance+32(FP), R8
	MOVL zero+40(FP), AX
	MOVL flip+44(FP), BX
	MOVQ R8, R9
	SHLQ $2, R9`)
	s.narrowing(func(i int) { s.op("VCVTDQ2PS %d(SI), Y%d", 32*i, i); s.op("VMULPS %d(DI), Y%d, Y%d", 32*i, i, i) },
		func(n int) {
			s.op("ADDQ $%d, SI", 4*n)
			s.op("ADDQ %s, DI", map[int]string{8: "R8", 32: "R9"}[n])
		})
	s.dequantizeKernel()
	return s.String()
}

// narrowing adds the loops that round floats to bytes, 32 and then 8 at a time:
// load makes the quotients i of a round, and next goes on by n elements.
func (s *source) narrowing(load func(i int), next func(n int)) {
	s.lines(`
	VMOVD AX, X11
	VPBROADCASTD X11, Y11
	VMOVD BX, X13
	VPBROADCASTD X13, Y13
	VPXOR Y9, Y9, Y9
	VPSUBD Y11, Y9, Y9
	VCVTDQ2PS Y9, Y9
	VMOVDQU limit<>(SB), Y10
	VPSUBD Y11, Y10, Y10
	VCVTDQ2PS Y10, Y10
	VMOVDQU order<>(SB), Y12
	SUBQ $32, CX
	JLT few`)
	s.label("by32")
	for i := range 4 {
		load(i)
	}
	for i := range 4 {
		s.round(i)
	}
	s.lines(`
	VPACKSSDW Y1, Y0, Y0
	VPACKSSDW Y3, Y2, Y2
	VPACKUSWB Y2, Y0, Y0
	VPERMD Y0, Y12, Y0
	VPXOR Y13, Y0, Y0
	VMOVDQU Y0, (DX)
	ADDQ $32, DX`)
	next(32)
	s.op("SUBQ $32, CX")
	s.op("JGE by32")
	s.label("few")
	s.op("ADDQ $24, CX")
	s.op("JLT done")
	s.label("by8")
	load(0)
	s.round(0)
	s.lines(`
	VEXTRACTI128 $1, Y0, X1
	VPACKSSDW X1, X0, X0
	VPACKUSWB X0, X0, X0
	VPXOR X13, X0, X0
	VMOVQ X0, (DX)
	ADDQ $8, DX`)
	next(8)
	s.lines(`
	SUBQ $8, CX
	JGE by8

done:
	VZEROUPPER
	RET`)
}

// round clamps the float before it converts, since what does not fit in 32 bits
// would become the lowest integer. NaN becomes the lower bound, the operand that
// the instruction returns for it.
func (s *source) round(i int) {
	s.op("VMAXPS Y9, Y%d, Y%d", i, i)
	s.op("VMINPS Y10, Y%d, Y%d", i, i)
	s.op("VCVTPS2DQ Y%d, Y%d", i, i)
	s.op("VPADDD Y11, Y%d, Y%d", i, i)
}

func (s *source) dequantizeKernel() {
	s.lines(`

// func dequantizeAsm(dst *float32, x *uint8, n int, scale float32, zero int32, flip uint32)
TEXT ·dequantizeAsm(SB), NOSPLIT, $0-36
	MOVQ dst+0(FP), DX
	MOVQ x+8(FP), SI
	MOVQ n+16(FP), CX
	VBROADCASTSS scale+24(FP), Y8
	MOVL zero+28(FP), AX
	VMOVD AX, X9
	VPBROADCASTD X9, Y9
	MOVL flip+32(FP), AX
	VMOVD AX, X10
	VPBROADCASTD X10, Y10
	SUBQ $32, CX
	JLT few

by32:`)
	for i := range 4 {
		s.widen(i)
	}
	s.lines(`
	ADDQ $32, SI
	ADDQ $128, DX
	SUBQ $32, CX
	JGE by32

few:
	ADDQ $24, CX
	JLT done

by8:`)
	s.widen(0)
	s.lines(`
	ADDQ $8, SI
	ADDQ $32, DX
	SUBQ $8, CX
	JGE by8

done:
	VZEROUPPER
	RET`)
}

func (s *source) widen(i int) {
	s.op("VMOVQ %d(SI), X%d", 8*i, i)
	s.op("VPXOR X10, X%d, X%d", i, i)
	s.op("VPMOVZXBD X%d, Y%d", i, i)
	s.op("VPSUBD Y9, Y%d, Y%d", i, i)
	s.op("VCVTDQ2PS Y%d, Y%d", i, i)
	s.op("VMULPS Y8, Y%d, Y%d", i, i)
	s.op("VMOVUPS Y%d, %d(DX)", i, 32*i)
}

// minMaxKernel keeps 0 in the range and gives the sums as the operand that the
// instructions return beside NaN.
func (s *source) minMaxKernel() {
	s.lines(`

// func minMaxAsm(x *float32, n int) (lo, hi float32)
TEXT ·minMaxAsm(SB), NOSPLIT, $0-24
	MOVQ x+0(FP), SI
	MOVQ n+8(FP), CX`)
	for i := range 8 {
		s.op("VXORPS Y%d, Y%d, Y%d", i, i, i)
	}
	s.lines(`
	SUBQ $32, CX
	JLT few

by32:`)
	for i := range 4 {
		s.extend(i)
	}
	s.lines(`
	ADDQ $128, SI
	SUBQ $32, CX
	JGE by32

few:
	ADDQ $24, CX
	JLT done

by8:`)
	s.extend(0)
	s.lines(`
	ADDQ $32, SI
	SUBQ $8, CX
	JGE by8

done:`)
	for i, op := range []string{"VMINPS", "VMAXPS"} {
		b := 4 * i
		for _, r := range [][2]int{{1, 0}, {3, 2}, {2, 0}} {
			s.op("%s Y%d, Y%d, Y%d", op, b+r[0], b+r[1], b+r[1])
		}
		s.op("VEXTRACTF128 $1, Y%d, X%d", b, b+1)
		s.op("%s X%d, X%d, X%d", op, b+1, b, b)
		for _, how := range []string{"$0x4e", "$0xb1"} {
			s.op("VPERMILPS %s, X%d, X%d", how, b, b+1)
			s.op("%s X%d, X%d, X%d", op, b+1, b, b)
		}
	}
	s.lines(`
	VZEROUPPER
	MOVSS X0, lo+16(FP)
	MOVSS X4, hi+20(FP)
	RET`)
}

func (s *source) extend(i int) {
	s.op("VMOVUPS %d(SI), Y8", 32*i)
	s.op("VMINPS Y%d, Y8, Y%d", i, i)
	s.op("VMAXPS Y%d, Y8, Y%d", 4+i, 4+i)
}
