package main

import (
	"math"

	"github.com/quintet-ai/quintet/text/language/internal/ngram"
)

// corpus holds how often each n-gram of up to MaxOrder symbols stands in the text
// that a language's tables were counted on, boundaries of words included.
type corpus struct {
	count map[ngram.Key]int
	total int // letters and ends of words
}

// newCorpus recovers the counts from the chances, in which order is ascending.
//
// The tables know no boundaries of words, but n-grams never cross one. So "ing"
// ends a word as often as it stands anywhere, less as often as a letter follows,
// and likewise it begins one. The chance of an n-gram that stands once is the
// smallest, which gives the size of the text; times it, every chance is a whole
// number.
func newCorpus(grams []gram) *corpus {
	joint := make(map[ngram.Key]float64, len(grams))
	least := 1.0
	for _, g := range grams {
		k, ok := letterKey(g.letters)
		if !ok {
			continue
		}
		p := g.chance
		if k.Order() > 1 {
			p *= joint[k.Context()]
		}
		if p > 0 {
			joint[k] = p
			least = min(least, p)
		}
	}
	c := &corpus{count: make(map[ngram.Key]int, len(joint)*3/2)}
	for k, p := range joint {
		c.count[k] = int(math.Round(p / least))
	}
	c.addBoundaries()
	return c
}

// letterKey returns the key of an n-gram, and false if a letter has no symbol.
func letterKey(letters []rune) (k ngram.Key, ok bool) {
	for _, r := range letters {
		symbol := ngram.Symbol(r)
		if symbol == 0 || k.Order() == ngram.MaxOrder {
			return 0, false
		}
		k = k.Append(symbol)
	}
	return k, len(letters) > 0
}

// addBoundaries counts the n-grams that begin or end a word, or are one, and the
// words. A longest n-gram with a boundary has one letter less.
func (c *corpus) addBoundaries() {
	before, after := map[ngram.Key]int{}, map[ngram.Key]int{} // letters beside an n-gram
	for k, n := range c.count {
		if k.Order() > 1 {
			before[k.Last(k.Order()-1)] += n
			after[k.Context()] += n
		}
	}
	first, last := map[ngram.Key]int{}, map[ngram.Key]int{}
	for k, n := range c.count {
		if k.Order() < ngram.MaxOrder {
			first[begin(k)] = n - before[k]
			last[k.Append(ngram.Boundary)] = n - after[k]
		}
	}
	follows := map[ngram.Key]int{} // letters after the beginning of a word
	for k, n := range first {
		follows[k.Context()] += n
	}
	words := map[ngram.Key]int{}
	for k, n := range first {
		if k.Order() < ngram.MaxOrder {
			words[k.Append(ngram.Boundary)] = n - follows[k]
		}
	}
	ends := 0 // of words, and so the number of words
	for _, more := range []map[ngram.Key]int{first, last, words} {
		for k, n := range more {
			if n > 0 {
				c.count[k] = n
			}
		}
	}
	for k, n := range c.count {
		switch {
		case k.Order() == 1:
			c.total += n
		case k.Order() == 2 && k.First() == ngram.Boundary:
			ends += n
		}
	}
	c.count[ngram.Key(0).Append(ngram.Boundary)] = ends
	c.total += ends
}

// begin returns k with a boundary before it.
func begin(k ngram.Key) ngram.Key {
	b := ngram.Key(0).Append(ngram.Boundary)
	for i := range k.Order() {
		b = b.Append(k.Last(k.Order() - i).First())
	}
	return b
}
