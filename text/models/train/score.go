package main

import (
	"fmt"

	"github.com/quintet-ai/quintet/internal/perceptron"
	"github.com/quintet-ai/quintet/internal/perceptron/english"
)

// name is a typed span of words.
type name struct{ first, end, kind int }

// namesOf returns the names that labels say.
func namesOf(labels []uint8) map[name]bool {
	out := map[name]bool{}
	for i := 0; i < len(labels); {
		end := i + 1
		for labels[i] != english.Outside && end < len(labels) && english.Continues(labels[i], labels[end]) {
			end++
		}
		if labels[i] != english.Outside {
			out[name{i, end, english.NameKind(labels[i])}] = true
		}
		i = end
	}
	return out
}

// kinds are those of english.NameKind.
const kinds = 3

// score counts names by kind.
type score struct {
	hit, gold, found [kinds]int
	shares           float64 // the sum of english.Sentence.Share of what was found
}

// all returns the sum of the counts.
func (s *score) all(counts [kinds]int) (n int) {
	for _, c := range counts {
		n += c
	}
	return n
}

func (s *score) add(gold, found []uint8) {
	want, got := namesOf(gold), namesOf(found)
	for n := range want {
		s.gold[n.kind]++
	}
	for n := range got {
		s.found[n.kind]++
		if want[n] {
			s.hit[n.kind]++
		}
	}
}

// f1 returns the F1 of typed exact spans of the kinds from first to last.
func (s *score) f1(first, last int) float64 {
	hit, all := 0, 0
	for k := first; k <= last; k++ {
		hit += s.hit[k]
		all += s.gold[k] + s.found[k]
	}
	return 2 * float64(hit) / float64(max(all, 1))
}

func (s *score) String() string {
	return fmt.Sprintf("PER %.3f LOC %.3f ORG %.3f PER+LOC %.3f", s.f1(0, 0), s.f1(1, 1), s.f1(2, 2), s.f1(0, 1))
}

const folds = 5

// crossValidate prints how well names are found in each fifth of the sets by a model
// of the others.
func (m *maker) crossValidate() error {
	t, sets, err := m.nameSets()
	if err != nil {
		return err
	}
	var total [2]score
	for k := range folds {
		scores, err := validate(t, sets, k)
		if err != nil {
			return err
		}
		for i := range total {
			for kind := range kinds {
				total[i].hit[kind] += scores[i].hit[kind]
				total[i].gold[kind] += scores[i].gold[kind]
				total[i].found[kind] += scores[i].found[kind]
			}
		}
	}
	fmt.Println("UNER-EWT", total[0].String())
	fmt.Println("WNUT17  ", total[1].String())
	return nil
}

// validate scores fold k of each set, a run of its sentences, with a model of the
// other folds of both.
func validate(t tools, sets [2][]labelled, k int) (scores [2]score, err error) {
	var rest []labelled
	for _, set := range sets {
		from, to := k*len(set)/folds, (k+1)*len(set)/folds
		rest = append(append(rest, set[:from]...), set[to:]...)
	}
	m, err := perceptron.Load(trainNames(rest, t), english.NameLabels)
	if err != nil {
		return scores, err
	}
	var s english.Sentence
	for i, set := range sets {
		for _, x := range set[k*len(set)/folds : (k+1)*len(set)/folds] {
			t.prepare(&s, x.words)
			found := s.Name(m, t.lexicon)
			scores[i].add(x.labels, found)
			for n := range namesOf(found) {
				scores[i].shares += s.Share(n.first, n.end)
			}
		}
	}
	return scores, nil
}
