package text

import (
	"cmp"
	"slices"
	"strings"

	"github.com/quintet-ai/quintet/internal/english"
)

// Aspect is something that a body has an opinion on: a noun or nouns in a row, such
// as "picture quality".
type Aspect struct {
	Term     string  `json:"term"`     // as it first stands in the body, in lower case, with single spaces
	Score    float64 `json:"score"`    // mean over the mentions, from -1, most negative, to 1
	Mentions []Span  `json:"mentions"` // where the body has it beside an opinion, in order
}

// Aspects returns what an English body has opinions on, the most mentioned first;
// ties are in the order of the body.
//
// Terms are runs of nouns, by [Tags], without words that are rated themselves; of a
// run longer than five words the last three. Singular and plural are one. A mention
// scores the compound score of VADER of its clause, or of its sentence if the clause
// has no rated word, and does not count if that has none either: aspects and opinions
// are found as in M. Hu, B. Liu, "Mining and summarizing customer reviews", KDD 2004,
// but for clauses in place of sentences. Clauses are parted by marks, by "but" and its
// like, and by "and" or "or" if there is a finite verb on each side.
//
// It does not know what a pronoun stands for, nor whose the opinion is. The cost is
// O(len(body)), and O(n log n) for n aspects.
func Aspects(body string) []Aspect {
	var g grammar
	tokens, sentences := Tokens(body), Sentences(body)
	g.read(body, tokens, sentences, wantTags)
	var f aspectFinder
	return f.find(body, tokens, sentences, g.tagged)
}

// aspectFinder finds aspects. It is kept between documents.
type aspectFinder struct {
	scorer  sentimentScorer
	terms   vocabulary // the nouns before, and the stem of the last
	found   []Aspect   // by number in terms
	words   []TaggedWord
	clauses []clause // of one sentence
	scratch []byte
}

// clause is a part of a sentence.
type clause struct {
	words    int // where it ends in words
	compound float64
}

// find returns the aspects of a body that is split and tagged.
func (f *aspectFinder) find(body string, tokens []Token, sentences []Sentence, words []TaggedWord) []Aspect {
	f.scorer.open(body, tokens)
	i := 0 // of tokens
	for n := range sentences {
		stop := len(body)
		if n+1 < len(sentences) {
			stop = sentences[n+1].Start
		}
		end := 0
		for end < len(words) && words[end].Start < stop {
			end++
		}
		f.words, words = words[:end], words[end:]
		i = f.sentence(body, i)
	}
	f.scorer.shut()
	out := slices.DeleteFunc(slices.Clone(f.found), func(a Aspect) bool { return len(a.Mentions) == 0 })
	for k, a := range out {
		out[k].Score = round4(a.Score / float64(len(a.Mentions)))
	}
	slices.SortStableFunc(out, func(a, b Aspect) int { return cmp.Compare(len(b.Mentions), len(a.Mentions)) })
	f.terms.reset()
	clear(f.found) // the results are the caller's
	f.found, f.words = f.found[:0], nil
	return out
}

// sentence adds the aspects of the words of a sentence whose tokens begin with number
// i. It returns the number of the next token.
func (f *aspectFinder) sentence(body string, i int) (next int) {
	if !slices.ContainsFunc(f.words, noun) {
		return f.skip(i)
	}
	f.part(body)
	f.scorer.words = f.scorer.words[:0]
	var whole emphasis
	first := 0
	for n := range f.clauses {
		c := &f.clauses[n]
		from := len(f.scorer.words)
		f.scorer.part = sentimentPart{}
		for stop := f.words[c.words-1].End; i < len(f.scorer.tokens) && f.scorer.tokens[i].Start < stop; {
			i = f.scorer.run(i, stop)
		}
		c.compound = rate(f.scorer.words[from:], f.scorer.part.marks).compound
		whole.exclamations += f.scorer.part.marks.exclamations
		whole.questions += f.scorer.part.marks.questions
	}
	all := rate(f.scorer.words, whole).compound
	for _, c := range f.clauses {
		if compound := cmp.Or(c.compound, all); compound != 0 {
			f.mentions(body, f.words[first:c.words], compound)
		}
		first = c.words
	}
	return i
}

// skip returns the number of the token behind the words, where i is the first of them.
func (f *aspectFinder) skip(i int) (next int) {
	if len(f.words) == 0 {
		return i
	}
	stop := f.words[len(f.words)-1].End
	for i < len(f.scorer.tokens) && f.scorer.tokens[i].Start < stop {
		i++
	}
	return i
}

// mentions adds the aspects of a clause.
func (f *aspectFinder) mentions(body string, words []TaggedWord, compound float64) {
	for i := 0; i < len(words); {
		from := i
		for i < len(words) && f.names(body, words[i]) && (i == from || spaceOnly(body[words[i-1].End:words[i].Start])) {
			i++
		}
		switch run := words[from:i]; {
		case len(run) == 0:
			i++
		case len(run) > maxRun:
			f.mention(body, run[len(run)-keepRun:], compound)
		default:
			f.mention(body, run, compound)
		}
	}
}

func (f *aspectFinder) mention(body string, run []TaggedWord, compound float64) {
	mark := len(f.terms.text)
	for _, w := range run[:len(run)-1] {
		f.terms.text = append(appendFolded(f.terms.text, w.Of(body)), ' ')
	}
	f.scratch = appendFolded(f.scratch[:0], run[len(run)-1].Of(body))
	f.terms.text = append(f.terms.text, english.Stem(f.scratch)...)
	id := f.terms.addTail(mark)
	at := Span{run[0].Start, run[len(run)-1].End}
	if int(id) == len(f.found) {
		f.found = append(f.found, Aspect{Term: strings.ToLower(strings.Join(strings.Fields(at.Of(body)), " "))})
	}
	a := &f.found[id]
	a.Score += compound
	a.Mentions = append(a.Mentions, at)
}

// spaceOnly reports whether s is white space and no line is blank, or nothing.
func spaceOnly(s string) bool {
	next, paragraph := skipSpace(s, 0)
	return next == len(s) && !paragraph && s != ""
}
