package main

import (
	"slices"

	"github.com/quintet-ai/quintet/internal/perceptron"
	"github.com/quintet-ai/quintet/internal/perceptron/english"
)

// Chosen on the development split of UD English-EWT.
const (
	tagPasses = 8
	tagRare   = 5
	tagScale  = 4
	tagLeast  = 1
)

// tagCount is the number of tags of the treebank.
const tagCount = 49

// trainTags returns the packed model of the parts of speech. Its labels are the tags
// of the samples, sorted.
func trainTags(samples []sample, x *english.Lexicon) []byte {
	of := tagNumbers(samples)
	t := perceptron.NewTrainer(len(of), tagRare)
	sure := sureTags(samples, of)
	for _, w := range sure.words {
		english.SureTag(t, w, sure.tags[w])
	}
	var s english.Sentence
	var gold []uint8
	var known []bool
	order := newShuffler(len(samples))
	for range tagPasses {
		for _, i := range order.next() {
			gold, known = gold[:0], known[:0]
			s.Reset()
			for j, w := range samples[i].words {
				s.Add(w, x)
				tag, ok := sure.tags[w]
				if !ok {
					tag = of[samples[i].labels[j]]
				}
				gold, known = append(gold, tag), append(known, ok)
			}
			s.Close()
			s.LearnTags(t, gold, len(of), known)
		}
	}
	return t.Pack(tagScale, tagLeast)
}

func tagNumbers(samples []sample) map[string]uint8 {
	of := map[string]uint8{}
	var names []string
	for _, s := range samples {
		for _, name := range s.labels {
			if _, ok := of[name]; !ok {
				of[name] = 0
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	for i, name := range names {
		of[name] = uint8(i)
	}
	return of
}

// A word is sure if a tag has so many of its places, and so many of a thousand.
const (
	surePlaces = 8
	sureShare  = 985
)

// sureWords are words that nearly always have the same tag.
type sureWords struct {
	words []string // sorted
	tags  map[string]uint8
}

func sureTags(samples []sample, of map[string]uint8) sureWords {
	counts, total := map[string]map[uint8]int{}, map[string]int{}
	for _, s := range samples {
		for i, w := range s.words {
			if counts[w] == nil {
				counts[w] = map[uint8]int{}
			}
			counts[w][of[s.labels[i]]]++
			total[w]++
		}
	}
	sure := sureWords{tags: map[string]uint8{}}
	for w, tags := range counts {
		for tag, n := range tags {
			if n >= surePlaces && n*1000 >= total[w]*sureShare {
				sure.words = append(sure.words, w)
				sure.tags[w] = tag
			}
		}
	}
	slices.Sort(sure.words)
	return sure
}
