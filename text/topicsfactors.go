package text

import (
	"context"
	"math/rand/v2"
)

// factors are a corpus V as the product of documents by topics and topics by terms,
// both stored with the topics of a row together.
type factors struct {
	corpus *topicCorpus
	k      int
	docs   []float64
	terms  []float64
	sums   []float64 // of the size of terms: Vᵀ docs
	gram   []float64 // k by k
}

// tinyWeight keeps divisors from being 0.
const tinyWeight = 1e-12

func newFactors(c *topicCorpus, o TopicOptions) *factors {
	used := 0
	for d := range c.size() {
		if c.from[d+1] > c.from[d] {
			used++
		}
	}
	f := &factors{corpus: c, k: min(o.Topics, used, len(c.names))}
	f.docs = make([]float64, c.size()*f.k)
	f.terms = make([]float64, len(c.names)*f.k)
	f.sums = make([]float64, len(f.terms))
	f.gram = make([]float64, f.k*f.k)
	f.start(rand.New(rand.NewPCG(o.Seed, 0x9e3779b97f4a7c15)))
	return f
}

// start makes a topic of each of k documents, drawn with a chance in proportion to
// the squared distance from those before (k-means++: D. Arthur, S. Vassilvitskii,
// SODA 2007). A little of everything is added, as a 0 would stay one.
func (f *factors) start(rng *rand.Rand) {
	c := f.corpus
	far := make([]float64, c.size())
	for d := range far {
		if c.from[d+1] > c.from[d] {
			far[d] = 1
		}
	}
	row := make([]float64, len(c.names))
	for t := range f.k {
		seed := draw(rng, far)
		clear(row)
		for i := c.from[seed]; i < c.from[seed+1]; i++ {
			row[c.terms[i]] = c.weights[i]
		}
		for d := range far {
			dot := 0.0
			for i := c.from[d]; i < c.from[d+1]; i++ {
				dot += float64(c.weights[i] * row[c.terms[i]])
			}
			far[d] = min(far[d], max(0, 1-dot)) // half the squared distance
		}
		far[seed] = 0
		for j, w := range row {
			f.terms[j*f.k+t] = w + 0.01*(1+rng.Float64())/float64(len(row))
		}
	}
	for i := range f.docs {
		f.docs[i] = 0.5 + 0.5*rng.Float64()
	}
	for d := range c.size() {
		if c.from[d+1] == c.from[d] {
			clear(f.docs[d*f.k : (d+1)*f.k])
		}
	}
}

// draw returns an index with a chance in proportion to its weight, the first if all
// are 0.
func draw(rng *rand.Rand, weights []float64) int {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	at, last := rng.Float64()*sum, 0
	for i, w := range weights {
		if w <= 0 {
			continue
		}
		if last = i; at < w {
			break
		}
		at -= w
	}
	return last
}

const (
	fitEvery = 10   // rounds between looks at the fit
	fitGain  = 1e-4 // of the error, below which it ends
)

func (f *factors) fit(ctx context.Context, rounds int) error {
	if f.k == 0 {
		return ctx.Err()
	}
	before := 0.0
	for n := range rounds {
		if err := ctx.Err(); err != nil {
			return err
		}
		f.updateDocs()
		f.updateTerms()
		if n%fitEvery != fitEvery-1 {
			continue
		}
		now := f.err()
		if n >= fitEvery && before-now < fitGain*before {
			break
		}
		before = now
	}
	return ctx.Err()
}

// updateDocs multiplies each weight by V termsᵀ over docs terms termsᵀ.
func (f *factors) updateDocs() {
	f.square(f.terms)
	c, k := f.corpus, f.k
	top, below := make([]float64, k), make([]float64, k)
	for d := range c.size() {
		clear(top)
		for i := c.from[d]; i < c.from[d+1]; i++ {
			term := f.terms[int(c.terms[i])*k:][:k]
			for t, w := range term {
				top[t] += float64(c.weights[i] * w)
			}
		}
		f.scale(f.docs[d*k:][:k], top, below)
	}
}

// updateTerms multiplies each weight by docsᵀ V over docsᵀ docs terms.
func (f *factors) updateTerms() {
	f.square(f.docs)
	c, k := f.corpus, f.k
	clear(f.sums)
	for d := range c.size() {
		doc := f.docs[d*k:][:k]
		for i := c.from[d]; i < c.from[d+1]; i++ {
			sum := f.sums[int(c.terms[i])*k:][:k]
			for t, w := range doc {
				sum[t] += float64(c.weights[i] * w)
			}
		}
	}
	below := make([]float64, k)
	for j := range c.names {
		f.scale(f.terms[j*k:][:k], f.sums[j*k:][:k], below)
	}
}

// square sets gram to mᵀm.
func (f *factors) square(m []float64) {
	clear(f.gram)
	for ; len(m) > 0; m = m[f.k:] {
		for a, x := range m[:f.k] {
			if x == 0 {
				continue
			}
			row := f.gram[a*f.k:][:f.k]
			for b, y := range m[:f.k] {
				row[b] += float64(x * y)
			}
		}
	}
}

// scale multiplies row by top over row gram; below is room for the latter.
func (f *factors) scale(row, top, below []float64) {
	clear(below)
	for a, x := range row {
		for b, g := range f.gram[a*f.k:][:f.k] {
			below[b] += float64(x * g)
		}
	}
	for t := range row {
		row[t] *= top[t] / (below[t] + tinyWeight)
	}
}

// err returns the squared error, less what does not change: the rows of V have
// length 1. It follows updateTerms, whose sums and gram still hold.
func (f *factors) err() float64 {
	e := float64(f.corpus.size())
	for i, w := range f.terms {
		e -= 2 * float64(w*f.sums[i])
	}
	docs := append([]float64(nil), f.gram...)
	f.square(f.terms)
	for i, g := range f.gram {
		e += float64(g * docs[i])
	}
	return e
}
