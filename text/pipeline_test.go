package text_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/golden"
	"github.com/quintet-ai/quintet/internal/pipetest"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/text"
)

func TestPipelineContract(t *testing.T) {
	pipetest.Contract(t, pipetest.Case[text.Document, text.Result]{
		Name: "text",
		New: func(t *testing.T, o quintet.Observer) quintet.Pipeline[text.Document, text.Result] {
			rt, err := optimize.New(optimize.Options{Workers: 2, Observer: o})
			require.NoError(t, err)
			return newPipeline(t, text.Options{MaxBytes: 2000, Runtime: rt})
		},
		Good: []text.Document{
			{ID: "sample", Body: sample}, {ID: "empty"}, {Body: "日本語 été"}, {Body: "\xff\x00\u202e"},
			{Body: "Dr. Who? a@b.org!"}, {Body: strings.Repeat("word ", 300)},
		},
		Bad: []text.Document{{ID: "long", Body: strings.Repeat("a", 2001)}},
	})
}

func TestRunGolden(t *testing.T) {
	r, err := newPipeline(t, text.Options{}).Run(t.Context(), text.Document{ID: "sample", Body: sample})
	require.NoError(t, err)
	golden.JSON(t, "sample", r)

	var back text.Result
	b, err := json.Marshal(r)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(b, &back))
	require.Equal(t, r, back)
}

// The pipeline is its parts, and a task fills its own field only.
func TestRunFillsWhatIsAsked(t *testing.T) {
	whole := text.Result{
		ID: "1", Stats: text.Statistics(sample), Sentences: text.Sentences(sample), Tokens: text.Tokens(sample),
		Keywords: text.Keywords(sample, 3),
	}
	tests := map[string]struct {
		tasks text.Task
		want  text.Result
	}{
		"zero is all": {0, whole},
		"stats":       {text.TaskStats, text.Result{ID: "1", Stats: whole.Stats}},
		"sentences":   {text.TaskSentences, text.Result{ID: "1", Sentences: whole.Sentences}},
		"tokens":      {text.TaskTokens, text.Result{ID: "1", Tokens: whole.Tokens}},
		"keywords":    {text.TaskKeywords, text.Result{ID: "1", Keywords: whole.Keywords}},
		"two": {text.TaskTokens | text.TaskKeywords, text.Result{
			ID: "1", Tokens: whole.Tokens, Keywords: whole.Keywords,
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := newPipeline(t, text.Options{Tasks: tt.tasks, TopKeywords: 3})
			for range 2 { // the second time on a used desk
				r, err := p.Run(t.Context(), text.Document{ID: "1", Body: sample})
				require.NoError(t, err)
				require.Equal(t, tt.want, r)
			}
		})
	}
}

func TestRunBatchKeepsGoing(t *testing.T) {
	p := newPipeline(t, text.Options{MaxBytes: 8})
	rs, err := p.RunBatch(t.Context(), []text.Document{
		{ID: "a", Body: "Short."}, {ID: "b", Body: strings.Repeat("long ", 9)}, {ID: "c", Body: "Fine."},
	})
	require.EqualError(t, err, "text.RunBatch [1]: body has 45 bytes, limit 8: invalid input")
	require.Len(t, rs, 3)
	require.Equal(t, "c", rs[2].ID)
}

func TestRunHasALimitByDefault(t *testing.T) {
	p := newPipeline(t, text.Options{Tasks: text.TaskSentences})
	_, err := p.Run(t.Context(), text.Document{Body: strings.Repeat("a", 1<<20)})
	require.NoError(t, err)
	_, err = p.Run(t.Context(), text.Document{Body: strings.Repeat("a", 1<<20+1)})
	require.ErrorIs(t, err, quintet.ErrInput)
}

func TestNewRejects(t *testing.T) {
	for name, o := range map[string]text.Options{
		"unknown task": {Tasks: 1 << 20}, "negative TopKeywords": {TopKeywords: -1}, "negative MaxBytes": {MaxBytes: -1},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := text.New(o)
			require.ErrorIs(t, err, quintet.ErrOption)
			require.ErrorContains(t, err, "text: ")
		})
	}
}

func TestClosed(t *testing.T) {
	p := newPipeline(t, text.Options{})
	require.NoError(t, p.Close())
	_, err := p.Run(context.Background(), text.Document{})
	require.ErrorIs(t, err, quintet.ErrClosed)
}

func TestRunAllocatesLittle(t *testing.T) {
	if text.RaceEnabled {
		t.Skip("the race detector makes pools forget")
	}
	p := newPipeline(t, text.Options{})
	doc := text.Document{Body: sample}
	allocs := testing.AllocsPerRun(100, func() {
		if _, err := p.Run(t.Context(), doc); err != nil {
			t.Fatal(err)
		}
	})
	require.LessOrEqual(t, allocs, 20.0)
}

func BenchmarkRun(b *testing.B) {
	doc := text.Document{Body: sample}
	for _, tasks := range []text.Task{0, text.TaskStats, text.TaskSentences, text.TaskTokens, text.TaskKeywords} {
		b.Run("tasks="+tasks.String(), func(b *testing.B) {
			p := newPipeline(b, text.Options{Tasks: tasks})
			b.SetBytes(int64(len(sample)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Run(b.Context(), doc); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
