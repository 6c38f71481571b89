package text

import (
	"unicode/utf8"

	"github.com/quintet-ai/quintet/internal/english"
)

// Stats are counts of a body and measures made of them. A measure whose divisor
// is zero is zero.
type Stats struct {
	Bytes       int `json:"bytes"`        // length of the body
	Runes       int `json:"runes"`        // a byte that is not UTF-8 counts as one
	Words       int `json:"words"`        // tokens of the kinds TokenWord and TokenNumber
	UniqueWords int `json:"unique_words"` // different ones, without regard to case
	Sentences   int `json:"sentences"`    // as [Sentences] finds them
	Paragraphs  int `json:"paragraphs"`   // parted by blank lines
	Syllables   int `json:"syllables"`    // estimated by the rules of English spelling

	WordsPerSentence float64 `json:"words_per_sentence"` // Words / Sentences, the mean length

	// TypeTokenRatio is UniqueWords / Words, in [0, 1]. It falls with the length
	// of a text, so compare texts of one length.
	TypeTokenRatio float64 `json:"type_token_ratio"`

	// FleschReadingEase is about 100 for very easy English and 0 for very hard:
	//
	//	206.835 - 1.015 words/sentences - 84.6 syllables/words
	//
	// R. Flesch, "A new readability yardstick", J. Applied Psychology 32(3), 1948.
	FleschReadingEase float64 `json:"flesch_reading_ease"`

	// FleschKincaidGrade is the school year in the United States that can read
	// the text:
	//
	//	0.39 words/sentences + 11.8 syllables/words - 15.59
	//
	// J. P. Kincaid et al., Naval Technical Training Command, Research Branch
	// Report 8-75, 1975.
	FleschKincaidGrade float64 `json:"flesch_kincaid_grade"`
}

// Statistics counts the parts of body and measures how it reads. The cost is
// O(len(body)).
func Statistics(body string) Stats {
	sentences, paragraphs := appendSentences(nil, body)
	var v vocabulary
	return statistics(&v, body, Tokens(body), len(sentences), paragraphs)
}

// statistics measures a body that is split already; it fills v, which is empty.
func statistics(v *vocabulary, body string, tokens []Token, sentences, paragraphs int) Stats {
	s := Stats{Bytes: len(body), Runes: utf8.RuneCountInString(body), Sentences: sentences, Paragraphs: paragraphs}
	for _, t := range tokens {
		if t.Kind == TokenWord || t.Kind == TokenNumber {
			s.Words++
			v.add(t.Of(body))
		}
	}
	s.UniqueWords = v.size()
	if s.Words == 0 {
		return s
	}
	text, start := string(v.text), 0
	for id, end := range v.ends {
		s.Syllables += int(v.count[id]) * english.Syllables(text[start:end])
		start = end
	}
	words := float64(s.Words)
	s.WordsPerSentence = words / float64(s.Sentences)
	s.TypeTokenRatio = float64(s.UniqueWords) / words
	perWord := float64(s.Syllables) / words
	// The conversions keep processors that can from fusing the products into the
	// sums, which would change the last digit.
	s.FleschReadingEase = 206.835 - float64(1.015*s.WordsPerSentence) - float64(84.6*perWord)
	s.FleschKincaidGrade = float64(0.39*s.WordsPerSentence) + float64(11.8*perWord) - 15.59
	return s
}
