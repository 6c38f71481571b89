package text

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/quintet-ai/quintet"
)

// TopicOptions configures [FindTopics]. The zero value finds ten topics.
type TopicOptions struct {
	// Topics is how many to find, at most 256. Default: 10. There are fewer if
	// the corpus has fewer documents or terms.
	Topics int

	// Terms is how many terms of a topic are named. Default: 10.
	Terms int

	// Iterations is the most rounds of the factorisation. It ends before that
	// when ten rounds improve the fit by less than a ten-thousandth. Default: 200.
	Iterations int

	// Seed chooses the random start. The same seed and corpus give the same
	// topics.
	Seed uint64

	// MinDocuments drops the terms that fewer documents have. Default: 2.
	MinDocuments int

	// MaxShare drops the terms that more than this share of the documents have,
	// above 0 to 1. Default: 0.5.
	MaxShare float64

	// MaxTerms keeps the terms that most documents have. Default: 20,000.
	MaxTerms int

	// MaxDocuments and MaxBytes are the limits of a corpus; a larger one gets an
	// error wrapping quintet.ErrInput before any work. Default: 100,000 documents
	// and 64 MiB in all.
	MaxDocuments, MaxBytes int
}

const maxTopics = 256

func (o TopicOptions) withDefaults() (TopicOptions, error) {
	for _, n := range []int{o.Topics, o.Terms, o.Iterations, o.MinDocuments, o.MaxTerms, o.MaxDocuments, o.MaxBytes} {
		if n < 0 {
			return o, fmt.Errorf("text: negative number %d for topics: %w", n, quintet.ErrOption)
		}
	}
	if o.Topics > maxTopics {
		return o, fmt.Errorf("text: Topics is %d, limit %d: %w", o.Topics, maxTopics, quintet.ErrOption)
	}
	if !(o.MaxShare >= 0 && o.MaxShare <= 1) {
		return o, fmt.Errorf("text: MaxShare is %v, want 0 to 1: %w", o.MaxShare, quintet.ErrOption)
	}
	o.Topics = cmp.Or(o.Topics, 10)
	o.Terms = cmp.Or(o.Terms, 10)
	o.Iterations = cmp.Or(o.Iterations, 200)
	o.MinDocuments = cmp.Or(o.MinDocuments, 2)
	o.MaxShare = cmp.Or(o.MaxShare, 0.5)
	o.MaxTerms = cmp.Or(o.MaxTerms, 20_000)
	o.MaxDocuments = cmp.Or(o.MaxDocuments, 100_000)
	o.MaxBytes = cmp.Or(o.MaxBytes, 64<<20)
	return o, nil
}

// Topic is what some documents of a corpus have in common.
type Topic struct {
	Terms  []TopicTerm `json:"terms"`  // the best, best first; ties are in alphabetical order
	Weight float64     `json:"weight"` // mean weight over the documents
}

// TopicTerm is a term of a topic.
type TopicTerm struct {
	Term   string  `json:"term"`   // the most frequent word of its stem, in lower case
	Weight float64 `json:"weight"` // share of the topic; those of all its terms, named or not, sum to 1
}

// TopicModel is a corpus seen as a mixture of topics.
type TopicModel struct {
	Topics []Topic `json:"topics"` // heaviest first

	// Documents has the weights of the Topics for each document, in the order of
	// the corpus. They sum to 1, or are all 0 for a document without a term that
	// counts.
	Documents [][]float64 `json:"documents"`
}

// FindTopics finds what an English corpus is about: documents and terms are
// approximated by the product of two matrices without negative numbers, documents by
// topics and topics by terms (D. D. Lee, H. S. Seung, "Learning the parts of objects
// by non-negative matrix factorization", Nature 401, 1999; the multiplicative updates
// for the squared error are of NIPS 2000). Terms are stems of words other than stop
// words and words of general prose; a document weighs (1+ln tf)(1+ln((1+n)/(1+df)))
// for each and has length 1. The start is documents drawn far from each other.
//
// The result is a local optimum: other seeds may give other topics. It is the same
// in every run on one platform, and on others up to rounding.
//
// The cost is O(bytes) and, for each iteration, k times the different terms of all
// documents and k^2 times documents and terms, for k topics; memory is 8k bytes a
// document and 16k a term. Errors wrap [quintet.ErrOption], [quintet.ErrInput] or are
// of ctx, which is looked at for each document and iteration.
func FindTopics(ctx context.Context, docs []string, o TopicOptions) (TopicModel, error) {
	o, err := o.withDefaults()
	if err != nil {
		return TopicModel{}, err
	}
	if err := checkCorpus(docs, o); err != nil {
		return TopicModel{}, err
	}
	c, err := readCorpus(ctx, docs, o)
	if err != nil {
		return TopicModel{}, err
	}
	f := newFactors(c, o)
	if err := f.fit(ctx, o.Iterations); err != nil {
		return TopicModel{}, err
	}
	return f.model(o.Terms), nil
}

func checkCorpus(docs []string, o TopicOptions) error {
	if len(docs) > o.MaxDocuments {
		return fmt.Errorf("text: corpus has %d documents, limit %d: %w", len(docs), o.MaxDocuments, quintet.ErrInput)
	}
	bytes := 0
	for _, d := range docs {
		if bytes += len(d); bytes > o.MaxBytes {
			return fmt.Errorf("text: corpus has more than %d bytes: %w", o.MaxBytes, quintet.ErrInput)
		}
	}
	return nil
}

// model makes the result: topics of terms that sum to 1, documents of topics too.
func (f *factors) model(terms int) TopicModel {
	m := TopicModel{Topics: make([]Topic, f.k), Documents: make([][]float64, f.corpus.size())}
	sums := make([]float64, f.k)
	for i, w := range f.terms {
		sums[i%f.k] += w
	}
	flat := make([]float64, len(f.docs))
	for d := range m.Documents {
		row, total := flat[d*f.k:(d+1)*f.k:(d+1)*f.k], 0.0
		for t, w := range f.docs[d*f.k : (d+1)*f.k] {
			row[t] = w * sums[t]
			total += row[t]
		}
		for t := range row {
			if total > 0 {
				row[t] /= total
			}
			m.Topics[t].Weight += row[t] / float64(len(m.Documents))
		}
		m.Documents[d] = row
	}
	for t := range m.Topics {
		m.Topics[t].Terms = f.best(t, terms, sums[t])
	}
	return m.sorted()
}

// best returns the n heaviest terms of a topic.
func (f *factors) best(topic, n int, sum float64) []TopicTerm {
	var out []TopicTerm
	for j, term := range f.corpus.names {
		if w := f.terms[j*f.k+topic]; w > 0 && sum > 0 {
			out = append(out, TopicTerm{term, w / sum})
		}
	}
	slices.SortFunc(out, func(a, b TopicTerm) int {
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.Term, b.Term))
	})
	return slices.Clone(out[:min(n, len(out))])
}

// sorted puts the heaviest topic first, in the documents too.
func (m TopicModel) sorted() TopicModel {
	order := make([]int, len(m.Topics))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(m.Topics[b].Weight, m.Topics[a].Weight) })
	topics := make([]Topic, len(order))
	for i, t := range order {
		topics[i] = m.Topics[t]
	}
	m.Topics = topics
	old := make([]float64, len(order))
	for _, row := range m.Documents {
		copy(old, row)
		for i, t := range order {
			row[i] = old[t]
		}
	}
	return m
}
