package main

// encodings are the NEON instructions that the assembler lacks, as the registers
// d, n and m are 0. Those without a third register ignore m.
var encodings = map[string]uint32{
	"FADD":    0x4E20D400,
	"FMUL":    0x6E20DC00,
	"FDIV":    0x6E20FC00, // d = n / m
	"FMAX":    0x4E20F400,
	"FMIN":    0x4EA0F400,
	"FMAXNM":  0x4E20C400,
	"FMINNM":  0x4EA0C400,
	"FCMGT":   0x6EA0E400, // d = all ones where n > m
	"BIT":     0x6EA01C00, // d = n where m is one
	"FCVTNS":  0x4E21A800, // to the nearest integer, ties to even
	"SCVTF":   0x4E21D800,
	"MLS":     0x6EA09400, // d -= n * m, of integers
	"SQXTN":   0x0E614800, // 32 to 16 bits, low half of d
	"SQXTN2":  0x4E614800, // the same, high half
	"SQXTUN":  0x2E212800, // 16 to unsigned 8 bits, low half
	"SQXTUN2": 0x6E212800,
	"SMULL":   0x0E20C000, // products of the low 8 signed bytes, in 16 bits
	"SMULL2":  0x4E20C000, // of the high 8
	"SADALP":  0x4E606800, // d += sums of pairs of n, 16 to 32 bits
	"UADDLP":  0x6E202800, // sums of pairs of bytes, in 16 bits
	"UADALP":  0x6E606800, // d += sums of pairs of n, unsigned
	"SDOT":    0x4F80E000, // d += dot products of groups of 4 bytes of n with group 0 of m
}

// vec adds an instruction that the assembler lacks, with its name beside it.
func (s *source) vec(name string, m, n, d int) {
	s.op("WORD $0x%08X // %s V%d, V%d, V%d", encodings[name]|uint32(m)<<16|uint32(n)<<5|uint32(d), name, d, n, m)
}

// conv is vec for an instruction with one source.
func (s *source) conv(name string, n, d int) {
	s.op("WORD $0x%08X // %s V%d, V%d", encodings[name]|uint32(n)<<5|uint32(d), name, d, n)
}

func (s *source) zero(v int) { s.op("VEOR V%d.B16, V%d.B16, V%d.B16", v, v, v) }
