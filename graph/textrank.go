package graph

import (
	"context"
	"iter"
	"math"
)

// TextRankOptions configures [TextRank] and [RankSentences]. The zero value is good.
type TextRankOptions struct {
	// Window is how many terms are looked at together in TextRank, as in
	// [CooccurrenceOptions]. Default: 2, terms that touch.
	Window int

	// PageRank configures the ranks.
	PageRank PageRankOptions
}

// TextRank ranks the terms of sequences, such as the nouns and adjectives of
// sentences: a term is important if it stands beside important terms. It is [PageRank]
// on the graph of [Cooccurrence] with counts as weights. Which words are terms is the
// caller's choice and matters much: of all words of four letters or more of the
// abstracts of Inspec, the ten best are in 60 % of the cases words of a key phrase,
// and the ten most frequent in 64 %. Errors and cost are those of the two.
//
// Mihalcea and Tarau, TextRank: Bringing Order into Text, EMNLP 2004, §3; they do not
// weigh edges.
func TextRank(ctx context.Context, sequences iter.Seq[[]string], o TextRankOptions) (*Ranks[string], error) {
	if o.Window == 0 {
		o.Window = 2
	}
	g, err := Cooccurrence(ctx, sequences, CooccurrenceOptions{Window: o.Window})
	if err != nil {
		return nil, err
	}
	return PageRank(ctx, g, o.PageRank)
}

// RankSentences ranks sentences, each given by its terms: a sentence is important if
// it has terms in common with important ones. The nodes are the places in the slice.
// It is [PageRank] on the graph whose weights are
//
//	different terms in common / (ln(1+terms of one) + ln(1+terms of the other)).
//
// Errors are those of PageRank. It takes O(n²) time and 8 bytes for each two of n
// sentences that have a term in common, so drop terms that stand everywhere.
//
// Mihalcea and Tarau, TextRank: Bringing Order into Text, EMNLP 2004, §4; the 1 lets
// sentences of one term be.
func RankSentences(ctx context.Context, sentences [][]string, o TextRankOptions) (*Ranks[int], error) {
	b := NewBuilder[int](BuilderOptions{})
	in := map[string][]int{} // sentences that have a term
	common := map[int]int{}
	for i, terms := range sentences {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		b.AddNode(i)
		clear(common)
		for _, term := range terms {
			at := in[term]
			if len(at) > 0 && at[len(at)-1] == i {
				continue
			}
			for _, j := range at {
				common[j]++
			}
			in[term] = append(at, i)
		}
		for j, n := range common {
			size := math.Log1p(float64(len(terms))) + math.Log1p(float64(len(sentences[j])))
			b.AddEdge(j, i, float32(float64(n)/size))
		}
	}
	g, err := b.Build()
	if err != nil {
		return nil, err
	}
	return PageRank(ctx, g, o.PageRank)
}
