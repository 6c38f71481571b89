package text

import "iter"

// shingle is the number of words that a text is compared by.
const shingle = 3

// wordHashes yields a hash, not 0, of each word of body in lower case.
func wordHashes(body string) iter.Seq[uint64] {
	return func(yield func(uint64) bool) {
		var buf [64]byte
		folded := buf[:0]
		for _, t := range Tokens(body) {
			if t.Kind.mark() {
				continue
			}
			folded = appendFolded(folded[:0], t.Of(body))
			if !yield(hash(wordSeed, folded) | 1) {
				return
			}
		}
	}
}

// shingleHashes yields a hash of each three words of body that stand together, or
// of all its words if there are fewer.
func shingleHashes(body string) iter.Seq[uint64] {
	return func(yield func(uint64) bool) {
		first, second, n := uint64(0), uint64(0), 0
		for third := range wordHashes(body) {
			if n++; n >= shingle && !yield(pair(pair(first, second), third)) {
				return
			}
			first, second = second, third
		}
		if n > 0 && n < shingle {
			yield(pair(pair(first, second), 0))
		}
	}
}

// pair hashes two hashes in their order.
func pair(a, b uint64) uint64 { return mix(mix(a) + b) }
