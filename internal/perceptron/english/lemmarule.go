package english

import "strings"

// fixedLemma returns the lemma of a word of a closed class, by the conventions of the
// English treebanks of Universal Dependencies.
func fixedLemma(form, tag string) (lemma string, ok bool) {
	switch tag {
	case "PRP":
		lemma, ok = pronouns[form]
	case "DT":
		lemma, ok = determiners[form]
	case "MD":
		lemma, ok = modals[form]
	case "RB":
		lemma, ok = adverbs[form]
	case "POS":
		return "'s", true
	case "VB", "VBP", "VBZ", "VBD", "VBN", "VBG":
		lemma, ok = verbs[form]
	case "NN":
		lemma, ok = hours[form]
	case "NNS":
		lemma, ok = plurals[form]
	case "RBR", "RBS":
		switch form {
		case "better", "best":
			return "well", true
		case "worse", "worst":
			return "badly", true
		}
	case "FW":
		return "etc.", form == "etc"
	}
	return lemma, ok
}

// pairs reads a list of forms with their lemmas.
func pairs(list string) map[string]string {
	m := map[string]string{}
	for p := range strings.FieldsSeq(list) {
		form, lemma, _ := strings.Cut(p, "=")
		m[form] = lemma
	}
	return m
}

var (
	pronouns    = pairs(`i=I me=I him=he her=she us=we them=they 'em=they u=you 's=we thee=thou`)
	determiners = pairs("an=a these=this those=that")
	modals      = pairs("ca=can wo=will 'll=will ll=will 'd=would d=would sha=shall")
	adverbs     = pairs("n't=not nt=not")
	hours       = pairs("am=a.m. pm=p.m.")
	plurals     = pairs("women=woman clothes=clothes troops=troops regards=regards buses=bus")
	verbs       = pairs(`'s=be s=be am=be are=be is=be was=be were=be been=be being=be 'm=be m=be 're=be re=be r=be ai=be 've=have ve=have
		has=have had=have 'd=have does=do did=do done=do wan=want gon=go got=get`)
)

// Regular returns the lemma that the rules alone give for a form in lower case.
func Regular(form string, kind Inflection) string { return string(regularInto([]byte(form), kind)) }

// regularInto returns the lemma of w in the memory of w; it is not longer.
func regularInto(w []byte, kind Inflection) []byte {
	switch kind {
	case Plural, Third:
		return withoutS(w, kind)
	case Past:
		return withoutEnding(w, "ed", "ied")
	case Ing:
		return withoutEnding(w, "ing", "")
	case Comparative:
		return withoutEnding(w, "er", "ier")
	case Superlative:
		return withoutEnding(w, "est", "iest")
	}
	return w
}

func withoutS(w []byte, kind Inflection) []byte {
	switch n := len(w); {
	case n < 3 || w[n-1] != 's' && w[n-1] != 'S' || ends(w, "ss") || ends(w, "us") || ends(w, "is"):
		return w
	case ends(w, "'s"):
		return w[:n-2]
	case n > 4 && ends(w, "ies"):
		return append(w[:n-3], 'y')
	case kind == Plural && n > 5 && ends(w, "uses") && w[n-5] != 'o' && w[n-5] != 'a':
		return w[:n-2]
	case ends(w, "sses"), ends(w, "shes"), ends(w, "ches"), ends(w, "xes"), ends(w, "zzes"), ends(w, "oes"):
		return w[:n-2]
	default:
		return w[:n-1]
	}
}

// withoutEnding takes an ending off, undoes what it did to the stem, and gives back
// the e that it replaced. An ending of the second kind stands for y.
func withoutEnding(w []byte, ending, y string) []byte {
	stem := w[:max(0, len(w)-len(ending))]
	switch {
	case !ends(w, ending) || !hasVowel(stem):
		return w
	case y != "" && ends(w, y):
		return append(w[:len(w)-len(y)], 'y')
	case doubled(stem):
		return stem[:len(stem)-1]
	case lacksE(stem):
		return append(stem, 'e')
	}
	return stem
}

func ends(w []byte, s string) bool { return len(w) >= len(s) && string(w[len(w)-len(s):]) == s }

func vowel(b byte) bool { return strings.IndexByte("aeiou", b) >= 0 }

func hasVowel(w []byte) bool {
	for _, b := range w {
		if vowel(b) || b == 'y' {
			return true
		}
	}
	return false
}

// doubled reports whether a stem ends in a consonant that the ending doubled.
func doubled(stem []byte) bool {
	n := len(stem)
	return n > 2 && stem[n-1] == stem[n-2] && strings.IndexByte("bdgkmnprtv", stem[n-1]) >= 0
}

// lacksE reports whether a stem has lost an e: most with these ends have.
func lacksE(stem []byte) bool {
	n := len(stem)
	if n < 2 {
		return false
	}
	last, before := stem[n-1], stem[n-2]
	if syllables(stem) == 1 && vowel(before) && !vowel(last) && strings.IndexByte("wxy", last) < 0 && (n == 2 || !vowel(stem[n-3])) {
		return true // hop(e)d: it would be hopp(ed)
	}
	switch last {
	case 'c', 'u', 'v':
		return true
	case 'z':
		return before != 'z'
	case 's':
		return vowel(before) || before == 'n' || before == 'r' || before == 'l' || before == 'p'
	case 'g':
		return vowel(before) || before == 'd' || before == 'r' || before == 'l' || ends(stem, "ang") || ends(stem, "eng")
	case 'l':
		return !vowel(before) && strings.IndexByte("lrwhy", before) < 0
	case 't':
		return before == 'a' && n > 3 && !vowel(stem[n-3]) || ends(stem, "iat") || ends(stem, "uat") || ends(stem, "eat") && n > 5 ||
			ends(stem, "ut") && !vowel(stem[n-3])
	case 'r':
		return (before == 'i' || before == 'a' || before == 'u') && n > 2 && !vowel(stem[n-3])
	case 'd':
		return (before == 'i' || before == 'a' || before == 'u') && n > 2 && !vowel(stem[n-3])
	case 'n':
		return before == 'i' && n > 2 && !vowel(stem[n-3])
	case 'h':
		return ends(stem, "ath") || ends(stem, "oth")
	}
	return false
}

// syllables counts the groups of vowels.
func syllables(stem []byte) (n int) {
	for i, b := range stem {
		if vowel(b) && (i == 0 || !vowel(stem[i-1])) {
			n++
		}
	}
	return n
}
