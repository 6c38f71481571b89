package text

import (
	"github.com/quintet-ai/quintet/internal/english"
	"github.com/quintet-ai/quintet/internal/tokenize"
)

// Stem lets the evaluation compare phrases by their stems.
func Stem(word string) string { return string(english.Stem([]byte(word))) }

// Softmax is what the naive choice of spans uses too, so that ties are ties.
func Softmax(logits []float32) []float64 { return softmax(logits) }

// Groups is how encodings of these lengths are run together.
func Groups(lengths []int, budget int) [][]int { return groups(lengths, budget) }

// BestSpans returns the best answers in windows whose logits are given.
func BestSpans(
	body string, windows []tokenize.Encoding, starts, ends [][]float32, most, longest int, partWords, none bool,
) []Answer {
	t := topSpans{body: body, most: most, longest: longest, partWords: partWords}
	for i, w := range windows {
		t.add(w, starts[i], ends[i])
	}
	return t.answers(none)
}
