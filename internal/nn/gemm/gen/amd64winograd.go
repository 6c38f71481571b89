package main

// winogradAMD64 is the transforms of minimal filtering, eight channels at a time.
func winogradAMD64() []byte {
	f := &file{}
	f.head()
	f.winogradIn()
	f.winogradOut()
	return f.Bytes()
}

// winogradIn writes four passes, one for each row of the transformed tile, which is
// made of two rows of the tile. Registers: DI the struct; SI, R8, R9, R10 the pixels
// of the first row and R11, R12, R13, BX of the second; DX the destination, R15 and
// R14 one and three planes; CX the place, AX its end.
func (f *file) winogradIn() {
	f.line("\n// func winogradIn(t *tileIn)")
	f.line("TEXT ·winogradIn(SB), NOSPLIT, $0-8")
	f.ins("MOVQ t+0(FP), DI")
	f.ins("MOVQ tileIn_plane(DI), R15")
	f.ins("SHLQ $2, R15")
	f.ins("LEAQ (R15)(R15*2), R14")
	f.ins("MOVQ tileIn_dst(DI), DX")
	rows := []struct {
		a, b int
		op   string
	}{{0, 2, "VSUBPS"}, {1, 2, "VADDPS"}, {2, 1, "VSUBPS"}, {1, 3, "VSUBPS"}}
	first, second := []string{"SI", "R8", "R9", "R10"}, []string{"R11", "R12", "R13", "BX"}
	for i, row := range rows {
		for j := range 4 {
			f.pixel(4*row.a+j, first[j])
			f.pixel(4*row.b+j, second[j])
		}
		f.ins("MOVQ tileIn_n(DI), AX")
		f.ins("SHLQ $2, AX")
		f.ins("XORQ CX, CX")
		f.line("\nrow%d:", i)
		for j := range 4 {
			f.ins("VMOVUPS (%s)(CX*1), Y%d", first[j], j)
			f.ins("%s (%s)(CX*1), Y%d, Y%d", row.op, second[j], j, j)
		}
		f.ins("VSUBPS Y2, Y0, Y4")
		f.ins("VADDPS Y2, Y1, Y5")
		f.ins("VSUBPS Y1, Y2, Y6")
		f.ins("VSUBPS Y3, Y1, Y7")
		f.ins("VMOVUPS Y4, (DX)")
		f.ins("VMOVUPS Y5, (DX)(R15*1)")
		f.ins("VMOVUPS Y6, (DX)(R15*2)")
		f.ins("VMOVUPS Y7, (DX)(R14*1)")
		f.ins("ADDQ $32, DX")
		f.ins("ADDQ $32, CX")
		f.ins("CMPQ CX, AX")
		f.ins("JLT row%d", i)
		f.ins("SUBQ AX, DX")
		f.ins("LEAQ (DX)(R15*4), DX")
	}
	f.ins("VZEROUPPER")
	f.ins("RET")
}

// pixel loads the place of a pixel of the tile.
func (f *file) pixel(i int, reg string) {
	f.ins("MOVLQSX tileIn_at+%d(DI), CX", 4*i)
	f.ins("MOVQ tileIn_x(DI), AX")
	f.ins("LEAQ (AX)(CX*4), %s", reg)
	f.ins("TESTQ CX, CX")
	f.ins("CMOVQLT tileIn_zero(DI), %s", reg)
}

// winogradOut writes the way back. Registers: DI the struct; R8 to R11 the rows of
// planes, R15 and R14 one and three planes; CX the place and DX its end; AX and BX
// are free. Vectors: 0 to 7 the half-transformed tile, 8 to 11 the pixels, 14 and 15
// the bounds.
func (f *file) winogradOut() {
	f.line("\n// func winogradOut(t *tileOut)")
	f.line("TEXT ·winogradOut(SB), NOSPLIT, $0-8")
	f.ins("MOVQ t+0(FP), DI")
	f.ins("MOVQ tileOut_plane(DI), R15")
	f.ins("SHLQ $2, R15")
	f.ins("LEAQ (R15)(R15*2), R14")
	f.ins("MOVQ tileOut_src(DI), R8")
	f.ins("LEAQ (R8)(R15*4), R9")
	f.ins("LEAQ (R9)(R15*4), R10")
	f.ins("LEAQ (R10)(R15*4), R11")
	f.ins("MOVQ tileOut_n(DI), DX")
	f.ins("SHLQ $2, DX")
	f.ins("XORQ CX, CX")
	f.ins("VBROADCASTSS tileOut_lo(DI), Y14")
	f.ins("VBROADCASTSS tileOut_hi(DI), Y15")
	f.line("\nnext:")
	for j, at := range []string{"", "(R15*1)", "(R15*2)", "(R14*1)"} {
		f.ins("VMOVUPS (R9)%s, Y12", at)
		f.ins("VMOVUPS (R10)%s, Y13", at)
		f.ins("VADDPS Y13, Y12, Y%d", j)
		f.ins("VADDPS (R8)%s, Y%d, Y%d", at, j, j)
		f.ins("VSUBPS Y13, Y12, Y%d", 4+j)
		f.ins("VSUBPS (R11)%s, Y%d, Y%d", at, 4+j, 4+j)
	}
	f.ins("MOVQ tileOut_bias(DI), AX")
	f.ins("VMOVUPS (AX)(CX*1), Y12")
	for r := range 2 {
		s := 4 * r
		f.ins("VADDPS Y%d, Y%d, Y%d", s+2, s+1, 8+2*r)
		f.ins("VADDPS Y%d, Y%d, Y%d", s, 8+2*r, 8+2*r)
		f.ins("VSUBPS Y%d, Y%d, Y%d", s+2, s+1, 9+2*r)
		f.ins("VSUBPS Y%d, Y%d, Y%d", s+3, 9+2*r, 9+2*r)
	}
	for i := range 4 {
		f.ins("VADDPS Y12, Y%d, Y%d", 8+i, 8+i)
	}
	f.ins("MOVQ tileOut_add(DI), AX")
	f.ins("TESTQ AX, AX")
	f.ins("JEQ added")
	for i := range 4 {
		f.ins("MOVQ tileOut_add+%d(DI), AX", 8*i)
		f.ins("VADDPS (AX)(CX*1), Y%d, Y%d", 8+i, 8+i)
	}
	f.line("\nadded:")
	f.ins("MOVQ tileOut_clamp(DI), AX")
	f.ins("TESTQ AX, AX")
	f.ins("JEQ store")
	for i := range 4 { // NaN, as the second source, stays
		f.ins("VMAXPS Y%d, Y14, Y%d", 8+i, 8+i)
		f.ins("VMINPS Y%d, Y15, Y%d", 8+i, 8+i)
	}
	f.line("\nstore:")
	for i := range 4 {
		f.ins("MOVQ tileOut_dst+%d(DI), AX", 8*i)
		f.ins("VMOVUPS Y%d, (AX)(CX*1)", 8+i)
	}
	for _, r := range []string{"R8", "R9", "R10", "R11", "CX"} {
		f.ins("ADDQ $32, %s", r)
	}
	f.ins("CMPQ CX, DX")
	f.ins("JLT next")
	f.ins("VZEROUPPER")
	f.ins("RET")
}
