package text

import (
	"bytes"
	"cmp"
	"context"
	"math"
	"slices"
)

// topicCorpus is a matrix of documents by terms, without the zeros.
type topicCorpus struct {
	names   []string  // of the terms
	from    []int     // where each document begins, and the end
	terms   []int32   // of the documents, end to end
	weights []float64 // beside terms
}

func (c *topicCorpus) size() int { return len(c.from) - 1 }

// readCorpus counts the terms of documents and weighs those that count.
func readCorpus(ctx context.Context, docs []string, o TopicOptions) (*topicCorpus, error) {
	c := &topicCorpus{from: make([]int, 1, len(docs)+1)}
	x := &extractor{}
	var tokens []Token
	var shared, marks []int32 // documents that have a stem; the last that has it, from 1
	var slots []int           // where the count of a stem in that document stands
	for d, body := range docs {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		tokens = AppendTokens(tokens[:0], body)
		x.body, x.tokens = body, tokens
		for i, t := range tokens {
			if t.Kind != TokenWord {
				continue
			}
			e := x.look(i, i+1)
			if e.role != content {
				continue
			}
			for int(e.stem) >= len(marks) {
				shared, marks, slots = append(shared, 0), append(marks, 0), append(slots, 0)
			}
			if marks[e.stem] != int32(d+1) {
				marks[e.stem], slots[e.stem] = int32(d+1), len(c.terms)
				shared[e.stem]++
				c.terms, c.weights = append(c.terms, e.stem), append(c.weights, 0)
			}
			c.weights[slots[e.stem]]++
		}
		c.from = append(c.from, len(c.terms))
	}
	c.choose(x, shared, o)
	return c, nil
}

// choose keeps the terms that count, under numbers without gaps, and weighs them.
func (c *topicCorpus) choose(x *extractor, shared []int32, o TopicOptions) {
	var kept []int32
	most := int32(o.MaxShare * float64(c.size()))
	for stem, n := range shared {
		if int(n) >= o.MinDocuments && n <= max(most, 1) {
			kept = append(kept, int32(stem))
		}
	}
	slices.SortFunc(kept, func(a, b int32) int {
		return cmp.Or(cmp.Compare(shared[b], shared[a]), bytes.Compare(x.stems.word(a), x.stems.word(b)))
	})
	kept = kept[:min(len(kept), o.MaxTerms)]
	number := make([]int32, len(shared)) // from 1
	for i, stem := range kept {
		number[stem] = int32(i + 1)
	}
	c.name(x, number, len(kept))

	at, from := 0, 0
	for d := range c.size() {
		end, norm, begin := c.from[d+1], 0.0, at
		for i := from; i < end; i++ {
			stem := c.terms[i]
			if number[stem] == 0 {
				continue
			}
			w := 1 + math.Log(c.weights[i])
			w *= 1 + math.Log(float64(1+c.size())/float64(1+shared[stem]))
			c.terms[at], c.weights[at] = number[stem]-1, w
			norm += float64(w * w)
			at++
		}
		for i := begin; i < at; i++ {
			c.weights[i] /= math.Sqrt(norm)
		}
		from, c.from[d+1] = end, at
	}
	c.terms, c.weights = c.terms[:at], c.weights[:at]
}

// name gives each term the word that stands for it most often; ties go to the
// earlier in the alphabet.
func (c *topicCorpus) name(x *extractor, number []int32, n int) {
	c.names = make([]string, n)
	counts := make([]int32, n)
	for id, e := range x.known {
		if e.role != content || int(e.stem) >= len(number) || number[e.stem] == 0 {
			continue
		}
		i, word, count := number[e.stem]-1, string(x.words.word(int32(id))), x.words.count[id]
		if count > counts[i] || count == counts[i] && word < c.names[i] {
			c.names[i], counts[i] = word, count
		}
	}
}
