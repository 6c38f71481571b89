package main

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/clipperhouse/uax29/v2/words"
	"github.com/jdkato/prose/v2"
	"github.com/jonreiter/govader"

	"github.com/quintet-ai/quintet/internal/report"
	"github.com/quintet-ai/quintet/text"
)

// proseModel is loaded once; without it prose reads its models for every document.
var proseModel = sync.OnceValue(func() *prose.Model {
	d, err := prose.NewDocument("", prose.WithSegmentation(false))
	if err != nil {
		panic(err) // it has its models in the program
	}
	return d.Model
})

func tokensOnly() []prose.DocOpt {
	return []prose.DocOpt{prose.UsingModel(proseModel()), prose.WithSegmentation(false), prose.WithTagging(false),
		prose.WithExtraction(false)}
}

func tagOnly() []prose.DocOpt {
	return []prose.DocOpt{prose.UsingModel(proseModel()), prose.WithSegmentation(false), prose.WithExtraction(false)}
}

// withProse makes prose documents of texts.
func withProse(texts []string, options []prose.DocOpt) func() {
	return each(texts, func(s string) {
		if _, err := prose.NewDocument(s, options...); err != nil {
			panic(err)
		}
	})
}

// each is a pass over texts.
func each(texts []string, do func(s string)) func() {
	return func() {
		for _, s := range texts {
			do(s)
		}
	}
}

// piiPattern is the usual way in Go: one alternation of six kinds, without checks.
var piiPattern = regexp.MustCompile(`[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}` +
	`|\b(?:\d[ -]?){13,19}\b` +
	`|\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b` +
	`|\b(?:\d{1,3}\.){3}\d{1,3}\b` +
	`|(?:\+\d{1,3}[ .-]?)?\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}` +
	`|\b\d{3}-\d{2}-\d{4}\b`)

// speeds are the tasks with peers, in MB/s, and tags in thousands of words.
var speeds = []struct {
	name, unit, peer string
	goal             report.Goal
	race             func(texts []string) []contender
}{
	{"tokens", "MB/s", "uax29", report.AtLeast(250), raceTokens},
	{"words", "MB/s", "prose", report.Goal{}, raceWords},
	{"sentiment", "MB/s", "govader", report.Goal{}, raceSentiment},
	{"pii", "MB/s", "regexp", report.AtLeast(150), racePII},
	{"tags", "kwords/s", "prose", report.Goal{}, raceTags},
}

// textSpeedFigures measure each on mixed English, the same few lines again and again,
// and on texts of a treebank.
func textSpeedFigures() []report.Figure {
	var out []report.Figure
	for _, s := range speeds {
		figure := func(name string, texts func() ([]string, error)) {
			out = append(out, report.Figure{Name: "text/" + s.name + "_" + name, Unit: s.unit, Peer: s.peer,
				Goal: s.goal, Parallel: true, Measure: func(m *report.Meter) ([]float64, error) {
					all, err := texts()
					if err != nil {
						return nil, err
					}
					return perSecond(m, s.race(all)...), nil
				}})
		}
		figure("mixed", func() ([]string, error) { return slices.Repeat([]string{mixed}, 30), nil })
		figure("ewt", treebankParts)
	}
	return out
}

// raceTokens is on one long text: no call costs anything beside its tokens.
func raceTokens(texts []string) []contender {
	body, size := strings.Join(texts, "\n\n"), megabytes(texts...)
	tokens := text.Tokens(body)
	return []contender{
		{"ours", size, func() { tokens = text.AppendTokens(tokens[:0], body) }},
		{"uax29", size, func() {
			for it := words.FromString(body); it.Next(); {
			}
		}},
		{"prose", size, withProse(texts, tokensOnly())},
	}
}

func raceWords(texts []string) []contender {
	size := megabytes(texts...)
	return []contender{
		{"ours", size, each(texts, func(s string) { text.Words(s) })},
		{"prose", size, withProse(texts, tokensOnly())},
	}
}

func raceSentiment(texts []string) []contender {
	size, vader := megabytes(texts...), govader.NewSentimentIntensityAnalyzer()
	return []contender{
		{"ours", size, each(texts, func(s string) { text.AnalyzeSentiment(s) })},
		{"govader", size, each(texts, func(s string) { vader.PolarityScores(s) })},
	}
}

func racePII(texts []string) []contender {
	size := megabytes(texts...)
	return []contender{
		{"ours", size, each(texts, func(s string) {
			if _, err := text.FindPII(s, text.PIIOptions{}); err != nil {
				panic(err)
			}
		})},
		{"regexp", size, each(texts, func(s string) { piiPattern.FindAllStringIndex(s, -1) })},
	}
}

func raceTags(texts []string) []contender {
	size := 0.0
	for _, s := range texts {
		size += float64(len(text.Words(s))) / 1000
	}
	return []contender{
		{"ours", size, each(texts, func(s string) { text.Tags(s) })},
		{"prose", size, withProse(texts, tagOnly())},
	}
}
