package text

import (
	"math"
	"strings"
	"time"
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
	Syllables   int `json:"syllables"`    // estimated by English spelling, of the first 64 bytes of a word

	Letters       int `json:"letters"`       // letters and digits of the words
	Polysyllables int `json:"polysyllables"` // words of three syllables or more, numbers not

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

	// GunningFog is a school year too:
	//
	//	0.4 (words/sentences + 100 hard/words)
	//
	// Hard words are the Polysyllables that do not owe the third syllable to the
	// ending -es, -ed or -ing. Names, which the original leaves out, count.
	// R. Gunning, The Technique of Clear Writing, 1952.
	GunningFog float64 `json:"gunning_fog"`

	// SMOG is the school year whose pupils understand the text in full. It was
	// made for 30 sentences or more:
	//
	//	3.1291 + 1.0430 sqrt(30 polysyllables/sentences)
	//
	// G. H. McLaughlin, "SMOG grading", J. Reading 12(8), 1969.
	SMOG float64 `json:"smog"`

	// ColemanLiau is a school year from letters and not syllables, so that it
	// holds for words whose syllables are not known:
	//
	//	5.88 letters/words - 29.6 sentences/words - 15.8
	//
	// M. Coleman, T. L. Liau, "A computer readability formula designed for machine
	// scoring", J. Applied Psychology 60(2), 1975.
	ColemanLiau float64 `json:"coleman_liau"`

	// AutomatedReadability is a school year too:
	//
	//	4.71 letters/words + 0.5 words/sentences - 21.43
	//
	// R. J. Senter, E. A. Smith, Automated Readability Index, AMRL-TR-66-220, 1967.
	AutomatedReadability float64 `json:"automated_readability"`

	// ReadingTime is what 238 words a minute take, the mean of adults who read
	// English silently: M. Brysbaert, "How many words do we read per minute?", J.
	// Memory and Language 109, 2019. In JSON it is in nanoseconds.
	ReadingTime time.Duration `json:"reading_time"`

	// LexicalDiversity is the mean TypeTokenRatio of all runs of 50 words, or that
	// of the text if it is shorter, in [0, 1]; it does not fall with the length:
	// M. A. Covington, J. D. McFall, "Cutting the Gordian knot: the moving-average
	// type-token ratio", J. Quantitative Linguistics 17(2), 2010.
	LexicalDiversity float64 `json:"lexical_diversity"`
}

const wordsPerMinute = 238

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
	var room [512]int32 // for most texts, without an allocation
	d := diversity{last: room[:0]}
	for _, t := range tokens {
		if t.Kind == TokenWord || t.Kind == TokenNumber {
			s.Words++
			d.add(v.add(t.Of(body)))
		}
	}
	s.UniqueWords = v.size()
	if s.Words == 0 {
		return s
	}
	text, start, hard := string(v.text), 0, 0
	for id, end := range v.ends {
		word, count := text[start:end], int(v.count[id])
		head := firstBytes(word)
		n := english.Syllables(head)
		s.Syllables += count * n
		s.Letters += count * letters(word)
		if n >= 3 && !asciiDigit(word[0]) {
			s.Polysyllables += count
			if !inflected(head, n) {
				hard += count
			}
		}
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
	s.GunningFog = 0.4 * (s.WordsPerSentence + float64(100*hard)/words)
	s.SMOG = 3.1291 + float64(1.043*math.Sqrt(float64(30*s.Polysyllables)/float64(s.Sentences)))
	perWord = float64(s.Letters) / words
	s.ColemanLiau = float64(5.88*perWord) - float64(29.6*float64(s.Sentences)/words) - 15.8
	s.AutomatedReadability = float64(4.71*perWord) + float64(0.5*s.WordsPerSentence) - 21.43
	s.ReadingTime = time.Duration(s.Words) * time.Minute / wordsPerMinute
	s.LexicalDiversity = d.mean(s.UniqueWords)
	return s
}

// letters counts the runes of a word, less the ASCII marks inside: "don't", "3.14".
func letters(word string) (n int) {
	for i := range len(word) {
		if b := word[i]; asciiAlnum(b) || b >= utf8.RuneSelf && utf8.RuneStart(b) {
			n++
		}
	}
	return n
}

// inflected reports whether a word of n syllables has the third from the endings
// that Gunning leaves out.
func inflected(word string, n int) bool {
	if n != 3 {
		return false
	}
	for _, ending := range [...]string{"es", "ed", "ing"} {
		root, ok := strings.CutSuffix(word, ending)
		if ok && len(root) > 1 && (english.Syllables(root) < n || english.Syllables(root+"e") < n) {
			return true
		}
	}
	return false
}

// diversityWindow is the length in words of the runs of a [diversity].
const diversityWindow = 50

// diversity follows the number of different words in the last 50.
type diversity struct {
	last   []int32                // where each word stood last, from 1
	window [diversityWindow]int32 // the last words
	n      int                    // words
	types  int                    // different ones in the window
	sum    int                    // of types over the full windows
}

// add takes the number of a word; a new word has the next number.
func (d *diversity) add(id int32) {
	slot := d.n % diversityWindow
	d.n++
	if int(id) == len(d.last) {
		d.last = append(d.last, 0)
	}
	if d.n > diversityWindow {
		if gone := d.window[slot]; int(d.last[gone]) == d.n-diversityWindow {
			d.types--
		}
	}
	if at := int(d.last[id]); at == 0 || at <= d.n-diversityWindow {
		d.types++
	}
	d.last[id], d.window[slot] = int32(d.n), id
	if d.n >= diversityWindow {
		d.sum += d.types
	}
}

// mean returns the mean ratio of the windows. The sums are of integers, so it is
// the same everywhere.
func (d *diversity) mean(unique int) float64 {
	if d.n < diversityWindow {
		return float64(unique) / float64(d.n)
	}
	return float64(d.sum) / float64((d.n-diversityWindow+1)*diversityWindow)
}
