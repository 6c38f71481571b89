package text

import "github.com/quintet-ai/quintet/internal/perceptron/english"

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
	sentence english.Sentence
	lemmas   []byte // of all words
	ends     []int  // of the lemma of each word
}

// maxWord is the number of bytes of a word that its features look at. A longer one
// is no word of English, and its lemma is itself.
const maxWord = 64

// read finds what is wanted in the tokens and sentences of body.
func (g *grammar) read(body string, tokens []Token, sentences []Sentence, what want) {
	g.words = appendWords(g.words[:0], body, tokens)
	g.tagged, g.entities, g.lemmas, g.ends = g.tagged[:0], g.entities[:0], g.lemmas[:0], g.ends[:0]
	for i, s := 0, 0; i < len(g.words); {
		for s < len(sentences)-1 && sentences[s+1].Start <= g.words[i].Start {
			s++
		}
		end := i + 1
		for end < len(g.words) && end-i < english.MaxSentence &&
			(s == len(sentences)-1 || g.words[end].Start < sentences[s+1].Start) {
			end++
		}
		g.readSentence(body, g.words[i:end], what)
		i = end
	}
	if what&wantLemmas != 0 {
		g.shareLemmas()
	}
}

func (g *grammar) readSentence(body string, words []Token, what want) {
	s := &g.sentence
	s.Reset()
	for _, w := range words {
		s.Add(firstBytes(w.Of(body)), lexicon())
	}
	s.Close()
	tags := s.Tag(tagModel())
	if what&(wantTags|wantLemmas) != 0 {
		for i, w := range words {
			g.tagged = append(g.tagged, TaggedWord{Token: w, Tag: Tag(tags[i])})
		}
	}
	if what&wantLemmas != 0 {
		for i, w := range words {
			if w.Len() > maxWord {
				g.lemmas = append(g.lemmas, w.Of(body)...)
			} else {
				g.lemmas = lemmaRules().Append(g.lemmas, w.Of(body), tagNames[tags[i]])
			}
			g.ends = append(g.ends, len(g.lemmas))
		}
	}
	if what&wantEntities != 0 {
		g.name(words)
	}
}

// firstBytes returns s, or its first bytes if it is longer than a word.
func firstBytes(s string) string { return s[:min(len(s), maxWord)] }

// shareLemmas gives the words their lemmas, which are parts of one string.
func (g *grammar) shareLemmas() {
	all, start := string(g.lemmas), 0
	for i, end := range g.ends {
		g.tagged[i].Lemma = all[start:end]
		start = end
	}
}
