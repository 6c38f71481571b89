package english

import (
	"math"

	"github.com/quintet-ai/quintet/internal/perceptron"
)

// The labels of words: outside of names, or the first or a later word of one.
const (
	Outside = iota
	BeginPerson
	InPerson
	BeginPlace
	InPlace
	BeginGroup
	InGroup
	NameLabels // how many there are
)

// follows reports whether label b can stand behind label a.
func follows(a, b int) bool {
	return b == Outside || b%2 == 1 || a == b || a == b-1
}

// edgeLabel stands before the first word.
const edgeLabel = NameLabels

// transitions are the scores of a label, the second index, behind another.
type transitions [NameLabels + 1][NameLabels]int32

func transitionFeature(label int) uint32 { return perceptron.Mix(250<<24, uint32(label)) }

const impossible = -1 << 28

// Name sets the labels of a closed and tagged sentence by the search of Viterbi and
// returns them; they are valid until the next call.
func (s *Sentence) Name(m *perceptron.Model, x *Lexicon) []uint8 {
	s.markPlaces(x)
	var step transitions
	for a := range step {
		s.features = append(s.features[:0], transitionFeature(a))
		copy(step[a][:], m.Score(&s.scores, s.features))
	}
	n := s.Len()
	s.emissions = s.emissions[:0]
	for i := range n {
		s.features = s.nameFeatures(s.features[:0], i)
		s.emissions = append(s.emissions, [NameLabels]int32(m.Score(&s.scores, s.features)))
	}
	return s.search(&step)
}

// search finds the best labels for the emissions.
func (s *Sentence) search(step *transitions) []uint8 {
	n := len(s.emissions)
	s.back, s.labels = grown(s.back, n), grown(s.labels, n)
	var best [NameLabels]int32
	for i, scores := range s.emissions {
		var next [NameLabels]int32
		for b := range next {
			top, from := int32(impossible), Outside
			if i == 0 && follows(Outside, b) {
				top = step[edgeLabel][b]
			}
			for a := range best {
				if v := best[a] + step[a][b]; i > 0 && v > top && follows(a, b) {
					top, from = v, a
				}
			}
			next[b] = top + scores[b]
			s.back[i][b] = uint8(from)
		}
		best = next
	}
	if n == 0 {
		return s.labels
	}
	label := uint8(argmax(best[:]))
	for i := n - 1; i >= 0; i-- {
		s.labels[i] = label
		label = s.back[i][label]
	}
	return s.labels
}

// grown returns a slice of n elements, in the memory of x if it is large enough.
func grown[T any](x []T, n int) []T {
	if cap(x) < n {
		return make([]T, n, 2*n)
	}
	return x[:n]
}

// markPlaces finds the places of the lexicon that have several words.
func (s *Sentence) markPlaces(x *Lexicon) {
	words := s.words[2 : len(s.words)-2]
	for i := range words {
		words[i].place = 0
	}
	for i := 0; i < len(words); i++ {
		if words[i].Lists&PlacePart == 0 || words[i].kind == lowerCase {
			continue
		}
		hash, end := words[i].hash, 0
		for j := i + 1; j < len(words) && j < i+MaxPlace; j++ {
			if hash = hashPair(hash, words[j].hash); x.Entry(hash).Lists&Place != 0 {
				end = j
			}
		}
		for j := i; j <= end; j++ {
			words[j].place = 2
		}
		if end > 0 {
			words[i].place = 1
			i = end
		}
	}
}

// LearnNames makes one step of the structured perceptron on a closed and tagged
// sentence whose labels are known.
func (s *Sentence) LearnNames(t *perceptron.Trainer, x *Lexicon, gold []uint8) {
	s.markPlaces(x)
	var step transitions
	for a := range step {
		t.Scores(step[a][:], []uint32{transitionFeature(a)})
	}
	s.emissions = s.emissions[:0]
	for i := range s.Len() {
		s.features = s.nameFeatures(s.features[:0], i)
		t.Scores(s.sums[:NameLabels], s.features)
		s.emissions = append(s.emissions, [NameLabels]int32(s.sums[:]))
	}
	found := s.search(&step)
	t.Step()
	before, wrong := edgeLabel, edgeLabel
	for i, label := range found {
		right := int(gold[i])
		if right != int(label) {
			s.features = s.nameFeatures(s.features[:0], i)
			t.Update(s.features, right, 1)
			t.Update(s.features, int(label), -1)
		}
		if right != int(label) || before != wrong {
			t.Update([]uint32{transitionFeature(before)}, right, 1)
			t.Update([]uint32{transitionFeature(wrong)}, int(label), -1)
		}
		before, wrong = right, int(label)
	}
}

// Continues reports whether label is that of a later word of the name that began with
// first.
func Continues(first, label uint8) bool { return label == first+1 }

// NameKind returns 0 for a person, 1 for a place and 2 for a group.
func NameKind(label uint8) int { return int(label-1) / 2 }

// Share returns the mean, over the words from first to before end, of the share that
// the kind of their label has of the softmax of the labels' scores. It holds for the
// labels that Name returned last.
func (s *Sentence) Share(first, end int) float64 {
	sum := 0.0
	for i := first; i < end; i++ {
		all, ours := 0.0, 0.0
		for label, score := range s.emissions[i] {
			e := math.Exp(float64(score) / warmth)
			all += e
			if label != Outside && NameKind(uint8(label)) == NameKind(s.labels[first]) {
				ours += e
			}
		}
		sum += ours / all
	}
	return sum / float64(end-first)
}

// warmth is the difference of scores that makes a label e times as likely. It was
// chosen so that the shares of names are right about as often as they say.
const warmth = 32
