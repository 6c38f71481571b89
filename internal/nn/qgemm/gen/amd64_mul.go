package main

import "fmt"

// The largest tiles that the 16 registers hold: two of sums for each row, and
// three or eight for the rest.
const (
	fastRows  = 5
	exactRows = 4

	unrolledRows = 2  // tiles so low that the loop itself counts
	groupBytes   = 64 // of a group of the panel
)

func mulAMD64() string {
	s := newSource()
	s.constant("flip", 0x80808080)
	s.constant("evens", 0x00ff00ff)
	for _, flip := range []bool{false, true} {
		s.mulKernel("mulFast", fastRows, flip, (*source).fastGroup)
		s.mulKernel("mulExact", exactRows, flip, (*source).exactGroup)
	}
	return s.String()
}

// group adds the product of one group of four k, which begins at BX+b: at gives
// the operand of a row.
type group func(s *source, rows int, flip bool, b int, at func(row int) string)

func (s *source) mulKernel(name string, most int, flip bool, g group) {
	if flip {
		name += "Flipped"
	}
	fmt.Fprintf(s, "\n// func %s(t *tile)\nTEXT ·%s(SB), NOSPLIT, $0-8\n", name, name)
	s.lines(`
	MOVQ t+0(FP), DI
	MOVQ 0(DI), SI
	MOVQ 8(DI), BX
	MOVQ 16(DI), DX
	MOVQ 32(DI), R8
	MOVQ 40(DI), R12
	MOVQ 48(DI), CX
	MOVQ 56(DI), AX
	MOVQ 64(DI), R11
	LEAQ (R8)(R8*2), R9
	ADDQ SI, R9
	LEAQ (R12)(R12*2), R10
	ADDQ DX, R10`)
	if name[:7] == "mulFast" {
		s.op("VPCMPEQW Y12, Y12, Y12")
		s.op("VPSRLW $15, Y12, Y12")
	}
	for rows := 1; rows < most; rows++ {
		s.op("CMPQ AX, $%d", rows)
		s.op("JEQ rows%d", rows)
	}
	for rows := most; rows > 0; rows-- {
		s.rows(rows, flip, g)
	}
}

// rows adds the code for one height of tile.
func (s *source) rows(rows int, flip bool, g group) {
	s.label("rows%d", rows)
	for i := range 2 * rows {
		s.op("VPXOR Y%d, Y%d, Y%d", i, i, i)
	}
	s.op("TESTQ R11, R11")
	s.op("JZ start%d", rows)
	s.sums(rows, func(mem string, reg int) { s.op("VMOVDQU %s, Y%d", mem, reg) })
	s.label("start%d", rows)
	s.op("TESTQ CX, CX")
	s.op("JZ tail%d", rows)
	unroll := 1
	if rows <= unrolledRows {
		unroll = 2
		s.op("TESTQ $1, CX")
		s.op("JZ loop%d", rows)
		s.groups(rows, 1, flip, g)
		s.op("JZ tail%d", rows)
	}
	s.op("PCALIGN $32")
	s.label("loop%d", rows)
	s.groups(rows, unroll, flip, g)
	s.op("JNE loop%d", rows)
	s.label("tail%d", rows)
	s.op("MOVQ 24(DI), AX")
	s.op("TESTQ AX, AX")
	s.op("JZ store%d", rows)
	g(s, rows, flip, 0, func(row int) string { return fmt.Sprintf("%d(AX)", 4*row) })
	s.label("store%d", rows)
	s.sums(rows, func(mem string, reg int) { s.op("VMOVDQU Y%d, %s", reg, mem) })
	s.op("VZEROUPPER")
	s.op("RET")
}

// groups adds n groups and goes on behind them. The flags say whether CX is 0.
func (s *source) groups(rows, n int, flip bool, g group) {
	for i := range n {
		g(s, rows, flip, groupBytes*i, func(row int) string { return at("SI", "R9", "R8", row, 4*i) })
	}
	s.op("ADDQ $%d, BX", groupBytes*n)
	s.op("ADDQ $%d, SI", 4*n)
	if rows > 3 {
		s.op("ADDQ $%d, R9", 4*n)
	}
	s.op("SUBQ $%d, CX", n)
}

// sums calls f for each register of sums and its place in memory.
func (s *source) sums(rows int, f func(mem string, reg int)) {
	for row := range rows {
		for half := range 2 {
			f(at("DX", "R10", "R12", row, 32*half), 2*row+half)
		}
	}
}

// at addresses a row: base is row 0, third row 3, and stride their distance.
func at(base, third, stride string, row, offset int) string {
	if row >= 3 {
		base, row = third, row-3
	}
	return fmt.Sprintf("%d(%s)%s", offset, base, [...]string{"", "(" + stride + "*1)", "(" + stride + "*2)"}[row])
}

// fastGroup multiplies bytes and adds pairs in 16 bits, which weights within ±64
// cannot overflow, and pairs of those in 32.
func (s *source) fastGroup(rows int, flip bool, b int, at func(row int) string) {
	s.op("VMOVDQU %d(BX), Y10", b)
	s.op("VMOVDQU %d(BX), Y11", b+32)
	for row := range rows {
		a, b := 13+2*row%3, 13+(2*row+1)%3
		s.op("VPBROADCASTD %s, Y%d", at(row), a)
		if flip {
			s.op("VPXOR flip<>(SB), Y%d, Y%d", a, a)
		}
		s.op("VPMADDUBSW Y11, Y%d, Y%d", a, b)
		s.op("VPMADDUBSW Y10, Y%d, Y%d", a, a)
		s.op("VPMADDWD Y12, Y%d, Y%d", b, b)
		s.op("VPMADDWD Y12, Y%d, Y%d", a, a)
		s.op("VPADDD Y%d, Y%d, Y%d", b, 2*row+1, 2*row+1)
		s.op("VPADDD Y%d, Y%d, Y%d", a, 2*row, 2*row)
	}
}

// exactGroup widens the bytes at even and at odd k to 16 bits, in place, and
// adds pairs of products in 32.
func (s *source) exactGroup(rows int, flip bool, b int, at func(row int) string) {
	for half := range 2 {
		even, odd := 8+half, 10+half
		s.op("VMOVDQU %d(BX), Y%d", b+32*half, even)
		s.op("VPSRAW $8, Y%d, Y%d", even, odd)
		s.op("VPSLLW $8, Y%d, Y%d", even, even)
		s.op("VPSRAW $8, Y%d, Y%d", even, even)
	}
	for row := range rows {
		s.op("VPBROADCASTD %s, Y13", at(row))
		if flip {
			s.op("VPXOR flip<>(SB), Y13, Y13")
		}
		s.op("VPAND evens<>(SB), Y13, Y12")
		s.op("VPSRLW $8, Y13, Y13")
		for k := range 2 {
			for half := range 2 {
				s.op("VPMADDWD Y%d, Y%d, Y%d", 8+2*k+half, 12+k, 14+half)
				s.op("VPADDD Y%d, Y%d, Y%d", 14+half, 2*row+half, 2*row+half)
			}
		}
	}
}
