package english

import "bytes"

// maxStem is the length in bytes from which a word is its own stem. No English
// word is longer, and it bounds the work on one that is not.
const maxStem = 40

// Stem returns the stem of an English word in lower case, made in place: the
// algorithm of M. F. Porter, "An algorithm for suffix stripping", Program 14(3),
// 1980, without a possessive 's. Of a compound with hyphens the last part is
// stemmed. A word with anything but the letters a to z is its own stem. The cost is
// O(len(w)).
func Stem(w []byte) []byte {
	w = bytes.TrimSuffix(w, []byte("'s"))
	if i := bytes.LastIndexByte(w, '-'); i >= 0 {
		return w[:i+1+len(Stem(w[i+1:]))]
	}
	if len(w) < 3 || len(w) > maxStem {
		return w
	}
	for _, b := range w {
		if b < 'a' || b > 'z' {
			return w
		}
	}
	w = plural(w)
	w = inflection(w)
	if n := len(w); w[n-1] == 'y' && hasVowel(w[:n-1]) {
		w[n-1] = 'i' // step 1c
	}
	w = replaceSuffix(w, step2, 0)
	w = replaceSuffix(w, step3, 0)
	w = replaceSuffix(w, step4, 1)
	return finish(w)
}

// plural is step 1a.
func plural(w []byte) []byte {
	switch {
	case bytes.HasSuffix(w, []byte("sses")), bytes.HasSuffix(w, []byte("ies")):
		return w[:len(w)-2]
	case bytes.HasSuffix(w, []byte("ss")):
		return w
	case w[len(w)-1] == 's':
		return w[:len(w)-1]
	}
	return w
}

// inflection is step 1b.
func inflection(w []byte) []byte {
	if bytes.HasSuffix(w, []byte("eed")) {
		if measure(w[:len(w)-3]) > 0 {
			return w[:len(w)-1]
		}
		return w
	}
	root, ok := bytes.CutSuffix(w, []byte("ed"))
	if !ok {
		root, ok = bytes.CutSuffix(w, []byte("ing"))
	}
	if !ok || !hasVowel(root) {
		return w
	}
	n := len(root)
	switch {
	case bytes.HasSuffix(root, []byte("at")), bytes.HasSuffix(root, []byte("bl")),
		bytes.HasSuffix(root, []byte("iz")):
		return append(root, 'e') // in place: w was longer
	case n > 1 && root[n-1] == root[n-2] && consonant(root, n-1) && bytes.IndexByte([]byte("lsz"), root[n-1]) < 0:
		return root[:n-1]
	case measure(root) == 1 && shortEnd(root):
		return append(root, 'e')
	}
	return root
}

// finish is step 5.
func finish(w []byte) []byte {
	if n := len(w); w[n-1] == 'e' {
		if m := measure(w[:n-1]); m > 1 || m == 1 && !shortEnd(w[:n-1]) {
			w = w[:n-1]
		}
	}
	if n := len(w); n > 1 && w[n-1] == 'l' && w[n-2] == 'l' && measure(w[:n-1]) > 1 {
		w = w[:n-1]
	}
	return w
}

// suffix is a rule: the ending from becomes to.
type suffix struct{ from, to string }

// The rules of steps 2 to 4; where one ending ends another the longer is first.
var (
	step2 = []suffix{
		{"ational", "ate"}, {"tional", "tion"}, {"enci", "ence"}, {"anci", "ance"}, {"izer", "ize"},
		{"abli", "able"}, {"alli", "al"}, {"entli", "ent"}, {"eli", "e"}, {"ousli", "ous"}, {"ization", "ize"},
		{"ation", "ate"}, {"ator", "ate"}, {"alism", "al"}, {"iveness", "ive"}, {"fulness", "ful"},
		{"ousness", "ous"}, {"aliti", "al"}, {"iviti", "ive"}, {"biliti", "ble"},
	}
	step3 = []suffix{
		{"icate", "ic"}, {"ative", ""}, {"alize", "al"}, {"iciti", "ic"}, {"ical", "ic"}, {"ful", ""}, {"ness", ""},
	}
	step4 = []suffix{
		{"al", ""}, {"ance", ""}, {"ence", ""}, {"er", ""}, {"ic", ""}, {"able", ""}, {"ible", ""}, {"ant", ""},
		{"ement", ""}, {"ment", ""}, {"ent", ""}, {"sion", "s"}, {"tion", "t"}, {"ou", ""}, {"ism", ""}, {"ate", ""},
		{"iti", ""}, {"ous", ""}, {"ive", ""}, {"ize", ""},
	}
)

// replaceSuffix applies the first rule whose ending w has, if what remains
// measures more than m.
func replaceSuffix(w []byte, rules []suffix, m int) []byte {
	last := w[len(w)-1]
	for _, r := range rules {
		if r.from[len(r.from)-1] != last || !bytes.HasSuffix(w, []byte(r.from)) {
			continue // most rules fail on the last letter
		}
		root := w[:len(w)-len(r.from)]
		if r.to == "s" || r.to == "t" { // the rule for "ion" measures with the letter that it wants
			root = w[:len(root)+1]
			if measure(root) > m {
				return root
			}
			return w
		}
		if measure(root) > m {
			return append(root, r.to...)
		}
		return w
	}
	return w
}

// consonant reports whether w[i] is one: no vowel, and no y behind a consonant.
func consonant(w []byte, i int) bool {
	switch w[i] {
	case 'a', 'e', 'i', 'o', 'u':
		return false
	case 'y':
		return i == 0 || !consonant(w, i-1)
	}
	return true
}

// measure counts the changes from vowels to consonants.
func measure(w []byte) (m int) {
	vowel := false // before i
	for i := range w {
		c := consonant(w, i)
		if c && vowel {
			m++
		}
		vowel = !c
	}
	return m
}

func hasVowel(w []byte) bool {
	for i := range w {
		if !consonant(w, i) {
			return true
		}
	}
	return false
}

// shortEnd reports whether w ends in consonant, vowel, consonant, the last not
// being w, x or y.
func shortEnd(w []byte) bool {
	n := len(w)
	return n >= 3 && consonant(w, n-1) && !consonant(w, n-2) && consonant(w, n-3) &&
		w[n-1] != 'w' && w[n-1] != 'x' && w[n-1] != 'y'
}
