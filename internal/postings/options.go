package postings

import (
	"fmt"

	"github.com/quintet-ai/quintet"
)

// Scoring says how a document is scored.
type Scoring uint8

// The ways to score. Only terms that the query and the document share count.
const (
	// BM25 is the sum over the terms t of
	//
	//	q(t) ln(1 + (N-n(t)+1/2)/(n(t)+1/2)) f(t) (K1+1) / (f(t) + K1 (1 - B + B len/avg))
	//
	// where q is the weight in the query and f that in the document, its
	// frequency, N is the number of documents, n how many have t, len the sum
	// of the frequencies of the document and avg the mean of len. Robertson
	// and Zaragoza, "The probabilistic relevance framework: BM25 and beyond",
	// 2009, with the logarithm that is never negative.
	BM25 Scoring = iota

	// Dot is the dot product of the weights, which may have any sign.
	Dot
)

// Options configures an [Index]. The zero value is good.
type Options struct {
	// Scoring of the index. Default: BM25.
	Scoring Scoring

	// K1 says how late more of a term adds no more; negative is 0, where once
	// is as good as often. Default: 1.2.
	K1 float64

	// B says how much the length of a document counts, up to 1; negative is
	// 0, where it does not. Default: 0.75.
	B float64
}

// maxK1 keeps K1 from drowning the frequencies.
const maxK1 = 1000

func (o Options) withDefaults() (Options, error) {
	switch {
	case o.Scoring > Dot:
		return o, fmt.Errorf("postings: unknown scoring %d: %w", o.Scoring, quintet.ErrOption)
	case !(o.K1 <= maxK1): // NaN too
		return o, fmt.Errorf("postings: K1 is %v, limit %d: %w", o.K1, maxK1, quintet.ErrOption)
	case !(o.B <= 1):
		return o, fmt.Errorf("postings: B is %v, limit 1: %w", o.B, quintet.ErrOption)
	}
	o.K1, o.B = orDefault(o.K1, 1.2), orDefault(o.B, 0.75)
	return o, nil
}

func orDefault(x, or float64) float64 {
	if x == 0 {
		return or
	}
	return max(x, 0)
}
