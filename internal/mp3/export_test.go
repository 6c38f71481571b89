package mp3

// PairCodes are the codes of the standard.
var PairCodes = pairCodes

// Code is a Huffman code: its bits at the top of Code.
type Code struct {
	Code   uint32
	Length int
	Value  uint32
}

// Codes reads one of PairCodes.
func Codes(text string) (codes []Code) {
	for _, l := range leaves(text) {
		codes = append(codes, Code{l.code, l.length, l.value})
	}
	return codes
}

// Find looks a code up in the table of PairCodes[i] and returns its length and value.
func Find(i int, bits uint64) (length int, value uint32) {
	e := shared().pairs[i].find(bits)
	return int(e >> lengthShift), e & 0xff
}
