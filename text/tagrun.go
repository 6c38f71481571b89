package text

import (
	"slices"

	"github.com/quintet-ai/quintet/internal/perceptron/english"
)

// want says what a [grammar] finds.
type want uint8

const (
	wantTags     want = 1 << iota
	wantLemmas        // needs wantTags
	wantEntities      // whatever else is wanted
)

// grammar is the working memory for the words of one body after another. Its results
// are valid until the next call of read.
type grammar struct {
	tagged   []TaggedWord // if tags or lemmas were wanted
	entities []Entity     // if entities were wanted

	words    []Token
	models   []int32 // the words that the models read, by number
	sources  []int32 // of each word: where in models it is, or the word that it repeats
	sentence english.Sentence
	lemmas   []byte // of the words that the models read
	ends     []int  // of each lemma
}

// maxWord is the number of bytes of a word that its features look at. A longer one
// is no word of English, and its lemma is itself.
const maxWord = 64

// read finds what is wanted in the tokens and sentences of body.
func (g *grammar) read(body string, tokens []Token, sentences []Sentence, what want) {
	g.words = appendWords(slices.Grow(g.words[:0], len(tokens)+len(tokens)/8), body, tokens)
	g.models, g.sources = g.models[:0], g.sources[:0]
	g.tagged, g.entities, g.lemmas, g.ends = g.tagged[:0], g.entities[:0], g.lemmas[:0], g.ends[:0]
	if what&(wantTags|wantLemmas) != 0 {
		g.tagged = slices.Grow(g.tagged, len(g.words))
	}
	for i, s := 0, 0; i < len(g.words); {
		for s < len(sentences)-1 && sentences[s+1].Start <= g.words[i].Start {
			s++
		}
		stop := len(body)
		if s < len(sentences)-1 {
			stop = sentences[s+1].Start
		}
		i = g.readSentence(body, i, stop, what)
	}
	if what&wantLemmas != 0 {
		g.shareLemmas()
	}
}

// readSentence reads the words from number i on that begin before the place stop, or
// as many as a sentence can have, and returns the number of the next.
func (g *grammar) readSentence(body string, i, stop int, what want) (end int) {
	first := len(g.models)
	end = g.gather(body, i, stop)
	tags := g.sentence.Tag(tagModel())
	if what&(wantTags|wantLemmas) != 0 {
		sources := g.sources[i:end]
		for k, w := range g.words[i:end] {
			g.tagged = append(g.tagged, TaggedWord{Token: w, Tag: Tag(tags[int(sources[k])-first])})
		}
	}
	if what&wantLemmas != 0 {
		for m, k := range g.models[first:] {
			g.appendLemma(g.words[k].Of(body), tags[m])
		}
	}
	if what&wantEntities != 0 {
		g.name(i, end, first)
	}
	return end
}

// A body may repeat a few words without end. Once a word and the 35 before it are each
// as the word twelve before, their tags and labels repeat too, and the words that go on
// so are not read: a million brackets cost what a few do. Twelve words are whole
// periods of one, two, three, four and six, and of tags that alternate on them.
const (
	period  = 12
	settled = 3 * period
	reach   = 2 // words to each side of a word that the models see
)

// gather makes the models' sentence of the words from number i on.
func (g *grammar) gather(body string, i, stop int) (end int) {
	s, first, same := &g.sentence, i, 0
	s.Reset()
	for n := 0; n < english.MaxSentence && i < len(g.words) && g.words[i].Start < stop; n++ {
		s.Add(firstBytes(g.words[i].Of(body)), lexicon())
		g.sources = append(g.sources, int32(len(g.models)))
		g.models = append(g.models, int32(i))
		if i < first+period || !g.repeats(body, i) {
			same = 0
		} else {
			same++
		}
		i++
		if same < settled {
			continue
		}
		for far := g.repeated(body, i, stop); i < far; i++ {
			g.sources = append(g.sources, g.sources[i-period])
		}
	}
	s.Close()
	return i
}

// repeated returns the end of the periods from word i on that are as the one before
// and that begin before stop, as do the words behind that the models see.
func (g *grammar) repeated(body string, i, stop int) (end int) {
	end = i
	for end < len(g.words) && g.words[end].Start < stop && g.repeats(body, end) {
		end++
	}
	end = max(i, end-reach)
	return end - (end-i)%period
}

// repeats reports whether word i is as the one a period before.
func (g *grammar) repeats(body string, i int) bool {
	a, b := g.words[i].Span, g.words[i-period].Span
	return a.Len() == b.Len() && body[a.Start] == body[b.Start] && (a.Len() == 1 || a.Of(body) == b.Of(body))
}

// firstBytes returns s, or its first bytes if it is longer than a word.
func firstBytes(s string) string { return s[:min(len(s), maxWord)] }

func (g *grammar) appendLemma(word string, tag uint8) {
	if len(word) > maxWord {
		g.lemmas = append(g.lemmas, word...)
	} else {
		g.lemmas = lemmaRules().Append(g.lemmas, word, tagNames[tag])
	}
	g.ends = append(g.ends, len(g.lemmas))
}

// shareLemmas gives the words their lemmas, which are parts of one string.
func (g *grammar) shareLemmas() {
	all := string(g.lemmas)
	for i, m := range g.sources {
		start := 0
		if m > 0 {
			start = g.ends[m-1]
		}
		g.tagged[i].Lemma = all[start:g.ends[m]]
	}
}
