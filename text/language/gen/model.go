package main

import (
	"math"
	"slices"

	"github.com/quintet-ai/quintet/text/language/internal/ngram"
)

// model is a language model of each language of a script: the probability of a
// letter after up to four others, by absolute discounting (Ney, Essen, Kneser,
// Computer Speech and Language 8, 1994).
type model struct {
	keys  []ngram.Key // ascending, so that shorter n-grams stand first
	first []int32     // of its rows, and one more
	rows  []row
	total []float64 // of each language
	slots []int32   // of the hash table of keys, one more than the place
}

// row is an n-gram in a language.
type row struct {
	language uint8
	count    int32
	next     int32   // different letters that follow
	log      float32 // of the probability of its last letter after the others
}

// discount is what each count gives to n-grams that were not seen.
const discount = 0.7

func newModel(corpora []*corpus) *model {
	m := &model{total: make([]float64, len(corpora))}
	seen := map[ngram.Key]int32{}
	for l, c := range corpora {
		m.total[l] = float64(c.total)
		for k := range c.count {
			seen[k]++
		}
	}
	m.keys = make([]ngram.Key, 0, len(seen))
	for k := range seen {
		m.keys = append(m.keys, k)
	}
	slices.Sort(m.keys)
	m.first = make([]int32, 1, len(m.keys)+1)
	for i, k := range m.keys {
		m.first = append(m.first, m.first[i]+seen[k])
	}
	clear(seen)
	m.index()

	m.rows = make([]row, m.first[len(m.keys)])
	fill := slices.Clone(m.first)
	for l, c := range corpora { // languages ascend within a key
		for k, n := range c.count {
			i := m.find(k)
			m.rows[fill[i]] = row{language: uint8(l), count: int32(n)}
			fill[i]++
		}
	}
	m.countNext()
	m.smooth()
	return m
}

// index makes the hash table; Go's map is too large and too slow for this.
func (m *model) index() {
	size := 1
	for size < 2*len(m.keys) {
		size *= 2
	}
	m.slots = make([]int32, size)
	for i, k := range m.keys {
		at := m.slot(k)
		for m.slots[at] != 0 {
			at = (at + 1) & (size - 1)
		}
		m.slots[at] = int32(i) + 1
	}
}

func (m *model) slot(k ngram.Key) int {
	return int(uint64(k)*0x9e3779b97f4a7c15>>32) & (len(m.slots) - 1)
}

// find returns the place of a key, or -1.
func (m *model) find(k ngram.Key) int {
	for at := m.slot(k); m.slots[at] != 0; at = (at + 1) & (len(m.slots) - 1) {
		if i := int(m.slots[at]) - 1; m.keys[i] == k {
			return i
		}
	}
	return -1
}

// of returns the rows of a key.
func (m *model) of(i int) []row { return m.rows[m.first[i]:m.first[i+1]] }

// row returns the row of a key in a language, or nil.
func (m *model) row(k ngram.Key, language uint8) *row {
	i := m.find(k)
	if i < 0 {
		return nil
	}
	rows := m.of(i)
	for j := range rows {
		if rows[j].language == language {
			return &rows[j]
		}
	}
	return nil
}

func (m *model) countNext() {
	for i, k := range m.keys {
		if k.Order() == 1 {
			continue
		}
		for _, r := range m.of(i) {
			if c := m.row(k.Context(), r.language); c != nil {
				c.next++
			}
		}
	}
}

// smooth computes the logarithms, those of short n-grams first.
func (m *model) smooth() {
	for i, k := range m.keys {
		rows := m.of(i)
		for j := range rows {
			r := &rows[j]
			n := float64(r.count)
			if k.Order() == 1 {
				r.log = float32(math.Log((n + 0.5) / m.total[r.language]))
				continue
			}
			c := m.row(k.Context(), r.language)
			if c == nil { // counts are rounded
				r.log = float32(m.log(k.Last(k.Order()-1), r.language))
				continue
			}
			shorter := math.Exp(m.log(k.Last(k.Order()-1), r.language))
			p := max(n-discount, 0) + discount*float64(c.next)*shorter
			r.log = float32(math.Log(p / float64(c.count)))
		}
	}
}

// log returns the logarithm of the probability of the last symbol of k after the
// others in a language, whether k was seen or not.
func (m *model) log(k ngram.Key, language uint8) float64 {
	if r := m.row(k, language); r != nil {
		return float64(r.log)
	}
	if k.Order() == 1 {
		return math.Log(0.5 / m.total[language])
	}
	shorter := m.log(k.Last(k.Order()-1), language)
	if c := m.row(k.Context(), language); c != nil && c.next > 0 {
		return shorter + c.backoff()
	}
	return shorter
}

// backoff is the logarithm of the weight of shorter n-grams after this one.
func (r *row) backoff() float64 {
	return math.Log(discount * float64(r.next) / float64(r.count))
}
