package text

import "github.com/quintet-ai/quintet/internal/taskset"

// Task is a set of what a [Pipeline] computes. Tasks combine with |.
type Task uint

// The tasks.
const (
	TaskStats     Task = 1 << iota // Result.Stats
	TaskSentences                  // Result.Sentences
	TaskTokens                     // Result.Tokens
	TaskKeywords                   // Result.Keywords
	TaskSentiment                  // Result.Sentiment
	TaskSummary                    // Result.Summary
	TaskPII                        // Result.PII
	TaskTags                       // Result.Words, with the part of speech of each
	TaskLemmas                     // Result.Words, with the dictionary form of each too
	TaskEntities                   // Result.Entities
	TaskEmbedding                  // Result.Embedding
	TaskLanguage                   // Result.Language; needs Options.Language
	TaskAspects                    // Result.Aspects
	TaskTopics                     // Result.Topics

	knownTasks   = TaskTopics<<1 - 1
	allTasks     = knownTasks &^ TaskLanguage
	defaultTasks = TaskStats | TaskSentences | TaskTokens | TaskKeywords | TaskSentiment
)

var taskNames = taskset.Names[Task]{ // by bit
	"stats", "sentences", "tokens", "keywords", "sentiment", "summary", "pii", "tags", "lemmas", "entities",
	"embedding", "language", "aspects", "topics",
}

// ParseTasks returns the set of the named tasks. The names are those of
// [Task.String] and "all", which are those that need no option; case and order do not
// matter. No name gives the zero Task. An unknown name gives an error wrapping [quintet.ErrOption].
func ParseTasks(names []string) (Task, error) {
	return taskNames.Parse("text", names, allTasks, defaultTasks)
}

// String returns the names of the tasks with commas between, "default" for the
// zero Task.
func (t Task) String() string { return taskNames.String(t) }
