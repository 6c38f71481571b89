package text

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/quintet-ai/quintet"
)

// SummarySentence is a sentence that a summary has. A higher score says more of what
// the body is about.
type SummarySentence struct {
	Span
	Score float64 `json:"score"` // from 0 to 1, rounded to four decimals
}

// SummaryOptions configures [Summarize]. The zero value gives three sentences.
type SummaryOptions struct {
	// Sentences is the length of the summary. Default: 3, unless Ratio is set.
	Sentences int

	// Ratio is its length as a share of the sentences of the body, above 0 to 1,
	// rounded up. Default: none.
	Ratio float64
}

func (o SummaryOptions) withDefaults() (SummaryOptions, error) {
	switch {
	case o.Sentences < 0:
		return o, fmt.Errorf("text: Sentences is %d: %w", o.Sentences, quintet.ErrOption)
	case !(o.Ratio >= 0 && o.Ratio <= 1):
		return o, fmt.Errorf("text: Ratio is %v, want 0 to 1: %w", o.Ratio, quintet.ErrOption)
	case o.Sentences > 0 && o.Ratio > 0:
		return o, fmt.Errorf("text: Sentences and Ratio are both set: %w", quintet.ErrOption)
	}
	if o.Sentences == 0 && o.Ratio == 0 {
		o.Sentences = 3
	}
	return o, nil
}

// size returns the number of sentences of a summary of n.
func (o SummaryOptions) size(n int) int {
	k := o.Sentences
	if o.Ratio > 0 {
		k = int(math.Ceil(o.Ratio * float64(n)))
	}
	return min(k, n, maxSummary)
}

const (
	maxSummary  = 256 // sentences of a summary, so that its cost has a bound
	maxFeatures = 128 // different stems of a sentence that count

	centroidPart = 0.8 // of a score; the rest is the position
	redundant    = 0.5 // what it costs to be like a sentence that is in
	fewWords     = 8   // a shorter sentence says less
	manyWords    = 40  // and a longer one is not what a summary is for
)

// Summarize returns the sentences that say most of what an English body is about,
// in the order in which they stand there: at most 256, fewer if the body has fewer.
//
// A sentence scores by the cosine of its words and those of the whole body, whose
// weights are their rarity in general English times, for the body, ln(1+tf) (the
// centroid of Radev et al. 2004), by how near the beginning it stands, and less if
// it is very short or long. Of what is left, the one is taken again and again whose
// score, less half of its cosine to the nearest that was taken, is highest (maximal
// marginal relevance: J. Carbonell, J. Goldstein, SIGIR 1998). Ties go to the earlier.
//
// The sentences are the body's own, so one may begin with a "he" that the summary
// does not explain. The cost is O(len(body)), and O(n log n) for n sentences. An
// error wraps [quintet.ErrOption].
func Summarize(body string, o SummaryOptions) ([]SummarySentence, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	var z summarizer
	return z.summarize(body, Tokens(body), Sentences(body), o), nil
}

// summarizer makes summaries. It is kept between documents.
type summarizer struct {
	words  extractor // for its stems and their weights
	counts []float64 // of each stem in the body
	marks  []int32   // of each stem: the last sentence that has it, from 1
	stems  []int32   // the different stems of the sentences, end to end
	lines  []summaryLine
	order  []int32 // of lines
}

// summaryLine is what is known of a sentence.
type summaryLine struct {
	from, to int // of stems
	words    int
	norm     float64
	score    float64
	near     float64 // the highest cosine to a sentence that was taken
	taken    bool
}

// summarize takes a body that is split already and options that have their
// defaults.
func (z *summarizer) summarize(body string, tokens []Token, sentences []Sentence, o SummaryOptions) []SummarySentence {
	k := o.size(len(sentences))
	if k == 0 {
		return nil
	}
	z.read(body, tokens, sentences)
	z.score()
	taken := z.take(k)
	slices.Sort(taken)
	out := make([]SummarySentence, len(taken))
	for i, id := range taken {
		out[i] = SummarySentence{sentences[id].Span, math.Round(z.lines[id].score*1e4) / 1e4}
	}
	z.reset()
	return out
}

func (z *summarizer) reset() {
	z.words.reset()
	z.words.body, z.words.tokens = "", nil // they are the caller's
	z.counts, z.marks, z.stems, z.lines = z.counts[:0], z.marks[:0], z.stems[:0], z.lines[:0]
}

// read finds the stems of the sentences.
func (z *summarizer) read(body string, tokens []Token, sentences []Sentence) {
	x := &z.words
	x.body, x.tokens = body, tokens
	i := 0
	for n, s := range sentences {
		line := summaryLine{from: len(z.stems)}
		for ; i < len(tokens) && tokens[i].Start < s.End; i++ {
			if tokens[i].Kind != TokenWord {
				continue
			}
			line.words++
			to := i + 1
			if to < len(tokens) && tokens[to].Start == tokens[i].End && tokens[to].End <= s.End &&
				ideograph(body[tokens[i].Start:]) && ideograph(body[tokens[to].Start:]) {
				to++ // ideographs count by pairs
			}
			if e := x.look(i, to); e.role != stopper {
				z.count(e.stem, int32(n+1), line.from)
			}
		}
		line.to = len(z.stems)
		z.lines = append(z.lines, line)
	}
}

// count counts a stem of the sentence of that number, whose stems begin at from.
func (z *summarizer) count(stem, sentence int32, from int) {
	for int(stem) >= len(z.counts) {
		z.counts, z.marks = append(z.counts, 0), append(z.marks, 0)
	}
	z.counts[stem]++
	if z.marks[stem] != sentence && len(z.stems)-from < maxFeatures {
		z.marks[stem] = sentence
		z.stems = append(z.stems, stem)
	}
}

// score gives each sentence its score. The conversions keep products from being
// fused into sums, which differs between processors.
func (z *summarizer) score() {
	whole := 0.0
	for stem, n := range z.counts {
		z.counts[stem] = math.Log1p(n) * z.words.weights[stem]
		whole += float64(z.counts[stem] * z.counts[stem])
	}
	whole = math.Sqrt(whole)
	for i := range z.lines {
		line := &z.lines[i]
		dot := 0.0
		for _, stem := range z.stems[line.from:line.to] {
			w := z.words.weights[stem]
			dot += float64(w * z.counts[stem])
			line.norm += float64(w * w)
		}
		if line.norm == 0 {
			continue // nothing but stop words
		}
		line.norm = math.Sqrt(line.norm)
		position := 1 / math.Sqrt(float64(1+i))
		line.score = centroidPart*dot/(line.norm*whole) + float64((1-centroidPart)*position)
		line.score *= min(1, float64(line.words)/fewWords) * min(1, manyWords/float64(line.words))
	}
}

// take returns the numbers of k sentences, the best first. It chooses among those
// with the best scores, so that its work is in proportion to the body.
func (z *summarizer) take(k int) (taken []int32) {
	z.order = z.order[:0]
	for i := range z.lines {
		z.order = append(z.order, int32(i))
	}
	slices.SortFunc(z.order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(z.lines[b].score, z.lines[a].score), cmp.Compare(a, b))
	})
	pool := z.order[:min(len(z.order), max(128, 4*k))]
	slices.Sort(pool) // ties go to the earlier
	clear(z.marks)
	for n := range k {
		best, bestValue := int32(-1), math.Inf(-1)
		for _, id := range pool {
			line := &z.lines[id]
			if value := line.score - float64(redundant*line.near); !line.taken && value > bestValue {
				best, bestValue = id, value
			}
		}
		taken = append(taken, best)
		z.repel(best, int32(n+1), pool)
	}
	return taken
}

// repel notes how like the sentences of the pool are to the one that was taken.
func (z *summarizer) repel(id, stamp int32, pool []int32) {
	z.lines[id].taken = true
	for _, stem := range z.stems[z.lines[id].from:z.lines[id].to] {
		z.marks[stem] = stamp
	}
	for _, other := range pool {
		line, common := &z.lines[other], 0.0
		if line.taken {
			continue
		}
		for _, stem := range z.stems[line.from:line.to] {
			if z.marks[stem] == stamp {
				common += float64(z.words.weights[stem] * z.words.weights[stem])
			}
		}
		if common > 0 {
			line.near = max(line.near, common/(line.norm*z.lines[id].norm))
		}
	}
}
