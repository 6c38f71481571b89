package audio

// The logarithmic codes of ITU-T G.711 have a sign, three bits of exponent and
// four of mantissa. The tables are never written to.
var (
	aLawTable  = g711Table(aLaw)
	muLawTable = g711Table(muLaw)
)

func g711Table(decode func(code int) int) (table [256]float32) {
	for code := range table {
		table[code] = float32(decode(code)) / (1 << 15)
	}
	return table
}

// aLaw returns the sample of a code on the scale of 16 bits. Even bits are
// inverted; a set sign bit means a positive sample.
func aLaw(code int) int {
	code ^= 0x55
	exponent, v := code>>4&7, (code&15)<<4+8
	if exponent > 0 {
		v = (v + 0x100) << (exponent - 1)
	}
	if code&0x80 == 0 {
		return -v
	}
	return v
}

// muLaw returns the sample of a code on the scale of 16 bits. All bits are
// inverted; a set sign bit means a negative sample.
func muLaw(code int) int {
	const bias = 0x84
	code ^= 0xff
	v := ((code&15)<<3+bias)<<(code>>4&7) - bias
	if code&0x80 != 0 {
		return -v
	}
	return v
}
