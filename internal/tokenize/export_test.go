package tokenize

import (
	"golang.org/x/text/unicode/norm"
)

// What the tests of the parts need.

// Merged returns the ids that merges, pairs in the order of their ranks with
// what they make, leave of ids: by searching, and with the heap.
func Merged(merges [][3]int32, ids []int32) (short, long []int32) {
	t := newMergeTable(len(merges))
	for _, m := range merges {
		t.add(m[0], m[1], m[2])
	}
	units := func() []unit {
		var u []unit
		for _, id := range ids {
			u = append(u, unit{id: id, size: 1})
		}
		return u
	}
	var ranks []uint32
	var heap []uint64
	for _, u := range t.short(units(), &ranks) {
		short = append(short, u.id)
	}
	for _, u := range t.long(units(), &heap) {
		long = append(long, u.id)
	}
	return short, long
}

// LongestKey returns the longest of the keys that s begins with.
func LongestKey(keys []string, s string) (index, n int) {
	ids := make([]int32, len(keys))
	for i := range ids {
		ids[i] = int32(i)
	}
	v, n := newTrie(keys, ids).longest([]byte(s))
	return int(v), n
}

// Matches returns the matches of a regular expression in s.
func Matches(expr, s string) (all []string, err error) {
	p, err := newPattern(expr)
	if err != nil {
		return nil, err
	}
	for at := 0; ; {
		i, j := p.find(classes(), []byte(s), at)
		if i < 0 {
			return all, nil
		}
		all, at = append(all, s[i:j]), j
	}
}

// Expressions returns the regular expressions that have a scanner.
func Expressions() (all []string) {
	for e := range scanners {
		all = append(all, e)
	}
	return all
}

// NormalForm returns s in a normal form.
func NormalForm(form norm.Form, s string) string {
	sc := &scratch{classes: classes()}
	sc.src.set(s)
	p := &definition{normalizers: []normalizer{normalForm{form}}}
	return p.normalized(sc, s)
}

// Newer reports whether a character is younger than what normal forms know.
func Newer(r rune) bool { return newer(r) }

// Score parses a number as the vocabulary of a Unigram model is read.
func Score(s string) float64 { return (&jsonReader{b: []byte(s)}).score() }

// ToValid replaces what is not UTF-8.
func ToValid(b []byte) string { return toValid(b) }
