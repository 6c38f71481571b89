package text

import "math"

// Cosine returns the cosine of the angle between two vectors, from -1 to 1. Of
// vectors of different lengths the shorter one goes on with zeros. With a vector of
// zeros, and an empty one, it is 0; with NaN or an infinity it is NaN. For unit
// vectors, such as embeddings are, it is their dot product.
func Cosine(a, b []float32) float64 {
	if len(a) > len(b) {
		a, b = b, a
	}
	dot, aa, bb := 0.0, 0.0, 0.0
	for i, x := range a {
		y := float64(b[i])
		dot += float64(x) * y
		aa += float64(x) * float64(x)
		bb += y * y
	}
	for _, y := range b[len(a):] {
		bb += float64(y) * float64(y)
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	cosine := dot / (math.Sqrt(aa) * math.Sqrt(bb))
	if math.IsNaN(cosine) {
		return cosine
	}
	return max(-1, min(cosine, 1))
}

// Jaccard returns how many words two texts share, as a part of the words that
// either has: 1 if they have the same words, 0 if they share none. How often a word
// stands and its case do not matter, and what is a word is said by [Tokens]:
// numbers, emoji, links and names count, marks do not. Two texts without words
// have 1. The cost is O(len(a) + len(b)).
func Jaccard(a, b string) float64 {
	var words vocabulary
	addWords(&words, a, func(int32) {})
	ofA := words.size()
	shared := make([]bool, ofA)
	both := 0
	addWords(&words, b, func(id int32) {
		if int(id) < ofA && !shared[id] {
			shared[id] = true
			both++
		}
	})
	if words.size() == 0 {
		return 1
	}
	return float64(both) / float64(words.size())
}

// addWords adds the words of body to v and calls f with the number of each.
func addWords(v *vocabulary, body string, f func(id int32)) {
	for _, t := range Tokens(body) {
		if !t.Kind.mark() {
			f(v.add(t.Of(body)))
		}
	}
}

// mark reports whether tokens of the kind say nothing alone.
func (k TokenKind) mark() bool {
	return k == TokenPunct || k == TokenSymbol || k == TokenOther
}
