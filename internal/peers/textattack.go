package main

import (
	"slices"
	"strings"
	"time"

	"github.com/quintet-ai/quintet/internal/report"
	"github.com/quintet-ai/quintet/text"
	"github.com/quintet-ai/quintet/text/language"
)

// attacks are what fills a megabyte behind a full stop. The named ones have a goal: an
// endless word, brackets, letters of no width and marks that combine. The others too
// make careless scanners quadratic.
var (
	namedAttacks = []string{"a", "(", ")", "[", "]", "{", "\u200b", "\u200d", "\u0301", "a\u0301"}
	otherAttacks = []string{
		"\"", ".", "-", "0", " ", "\n", "\xff", "日", "é.", "a.", "a@", "a,a;", "1,", ".) ", "Mr. ", "A. ", "New ",
		"http://", "www.", "a://(",
	}
)

// The worst attack is looked for in short: tasks take time in proportion.
const (
	attackSize = 1 << 20
	searchSize = attackSize / 16
)

func attack(pattern string, size int) string {
	return "a." + strings.Repeat(pattern, size/len(pattern)-2)
}

// attackFigures are the milliseconds of each task on the named attack that costs it most.
func attackFigures() []report.Figure {
	var out []report.Figure
	for task := text.TaskStats; task <= text.TaskTopics; task <<= 1 {
		out = append(out, report.Figure{Name: "text/hostile_" + task.String(), Unit: "ms", Goal: report.AtMost(50),
			Parallel: true, Measure: func(m *report.Meter) ([]float64, error) { return worst(m, task) }})
	}
	return append(out, report.Figure{Name: "text/hostile_prose_4k", Unit: "ms", Peer: "prose", Parallel: true,
		Measure: func(m *report.Meter) ([]float64, error) {
			work := withProse([]string{attack(")", 4096)}, tokensOnly())
			m.Note("prose, words alone, on 4 KiB of brackets")
			return took(m, 1, work), nil
		}})
}

// worst looks for the attacks that a task takes longest for, and measures the named
// one. The other is noted.
func worst(m *report.Meter, task text.Task) ([]float64, error) {
	d, err := language.New(language.Options{})
	if err != nil {
		return nil, err
	}
	run, stop, err := pipelineOf(text.Options{Tasks: task, Language: d})
	if err != nil {
		return nil, err
	}
	defer stop()
	named, other := hardest(m, run, namedAttacks), hardest(m, run, otherAttacks)
	body := attack(other, attackSize)
	m.Note("%q; %q %.3g", named, other, slices.Min(took(m, 2, func() { run(body) })))
	body = attack(named, attackSize)
	return took(m, m.Rounds(), func() { run(body) }), nil
}

// hardest returns the pattern that takes longest.
func hardest(m *report.Meter, run func(s string), patterns []string) (pattern string) {
	ms := 0.0
	for _, p := range patterns {
		body := attack(p, searchSize)
		run(body) // buffers have grown
		if t := slices.Min(took(m, 2, func() { run(body) })); t > ms {
			pattern, ms = p, t
		}
	}
	return pattern
}

// took returns the milliseconds of each of n calls.
func took(m *report.Meter, n int, work func()) (ms []float64) {
	for range n {
		ms = append(ms, float64(m.Took(work))/float64(time.Millisecond))
	}
	return ms
}
