package text_test

import (
	"context"
	"encoding/json"
	"errors"
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
	summary, err := text.Summarize(sample, text.SummaryOptions{})
	require.NoError(t, err)
	findings, err := text.FindPII(sample, text.PIIOptions{})
	require.NoError(t, err)
	whole := text.Result{
		ID: "1", Stats: text.Statistics(sample), Sentences: text.Sentences(sample), Tokens: text.Tokens(sample),
		Keywords: text.Keywords(sample, 3), Sentiment: text.AnalyzeSentiment(sample),
	}
	tests := map[string]struct {
		tasks text.Task
		want  text.Result
	}{
		"zero":      {0, whole},
		"stats":     {text.TaskStats, text.Result{ID: "1", Stats: whole.Stats}},
		"sentences": {text.TaskSentences, text.Result{ID: "1", Sentences: whole.Sentences}},
		"tokens":    {text.TaskTokens, text.Result{ID: "1", Tokens: whole.Tokens}},
		"keywords":  {text.TaskKeywords, text.Result{ID: "1", Keywords: whole.Keywords}},
		"sentiment": {text.TaskSentiment, text.Result{ID: "1", Sentiment: whole.Sentiment}},
		"summary":   {text.TaskSummary, text.Result{ID: "1", Summary: summary}},
		"pii":       {text.TaskPII, text.Result{ID: "1", PII: findings}},
		"tags":      {text.TaskTags, text.Result{ID: "1", Words: text.Tags(sample)}},
		"lemmas":    {text.TaskLemmas, text.Result{ID: "1", Words: text.Lemmas(sample)}},
		"entities":  {text.TaskEntities, text.Result{ID: "1", Entities: text.Entities(sample)}},
		"aspects":   {text.TaskAspects, text.Result{ID: "1", Aspects: text.Aspects(sample)}},
		"embedding": {text.TaskEmbedding, text.Result{ID: "1", Embedding: text.Lexical(sample, make([]float32, 384))}},
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

// parts stands for a caller's own.
type parts struct{ err error }

func (p parts) DetectLanguage(string) (code string, confidence float64) { return "en", 0.9 }

type ownEntities struct{ parts }

func (p ownEntities) Run(_ context.Context, body string) ([]text.Entity, error) {
	at := strings.Index(body, "Ada")
	return []text.Entity{{Span: text.Span{Start: at, End: at + 3}, Label: text.EntityPerson, Score: 1}}, p.err
}

type ownVector struct{ parts }

func (p ownVector) Run(context.Context, string) ([]float32, error) { return []float32{1, 2}, p.err }

func TestPartsCanBeReplaced(t *testing.T) {
	const body = "Write to Ada, ada@example.com, about it."
	o := text.Options{
		Tasks:    text.TaskLanguage | text.TaskEntities | text.TaskEmbedding | text.TaskPII,
		Language: parts{}, Entities: ownEntities{}, Embedder: ownVector{},
		PII: text.PIIOptions{Kinds: text.PIIName | text.PIIEmail},
	}
	r, err := newPipeline(t, o).Run(t.Context(), text.Document{Body: body})
	require.NoError(t, err)
	require.Equal(t, text.Language{Code: "en", Confidence: 0.9}, r.Language)
	require.Equal(t, []float32{1, 2}, r.Embedding)
	require.Equal(t, "Ada", r.Entities[0].Of(body))
	require.Len(t, r.PII, 2)
	require.Equal(t, text.PIIName, r.PII[0].Kind)
	require.Equal(t, "Ada", r.PII[0].Of(body))
	require.Equal(t, text.PIIEmail, r.PII[1].Kind)

	o.Tasks = text.TaskPII
	r, err = newPipeline(t, o).Run(t.Context(), text.Document{Body: body})
	require.NoError(t, err)
	require.Len(t, r.PII, 2, "people are looked for, as the kinds name them")
	require.Nil(t, r.Entities, "which were not asked for")

	broken := errors.New("no model today")
	for _, o := range []text.Options{
		{Tasks: text.TaskEntities, Entities: ownEntities{parts{broken}}},
		{Tasks: text.TaskEmbedding, Embedder: ownVector{parts{broken}}},
	} {
		_, err = newPipeline(t, o).Run(t.Context(), text.Document{Body: body})
		require.ErrorIs(t, err, broken)
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
		"no detector": {Tasks: text.TaskLanguage}, "summary": {Summary: text.SummaryOptions{Sentences: -1}},
		"personal data": {PII: text.PIIOptions{MinScore: 2}},
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
	for _, tasks := range []text.Task{
		0, text.TaskStats, text.TaskSentences, text.TaskTokens, text.TaskKeywords, text.TaskSentiment, text.TaskSummary,
		text.TaskPII, text.TaskTags, text.TaskLemmas, text.TaskEntities, text.TaskEmbedding,
	} {
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
