package main

import "fmt"

// stripsAMD64 is the depthwise kernels of one to six pixels.
func stripsAMD64() []byte {
	f := &file{}
	f.head()
	for pixels := 1; pixels <= 6; pixels++ {
		stripAMD64{file: f, pixels: pixels}.emit()
	}
	return f.Bytes()
}

// stripAMD64 writes one kernel. Registers: DI the struct; SI and R11 the place
// in the image and in the weights at this tap, BX and R13 the same at the first
// tap of the kernel row; R8 and R9 one and three pixels, R10 and R12 a kernel
// column in image and weights; AX the channel in bytes, DX the channels left, R14
// kernel rows and CX columns left, R15 is free. Vectors: the sums, then the
// weights, then what masked loads need.
type stripAMD64 struct {
	*file
	pixels int
}

// block is a block of channels: so many vectors, the last of them masked or not.
type block struct {
	name    string
	vectors int
	masked  bool
}

func (b block) channels() int { return 8 * b.vectors }

func (k stripAMD64) emit() {
	blocks := []block{{"by16", 2, false}, {"by8", 1, false}, {"tail", 1, true}}
	if k.pixels <= 2 {
		blocks = append([]block{{"by32", 4, false}}, blocks...)
	}
	k.load()
	k.line("\nrun:")
	k.ins("XORQ AX, AX")
	k.ins("MOVQ strip_c(DI), DX")
	for i, b := range blocks {
		next := "done"
		if i < len(blocks)-1 {
			next = blocks[i+1].name
		}
		k.block(b, next)
	}
	k.line("\ndone:")
	for _, x := range []struct {
		name, step string
		off        int
	}{{"in", "inPix", 8}, {"out", "outPix", 16}, {"add", "addPix", 24}} {
		k.ins("MOVQ strip_%s(DI), R15", x.step)
		k.ins("SHLQ $2, R15")
		if k.pixels > 1 {
			k.ins("IMULQ $%d, R15", k.pixels)
		}
		k.ins("ADDQ R15, %s-%d(SP)", x.name, x.off)
	}
	k.ins("DECQ strips-32(SP)")
	k.ins("JNE run")
	k.ins("VZEROUPPER")
	k.ins("RET")
}

// load begins the function: what does not change goes to registers and locals.
func (k stripAMD64) load() {
	k.line("\n// func strip%d(s *strip)", k.pixels)
	k.line("TEXT ·strip%d(SB), NOSPLIT, $48-8", k.pixels)
	k.ins("MOVQ s+0(FP), DI")
	for i, name := range []string{"in", "out", "add", "strips"} {
		k.ins("MOVQ strip_%s(DI), AX", name)
		k.ins("MOVQ AX, %s-%d(SP)", name, 8*(i+1))
	}
	k.ins("MOVQ strip_inPix(DI), R8")
	k.ins("SHLQ $2, R8")
	k.ins("LEAQ (R8)(R8*2), R9")
	k.ins("MOVQ strip_inCol(DI), R10")
	k.ins("SHLQ $2, R10")
	k.ins("MOVQ strip_wCol(DI), R12")
	k.ins("SHLQ $2, R12")
	for i, name := range []string{"inRow", "wRow"} {
		k.ins("MOVQ strip_%s(DI), AX", name)
		k.ins("SHLQ $2, AX")
		k.ins("MOVQ AX, %s-%d(SP)", name, 40+8*i)
	}
}

func (k stripAMD64) sum(b block, x, v int) string { return fmt.Sprintf("Y%d", x*b.vectors+v) }
func (k stripAMD64) weight(b block, v int) string { return fmt.Sprintf("Y%d", k.pixels*b.vectors+v) }

const (
	stripMask = "Y15"
	stripFree = "Y14"
)

// pixel is the address of vector v of pixel x at SI.
func pixel(x, v int) string {
	return fmt.Sprintf("%d(SI)%s", 32*v, []string{"", "(R8*1)", "(R8*2)", "(R9*1)", "(R8*4)", "(R15*1)"}[x])
}

// block writes the loop over blocks of b's channels; what is left goes to next.
func (k stripAMD64) block(b block, next string) {
	k.line("\n%s:", b.name)
	if b.masked {
		k.ins("TESTQ DX, DX")
		k.ins("JEQ %s", next)
		k.ins("MOVQ strip_mask(DI), CX")
		k.ins("VMOVUPS (CX), %s", stripMask)
	} else {
		k.ins("CMPQ DX, $%d", b.channels())
		k.ins("JLT %s", next)
	}
	k.start(b)
	k.ins("MOVQ in-8(SP), BX")
	k.ins("ADDQ AX, BX")
	k.ins("MOVQ strip_w(DI), R13")
	k.ins("ADDQ AX, R13")
	k.ins("MOVQ strip_rows(DI), R14")
	k.ins("LEAQ (R8)(R8*4), R15")
	k.line("\n%sRow:", b.name)
	k.ins("MOVQ BX, SI")
	k.ins("MOVQ R13, R11")
	k.ins("MOVQ strip_cols(DI), CX")
	k.ins("PCALIGN $16")
	k.line("\n%sTap:", b.name)
	k.tap(b)
	k.ins("ADDQ R10, SI")
	k.ins("ADDQ R12, R11")
	k.ins("DECQ CX")
	k.ins("JNE %sTap", b.name)
	k.ins("ADDQ inRow-40(SP), BX")
	k.ins("ADDQ wRow-48(SP), R13")
	k.ins("DECQ R14")
	k.ins("JNE %sRow", b.name)
	k.finish(b)
	if b.masked {
		return
	}
	k.ins("ADDQ $%d, AX", 4*b.channels())
	k.ins("SUBQ $%d, DX", b.channels())
	k.ins("JMP %s", b.name)
}

func (k stripAMD64) tap(b block) {
	for v := range b.vectors {
		k.ins("VMOVUPS %d(R11), %s", 32*v, k.weight(b, v))
	}
	for x := range k.pixels {
		for v := range b.vectors {
			from := pixel(x, v)
			if b.masked {
				k.ins("VMASKMOVPS %s, %s, %s", from, stripMask, stripFree)
				from = stripFree
			}
			k.ins("VFMADD231PS %s, %s, %s", from, k.weight(b, v), k.sum(b, x, v))
		}
	}
}

// start fills the sums with bias, add and what out holds.
func (k stripAMD64) start(b block) {
	for x := range k.pixels {
		for v := range b.vectors {
			k.ins("VXORPS %[1]s, %[1]s, %[1]s", k.sum(b, x, v))
		}
	}
	k.ins("MOVQ strip_bias(DI), BX")
	k.ins("TESTQ BX, BX")
	k.ins("JEQ %sBias", b.name)
	for v := range b.vectors {
		if b.masked {
			k.ins("VMASKMOVPS (BX)(AX*1), %s, %s", stripMask, k.sum(b, 0, v))
		} else {
			k.ins("VMOVUPS %d(BX)(AX*1), %s", 32*v, k.sum(b, 0, v))
		}
		for x := 1; x < k.pixels; x++ {
			k.ins("VMOVAPS %s, %s", k.sum(b, 0, v), k.sum(b, x, v))
		}
	}
	k.line("\n%sBias:", b.name)
	k.ins("CMPQ strip_add(DI), $0")
	k.ins("JEQ %sAdd", b.name)
	k.ins("MOVQ add-24(SP), BX")
	k.ins("MOVQ strip_addPix(DI), R15")
	k.addPixels(b)
	k.line("\n%sAdd:", b.name)
	k.ins("CMPB strip_accumulate(DI), $0")
	k.ins("JEQ %sOld", b.name)
	k.ins("MOVQ out-16(SP), BX")
	k.ins("MOVQ strip_outPix(DI), R15")
	k.addPixels(b)
	k.line("\n%sOld:", b.name)
}

// addPixels adds the pixels from BX on, R15 floats apart.
func (k stripAMD64) addPixels(b block) {
	for x := range k.pixels {
		for v := range b.vectors {
			to := k.sum(b, x, v)
			if b.masked {
				k.ins("VMASKMOVPS (BX)(AX*1), %s, %s", stripMask, stripFree)
				k.ins("VADDPS %s, %s, %s", stripFree, to, to)
			} else {
				k.ins("VADDPS %d(BX)(AX*1), %s, %s", 32*v, to, to)
			}
		}
		if x < k.pixels-1 {
			k.ins("LEAQ (BX)(R15*4), BX")
		}
	}
}

// finish clamps and stores.
func (k stripAMD64) finish(b block) {
	k.ins("CMPB strip_clamp(DI), $0")
	k.ins("JEQ %sStore", b.name)
	lo, hi := k.weight(b, 0), stripFree
	k.ins("VBROADCASTSS strip_lo(DI), %s", lo)
	k.ins("VBROADCASTSS strip_hi(DI), %s", hi)
	for x := range k.pixels {
		for v := range b.vectors {
			to := k.sum(b, x, v)
			k.ins("VMAXPS %s, %s, %s", to, lo, to)
			k.ins("VMINPS %s, %s, %s", to, hi, to)
		}
	}
	k.line("\n%sStore:", b.name)
	k.ins("MOVQ out-16(SP), BX")
	k.ins("MOVQ strip_outPix(DI), R15")
	for x := range k.pixels {
		for v := range b.vectors {
			if b.masked {
				k.ins("VMASKMOVPS %s, %s, (BX)(AX*1)", k.sum(b, x, v), stripMask)
			} else {
				k.ins("VMOVUPS %s, %d(BX)(AX*1)", k.sum(b, x, v), 32*v)
			}
		}
		if x < k.pixels-1 {
			k.ins("LEAQ (BX)(R15*4), BX")
		}
	}
}
