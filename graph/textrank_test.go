package graph_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
)

func ExampleTextRank() {
	ranks, err := graph.TextRank(context.Background(), sentences(
		"linear constraints", "linear equations", "linear inequations", "minimal solutions", "solutions equations",
	), graph.TextRankOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(ranks.Top(1)[0].Node)
	// Output: linear
}

func TestTextRankIsPageRankOfNeighbours(t *testing.T) {
	text := sentences("a b c a d", "b b a", "e", "d c b a a c")
	got, err := graph.TextRank(t.Context(), text, graph.TextRankOptions{Window: 3})
	require.NoError(t, err)
	g, err := graph.Cooccurrence(t.Context(), text, graph.CooccurrenceOptions{Window: 3})
	require.NoError(t, err)
	want, err := graph.PageRank(t.Context(), g, graph.PageRankOptions{})
	require.NoError(t, err)
	require.Equal(t, want.Values, got.Values)
	sumsTo1(t, got.Values)

	_, err = graph.TextRank(t.Context(), text, graph.TextRankOptions{Window: 1})
	require.ErrorIs(t, err, quintet.ErrOption)
	_, err = graph.TextRank(t.Context(), text, graph.TextRankOptions{PageRank: graph.PageRankOptions{Damping: 2}})
	require.ErrorIs(t, err, quintet.ErrOption)
	_, err = graph.TextRank(t.Context(), nil, graph.TextRankOptions{})
	require.ErrorIs(t, err, quintet.ErrInput)
	none, err := graph.TextRank(t.Context(), sentences(), graph.TextRankOptions{})
	require.NoError(t, err)
	require.Empty(t, none.Top(3))
}

func TestRankSentencesIsPageRankOfWhatIsCommon(t *testing.T) {
	text := slices.Collect(sentences("bees make honey", "honey is sweet", "bees like sweet honey and make wax", "x", "", "x x x"))
	got, err := graph.RankSentences(t.Context(), text, graph.TextRankOptions{})
	require.NoError(t, err)
	b := graph.NewBuilder[int](graph.BuilderOptions{})
	for i, terms := range text {
		b.AddNode(i)
		for j, others := range text[:i] {
			common := map[string]bool{}
			for _, term := range terms {
				if slices.Contains(others, term) {
					common[term] = true
				}
			}
			if len(common) > 0 {
				size := math.Log(float64(1+len(terms))) + math.Log(float64(1+len(others)))
				b.AddEdge(i, j, float32(float64(len(common))/size))
			}
		}
	}
	g, err := b.Build()
	require.NoError(t, err)
	want, err := graph.PageRank(t.Context(), g, graph.PageRankOptions{})
	require.NoError(t, err)
	require.InDeltaSlice(t, want.Values, got.Values, 1e-6)
	require.Equal(t, 2, got.Top(1)[0].Node)

	over, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = graph.RankSentences(over, text, graph.TextRankOptions{})
	require.ErrorIs(t, err, context.Canceled)
}

// TestEvaluateTextRank compares the ten highest words of abstracts with the words of
// the phrases that people gave them, beside the ten most frequent.
func TestEvaluateTextRank(t *testing.T) {
	f, err := os.Open(filepath.Join("..", "..", "shared", "data", "text", "keyphrase-inspec-dev.jsonl"))
	if err != nil {
		t.Skip("no evaluation data: ", err)
	}
	defer f.Close()
	var hits, frequent, asked int
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		gold, body := abstract(t, lines.Bytes())
		terms := contentWords(body)
		ranks, err := graph.TextRank(t.Context(), slices.Values([][]string{terms}), graph.TextRankOptions{Window: 3})
		require.NoError(t, err)
		for _, r := range ranks.Top(10) {
			asked++
			if gold[r.Node] {
				hits++
			}
		}
		for _, term := range mostFrequent(terms, 10) {
			if gold[term] {
				frequent++
			}
		}
	}
	require.NoError(t, lines.Err())
	t.Logf("of %d words: TextRank %.3f, by frequency %.3f in phrases", asked,
		float64(hits)/float64(asked), float64(frequent)/float64(asked))
	require.Greater(t, float64(hits)/float64(asked), 0.59)
}

// abstract reads a line of the evaluation data.
func abstract(t *testing.T, line []byte) (gold map[string]bool, body string) {
	t.Helper()
	var doc struct {
		Text    string   `json:"text"`
		Phrases []string `json:"keys"`
	}
	require.NoError(t, json.Unmarshal(line, &doc))
	require.NotEmpty(t, doc.Text)
	gold = map[string]bool{}
	for _, p := range doc.Phrases {
		for _, w := range strings.FieldsFunc(strings.ToLower(p), notLetter) {
			gold[w] = true
		}
	}
	return gold, doc.Text
}

func notLetter(r rune) bool { return !unicode.IsLetter(r) && r != '-' }

// contentWords returns the words of four letters or more but for some frequent ones.
func contentWords(body string) (out []string) {
	stop := strings.Fields("this that with from which have been their they these those such into also than then when where " +
		"will would there between using used both more most some other each only over under about paper based show shown " +
		"through however while were does very many after well make made")
	for _, w := range strings.FieldsFunc(strings.ToLower(body), notLetter) {
		if len(w) > 3 && !slices.Contains(stop, w) {
			out = append(out, w)
		}
	}
	return out
}

func mostFrequent(terms []string, n int) []string {
	count := map[string]int{}
	var order []string
	for _, w := range terms {
		if count[w]++; count[w] == 1 {
			order = append(order, w)
		}
	}
	slices.SortStableFunc(order, func(a, b string) int { return count[b] - count[a] })
	return order[:min(n, len(order))]
}
