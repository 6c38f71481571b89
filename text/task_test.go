package text_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/text"
)

func TestParseTasks(t *testing.T) {
	tests := map[string]struct {
		names []string
		want  text.Task
	}{
		"none is zero":     {nil, 0},
		"one":              {[]string{"stats"}, text.TaskStats},
		"order and case":   {[]string{"Tokens", "KEYWORDS", "stats"}, text.TaskStats | text.TaskTokens | text.TaskKeywords},
		"twice is once":    {[]string{"tokens", "tokens"}, text.TaskTokens},
		"all":              {[]string{"all"}, 1<<14 - 1 - 1<<11},
		"all and then one": {[]string{"ALL", "language"}, 1<<14 - 1},
		"default":          {[]string{"default"}, 31},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := text.ParseTasks(tt.names)
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}
	for _, bad := range []string{"", "verbs", "stats,tokens"} {
		_, err := text.ParseTasks([]string{"stats", bad})
		require.ErrorIs(t, err, quintet.ErrOption, bad)
	}
	_, err := text.ParseTasks([]string{"verbs"})
	require.EqualError(t, err, "text: no task \"verbs\", want all or some of stats,sentences,tokens,"+
		"keywords,sentiment,summary,pii,tags,lemmas,entities,embedding,language,aspects,topics: invalid option")
}

func TestTaskStringIsParsed(t *testing.T) {
	for tasks := text.Task(1); tasks < 1<<12; tasks++ {
		got, err := text.ParseTasks(strings.Split(tasks.String(), ","))
		require.NoError(t, err)
		require.Equal(t, tasks, got)
	}
	require.Equal(t, "default", text.Task(0).String())
	require.Equal(t, "stats,tokens", (text.TaskTokens | text.TaskStats).String())
	require.Equal(t, "stats,0x100000", (text.TaskStats | 1<<20).String())
}
