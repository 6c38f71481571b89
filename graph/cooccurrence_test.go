package graph_test

import (
	"context"
	"fmt"
	"iter"
	"log"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
)

// sentences yields the words of each sentence.
func sentences(all ...string) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		for _, s := range all {
			if !yield(strings.Fields(s)) {
				return
			}
		}
	}
}

func ExampleCooccurrence() {
	g, err := graph.Cooccurrence(context.Background(),
		sentences("strong tea", "strong tea", "powerful computer", "strong computer"),
		graph.CooccurrenceOptions{Association: graph.NPMI})
	if err != nil {
		log.Fatal(err)
	}
	for e := range g.Edges() {
		fmt.Printf("%s %s %.2f\n", e.From, e.To, e.Weight)
	}
	// Output:
	// strong tea 0.71
	// strong computer 0.14
	// powerful computer 0.67
}

// together counts pairs by their definition.
func together(sequences [][]string, window int) map[[2]string]int {
	out := map[[2]string]int{}
	for _, terms := range sequences {
		for i := range terms {
			for j := range i {
				if a, b := min(terms[i], terms[j]), max(terms[i], terms[j]); a != b && i-j < window {
					out[[2]string{a, b}]++
				}
			}
		}
	}
	return out
}

func TestCooccurrenceCountsPairs(t *testing.T) {
	sequences := [][]string{
		strings.Fields("a b c a d"), strings.Fields("b b a"), nil, strings.Fields("e"), strings.Fields("d c b a a c"),
	}
	for window := 2; window < 7; window++ {
		g, err := graph.Cooccurrence(t.Context(), slices.Values(sequences), graph.CooccurrenceOptions{Window: window})
		require.NoError(t, err)
		require.Equal(t, []string{"a", "b", "c", "d", "e"}, slices.Collect(g.Nodes()))
		want := together(sequences, window)
		require.Equal(t, len(want), g.Size())
		for pair, n := range want {
			w, _ := g.Weight(pair[0], pair[1])
			require.Equal(t, float64(n), w)
		}
	}
}

func TestAssociationsFollowTheirFormula(t *testing.T) {
	sequences := [][]string{
		strings.Fields("a b a b a b"), strings.Fields("c d e"), strings.Fields("a c d"), strings.Fields("b e b d"),
	}
	pairs, ends, all := together(sequences, 3), map[string]float64{}, 0.0
	for pair, n := range pairs {
		ends[pair[0]] += float64(n)
		ends[pair[1]] += float64(n)
		all += 2 * float64(n)
	}
	for name, a := range map[string]graph.Association{"pmi": graph.PMI, "npmi": graph.NPMI} {
		g, err := graph.Cooccurrence(t.Context(), slices.Values(sequences), graph.CooccurrenceOptions{Window: 3, Association: a})
		require.NoError(t, err)
		for pair, n := range pairs {
			want := math.Log(float64(n) * all / (ends[pair[0]] * ends[pair[1]]))
			if a == graph.NPMI {
				want /= -math.Log(float64(n) / all)
			}
			got, there := g.Weight(pair[0], pair[1])
			require.Equal(t, want > 0, there, "%s of %v", name, pair)
			if there {
				require.InDelta(t, want, got, 1e-6)
			}
		}
	}
	g, err := graph.Cooccurrence(t.Context(), sentences("a b"), graph.CooccurrenceOptions{Association: graph.NPMI})
	require.NoError(t, err)
	w, _ := g.Weight("a", "b")
	require.Equal(t, 1.0, w, "a pair that stands nowhere but together")
}

func TestRareTermsAndPairsAreLeftOut(t *testing.T) {
	text := sentences("a b c", "a b", "a c d", "b d")
	g, err := graph.Cooccurrence(t.Context(), text, graph.CooccurrenceOptions{MinCount: 3, Window: 2})
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b"}, slices.Collect(g.Nodes()))
	g, err = graph.Cooccurrence(t.Context(), text, graph.CooccurrenceOptions{MinPairs: 2, Window: 2})
	require.NoError(t, err)
	require.Equal(t, 4, g.Order())
	require.Equal(t, []graph.Edge[string]{{From: "a", To: "b", Weight: 2}}, slices.Collect(g.Edges()))
}

func TestCooccurrenceRefuses(t *testing.T) {
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for name, tt := range map[string]struct {
		ctx  context.Context
		text iter.Seq[[]string]
		o    graph.CooccurrenceOptions
		want error
	}{
		"nil sequences":          {t.Context(), nil, graph.CooccurrenceOptions{}, quintet.ErrInput},
		"a window of one":        {t.Context(), sentences("a"), graph.CooccurrenceOptions{Window: 1}, quintet.ErrOption},
		"a negative count":       {t.Context(), sentences("a"), graph.CooccurrenceOptions{MinCount: -1}, quintet.ErrOption},
		"a negative pair count":  {t.Context(), sentences("a"), graph.CooccurrenceOptions{MinPairs: -1}, quintet.ErrOption},
		"an unknown association": {t.Context(), sentences("a"), graph.CooccurrenceOptions{Association: 9}, quintet.ErrOption},
		"after its context":      {over, sentences("a"), graph.CooccurrenceOptions{}, context.Canceled},
		"a context that ends":    {newCountdown(t, 1), sentences(strings.Repeat("a b ", 1<<15)), graph.CooccurrenceOptions{}, context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := graph.Cooccurrence(tt.ctx, tt.text, tt.o)
			require.ErrorIs(t, err, tt.want)
		})
	}
	_, err := graph.Cooccurrence(t.Context(), slices.Values([][]float64{{1, math.NaN()}}), graph.CooccurrenceOptions{})
	require.ErrorIs(t, err, quintet.ErrInput)
}

func FuzzCooccurrence(f *testing.F) {
	f.Add("a b c a", "b b a", 3, 2)
	f.Fuzz(func(t *testing.T, first, second string, window, association int) {
		o := graph.CooccurrenceOptions{Window: window, Association: graph.Association(association)}
		g, err := graph.Cooccurrence(t.Context(), sentences(first, second), o)
		if err != nil {
			require.ErrorIs(t, err, quintet.ErrOption)
			return
		}
		for e := range g.Edges() {
			require.NotEqual(t, e.From, e.To)
			require.Greater(t, e.Weight, float32(0))
			if o.Association == graph.NPMI {
				require.LessOrEqual(t, e.Weight, float32(1))
			}
		}
	})
}
