package main

import "fmt"

// What Go's assembler lacks, as the encoding of V0 operands: a product with
// element 0 of the second operand, and four additions, maxima and minima.
const (
	fmlaElement = 0x4F801000
	fadd        = 0x4E20D400
	fmax        = 0x4E20F400
	fmin        = 0x4EA0F400
)

// word writes the instruction d = n op m on four floats.
func (f *file) word(op, m, n, d int) { f.ins("WORD $0x%08X", op|m<<16|n<<5|d) }

// tilesARM64 is the tile kernels of one to six rows by 16 and by 8 columns.
func tilesARM64() []byte {
	f := &file{}
	f.head()
	for rows := 1; rows <= 6; rows++ {
		for _, vectors := range []int{4, 2} {
			sets := 1
			if rows*vectors <= 8 {
				sets = 2
			}
			tileARM64{file: f, rows: rows, vectors: vectors, sets: sets}.emit()
		}
	}
	return f.Bytes()
}

// tileARM64 writes one kernel; all columns count. Registers: R0 the struct, R1
// to R6 the rows of a, R7 the row of b, R8 its stride, R9 counts k, R10 the next
// entry of rows, R11 a, R12 the taps left, R13 c, R14 add, R15 the tiles left,
// R19 the zeros, R20 to R22 k, ldc and ldadd; R16 and R17 are free. Vectors: the
// sums first, then the row of b, then four of a.
type tileARM64 struct {
	*file
	rows, vectors, sets int
}

func (k tileARM64) sum(set, r, v int) int { return (set*k.rows+r)*k.vectors + v }
func (k tileARM64) b(v int) int           { return k.sets*k.rows*k.vectors + v }
func (k tileARM64) free(i int) int        { return 28 + i%4 }

func (k tileARM64) emit() {
	name := fmt.Sprintf("tile%dx%d", k.rows, 4*k.vectors)
	k.line("\n// func %s(t *tile)", name)
	k.line("TEXT ·%s(SB), NOSPLIT, $0-8", name)
	k.ins("MOVD t+0(FP), R0")
	for _, x := range []struct{ field, reg string }{
		{"rows", "R10"}, {"a", "R11"}, {"c", "R13"}, {"add", "R14"}, {"tiles", "R15"}, {"zero", "R19"}, {"k", "R20"},
		{"ldb", "R8"}, {"ldc", "R21"}, {"ldadd", "R22"},
	} {
		k.ins("MOVD tile_%s(R0), %s", x.field, x.reg)
	}
	for _, reg := range []string{"R8", "R21", "R22"} {
		k.ins("LSL $2, %s", reg)
	}
	k.line("\ntile:")
	k.start()
	k.ins("MOVD tile_b(R0), R7")
	k.ins("MOVD tile_taps(R0), R12")
	k.ins("CBZ R12, sums")
	k.line("\ntap:")
	k.tap()
	k.ins("SUB $1, R12")
	k.ins("CBNZ R12, tap")
	k.line("\nsums:")
	k.finish()
	k.ins("SUB $1, R15")
	k.ins("CBNZ R15, tile")
	k.ins("RET")
}

// start fills the sums with bias, add and what c holds.
func (k tileARM64) start() {
	for i := range k.b(0) {
		k.ins("VEOR V%[1]d.B16, V%[1]d.B16, V%[1]d.B16", i)
	}
	k.ins("MOVD tile_bias(R0), R16")
	k.ins("CBZ R16, bias")
	for v := range k.vectors {
		k.ins("FMOVQ %d(R16), F%d", 16*v, k.sum(0, 0, v))
		for r := 1; r < k.rows; r++ {
			k.ins("VMOV V%d.B16, V%d.B16", k.sum(0, 0, v), k.sum(0, r, v))
		}
	}
	k.line("\nbias:")
	k.ins("CBZ R14, add")
	k.ins("MOVD R14, R16")
	k.addRows("R22")
	k.ins("MOVD R16, R14")
	k.line("\nadd:")
	k.ins("MOVBU tile_accumulate(R0), R16")
	k.ins("CBZ R16, old")
	k.ins("MOVD R13, R16")
	k.addRows("R21")
	k.line("\nold:")
}

// addRows adds the rows from R16 on, which it leaves behind the last one.
func (k tileARM64) addRows(stride string) {
	for r := range k.rows {
		for v := range k.vectors {
			k.ins("FMOVQ %d(R16), F%d", 16*v, k.free(v))
			k.word(fadd, k.free(v), k.sum(0, r, v), k.sum(0, r, v))
		}
		k.ins("ADD %s, R16", stride)
	}
}

// tap loads the tap's rows and adds its products, two steps a round.
func (k tileARM64) tap() {
	for r := range k.rows {
		k.ins("MOVW.P 4(R10), R16")
		k.ins("ADD R16<<2, R11, R%d", 1+r)
		k.ins("CMP $0, R16")
		k.ins("CSEL LT, R19, R%[1]d, R%[1]d", 1+r)
	}
	k.ins("MOVD R20, R9")
	k.ins("CMP $2, R9")
	k.ins("BLT upto1")
	k.line("\nby2:")
	k.step(0)
	k.step(k.sets - 1)
	k.ins("SUB $2, R9")
	k.ins("CMP $2, R9")
	k.ins("BGE by2")
	k.line("\nupto1:")
	k.ins("CBZ R9, next")
	k.step(0)
	k.line("\nnext:")
}

func (k tileARM64) step(set int) {
	for v := range k.vectors {
		k.ins("FMOVQ %d(R7), F%d", 16*v, k.b(v))
	}
	k.ins("ADD R8, R7")
	for r := range k.rows {
		k.ins("FMOVS.P 4(R%d), F%d", 1+r, k.free(r))
		for v := range k.vectors {
			k.word(fmlaElement, k.free(r), k.b(v), k.sum(set, r, v))
		}
	}
}

// finish adds the sets up, clamps and stores.
func (k tileARM64) finish() {
	if k.sets == 2 {
		for i := range k.rows * k.vectors {
			k.word(fadd, k.sum(1, 0, 0)+i, i, i)
		}
	}
	k.ins("MOVBU tile_clamp(R0), R16")
	k.ins("CBZ R16, store")
	k.limits("tile", "R16", 28, 29)
	for i := range k.rows * k.vectors {
		k.word(fmax, 28, i, i)
		k.word(fmin, 29, i, i)
	}
	k.line("\nstore:")
	for r := range k.rows {
		for v := range k.vectors {
			k.ins("FMOVQ F%d, %d(R13)", k.sum(0, r, v), 16*v)
		}
		k.ins("ADD R21, R13")
	}
}

// limits loads the struct's lo and hi into all lanes of two vectors.
func (f *file) limits(name, reg string, lo, hi int) {
	f.ins("MOVWU %s_lo(R0), %s", name, reg)
	f.ins("VDUP %s, V%d.S4", reg, lo)
	f.ins("MOVWU %s_hi(R0), %s", name, reg)
	f.ins("VDUP %s, V%d.S4", reg, hi)
}
