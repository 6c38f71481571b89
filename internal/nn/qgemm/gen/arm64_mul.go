package main

import "fmt"

// The largest tiles that the 32 registers hold: four of sums for each row, or
// eight where a register of sums covers two columns.
const (
	dotRows  = 4
	wideRows = 2
)

func mulARM64() string {
	s := newSource()
	for _, flip := range []bool{false, true} {
		s.neonKernel("mulDot", dotRows, flip, (*source).dotGroup, nil)
		s.neonKernel("mulWide", wideRows, flip, (*source).wideGroup, (*source).widePairs)
	}
	return s.String()
}

// neonGroup adds the product of one group of four k: load puts the group of a
// row of A into each quarter of a register.
type neonGroup func(s *source, rows int, load func(row, v int))

func (s *source) neonKernel(name string, most int, flip bool, g neonGroup, last func(s *source, rows int)) {
	if flip {
		name += "Flipped"
	}
	fmt.Fprintf(s, "\n// func %s(t *tile)\nTEXT ·%s(SB), NOSPLIT, $0-8\n", name, name)
	s.lines(`
	MOVD t+0(FP), R0
	MOVD 0(R0), R10
	MOVD 8(R0), R2
	MOVD 16(R0), R14
	MOVD 24(R0), R4
	MOVD 32(R0), R5
	MOVD 40(R0), R6
	MOVD 48(R0), R7
	MOVD 56(R0), R8
	MOVD 64(R0), R9
	VMOVI $128, V31.B16
	ADD R5, R10, R11
	ADD R5, R11, R12
	ADD R5, R12, R13
	ADD R6, R14, R15
	ADD R6, R15, R19
	ADD R6, R19, R20`)
	for rows := 1; rows < most; rows++ {
		s.op("CMP $%d, R8", rows)
		s.op("BEQ rows%d", rows)
	}
	for rows := most; rows > 0; rows-- {
		s.neonRows(rows, flip, g, last)
	}
}

func (s *source) neonRows(rows int, flip bool, g neonGroup, last func(s *source, rows int)) {
	perRow := 4
	if last != nil {
		perRow = 8
	}
	flipped := func(v int) {
		if flip {
			s.op("VEOR V31.B16, V%d.B16, V%d.B16", v, v)
		}
	}
	s.label("rows%d", rows)
	for i := range perRow * rows {
		s.zero(i)
	}
	s.op("CBZ R7, tail%d", rows)
	s.label("loop%d", rows)
	g(s, rows, func(row, v int) {
		s.op("VLD1R.P 4(R%d), [V%d.S4]", 10+row, v)
		flipped(v)
	})
	s.op("SUB $1, R7")
	s.op("CBNZ R7, loop%d", rows)
	s.label("tail%d", rows)
	s.op("CBZ R4, store%d", rows)
	g(s, rows, func(row, v int) {
		s.op("VLD1R.P 4(R4), [V%d.S4]", v)
		flipped(v)
	})
	s.label("store%d", rows)
	if last != nil {
		last(s, rows)
	}
	s.neonStore(rows, perRow)
}

// neonStore stores the sums, which are in the first four of each row's registers,
// or adds them to what is there.
func (s *source) neonStore(rows, perRow int) {
	place := [...]string{"R14", "R15", "R19", "R20"}
	s.op("CBZ R9, put%d", rows)
	for row := range rows {
		s.op("VLD1 (%s), [V16.S4, V17.S4, V18.S4, V19.S4]", place[row])
		for i := range 4 {
			s.op("VADD V%d.S4, V%d.S4, V%d.S4", 16+i, perRow*row+i, perRow*row+i)
		}
	}
	s.label("put%d", rows)
	for row := range rows {
		v := perRow * row
		s.op("VST1 [V%d.S4, V%d.S4, V%d.S4, V%d.S4], (%s)", v, v+1, v+2, v+3, place[row])
	}
	s.op("RET")
}

const loadGroup = `
	VLD1.P 64(R2), [V16.B16, V17.B16, V18.B16, V19.B16]`

func (s *source) dotGroup(rows int, load func(row, v int)) {
	s.lines(loadGroup)
	for row := range rows {
		load(row, 20+row)
		for i := range 4 {
			s.vec("SDOT", 20+row, 16+i, 4*row+i)
		}
	}
}

// wideGroup adds products in 16 bits to sums of two k in 32 bits: adding two
// products in 16 bits would overflow for -128·-128.
func (s *source) wideGroup(rows int, load func(row, v int)) {
	s.lines(loadGroup)
	for row := range rows {
		load(row, 20+row)
		for i := range 4 {
			low, high := 22+2*i, 23+2*i
			s.vec("SMULL", 20+row, 16+i, low)
			s.vec("SMULL2", 20+row, 16+i, high)
			s.conv("SADALP", low, 8*row+2*i)
			s.conv("SADALP", high, 8*row+2*i+1)
		}
	}
}

// widePairs adds up the two sums of each column.
func (s *source) widePairs(rows int) {
	for row := range rows {
		for i := range 4 {
			b := 8 * row
			s.op("VADDP V%d.S4, V%d.S4, V%d.S4", b+2*i+1, b+2*i, b+i)
		}
	}
}
