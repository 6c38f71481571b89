package main

import "fmt"

// narrowRows are the rows of the highest tile: for each, two registers of sums in
// 32 bits and two of those in 16.
const narrowRows = 3

func narrowAMD64() string {
	s := newSource()
	s.constant("ones", 0x00010001)
	for rows := 2; rows <= narrowRows; rows++ {
		s.narrowKernel(rows)
	}
	return s.String()
}

// narrowKernel adds the kernel for tiles of one height. Registers: DI the struct,
// SI the tile's first row of A and AX where it is read, R8 the rows' distance, BX
// the panel, R9 the middles, R13 the runs and R11 how many are left, CX whole blocks
// left, DX and R12 the sums in memory, R10 tiles left. Vectors: the sums in 32 bits
// first, then those in 16, two for the panel and two that are free.
func (s *source) narrowKernel(rows int) {
	fmt.Fprintf(s, "\n// func narrow%d(t *narrowTile)\nTEXT ·narrow%d(SB), NOSPLIT, $0-8\n", rows, rows)
	s.lines(`
	MOVQ t+0(FP), DI
	MOVQ 0(DI), SI
	MOVQ 16(DI), DX
	MOVQ 24(DI), R8
	MOVQ 32(DI), R12
	MOVQ 40(DI), R10
	MOVQ 88(DI), R15`)
	s.label("tile")
	s.narrowStart(rows)
	s.lines(`
	MOVQ 8(DI), BX
	MOVQ 56(DI), R9
	MOVQ 64(DI), R13
	MOVQ 72(DI), R11
	MOVQ SI, AX`)
	s.label("run")
	s.lines(`
	MOVLQZX (R13), CX
	ADDQ $4, R13
	TESTQ CX, CX
	JZ halved`)
	s.op("PCALIGN $32")
	s.label("whole")
	s.narrowBlock(rows, 4)
	s.op("DECQ CX")
	s.op("JNE whole")
	s.label("halved")
	s.op("DECQ R11")
	s.op("JZ store")
	s.narrowBlock(rows, 2)
	s.op("JMP run")
	s.label("store")
	for row := range rows {
		for half := range 2 {
			s.op("VMOVDQU Y%d, %d(DX)", 2*row+half, 32*half)
		}
		s.op("ADDQ R12, DX")
	}
	for range rows {
		s.op("ADDQ R8, SI")
	}
	s.op("ADDQ 96(DI), R15")
	s.lines(`
	DECQ R10
	JNE tile
	VZEROUPPER
	RET`)
}

// narrowStart makes the sums in 32 bits what the columns begin with, and what is
// in memory if that counts.
func (s *source) narrowStart(rows int) {
	s.op("MOVQ 48(DI), AX")
	for half := range 2 {
		s.op("VMOVDQU %d(AX), Y%d", 32*half, half)
		for row := 1; row < rows; row++ {
			s.op("VMOVDQA Y%d, Y%d", half, 2*row+half)
		}
	}
	s.op("CMPQ 80(DI), $0")
	s.op("JEQ started")
	s.op("MOVQ DX, AX")
	for row := range rows {
		for half := range 2 {
			s.op("VPADDD %d(AX), Y%d, Y%d", 32*half, 2*row+half, 2*row+half)
		}
		if row < rows-1 {
			s.op("ADDQ R12, AX")
		}
	}
	s.label("started")
}

// narrowBlock adds a block of four groups, so many of them at a time in 16 bits.
func (s *source) narrowBlock(rows, depth int) {
	for g := range 4 {
		s.narrowGroup(rows, g, g%depth == 0)
		if g%depth != depth-1 {
			continue
		}
		middle := groupBytes * (g / depth)
		for i := range 2 * rows {
			s.op("VPSUBW %d(R9), Y%d, Y%d", middle+32*(i%2), 2*rows+i, 2*rows+i)
		}
		s.op("VMOVDQU ones<>(SB), Y12")
		for i := range 2 * rows {
			s.op("VPMADDWD Y12, Y%d, Y%d", 2*rows+i, 2*rows+i)
			s.op("VPADDD Y%d, Y%d, Y%d", 2*rows+i, i, i)
		}
	}
	s.op("PREFETCHT0 (R9)(R15*1)")
	s.op("ADDQ $%d, BX", 4*groupBytes)
	s.op("ADDQ $16, AX")
	s.op("ADDQ $%d, R9", groupBytes*4/depth)
}

// narrowGroup adds group g in 16 bits, or begins with it.
func (s *source) narrowGroup(rows, g int, first bool) {
	s.op("VMOVDQU %d(BX), Y12", groupBytes*g)
	s.op("VMOVDQU %d(BX), Y13", groupBytes*g+32)
	for row := range rows {
		sum := 2*rows + 2*row
		s.op("VPBROADCASTD %d(AX)%s, Y14", 4*g, [...]string{"", "(R8*1)", "(R8*2)"}[row])
		if first {
			s.op("VPMADDUBSW Y12, Y14, Y%d", sum)
			s.op("VPMADDUBSW Y13, Y14, Y%d", sum+1)
			continue
		}
		s.op("VPMADDUBSW Y12, Y14, Y15")
		s.op("VPMADDUBSW Y13, Y14, Y14")
		s.op("VPADDW Y15, Y%d, Y%d", sum, sum)
		s.op("VPADDW Y14, Y%d, Y%d", sum+1, sum+1)
	}
}
