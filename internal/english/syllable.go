package english

import (
	"strings"
	"unicode/utf8"
)

// Syllables estimates the syllables of an English word in lower case, at least
// one: its groups of vowels, with the common cases in which two vowels are spoken
// apart and in which an e is not spoken. A digit counts as one.
func Syllables(word string) int {
	if n, ok := irregular[word]; ok {
		return n
	}
	extra := 0
	if w, ok := strings.CutSuffix(word, "'s"); ok {
		word = w
		if hasSuffix(w, "s", "x", "z", "ce", "ge", "ch", "sh") {
			extra++ // "boss's"
		}
	}
	n := vowelGroups(word) + extra
	if hasSuffix(word, "dn't", "sn't", "tn't", "sm", "thm") {
		n++
	}
	if silentEnd(word) {
		n--
	}
	for _, s := range bareEndings {
		if w, ok := strings.CutSuffix(word, s); ok && silentE(w) && vowelGroups(w[:len(w)-1]) > 0 {
			n--
			break
		}
	}
	return max(n, 1)
}

// irregular are frequent words that the rules get wrong.
var irregular = map[string]int{
	"business": 2, "create": 2, "created": 3, "creates": 2, "creating": 3, "creation": 3, "creative": 3, "evening": 2,
	"every": 2, "everyone": 3, "everything": 3, "everybody": 4, "eye": 1, "eyes": 1, "friend": 1, "friends": 1,
	"people": 2, "recipe": 3, "science": 2, "sciences": 3,
}

// bareEndings may follow an e that is not spoken: "like-ly", "some-thing".
var bareEndings = []string{"ly", "ment", "less", "ful", "ness", "thing", "times", "fore", "where", "ty"}

func vowelGroups(word string) (n int) {
	var before, last rune // the two letters before r
	for i, r := range word {
		switch {
		case '0' <= r && r <= '9':
			n++
		case vowel(r) && (!vowel(last) || apart(before, last, r, word[i+utf8.RuneLen(r):])):
			n++
		}
		before, last = last, r
	}
	return n
}

func vowel(r rune) bool {
	switch r {
	case 'a', 'e', 'i', 'o', 'u', 'y':
		return true
	}
	return r >= 'à' && r <= 'ÿ' && r != 'ç' && r != 'ñ' && r != 'ð' && r != '÷' && r != 'þ'
}

// apart reports whether the vowels a and b are spoken apart: "ra-di-o", "vi-de-o",
// "qui-et", but not "na-tion", "gra-cious", "sur-geon" or "field". after is what
// follows them.
func apart(before, a, b rune, after string) bool {
	soft := strings.ContainsRune("tcsgx", before)
	next := byte(0)
	if after != "" {
		next = after[0]
	}
	switch string([]rune{a, b}) {
	case "ia", "io":
		return !soft && !(b == 'o' && before == 'l')
	case "iu":
		return true
	case "ie":
		return next == 't' || next == 'n' && !soft
	case "eo":
		return before != 'g'
	case "ea":
		return (after == "" || after == "s" || after == "l") && before != 'r' || after == "" && before == 'r'
	case "ua", "uo":
		return before != 'q' && before != 'g' && before != 's'
	case "ue":
		return (next == 'n' || next == 'l') && before != 'q' && before != 'g'
	case "oe":
		return next == 't' || next == 'm'
	case "eu":
		return next == 'm'
	}
	return b == 'ï' || b == 'ë' || a == 'y' && vowel(before) || b == 'i' && after == "ng"
}

// silentEnd reports whether the last e is not spoken: "make", "makes", "asked",
// but "table", "houses", "wanted", "be".
func silentEnd(w string) bool {
	n := len(w)
	switch {
	case n > 3 && w[n-2:] == "es":
		return !hasSuffix(w[:n-2], "s", "x", "z", "c", "g", "ch", "sh") && silentE(w[:n-1])
	case n > 3 && w[n-2:] == "ed":
		if w[n-3] == 'y' {
			return vowel(rune(w[n-4])) // "played"
		}
		clusterR := w[n-3] == 'r' && !vowel(rune(w[n-4])) // "hundred"
		return !strings.ContainsRune("tdaeiou", rune(w[n-3])) && !clusterR
	}
	return n > 2 && silentE(w)
}

// silentE reports whether w ends in a consonant and an e that is not the
// syllable of "ta-ble".
func silentE(w string) bool {
	n := len(w)
	return n > 2 && w[n-1] == 'e' && !vowel(rune(w[n-2])) && (w[n-2] != 'l' || vowel(rune(w[n-3])))
}

func hasSuffix(w string, endings ...string) bool {
	for _, s := range endings {
		if strings.HasSuffix(w, s) {
			return true
		}
	}
	return false
}
