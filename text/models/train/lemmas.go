package main

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/quintet-ai/quintet/internal/perceptron/english"
)

// lemmaWords is how many of the most frequent words count as frequent.
const lemmaWords = 60_000

// lemmaTable collects the forms whose lemma the rules do not give.
type lemmaTable struct {
	known map[string]bool     // the frequent words; other forms are left to the rules
	given map[string]bool     // a letter and a form that WordNet lists
	rules map[string][]string // a letter, a number and an ending, to the forms
}

// makeLemmas returns the table of exceptions to the rules of the lemmas: the
// irregular forms that WordNet lists, and the regular ones of its words for which
// the rules fail.
func makeLemmas(s store) ([]byte, error) {
	t := lemmaTable{map[string]bool{}, map[string]bool{}, map[string][]string{}}
	err := s.open(vectorsPackage, vectorsPath, func(r io.Reader) error {
		v, err := readVectors(r, lemmaWords)
		for _, w := range v.words {
			t.known[w] = true
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, part := range []struct {
		name  string
		kinds string
	}{{"noun", "n"}, {"verb", "zpg"}, {"adj", "cs"}} {
		irregular := map[string]bool{} // a letter and a lemma that has a listed form
		err := s.open(wordNetExceptions, "data/"+part.name+".exc", func(r io.Reader) error {
			return t.listed(r, part.kinds, irregular)
		})
		if err != nil {
			return nil, err
		}
		err = s.open(wordNetPackage, "dict/index."+part.name, func(r io.Reader) error {
			return t.inflected(r, part.kinds, irregular)
		})
		if err != nil {
			return nil, err
		}
	}
	return t.pack(), nil
}

// listed adds the lines of a file of WordNet's exceptions: a form, its lemma, perhaps
// more. The ending tells which inflection of the kinds a form is, and a form without
// an ending of its own is a plural, a past or a comparative.
func (t lemmaTable) listed(r io.Reader, kinds string, irregular map[string]bool) error {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		if len(f) < 2 || !plain(f[0]) || !plain(f[1]) {
			continue
		}
		kind := kinds[0]
		switch {
		case kinds == "zpg" && strings.HasSuffix(f[0], "ing"):
			kind = 'g'
		case kinds == "zpg" && !strings.HasSuffix(f[0], "s"):
			kind = 'p'
		case kinds == "cs" && strings.HasSuffix(f[0], "st"):
			kind = 's'
		}
		irregular[string(kind)+f[1]] = true
		if !t.given[string(kind)+f[0]] {
			t.given[string(kind)+f[0]] = true
			t.add(kind, f[0], f[1])
		}
	}
	return lines.Err()
}

// inflected adds the regular forms of the words of an index of WordNet.
func (t lemmaTable) inflected(r io.Reader, kinds string, irregular map[string]bool) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		word, _, _ := strings.Cut(lines.Text(), " ")
		if !plain(word) || len(word) < 3 || len(word) > 12 {
			continue
		}
		for _, kind := range []byte(kinds) {
			form := inflect(word, kind)
			if !irregular[string(kind)+word] && !t.given[string(kind)+form] {
				t.add(kind, form, word)
			}
		}
	}
	return lines.Err()
}

func plain(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < 'a' || r > 'z' }) < 0
}

// inflect returns the regular form of a word.
func inflect(word string, kind byte) string {
	stem, last := word[:len(word)-1], word[len(word)-1]
	y := last == 'y' && !strings.ContainsRune("aeiou", rune(word[len(word)-2]))
	ending := map[byte]string{'n': "s", 'z': "s", 'p': "ed", 'g': "ing", 'c': "er", 's': "est"}[kind]
	switch {
	case ending == "s" && y:
		return stem + "ies"
	case ending == "s" && (strings.ContainsRune("sxz", rune(last)) || strings.HasSuffix(word, "ch") || strings.HasSuffix(word, "sh")):
		return word + "es"
	case y && kind != 'g':
		return stem + "i" + ending
	case last == 'e' && ending[0] == 'e':
		return stem + ending
	case last == 'e' && kind == 'g' && !strings.HasSuffix(word, "ee") && !strings.HasSuffix(word, "oe") && !strings.HasSuffix(word, "ye"):
		return stem + ending
	}
	return word + ending
}

// add adds a form unless the rules give its lemma.
func (t lemmaTable) add(kind byte, form, lemma string) {
	if !t.known[form] || english.Regular(form, english.InflectionOf(kind)) == lemma {
		return
	}
	same := 0
	for same < len(form) && same < len(lemma) && form[same] == lemma[same] {
		same++
	}
	rule := fmt.Sprintf("%c%d%s", kind, len(form)-same, lemma[same:])
	if !slices.Contains(t.rules[rule], form) {
		t.rules[rule] = append(t.rules[rule], form)
	}
}

// pack writes the table, rules and forms in order.
func (t lemmaTable) pack() []byte {
	out := []byte("# Forms whose lemma the rules do not give, of WordNet. Made by text/models/train.\n")
	var rules []string
	for rule := range t.rules {
		rules = append(rules, rule)
	}
	slices.Sort(rules)
	for _, rule := range rules {
		forms := t.rules[rule]
		slices.Sort(forms)
		out = append(out, rule+" "+strings.Join(forms, " ")+"\n"...)
	}
	return out
}
