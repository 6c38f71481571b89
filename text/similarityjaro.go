package text

import "unicode/utf8"

// JaroWinkler returns how alike two short texts are, such as names: from 0, no rune
// in common, to 1, equal. It is the measure of Jaro (1989), and if that is above
// 0.7 it moves toward 1 by a tenth of the rest for each of up to four first runes in
// common (Winkler, 1990). Each rune is paired with the first free one of b that is
// equal and not too far. Runes are as in [Levenshtein]. Two empty texts have 1. The
// order of the texts matters in rare cases. The cost is O(m·n) for m and n runes.
func JaroWinkler(a, b string) float64 {
	var bufA, bufB [64]rune
	x, y := appendRunes(bufA[:0], a), appendRunes(bufB[:0], b)
	score := jaro(x, y)
	if score <= 0.7 {
		return score
	}
	prefix := 0
	for prefix < min(4, len(x), len(y)) && x[prefix] == y[prefix] {
		prefix++
	}
	return score + float64(prefix)*0.1*(1-score)
}

func appendRunes(dst []rune, s string) []rune {
	if n := utf8.RuneCountInString(s); n > cap(dst) {
		dst = make([]rune, 0, n)
	}
	for _, r := range s {
		dst = append(dst, r)
	}
	return dst
}

func jaro(a, b []rune) float64 {
	if len(a) == 0 || len(b) == 0 {
		if len(a) == len(b) {
			return 1
		}
		return 0
	}
	var bufA, bufB [64]bool
	pairedA, pairedB := appendFalse(bufA[:0], len(a)), appendFalse(bufB[:0], len(b))
	reach := max(0, max(len(a), len(b))/2-1)
	pairs := 0
	for i, r := range a {
		for j := max(0, i-reach); j < min(len(b), i+reach+1); j++ {
			if b[j] == r && !pairedB[j] {
				pairedA[i], pairedB[j] = true, true
				pairs++
				break
			}
		}
	}
	if pairs == 0 {
		return 0
	}
	crossed, j := 0, 0
	for i, r := range a {
		if !pairedA[i] {
			continue
		}
		for !pairedB[j] {
			j++
		}
		if b[j] != r {
			crossed++
		}
		j++
	}
	m := float64(pairs)
	return (m/float64(len(a)) + m/float64(len(b)) + (m-float64(crossed/2))/m) / 3
}

func appendFalse(dst []bool, n int) []bool {
	if n > cap(dst) {
		return make([]bool, n)
	}
	return dst[:n]
}
