package text

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/quintet-ai/quintet/internal/tokenize"
)

// topSpans collects the best spans of a context from its windows.
type topSpans struct {
	body      string
	most      int // spans to keep
	longest   int // tokens of a span
	partWords bool

	best    []Answer // best first; without their texts
	none    float64  // lowest score of no answer
	windows int
}

// compareAnswers has the better one first; ties are by place.
func compareAnswers(a, b Answer) int {
	return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
}

// add takes the spans of a window, the second sequence of which is of the body.
func (t *topSpans) add(w tokenize.Encoding, startLogits, endLogits []float32) {
	first, last := contextOf(w)
	if first == last {
		return
	}
	spans := t.tokenSpans(w, first, last)
	var null []int // the token that stands for no answer
	if w.SpecialMask[0] == 1 {
		null = []int{0}
	}
	starts := softmax(slices.Concat(pick(startLogits, null), startLogits[first:last]))
	ends := softmax(slices.Concat(pick(endLogits, null), endLogits[first:last]))
	if len(null) == 1 {
		if none := starts[0] * ends[0]; t.windows == 0 || none < t.none {
			t.none = none
		}
		starts, ends = starts[1:], ends[1:]
	}
	t.windows++
	for i, p := range starts {
		for j := i; j < min(i+t.longest, len(ends)); j++ {
			if score := p * ends[j]; len(t.best) < t.most || score >= t.best[len(t.best)-1].Score {
				t.offer(Answer{Span: trimmed(Span{spans[i].Start, spans[j].End}, t.body), Score: score})
			}
		}
	}
}

// contextOf returns the range of tokens that are of the second sequence.
func contextOf(w tokenize.Encoding) (first, last int) {
	first = slices.Index(w.SequenceIDs, 1)
	if first < 0 {
		return 0, 0
	}
	for last = first; last < w.Len() && w.SequenceIDs[last] == 1; last++ {
	}
	return first, last
}

func pick(logits []float32, at []int) (out []float32) {
	for _, i := range at {
		out = append(out, logits[i])
	}
	return out
}

// tokenSpans returns what each token of a range stands for: itself or its word.
func (t *topSpans) tokenSpans(w tokenize.Encoding, first, last int) []Span {
	spans := make([]Span, 0, last-first)
	begin := first // of the word
	for i := first; i < last; i++ {
		at := Span{w.Offsets[i].Start, w.Offsets[i].End}
		spans = append(spans, at)
		if t.partWords {
			continue
		}
		if w.WordIDs[i] != w.WordIDs[begin] {
			begin = i
		}
		word := Span{spans[begin-first].Start, max(spans[begin-first].End, at.End)}
		for k := begin; k <= i; k++ {
			spans[k-first] = word
		}
	}
	return spans
}

// offer keeps a span if it is one of the best.
func (t *topSpans) offer(a Answer) {
	if a.Len() <= 0 {
		return
	}
	if i := slices.IndexFunc(t.best, func(b Answer) bool { return a.Span == b.Span }); i >= 0 {
		if t.best[i].Score >= a.Score {
			return
		}
		t.best = slices.Delete(t.best, i, i+1)
	}
	i, _ := slices.BinarySearchFunc(t.best, a, compareAnswers)
	t.best = slices.Insert(t.best, i, a)
	t.best = t.best[:min(len(t.best), t.most)]
}

// answers returns the best spans with their texts, and none among them if it is
// wanted.
func (t *topSpans) answers(none bool) []Answer {
	for i, a := range t.best {
		t.best[i].Text = a.Of(t.body)
	}
	if none && t.windows > 0 {
		i, _ := slices.BinarySearchFunc(t.best, t.none, func(a Answer, s float64) int { return cmp.Compare(s, a.Score) })
		t.best = slices.Insert(t.best, i, Answer{Score: t.none})
	}
	return t.best[:min(len(t.best), t.most)]
}

// trimmed takes white space off both ends of a span.
func trimmed(s Span, body string) Span {
	s.Start = min(s.Start, s.End)
	part := s.Of(body)
	s.Start += len(part) - len(strings.TrimLeftFunc(part, unicode.IsSpace))
	s.End = s.Start + len(strings.TrimSpace(part))
	return s
}
