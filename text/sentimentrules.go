package text

import "math"

// The constants of VADER: C. J. Hutto and E. Gilbert, "VADER: a parsimonious
// rule-based model for sentiment analysis of social media text", ICWSM 2014.
const (
	boostValence = 0.293 // of a degree adverb
	shoutValence = 0.733 // of a word in capitals among others
	negateFactor = -0.74
	saturation   = 15.0 // sum²/(sum²+15) is the square of the compound score
)

// ruleWord is a word as the rules see it: a run of bytes between white space, less
// some marks, or an emoji.
type ruleWord struct {
	cue
	shape wordShape
}

// bare reports whether w has no mark.
func (w ruleWord) bare() bool { return w.shape&hasMark == 0 }

// shouts reports whether all the letters of w are capitals.
func (w ruleWord) shouts() bool { return w.shape&(hasUpper|hasLower) == hasUpper }

// is reports whether w is the named word, in any case.
func (w ruleWord) is(name uint8) bool { return w.role&roleName == name }

// plain returns the name of w, or 0 if it has a capital letter.
func (w ruleWord) plain() uint8 {
	if w.shape&hasUpper != 0 {
		return 0
	}
	return w.role & roleName
}

// emphasis counts the marks that add emphasis.
type emphasis struct{ exclamations, questions int }

func (e emphasis) valence() float64 {
	v := 0.292 * float64(min(e.exclamations, 4))
	switch {
	case e.questions > 3:
		v += 0.96
	case e.questions > 1:
		v += 0.18 * float64(e.questions)
	}
	return v
}

// vader has the four scores of VADER.
type vader struct{ compound, positive, negative, neutral float64 }

// rate applies the rules of VADER to words that stand together. They are those of
// the Natural Language Toolkit, but that a word which comes again is judged by the
// words that stand before it there and not by those of its first place.
func rate(words []ruleWord, marks emphasis) vader {
	if len(words) == 0 {
		return vader{}
	}
	capitals, but := survey(words)
	sum, positive, negative, neutral := 0.0, 0.0, 0.0, 0.0
	for i := range words {
		if words[i].valence == 0 {
			neutral++
			continue
		}
		v := valenceAt(words, i, capitals)
		switch {
		case but < 0 || i == but:
		case i < but:
			v *= 0.5
		default:
			v *= 1.5
		}
		sum += v
		switch { // 1 for each word, so that these weigh as much as neutral ones
		case v > 0:
			positive += v + 1
		case v < 0:
			negative += 1 - v
		default:
			neutral++
		}
	}
	extra := marks.valence()
	switch {
	case sum > 0:
		sum += extra
	case sum < 0:
		sum -= extra
	}
	switch {
	case positive > negative:
		positive += extra
	case positive < negative:
		negative += extra
	}
	total := positive + negative + neutral
	return vader{compound(sum), positive / total, negative / total, neutral / total}
}

// compound maps a sum of valences to -1 to 1.
func compound(sum float64) float64 { return sum / math.Sqrt(float64(sum*sum)+saturation) }

// survey reports whether some but not all words are in capitals, and the place of
// the first "but", or -1.
func survey(words []ruleWord) (capitals bool, but int) {
	shouts := 0
	but = -1
	for i, w := range words {
		if w.shouts() {
			shouts++
		}
		if but < 0 && w.is(wordBut) {
			but = i
		}
	}
	return shouts > 0 && shouts < len(words), but
}

// valenceAt returns the valence of the word at i, which is in the lexicon, among the
// words around it.
func valenceAt(words []ruleWord, i int, capitals bool) float64 {
	w := words[i]
	if w.role&(roleBoosts|roleDampens) != 0 ||
		w.is(wordKind) && i+1 < len(words) && words[i+1].is(wordOf) {
		return 0
	}
	v := float64(w.valence) / 10
	if capitals && w.shouts() {
		v += math.Copysign(shoutValence, v)
	}
	for back := 1; back <= 3 && back <= i; back++ {
		if words[i-back].valence != 0 {
			continue
		}
		v += float64(boost(words[i-back], v, capitals) * [...]float64{1, 0.95, 0.9}[back-1])
		v *= negated(words, i, back)
		if back == 3 {
			v = idiom(words, i, v)
		}
	}
	return v * least(words, i)
}

// boost returns what a degree adverb adds to a valence.
func boost(w ruleWord, v float64, capitals bool) float64 {
	b := 0.0
	switch {
	case w.role&roleBoosts != 0:
		b = boostValence
	case w.role&roleDampens != 0:
		b = -boostValence
	default:
		return 0
	}
	if v < 0 {
		b = -b
	}
	if capitals && w.shouts() {
		if v > 0 {
			b += shoutValence
		} else {
			b -= shoutValence
		}
	}
	return b
}

// negated returns the factor of the word that stands back words before the one at
// i. "never so good" is strong praise.
func negated(words []ruleWord, i, back int) float64 {
	never := words[i-back].plain() == wordNever
	strong := func(k int) bool { return words[i-k].plain() == wordSo || words[i-k].plain() == wordThis }
	switch {
	case back == 2 && never && strong(1):
		return 1.5
	case back == 3 && (never && strong(2) || strong(1)):
		return 1.25
	case words[i-back].role&roleNegates != 0:
		return negateFactor
	}
	return 1
}

// least returns the factor of "least" before the word at i.
func least(words []ruleWord, i int) float64 {
	if i == 0 || words[i-1].valence != 0 || !words[i-1].is(wordLeast) {
		return 1
	}
	if i > 1 && (words[i-2].is(wordAt) || words[i-2].is(wordVery)) {
		return 1
	}
	return negateFactor
}

// A phrase is up to three words by name.
type wordPhrase [3]uint8

// idioms have a valence that their words have not.
var idioms = [...]struct {
	phrase  wordPhrase
	valence float64
}{
	{wordPhrase{wordThe, wordShit}, 3},
	{wordPhrase{wordThe, wordBomb}, 3},
	{wordPhrase{wordBad, wordAss}, 1.5},
	{wordPhrase{wordYeah, wordRight}, -2},
	{wordPhrase{wordCut, wordThe, wordMustard}, 2},
	{wordPhrase{wordKiss, wordOf, wordDeath}, -1.5},
	{wordPhrase{wordHand, wordTo, wordMouth}, -2},
}

// idiom returns the valence of an idiom with or before the word at i, or v. "kind
// of" before it dampens.
func idiom(words []ruleWord, i int, v float64) float64 {
	var near [6]uint8 // the words from i-3 to i+2
	pairs := false
	for k := range near {
		if at := i - 3 + k; at < len(words) {
			near[k] = words[at].plain()
			pairs = pairs || k > 0 && near[k] != 0 && near[k-1] != 0
		}
	}
	if !pairs {
		return v
	}
	for _, part := range [...]wordPhrase{
		{near[2], near[3]}, {near[1], near[2], near[3]}, {near[1], near[2]},
		{near[0], near[1], near[2]}, {near[0], near[1]},
	} {
		if found, ok := part.idiom(); ok {
			v = found
			break
		}
	}
	for _, part := range [...]wordPhrase{{near[3], near[4]}, {near[3], near[4], near[5]}} {
		if found, ok := part.idiom(); ok {
			v = found
		}
	}
	if dampens(near[0], near[1]) || dampens(near[1], near[2]) {
		v -= boostValence
	}
	return v
}

func (p wordPhrase) idiom() (valence float64, ok bool) {
	for _, x := range idioms {
		if x.phrase == p {
			return x.valence, true
		}
	}
	return 0, false
}

func dampens(a, b uint8) bool {
	return a == wordJust && b == wordEnough || (a == wordKind || a == wordSort) && b == wordOf
}
