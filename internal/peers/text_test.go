package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/report"
	"github.com/quintet-ai/quintet/text"
)

func TestTextFiguresMeasure(t *testing.T) {
	out := measured(t, "text/(tokens|pii)_mixed", textFigures())
	require.NotContains(t, out, "error(")
	require.Equal(t, 2, strings.Count(out, "/s "), out)
}

func TestTextFilesThatAreAbsentSkip(t *testing.T) {
	_, err := textFile("no-such-file.tsv")
	require.Equal(t, report.Skip("no no-such-file.tsv"), err)
}

const conllu = `# newdoc id = one
# text = Don't go.
1-2	Don't	_	_	_
1	Do	do	AUX	VB
2	n't	not	PART	RB
3	go	go	VERB	VB
4	.	.	PUNCT	.

# newpar id = one-2
# text = Home, gonna
1	Home	home	NOUN	NN
2	,	,	PUNCT	,
3	going	go	VERB	VBG

# newdoc id = two
# text = No
1	No	no	INTJ	UH
`

func TestGoldTexts(t *testing.T) {
	docs := goldTexts(conllu, false)
	require.Len(t, docs, 2)
	require.Equal(t, goldText{body: "Don't go.\n\nHome, gonna", count: 7, tags: map[text.Span]string{
		{Start: 0, End: 2}: "VB", {Start: 2, End: 5}: "RB", {Start: 6, End: 8}: "VB", {Start: 8, End: 9}: ".",
		{Start: 11, End: 15}: "NN", {Start: 15, End: 16}: ",",
	}}, docs[0])
	sentences := goldTexts(conllu, true)
	require.Len(t, sentences, 3)
	require.Equal(t, "Home, gonna", sentences[1].body)
}

func TestGrammarScores(t *testing.T) {
	docs := goldTexts(conllu, false)
	f1, tags, err := grammarScores(docs, func(body string) ([]taggedPlace, error) {
		return []taggedPlace{{text.Span{Start: 0, End: 2}, map[bool]string{true: "VB"}[len(body) > 2]}}, nil
	})
	require.NoError(t, err)
	require.InDelta(t, 200*2.0/(8+2), f1, 1e-9) // "No" is found, without its tag
	require.InDelta(t, 100*1.0/8, tags, 1e-9)
	_, _, err = grammarScores(docs, func(string) ([]taggedPlace, error) { return nil, errors.New("broken") })
	require.EqualError(t, err, "broken")
}

func TestNamedTexts(t *testing.T) {
	const iob = "# text = Ada in New York\n1\tAda\tB-PER\n2\tin\tO\n3\tNew\tB-LOC\n4\tYork\tI-LOC\n\t\n" +
		"1\tACME\tB-ORG\n2\tOslo\tB-LOC\n3\tRome\tB-LOC"
	at := func(start, end int, kind string) namedSpan { return namedSpan{text.Span{Start: start, End: end}, kind} }
	require.Equal(t, []namedText{
		{"Ada in New York", map[namedSpan]bool{at(0, 3, "PER"): true, at(7, 15, "LOC"): true}},
		{"ACME Oslo Rome", map[namedSpan]bool{at(5, 9, "LOC"): true, at(10, 14, "LOC"): true}},
	}, namedTexts(iob, 1, 2))
}

func TestSpearman(t *testing.T) {
	require.Equal(t, []float64{0, 2, 2, 2, 4}, ranks([]float64{1, 5, 5, 5, 9}))
	require.InDelta(t, 1, spearman([]float64{1, 2, 3}, []float64{1, 10, 100}), 1e-12)
	require.InDelta(t, -0.5, spearman([]float64{1, 2, 3}, []float64{3, 1, 2}), 1e-12)
}

func TestOverlap(t *testing.T) {
	found, gold := []string{"Neural networks", "graphs"}, []string{"neural network", "a", "b", "c"}
	precision, recall := overlap(stemmed(found), stemmed(gold))
	require.Equal(t, 0.5, precision)
	require.Equal(t, 0.25, recall)
}
