package main

import (
	"strings"

	"github.com/quintet-ai/quintet/internal/perceptron/english"
)

// others puts other names in the place of those of a sentence, so that what stands
// around a name is learnt apart from the few names that the corpora have.
type others struct {
	given, surnames, places []string
	state                   uint64
}

// pick returns one of the list, of the first ones more often.
func (o *others) pick(list []string) string {
	a, b := o.next(1<<15), o.next(1<<15)
	return list[a*b>>15*len(list)>>15]
}

func (o *others) next(n int) int {
	o.state = o.state*6364136223846793005 + 1442695040888963407
	return int((o.state >> 33) % uint64(n))
}

// rename returns a sentence with other people and places, of the same case.
func (o *others) rename(x labelled) (out labelled) {
	for i := 0; i < len(x.words); {
		end := i + 1
		for x.labels[i] != english.Outside && end < len(x.words) && english.Continues(x.labels[i], x.labels[end]) {
			end++
		}
		name := o.other(x.labels[i], end-i)
		if name == nil {
			out.words = append(out.words, x.words[i:end]...)
			out.labels = append(out.labels, x.labels[i:end]...)
		}
		for k, w := range name {
			if strings.ToLower(x.words[i]) == x.words[i] {
				w = strings.ToLower(w)
			}
			out.words, out.labels = append(out.words, w), append(out.labels, x.labels[i])
			if k > 0 {
				out.labels[len(out.labels)-1]++
			}
		}
		i = end
	}
	return out
}

// other returns another name for one of n words, or nil.
func (o *others) other(label uint8, n int) []string {
	switch {
	case label == english.BeginPerson && n == 2:
		return []string{o.pick(o.given), o.pick(o.surnames)}
	case label == english.BeginPerson && n == 1 && o.next(2) == 0:
		return []string{o.pick(o.given)}
	case label == english.BeginPerson && n == 1:
		return []string{o.pick(o.surnames)}
	case label == english.BeginPlace && n <= 2:
		return strings.Fields(o.pick(o.places))
	}
	return nil
}
