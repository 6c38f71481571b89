package text_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/text"
)

// twoTopics is a document whose halves are about other things.
func twoTopics() string {
	var b strings.Builder
	for i := range 30 {
		fmt.Fprintf(&b, "The telescope saw galaxy number %d, and the astronomers measured the light of its stars. ", i)
	}
	for i := range 30 {
		fmt.Fprintf(&b, "The baker kneaded dough number %d, and the oven turned the flour and yeast into bread. ", i)
	}
	return b.String()
}

func TestDocumentTopicsTellTheHalvesApart(t *testing.T) {
	topics, err := text.DocumentTopics(t.Context(), twoTopics(), text.TopicOptions{Topics: 2})
	require.NoError(t, err)
	require.Len(t, topics, 2)
	var all []string
	for _, topic := range topics {
		require.InDelta(t, 0.5, topic.Weight, 0.1)
		require.LessOrEqual(t, len(topic.Terms), 5)
		all = append(all, topic.Terms[0].Term)
		sky, kitchen := 0, 0
		for _, term := range topic.Terms {
			if strings.Contains("telescope galaxy astronomers measured light stars saw", term.Term) {
				sky++
			}
			if strings.Contains("baker kneaded dough oven turned flour yeast bread", term.Term) {
				kitchen++
			}
		}
		require.Zero(t, min(sky, kitchen), "%v", topic.Terms)
		require.NotZero(t, max(sky, kitchen), "%v", topic.Terms)
	}
	p, err := text.New(text.Options{Tasks: text.TaskTopics, Topics: text.TopicOptions{Topics: 2}})
	require.NoError(t, err)
	defer p.Close()
	r, err := p.Run(t.Context(), text.Document{Body: twoTopics()})
	require.NoError(t, err)
	require.Equal(t, topics, r.Topics)
}

func TestShortDocumentsHaveNoTopics(t *testing.T) {
	for _, body := range []string{"", "One sentence.", strings.Repeat("?! ", 1000)} {
		topics, err := text.DocumentTopics(t.Context(), body, text.TopicOptions{})
		require.NoError(t, err)
		require.Empty(t, topics)
	}
	_, err := text.DocumentTopics(t.Context(), "a", text.TopicOptions{Topics: -1})
	require.ErrorIs(t, err, quintet.ErrOption)
	_, err = text.New(text.Options{Tasks: text.TaskTopics, Topics: text.TopicOptions{MaxShare: 2}})
	require.ErrorIs(t, err, quintet.ErrOption)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = text.DocumentTopics(ctx, twoTopics(), text.TopicOptions{})
	require.ErrorIs(t, err, context.Canceled)
}
