package main

func floatARM64() string {
	s := newSource()
	s.neonFinish("correctAsm", false)
	s.neonFinish("floatAsm", true)
	s.neonSum()
	return s.String()
}

// neonFinish adds correctAsm or floatAsm. The columns' parameters stay in
// registers: base in V25 to V28, factors in V8 to V11, scales in V12 to V15 and
// biases in V16 to V19.
func (s *source) neonFinish(name string, float bool) {
	s.lines(`

// func ` + name + `(f *finishing)
TEXT ·` + name + `(SB), NOSPLIT, $0-8
	MOVD f+0(FP), R0
	MOVD 0(R0), R1
	MOVD 24(R0), R4
	MOVD 40(R0), R6
	MOVD 48(R0), R7
	MOVD 56(R0), R8
	MOVD 72(R0), R10
	MOVD 80(R0), R11
	MOVD 96(R0), R13
	VLD1 (R13), [V25.S4, V26.S4, V27.S4, V28.S4]
	MOVD 104(R0), R13
	VLD1 (R13), [V8.S4, V9.S4, V10.S4, V11.S4]
	MOVD 112(R0), R14`)
	if float {
		s.lines(`
	MOVD 8(R0), R2
	MOVD 16(R0), R3
	MOVD 32(R0), R5
	MOVD 64(R0), R9
	MOVD 88(R0), R12
	MOVD 120(R0), R13
	VLD1 (R13), [V12.S4, V13.S4, V14.S4, V15.S4]
	MOVD 128(R0), R13
	VLD1 (R13), [V16.S4, V17.S4, V18.S4, V19.S4]
	ADD $144, R0, R13
	VLD1R (R13), [V20.S4]
	ADD $148, R0, R13
	VLD1R (R13), [V21.S4]`)
	}
	s.label("row")
	s.lines(`
	VLD1R (R7), [V22.S4]
	VLD1R (R8), [V23.S4]
	VLD1 (R14), [V4.S4, V5.S4, V6.S4, V7.S4]
	VLD1 (R1), [V0.S4, V1.S4, V2.S4, V3.S4]
	ADD R10, R7
	ADD R11, R8`)
	for i := range 4 {
		s.op("VSUB V%d.S4, V%d.S4, V%d.S4", 25+i, i, i)
		s.vec("MLS", 22, 8+i, i)
		s.vec("MLS", 23, 4+i, i)
	}
	if float {
		s.neonFloat()
	} else {
		s.op("VST1 [V0.S4, V1.S4, V2.S4, V3.S4], (R1)")
		s.op("ADD R4, R1")
	}
	s.op("SUB $1, R6")
	s.op("CBNZ R6, row")
	s.op("RET")
}

func (s *source) neonFloat() {
	s.op("VLD1R (R9), [V24.S4]")
	s.op("ADD R12, R9")
	s.op("ADD $64, R1")
	for i := range 4 {
		s.conv("SCVTF", i, i)
		s.vec("FMUL", 24, 12+i, 4+i)
		s.vec("FMUL", 4+i, i, i)
		s.vec("FADD", 16+i, i, i)
	}
	s.op("CBZ R3, clamp")
	s.op("VLD1 (R3), [V4.S4, V5.S4, V6.S4, V7.S4]")
	s.op("ADD R5, R3")
	for i := range 4 {
		s.vec("FADD", 4+i, i, i)
	}
	s.label("clamp")
	for i := range 4 {
		s.vec("FMAX", 20, i, i)
		s.vec("FMIN", 21, i, i)
	}
	s.op("VST1 [V0.S4, V1.S4, V2.S4, V3.S4], (R2)")
	s.op("ADD R4, R2")
}

func (s *source) neonSum() {
	s.lines(`

// func sumAsm(x *uint8, n int, flip uint32) int64
TEXT ·sumAsm(SB), NOSPLIT, $0-32
	MOVD x+0(FP), R0
	MOVD n+8(FP), R1
	MOVWU flip+16(FP), R2
	VDUP R2, V3.S4`)
	s.zero(0)
	s.label("loop")
	s.op("VLD1.P 32(R0), [V1.B16, V2.B16]")
	for v := 1; v <= 2; v++ {
		s.op("VEOR V3.B16, V%d.B16, V%d.B16", v, v)
		s.conv("UADDLP", v, v)
		s.conv("UADALP", v, 0)
	}
	s.lines(`
	SUB $32, R1
	CBNZ R1, loop
	VUADDLV V0.S4, V0
	FMOVD F0, ret+24(FP)
	RET`)
}
