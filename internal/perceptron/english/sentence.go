package english

import "github.com/quintet-ai/quintet/internal/perceptron"

// MaxSentence is the number of words that a sentence can have.
const MaxSentence = 1 << 12

// MaxPlace is the number of words that a place of the lexicon can have.
const MaxPlace = 4

// Sentence is the working memory of one sentence after another. Its zero value is
// an empty sentence; it is not safe for concurrent use.
type Sentence struct {
	words    []word // two edges, the words, two edges
	capitals bool   // no letter is small and there are enough
	tags     []uint8
	features []uint32
	scores   perceptron.Scores
	sums     [256]int32 // of a trainer

	emissions [][NameLabels]int32
	back      [][NameLabels]uint8
	labels    []uint8
}

// Reset makes s empty.
func (s *Sentence) Reset() {
	s.words = append(s.words[:0], edge[0], edge[0])
}

// Add appends a word.
func (s *Sentence) Add(w string, x *Lexicon) {
	n := len(s.words)
	s.words = append(s.words, word{})
	s.words[n].look(w, x)
}

// Close ends the sentence: from now on it can be tagged, and takes no more words.
func (s *Sentence) Close() {
	small, large := 0, 0
	for i := range s.words[2:] {
		switch s.words[2+i].kind {
		case lowerCase, firstUpper, mixedCase:
			small++
		case allUpper:
			large++
		}
	}
	s.capitals = large > 1 && large > 2*small
	s.words = append(s.words, edge[1], edge[1])
}

// Len returns the number of words of a closed sentence.
func (s *Sentence) Len() int { return len(s.words) - 4 }

// kindAt returns the kind of word i, whether it is the first, and whether the sentence
// is all in capitals.
func (s *Sentence) kindAt(i int) uint32 {
	kind := uint32(s.words[i+2].kind) << 1
	if i == 0 {
		kind |= 1
	}
	if s.capitals {
		kind |= 1 << 8
	}
	return kind
}
