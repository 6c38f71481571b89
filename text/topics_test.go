package text_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/synth"
	"github.com/quintet-ai/quintet/text"
)

var planted = [][]string{
	strings.Fields("urchin kelp reef starfish lobster plankton seaweed barnacle"),
	strings.Fields("violin sonata orchestra conductor cello symphony quartet melody"),
	strings.Fields("glacier moraine crevasse icefall avalanche meltwater snowfield ridge"),
	strings.Fields("theorem lemma proof conjecture axiom corollary polynomial topology"),
}

// plantedCorpus makes documents whose words are of one topic, with a few of another,
// and the topic of each.
func plantedCorpus(n int) (docs []string, topics []int) {
	rng := synth.Rand(7)
	for range n {
		t := rng.IntN(len(planted))
		var words []string
		for range 25 {
			from := planted[t]
			if rng.IntN(8) == 0 {
				from = planted[rng.IntN(len(planted))]
			}
			words = append(words, "the", from[rng.IntN(len(from))])
		}
		docs, topics = append(docs, strings.Join(words, " ")), append(topics, t)
	}
	return docs, topics
}

func findTopics(tb testing.TB, docs []string, o text.TopicOptions) text.TopicModel {
	tb.Helper()
	m, err := text.FindTopics(tb.Context(), docs, o)
	require.NoError(tb, err)
	return m
}

func TestFindTopicsFindsWhatWasPlanted(t *testing.T) {
	docs, truth := plantedCorpus(200)
	for seed := range uint64(5) {
		m := findTopics(t, docs, text.TopicOptions{Topics: 4, Terms: 8, Seed: seed})
		require.Len(t, m.Topics, 4)
		of := map[int]int{} // planted topic of each that was found
		for i, topic := range m.Topics {
			var terms []string
			for _, x := range topic.Terms {
				terms = append(terms, x.Term)
			}
			slices.Sort(terms)
			for j, words := range planted {
				if slices.Equal(slices.Sorted(slices.Values(words)), terms) {
					of[i] = j
				}
			}
		}
		require.Len(t, of, 4, "seed %d: %v", seed, m.Topics)
		for d, weights := range m.Documents {
			best := slices.Index(weights, slices.Max(weights))
			require.Equal(t, truth[d], of[best], "seed %d, document %d: %v", seed, d, weights)
		}
	}
}

func TestTopicWeightsAreShares(t *testing.T) {
	docs, _ := plantedCorpus(60)
	docs = append(docs, "", "the of and", "unheard")
	m := findTopics(t, docs, text.TopicOptions{Topics: 3, Terms: 1000})
	require.Len(t, m.Documents, 63)
	for d, weights := range m.Documents {
		sum := 0.0
		for _, w := range weights {
			require.False(t, w < 0 || math.IsNaN(w))
			sum += w
		}
		if d < 60 {
			require.InDelta(t, 1, sum, 1e-9)
		} else {
			require.Zero(t, sum)
		}
	}
	last := math.Inf(1)
	for _, topic := range m.Topics {
		require.LessOrEqual(t, topic.Weight, last)
		last = topic.Weight
		sum := 0.0
		for i, x := range topic.Terms {
			sum += x.Weight
			require.True(t, i == 0 || x.Weight <= topic.Terms[i-1].Weight)
		}
		require.InDelta(t, 1, sum, 1e-9)
	}
	require.Equal(t, m, findTopics(t, docs, text.TopicOptions{Topics: 3, Terms: 1000}), "the same seed")
}

func TestTopicsOfLittle(t *testing.T) {
	for name, docs := range map[string][]string{
		"no documents": nil, "empty documents": {"", ""}, "stop words": {"the", "of the"}, "one document": {"kelp reef"},
		"bytes that are no text": {"\xff\x00", "\xff\x00"},
	} {
		m := findTopics(t, docs, text.TopicOptions{})
		require.Empty(t, m.Topics, name)
		require.Len(t, m.Documents, len(docs), name)
	}
	m := findTopics(t, []string{"kelp reefs", "kelp reef reefs", "violin sonata", "violins sonata"}, text.TopicOptions{Topics: 9})
	require.Len(t, m.Topics, 4, "not more than documents")
	m = findTopics(t, []string{"kelp reefs", "kelp reef reefs", "violin sonata", "violin"}, text.TopicOptions{Topics: 2})
	require.Len(t, m.Topics, 2)
	for _, topic := range m.Topics {
		for _, x := range topic.Terms {
			require.Contains(t, []string{"kelp", "reefs", "violin"}, x.Term, "the most frequent word of two documents or more")
		}
	}
}

func TestTopicLimits(t *testing.T) {
	docs := []string{"kelp reef", "kelp reef"}
	for name, tt := range map[string]struct {
		o    text.TopicOptions
		want error
	}{
		"too many documents": {text.TopicOptions{MaxDocuments: 1}, quintet.ErrInput},
		"too many bytes":     {text.TopicOptions{MaxBytes: 17}, quintet.ErrInput},
		"too many topics":    {text.TopicOptions{Topics: 257}, quintet.ErrOption},
		"a negative number":  {text.TopicOptions{Iterations: -1}, quintet.ErrOption},
		"a negative share":   {text.TopicOptions{MaxShare: -0.5}, quintet.ErrOption},
		"no share":           {text.TopicOptions{MaxShare: nan()}, quintet.ErrOption},
	} {
		_, err := text.FindTopics(t.Context(), docs, tt.o)
		require.ErrorIs(t, err, tt.want, name)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := text.FindTopics(cancelled, docs, text.TopicOptions{})
	require.ErrorIs(t, err, context.Canceled)

	many, _ := plantedCorpus(50)
	m := findTopics(t, many, text.TopicOptions{Topics: 2, Terms: 99, MaxTerms: 5})
	for _, topic := range m.Topics {
		require.LessOrEqual(t, len(topic.Terms), 5)
	}
}

func BenchmarkFindTopics(b *testing.B) {
	docs, _ := plantedCorpus(500)
	for b.Loop() {
		findTopics(b, docs, text.TopicOptions{Topics: 4})
	}
}

func ExampleFindTopics() {
	docs := []string{
		"Urchins eat kelp on the reef.", "The kelp forest and its urchins.", "A reef without urchins has kelp.",
		"The orchestra played a sonata.", "A sonata for violin and orchestra.", "Her violin led the orchestra.",
	}
	m, err := text.FindTopics(context.Background(), docs, text.TopicOptions{Topics: 2, Terms: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, topic := range m.Topics {
		fmt.Println(topic.Terms[0].Term, topic.Terms[1].Term)
	}
	// Output:
	// orchestra sonata
	// kelp urchins
}
