package main

func quantARM64() string {
	s := newSource()
	s.neonMinMax()
	s.lines(`

// func quantizeAsm(dst *uint8, x *float32, n int, scale float32, zero int32, flip uint32)
TEXT ·quantizeAsm(SB), NOSPLIT, $0-36
	MOVD dst+0(FP), R0
	MOVD x+8(FP), R1
	MOVD n+16(FP), R2
	MOVWU scale+24(FP), R3
	VDUP R3, V16.S4
	MOVW zero+28(FP), R4
	MOVWU flip+32(FP), R5`)
	s.neonNarrowing(func() {
		s.op("VLD1.P 32(R1), [V0.S4, V1.S4]")
		s.vec("FDIV", 16, 0, 0)
		s.vec("FDIV", 16, 1, 1)
	})
	s.lines(`

// func requantizeAsm(dst *uint8, acc *int32, n int, scale *float32, advance int, zero int32, flip uint32)
TEXT ·requantizeAsm(SB), NOSPLIT, $0-48
	MOVD dst+0(FP), R0
	MOVD acc+8(FP), R1
	MOVD n+16(FP), R2
	MOVD scale+24(FP), R3
	MOVD advance+32(FP), R6
	MOVW zero+40(FP), R4
	MOVWU flip+44(FP), R5`)
	s.neonNarrowing(func() {
		s.op("VLD1.P 32(R1), [V0.S4, V1.S4]")
		s.op("VLD1 (R3), [V2.S4, V3.S4]")
		s.op("ADD R6, R3")
		for i := range 2 {
			s.conv("SCVTF", i, i)
			s.vec("FMUL", 2+i, i, i)
		}
	})
	s.neonDequantize()
	return s.String()
}

// neonNarrowing adds the loop that rounds eight floats to bytes a round. The
// maximum of a number and NaN is the number, so NaN becomes the lower bound.
func (s *source) neonNarrowing(load func()) {
	s.lines(`
	VDUP R4, V17.S4
	NEG R4, R7
	VDUP R7, V18.S4
	MOVW $255, R8
	SUB R4, R8
	VDUP R8, V19.S4
	VDUP R5, V20.S4`)
	s.conv("SCVTF", 18, 18)
	s.conv("SCVTF", 19, 19)
	s.label("by8")
	load()
	for i := range 2 {
		s.vec("FMAXNM", 18, i, i)
		s.vec("FMINNM", 19, i, i)
		s.conv("FCVTNS", i, i)
		s.op("VADD V17.S4, V%d.S4, V%d.S4", i, i)
	}
	s.conv("SQXTN", 0, 4)
	s.conv("SQXTN2", 1, 4)
	s.conv("SQXTUN", 4, 4)
	s.lines(`
	VEOR V20.B16, V4.B16, V4.B16
	FMOVD.P F4, 8(R0)
	SUB $8, R2
	CBNZ R2, by8
	RET`)
}

func (s *source) neonDequantize() {
	s.lines(`

// func dequantizeAsm(dst *float32, x *uint8, n int, scale float32, zero int32, flip uint32)
TEXT ·dequantizeAsm(SB), NOSPLIT, $0-36
	MOVD dst+0(FP), R0
	MOVD x+8(FP), R1
	MOVD n+16(FP), R2
	MOVWU scale+24(FP), R3
	VDUP R3, V16.S4
	MOVW zero+28(FP), R4
	VDUP R4, V17.S4
	MOVWU flip+32(FP), R5
	VDUP R5, V18.S4

by8:
	FMOVD.P 8(R1), F2
	VEOR V18.B16, V2.B16, V2.B16
	VUXTL V2.B8, V2.H8
	VUXTL V2.H4, V0.S4
	VUXTL2 V2.H8, V1.S4`)
	for i := range 2 {
		s.op("VSUB V17.S4, V%d.S4, V%d.S4", i, i)
		s.conv("SCVTF", i, i)
		s.vec("FMUL", 16, i, i)
	}
	s.lines(`
	VST1.P [V0.S4, V1.S4], 32(R0)
	SUB $8, R2
	CBNZ R2, by8
	RET`)
}

// neonMinMax compares and selects, as a comparison with any NaN is false.
func (s *source) neonMinMax() {
	s.lines(`

// func minMaxAsm(x *float32, n int) (lo, hi float32)
TEXT ·minMaxAsm(SB), NOSPLIT, $0-24
	MOVD x+0(FP), R0
	MOVD n+8(FP), R1`)
	for i := range 4 {
		s.zero(i)
	}
	s.label("by8")
	s.op("VLD1.P 32(R0), [V4.S4, V5.S4]")
	for i := range 2 {
		s.keep(4+i, i, 2+i)
	}
	s.op("SUB $8, R1")
	s.op("CBNZ R1, by8")
	s.keep(1, 0, 2)
	s.keep(3, 0, 2)
	for _, bytes := range []int{8, 4} {
		for _, v := range []int{0, 2} {
			s.op("VEXT $%d, V%d.B16, V%d.B16, V%d.B16", bytes, v, v, 4+v)
		}
		s.keep(4, 0, 2)
		s.keep(6, 0, 2)
	}
	s.lines(`
	FMOVS F0, lo+16(FP)
	FMOVS F2, hi+20(FP)
	RET`)
}

// keep takes x into the minimum lo and the maximum hi.
func (s *source) keep(x, lo, hi int) {
	s.vec("FCMGT", x, lo, 7)
	s.vec("BIT", 7, x, lo)
	s.vec("FCMGT", hi, x, 7)
	s.vec("BIT", 7, x, hi)
}
