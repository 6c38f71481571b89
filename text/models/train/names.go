package main

import (
	"strings"

	"github.com/quintet-ai/quintet/internal/perceptron"
	"github.com/quintet-ai/quintet/internal/perceptron/english"
)

// Chosen by cross-validation.
const (
	namePasses = 8
	nameRare   = 4
	nameScale  = 6
	nameLeast  = 1
	nameUpper  = 16 // one in so many sentences is learnt in capitals
)

// labelled is a sentence with the labels of its names.
type labelled struct {
	words  []string
	labels []uint8
}

// beginOf maps the kinds of names of the corpora to labels; other kinds are no names.
var beginOf = map[string]uint8{
	"PER": english.BeginPerson, "person": english.BeginPerson,
	"LOC": english.BeginPlace, "location": english.BeginPlace,
	"ORG": english.BeginGroup, "corporation": english.BeginGroup, "group": english.BeginGroup,
}

func labelNames(samples []sample) (out []labelled) {
	for _, s := range samples {
		x := labelled{words: s.words}
		begun := uint8(english.Outside) // how the name that may go on began
		for _, column := range s.labels {
			prefix, kind, _ := strings.Cut(column, "-")
			label := beginOf[kind]
			if prefix == "I" && label != english.Outside && label == begun {
				label++
			} else {
				begun = label
			}
			x.labels = append(x.labels, label)
		}
		out = append(out, x)
	}
	return out
}

// tools are what the sentences are looked at with.
type tools struct {
	lexicon *english.Lexicon
	tags    *perceptron.Model
}

func (t tools) prepare(s *english.Sentence, words []string) {
	s.Reset()
	for _, w := range words {
		s.Add(w, t.lexicon)
	}
	s.Close()
	s.Tag(t.tags)
}

// trainNames returns the packed model of the names.
func trainNames(all []labelled, t tools) []byte {
	learner := perceptron.NewTrainer(english.NameLabels, nameRare)
	var s english.Sentence
	order := newShuffler(len(all))
	for pass := range namePasses {
		for _, i := range order.next() {
			x := all[i]
			if (i+pass)%nameUpper == 0 {
				x.words = inCapitals(x.words)
			}
			t.prepare(&s, x.words)
			s.LearnNames(learner, t.lexicon, x.labels)
		}
	}
	return learner.Pack(nameScale, nameLeast)
}

func inCapitals(words []string) (out []string) {
	for _, w := range words {
		out = append(out, strings.ToUpper(w))
	}
	return out
}
