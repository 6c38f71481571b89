package main

import "fmt"

// tilesAMD64 is the tile kernels of one to six rows by 16 and by 8 columns.
func tilesAMD64() []byte {
	f := &file{}
	f.head()
	for rows := 1; rows <= 6; rows++ {
		for _, vectors := range []int{2, 1} {
			tileAMD64{file: f, rows: rows, vectors: vectors, sets: sumSets(rows * vectors)}.emit()
		}
	}
	return f.Bytes()
}

// sumSets says how many independent sums an output of a tile of n registers has:
// two additions start in each cycle and take four, so eight must be under way.
func sumSets(n int) int {
	switch {
	case n >= 7:
		return 1
	case n >= 4:
		return 2
	}
	return 4
}

// tileAMD64 writes one kernel. Registers: DI the struct, SI and R8 to R12 the
// rows of a, BX the row of b, DX its stride, CX counts k, R13 the next entry of
// rows, R14 a and R15 the taps left; AX is free. Vectors: the sums first, then
// the row of b, then the broadcast values.
type tileAMD64 struct {
	*file
	rows, vectors, sets int
}

var rowRegisters = []string{"SI", "R8", "R9", "R10", "R11", "R12"}

func (k tileAMD64) sum(set, r, v int) string {
	return fmt.Sprintf("Y%d", (set*k.rows+r)*k.vectors+v)
}

func (k tileAMD64) b(v int) string { return fmt.Sprintf("Y%d", k.sets*k.rows*k.vectors+v) }

func (k tileAMD64) free(i int) string {
	first := (k.sets*k.rows + 1) * k.vectors
	return fmt.Sprintf("Y%d", first+i%(16-first))
}

func (k tileAMD64) emit() {
	k.line("\n// func tile%dx%d(t *tile)", k.rows, 8*k.vectors)
	k.line("TEXT ·tile%dx%d(SB), NOSPLIT, $24-8", k.rows, 8*k.vectors)
	k.ins("MOVQ t+0(FP), DI")
	k.ins("MOVQ tile_rows(DI), R13")
	k.ins("MOVQ tile_c(DI), AX")
	k.ins("MOVQ AX, c-8(SP)")
	k.ins("MOVQ tile_add(DI), AX")
	k.ins("MOVQ AX, add-16(SP)")
	k.ins("MOVQ tile_tiles(DI), AX")
	k.ins("MOVQ AX, tiles-24(SP)")
	k.line("\ntile:")
	k.start()
	k.ins("MOVQ tile_ldb(DI), DX")
	k.ins("SHLQ $2, DX")
	k.ins("MOVQ tile_b(DI), BX")
	k.ins("MOVQ tile_a(DI), R14")
	k.ins("MOVQ tile_taps(DI), R15")
	k.ins("TESTQ R15, R15")
	k.ins("JEQ sums")
	k.line("\ntap:")
	k.pointers()
	k.loop()
	k.ins("DECQ R15")
	k.ins("JNE tap")
	k.line("\nsums:")
	k.finish()
	k.ins("DECQ tiles-24(SP)")
	k.ins("JNE tile")
	k.ins("VZEROUPPER")
	k.ins("RET")
}

// start fills the sums with bias, add and what c holds.
func (k tileAMD64) start() {
	k.ins("MOVQ tile_mask(DI), CX")
	for set := range k.sets {
		for r := range k.rows {
			for v := range k.vectors {
				k.ins("VXORPS %[1]s, %[1]s, %[1]s", k.sum(set, r, v))
			}
		}
	}
	k.ins("TESTQ CX, CX")
	k.ins("JNE maskedStart")
	k.startWith(false)
	k.ins("JMP started")
	k.line("\nmaskedStart:")
	k.startWith(true)
	k.line("\nstarted:")
}

// load reads the vector v of the row at AX into a register.
func (k tileAMD64) load(masked bool, v int, to string) {
	if !masked {
		k.ins("VMOVUPS %d(AX), %s", 32*v, to)
		return
	}
	k.ins("VMOVUPS %d(CX), %s", 32*v, k.b(v))
	k.ins("VMASKMOVPS %d(AX), %s, %s", 32*v, k.b(v), to)
}

func (k tileAMD64) startWith(masked bool) {
	name := "Whole"
	if masked {
		name = "Masked"
	}
	k.ins("MOVQ tile_bias(DI), AX")
	k.ins("TESTQ AX, AX")
	k.ins("JEQ bias%s", name)
	for v := range k.vectors {
		k.load(masked, v, k.sum(0, 0, v))
		for r := 1; r < k.rows; r++ {
			k.ins("VMOVAPS %s, %s", k.sum(0, 0, v), k.sum(0, r, v))
		}
	}
	k.line("\nbias%s:", name)
	k.ins("MOVQ add-16(SP), AX")
	k.ins("TESTQ AX, AX")
	k.ins("JEQ add%s", name)
	k.ins("MOVQ tile_ldadd(DI), DX")
	k.addRows(masked)
	k.line("\nadd%s:", name)
	k.ins("CMPB tile_accumulate(DI), $0")
	k.ins("JEQ old%s", name)
	k.ins("MOVQ c-8(SP), AX")
	k.ins("MOVQ tile_ldc(DI), DX")
	k.addRows(masked)
	k.line("\nold%s:", name)
}

// addRows adds the rows from AX on, DX floats apart.
func (k tileAMD64) addRows(masked bool) {
	for r := range k.rows {
		for v := range k.vectors {
			to := k.sum(0, r, v)
			if masked {
				k.load(true, v, k.free(v))
				k.ins("VADDPS %s, %s, %s", k.free(v), to, to)
			} else {
				k.ins("VADDPS %d(AX), %s, %s", 32*v, to, to)
			}
		}
		if r < k.rows-1 {
			k.ins("LEAQ (AX)(DX*4), AX")
		}
	}
}

// pointers loads the ends of this tap's rows, and minus k into CX.
func (k tileAMD64) pointers() {
	k.ins("MOVQ tile_k(DI), CX")
	for r := range k.rows {
		reg := rowRegisters[r]
		k.ins("MOVLQSX %d(R13), AX", 4*r)
		k.ins("LEAQ (R14)(AX*4), %s", reg)
		k.ins("TESTQ AX, AX")
		k.ins("CMOVQLT tile_zero(DI), %s", reg)
		k.ins("LEAQ (%s)(CX*4), %s", reg, reg)
	}
	k.ins("ADDQ $%d, R13", 4*k.rows)
	k.ins("NEGQ CX")
}

// loop adds the products of one tap, four steps a round and then one.
func (k tileAMD64) loop() {
	k.ins("ADDQ $4, CX")
	k.ins("JGT upto3")
	k.ins("PCALIGN $32")
	k.line("\nby4:")
	for u := range 4 {
		k.step(u%k.sets, 4*u-16)
	}
	k.ins("ADDQ $4, CX")
	k.ins("JLE by4")
	k.line("\nupto3:")
	k.ins("SUBQ $4, CX")
	k.ins("JEQ next")
	k.line("\nby1:")
	k.step(0, 0)
	k.ins("INCQ CX")
	k.ins("JNE by1")
	k.line("\nnext:")
}

func (k tileAMD64) step(set, off int) {
	for v := range k.vectors {
		k.ins("VMOVUPS %d(BX), %s", 32*v, k.b(v))
	}
	if off != 0 { // in the unrolled loop: weights come from memory, whose prefetcher stops at each page
		k.ins("PREFETCHT0 2048(BX)")
	}
	k.ins("ADDQ DX, BX")
	for r := range k.rows {
		k.ins("VBROADCASTSS %d(%s)(CX*4), %s", off, rowRegisters[r], k.free(r))
		for v := range k.vectors {
			k.ins("VFMADD231PS %s, %s, %s", k.free(r), k.b(v), k.sum(set, r, v))
		}
	}
}

// finish adds the sets up and clamps.
func (k tileAMD64) finish() {
	for step := k.sets / 2; step > 0; step /= 2 {
		for set := range step {
			for r := range k.rows {
				for v := range k.vectors {
					to := k.sum(set, r, v)
					k.ins("VADDPS %s, %s, %s", k.sum(set+step, r, v), to, to)
				}
			}
		}
	}
	k.ins("CMPB tile_clamp(DI), $0")
	k.ins("JEQ store")
	k.ins("VBROADCASTSS tile_lo(DI), %s", k.b(0))
	k.ins("VBROADCASTSS tile_hi(DI), %s", k.free(0))
	for r := range k.rows {
		for v := range k.vectors {
			to := k.sum(0, r, v)
			k.ins("VMAXPS %s, %s, %s", to, k.b(0), to)
			k.ins("VMINPS %s, %s, %s", to, k.free(0), to)
		}
	}
	k.storeTile()
}

// storeTile stores the rows and moves on to the next tile's.
func (k tileAMD64) storeTile() {
	k.line("\nstore:")
	k.ins("MOVQ c-8(SP), AX")
	k.ins("MOVQ tile_ldc(DI), DX")
	k.ins("MOVQ tile_mask(DI), CX")
	k.ins("TESTQ CX, CX")
	k.ins("JNE maskedStore")
	k.store(func(v int, from string) { k.ins("VMOVUPS %s, %d(AX)", from, 32*v) })
	k.ins("JMP stored")
	k.line("\nmaskedStore:")
	for v := range k.vectors {
		k.ins("VMOVUPS %d(CX), %s", 32*v, k.b(v))
	}
	k.store(func(v int, from string) { k.ins("VMASKMOVPS %s, %s, %d(AX)", from, k.b(v), 32*v) })
	k.line("\nstored:")
	k.ins("MOVQ AX, c-8(SP)")
	k.ins("MOVQ tile_ldadd(DI), DX")
	k.ins("MOVQ add-16(SP), AX")
	k.ins("TESTQ AX, AX")
	k.ins("JEQ moved")
	k.ins("IMULQ $%d, DX", 4*k.rows)
	k.ins("ADDQ DX, add-16(SP)")
	k.line("\nmoved:")
}

// store writes the rows from AX on and leaves AX behind the last one.
func (k tileAMD64) store(one func(v int, from string)) {
	for r := range k.rows {
		for v := range k.vectors {
			one(v, k.sum(0, r, v))
		}
		k.ins("LEAQ (AX)(DX*4), AX")
	}
}
