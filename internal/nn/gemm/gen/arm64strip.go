package main

// stripsARM64 is the depthwise kernels of one to six pixels.
func stripsARM64() []byte {
	f := &file{}
	f.head()
	for pixels := 1; pixels <= 6; pixels++ {
		stripARM64{file: f, pixels: pixels}.emit()
	}
	return f.Bytes()
}

// stripARM64 writes one kernel. Registers: R0 the struct; R1 to R4, R17 and R26
// the pixels and R5 the weights at this tap; R6 and R7 the first pixel and the weights at
// the first tap of the kernel row; R8 and R9 kernel rows and columns left; R10
// the channel in bytes and R11 the channels left; R12 to R14 in, out and add of
// this run and R15 the runs left; R19 to R22 inPix, inCol, inRow and wCol, R23
// wRow, R24 outPix and R25 addPix in bytes; R16 is free. Vectors: the
// sums, then the weights, then V28 to V31 free.
type stripARM64 struct {
	*file
	pixels int
}

var pixelRegisters = []string{"R1", "R2", "R3", "R4", "R17", "R26"}

// lanes is a block of channels: so many vectors, or one channel alone.
type lanes struct {
	name    string
	vectors int
	single  bool
}

func (b lanes) channels() int {
	if b.single {
		return 1
	}
	return 4 * b.vectors
}

func (k stripARM64) sum(b lanes, x, v int) int { return x*b.vectors + v }
func (k stripARM64) weight(v int) int          { return 24 + v }

// load loads the vector v of the block at a register.
func (k stripARM64) load(b lanes, reg string, v, to int) {
	if b.single {
		k.ins("FMOVS (%s), F%d", reg, to)
	} else {
		k.ins("FMOVQ %d(%s), F%d", 16*v, reg, to)
	}
}

func (k stripARM64) emit() {
	k.line("\n// func strip%d(s *strip)", k.pixels)
	k.line("TEXT ·strip%d(SB), NOSPLIT, $0-8", k.pixels)
	k.ins("MOVD s+0(FP), R0")
	for _, x := range []struct{ field, reg string }{
		{"in", "R12"}, {"out", "R13"}, {"add", "R14"}, {"strips", "R15"}, {"inPix", "R19"}, {"inCol", "R20"},
		{"inRow", "R21"}, {"wCol", "R22"}, {"wRow", "R23"}, {"outPix", "R24"}, {"addPix", "R25"},
	} {
		k.ins("MOVD strip_%s(R0), %s", x.field, x.reg)
	}
	for reg := 19; reg <= 25; reg++ {
		k.ins("LSL $2, R%d", reg)
	}
	k.line("\nrun:")
	k.ins("MOVD ZR, R10")
	k.ins("MOVD strip_c(R0), R11")
	blocks := []lanes{{"by16", 4, false}, {"by4", 1, false}, {"by1", 1, true}}
	for i, b := range blocks {
		next := "done"
		if i < len(blocks)-1 {
			next = blocks[i+1].name
		}
		k.block(b, next)
	}
	k.line("\ndone:")
	k.ins("MOVD $%d, R16", k.pixels)
	k.ins("MADD R16, R12, R19, R12")
	k.ins("MADD R16, R13, R24, R13")
	k.ins("CBZ R14, moved")
	k.ins("MADD R16, R14, R25, R14")
	k.line("\nmoved:")
	k.ins("SUB $1, R15")
	k.ins("CBNZ R15, run")
	k.ins("RET")
}

// block writes the loop over blocks of b's channels; what is left goes to next.
func (k stripARM64) block(b lanes, next string) {
	k.line("\n%s:", b.name)
	k.ins("CMP $%d, R11", b.channels())
	k.ins("BLT %s", next)
	k.start(b)
	k.ins("ADD R10, R12, R6")
	k.ins("MOVD strip_w(R0), R7")
	k.ins("ADD R10, R7")
	k.ins("MOVD strip_rows(R0), R8")
	k.line("\n%sRow:", b.name)
	k.ins("MOVD R6, R1")
	for x := 1; x < k.pixels; x++ {
		k.ins("ADD R19, %s, %s", pixelRegisters[x-1], pixelRegisters[x])
	}
	k.ins("MOVD R7, R5")
	k.ins("MOVD strip_cols(R0), R9")
	k.line("\n%sTap:", b.name)
	for v := range b.vectors {
		k.load(b, "R5", v, k.weight(v))
	}
	k.ins("ADD R22, R5")
	for x := range k.pixels {
		for v := range b.vectors {
			free := 28 + (x+v)%4
			k.load(b, pixelRegisters[x], v, free)
			k.ins("VFMLA V%d.S4, V%d.S4, V%d.S4", free, k.weight(v), k.sum(b, x, v))
		}
		k.ins("ADD R20, %s", pixelRegisters[x])
	}
	k.ins("SUB $1, R9")
	k.ins("CBNZ R9, %sTap", b.name)
	k.ins("ADD R21, R6")
	k.ins("ADD R23, R7")
	k.ins("SUB $1, R8")
	k.ins("CBNZ R8, %sRow", b.name)
	k.finish(b)
	k.ins("ADD $%d, R10", 4*b.channels())
	k.ins("SUB $%d, R11", b.channels())
	k.ins("B %s", b.name)
}

// start fills the sums with bias, add and what out holds.
func (k stripARM64) start(b lanes) {
	for i := range k.pixels * b.vectors {
		k.ins("VEOR V%[1]d.B16, V%[1]d.B16, V%[1]d.B16", i)
	}
	k.ins("MOVD strip_bias(R0), R16")
	k.ins("CBZ R16, %sBias", b.name)
	k.ins("ADD R10, R16")
	for v := range b.vectors {
		k.load(b, "R16", v, k.sum(b, 0, v))
		for x := 1; x < k.pixels; x++ {
			k.ins("VMOV V%d.B16, V%d.B16", k.sum(b, 0, v), k.sum(b, x, v))
		}
	}
	k.line("\n%sBias:", b.name)
	k.ins("CBZ R14, %sAdd", b.name)
	k.ins("ADD R10, R14, R16")
	k.addPixels(b, "R25")
	k.line("\n%sAdd:", b.name)
	k.ins("MOVBU strip_accumulate(R0), R16")
	k.ins("CBZ R16, %sOld", b.name)
	k.ins("ADD R10, R13, R16")
	k.addPixels(b, "R24")
	k.line("\n%sOld:", b.name)
}

func (k stripARM64) addPixels(b lanes, stride string) {
	for x := range k.pixels {
		for v := range b.vectors {
			k.load(b, "R16", v, 28)
			k.word(fadd, 28, k.sum(b, x, v), k.sum(b, x, v))
		}
		k.ins("ADD %s, R16", stride)
	}
}

// finish clamps and stores.
func (k stripARM64) finish(b lanes) {
	k.ins("MOVBU strip_clamp(R0), R16")
	k.ins("CBZ R16, %sStore", b.name)
	k.limits("strip", "R16", 28, 29)
	for i := range k.pixels * b.vectors {
		k.word(fmax, 28, i, i)
		k.word(fmin, 29, i, i)
	}
	k.line("\n%sStore:", b.name)
	k.ins("ADD R10, R13, R16")
	for x := range k.pixels {
		for v := range b.vectors {
			if b.single {
				k.ins("FMOVS F%d, (R16)", k.sum(b, x, v))
			} else {
				k.ins("FMOVQ F%d, %d(R16)", k.sum(b, x, v), 16*v)
			}
		}
		k.ins("ADD R24, R16")
	}
}
