package vector

// AppendBits appends the bits of words to dst as floats of 0 and 1, the vectors of
// [Hamming]: 64 for a uint64, 8 for a byte, the lowest bit first. So a word gives what
// its bytes give in little-endian order. It returns the longer slice.
func AppendBits[W ~uint8 | ~uint64](dst []float32, words ...W) []float32 {
	for _, w := range words {
		for ones := ^W(0); ones != 0; ones >>= 1 { // as often as W has bits
			dst = append(dst, float32(w&1))
			w >>= 1
		}
	}
	return dst
}
