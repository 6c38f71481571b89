package text

import (
	"fmt"
	"math/bits"
	"strings"

	"github.com/quintet-ai/quintet"
)

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

var taskNames = [...]string{ // by bit
	"stats", "sentences", "tokens", "keywords", "sentiment", "summary", "pii", "tags", "lemmas", "entities",
	"embedding", "language", "aspects", "topics",
}

// ParseTasks returns the set of the named tasks. The names are those of
// [Task.String] and "all", which are those that need no option; case and order do not
// matter. No name gives the zero Task. An unknown name gives an error wrapping [quintet.ErrOption].
func ParseTasks(names []string) (Task, error) {
	var t Task
	for _, name := range names {
		one := parseTask(name)
		if one == 0 {
			return 0, fmt.Errorf("text: no task %q, want all or some of %s: %w", name, knownTasks, quintet.ErrOption)
		}
		t |= one
	}
	return t, nil
}

// parseTask returns 0 for an unknown name.
func parseTask(name string) Task {
	switch name = strings.ToLower(name); name {
	case "all":
		return allTasks
	case "default":
		return defaultTasks
	}
	for bit, known := range taskNames {
		if name == known {
			return 1 << bit
		}
	}
	return 0
}

// String returns the names of the tasks with commas between, "default" for the
// zero Task.
func (t Task) String() string {
	if t == 0 {
		return "default"
	}
	var names []string
	for ; t&knownTasks != 0; t &= t - 1 {
		names = append(names, taskNames[bits.TrailingZeros(uint(t))])
	}
	if t != 0 {
		names = append(names, fmt.Sprintf("%#x", uint(t)))
	}
	return strings.Join(names, ",")
}
