package main

// transposeAMD64 is the kernel that turns eight rows into eight columns of a
// panel, eight by eight floats at a time: pairs are interleaved within halves of
// a register, then pairs of pairs, then the halves change places.
func transposeAMD64() []byte {
	f := &file{}
	f.head()
	f.line("\n// func transpose8(panel, b *float32, ldb, blocks int)")
	f.line("TEXT ·transpose8(SB), NOSPLIT, $0-32")
	f.ins("MOVQ panel+0(FP), DI")
	f.ins("MOVQ b+8(FP), SI")
	f.ins("MOVQ ldb+16(FP), DX")
	f.ins("MOVQ blocks+24(FP), CX")
	f.ins("SHLQ $2, DX")
	f.ins("LEAQ (DX)(DX*2), R8")
	f.ins("LEAQ (SI)(DX*4), R9")
	f.line("\nblock:")
	for i, base := range []string{"SI", "R9"} {
		for j, row := range []string{"", "(DX*1)", "(DX*2)", "(R8*1)"} {
			f.ins("VMOVUPS (%s)%s, Y%d", base, row, 4*i+j)
		}
	}
	for i := 0; i < 8; i += 2 {
		f.ins("VUNPCKLPS Y%d, Y%d, Y%d", i+1, i, 8+i)
		f.ins("VUNPCKHPS Y%d, Y%d, Y%d", i+1, i, 9+i)
	}
	for i := range 4 {
		from := 8 + i/2*4 + i%2
		f.ins("VSHUFPS $0x44, Y%d, Y%d, Y%d", from+2, from, 2*i)
		f.ins("VSHUFPS $0xEE, Y%d, Y%d, Y%d", from+2, from, 2*i+1)
	}
	for i := range 4 {
		f.ins("VPERM2F128 $0x20, Y%d, Y%d, Y%d", i+4, i, 8+i)
		f.ins("VPERM2F128 $0x31, Y%d, Y%d, Y%d", i+4, i, 12+i)
	}
	for i := range 8 {
		f.ins("VMOVUPS Y%d, %d(DI)", 8+i, 64*i)
	}
	f.ins("ADDQ $32, SI")
	f.ins("ADDQ $32, R9")
	f.ins("ADDQ $512, DI")
	f.ins("DECQ CX")
	f.ins("JNE block")
	f.ins("VZEROUPPER")
	f.ins("RET")
	f.gather()
	return f.Bytes()
}

// gather writes the kernel that copies rows of 16 columns into a panel, two at a
// time.
func (f *file) gather() {
	f.line("\n// func gather16(panel, b *float32, ldb, pairs int)")
	f.line("TEXT ·gather16(SB), NOSPLIT, $0-32")
	f.ins("MOVQ panel+0(FP), DI")
	f.ins("MOVQ b+8(FP), SI")
	f.ins("MOVQ ldb+16(FP), DX")
	f.ins("MOVQ pairs+24(FP), CX")
	f.ins("SHLQ $2, DX")
	f.line("\npair:")
	for i, from := range []string{"(SI)", "32(SI)", "(SI)(DX*1)", "32(SI)(DX*1)"} {
		f.ins("VMOVUPS %s, Y%d", from, i)
	}
	for i := range 4 {
		f.ins("VMOVUPS Y%d, %d(DI)", i, 32*i)
	}
	f.ins("LEAQ (SI)(DX*2), SI")
	f.ins("ADDQ $128, DI")
	f.ins("DECQ CX")
	f.ins("JNE pair")
	f.ins("VZEROUPPER")
	f.ins("RET")
}
