package english

import "github.com/quintet-ai/quintet/internal/perceptron"

// noTag stands before the first tag of a sentence.
const noTag = 255

// Tag sets the tags of a closed sentence by a greedy search from left to right and
// returns them; they are valid until the next call.
func (s *Sentence) Tag(m *perceptron.Model) []uint8 {
	s.tags = s.tags[:0]
	before, before2 := uint32(noTag), uint32(noTag)
	for i := range s.Len() {
		if sure, ok := m.Only(sureFeature(s.words[i+2].exact)); ok {
			s.tags = append(s.tags, uint8(sure))
			before, before2 = uint32(sure), before
			continue
		}
		s.features = s.tagFeatures(s.features[:0], i)
		s.features = s.tagHistory(s.features, i, before, before2)
		best := argmax(m.Score(&s.scores, s.features))
		s.tags = append(s.tags, uint8(best))
		before, before2 = uint32(best), before
	}
	return s.tags
}

// argmax returns the first of the largest values.
func argmax(x []int32) int {
	best := 0
	for i, v := range x {
		if v > x[best] {
			best = i
		}
	}
	return best
}

// sureFeature is that of a word that nearly always has one tag.
func sureFeature(exact uint32) uint32 { return perceptron.Mix(60<<24, exact) }

// SureTag lets a word have one tag and no other.
func SureTag(t *perceptron.Trainer, word string, tag uint8) {
	t.Fix(sureFeature(exact(word)), int(tag))
}

// LearnTags makes one pass over a closed sentence whose tags are known. It learns
// nothing about the words that sure maps to tags.
func (s *Sentence) LearnTags(t *perceptron.Trainer, gold []uint8, labels int, sure []bool) {
	before, before2 := uint32(noTag), uint32(noTag)
	for i := range s.Len() {
		if sure[i] {
			before, before2 = uint32(gold[i]), before
			continue
		}
		s.features = s.tagFeatures(s.features[:0], i)
		s.features = s.tagHistory(s.features, i, before, before2)
		t.Scores(s.sums[:labels], s.features)
		best := argmax(s.sums[:labels])
		t.Step()
		if best != int(gold[i]) {
			t.Update(s.features, int(gold[i]), 1)
			t.Update(s.features, best, -1)
		}
		before, before2 = uint32(best), before
	}
}
