package main

import (
	"context"
	"slices"
	"testing"

	"github.com/jdkato/prose/v2"

	"github.com/quintet-ai/quintet/internal/report"
	"github.com/quintet-ai/quintet/text"
)

// proseParts is how many documents prose gets: it takes some 50 ms for one.
const proseParts = 8

// textDocumentFigures compare whole documents of about 600 bytes: the default pipeline
// with everything that prose does by default, its model loaded.
func textDocumentFigures() []report.Figure {
	again := func() ([]string, error) { return slices.Repeat([]string{mixed}, 30), nil }
	return []report.Figure{
		{Name: "text/docs_mixed", Unit: "/s", Peer: "prose", Goal: report.AtLeast(15_000), Parallel: true,
			Measure: docs(again)},
		{Name: "text/docs_ewt", Unit: "/s", Peer: "prose", Goal: report.AtLeast(15_000), Parallel: true,
			Measure: docs(treebankParts)},
		{Name: "text/docs_allocs", Peer: "prose", Goal: report.AtMost(10), Measure: docAllocs},
		{Name: "text/tokens_allocs", Goal: report.AtMost(0), Measure: tokenAllocs},
	}
}

func docs(parts func() ([]string, error)) func(m *report.Meter) ([]float64, error) {
	return func(m *report.Meter) ([]float64, error) {
		texts, err := parts()
		if err != nil {
			return nil, err
		}
		run, stop, err := pipelineOf(text.Options{})
		if err != nil {
			return nil, err
		}
		defer stop()
		some := texts[:proseParts]
		return perSecond(m,
			contender{"ours", float64(len(texts)), each(texts, run)},
			contender{"prose", float64(len(some)), withProse(some, []prose.DocOpt{prose.UsingModel(proseModel())})},
		), nil
	}
}

// pipelineOf returns a pipeline as a function that panics where it fails.
func pipelineOf(o text.Options) (run func(s string), stop func() error, err error) {
	p, err := text.New(o)
	if err != nil {
		return nil, nil, err
	}
	return func(s string) {
		if _, err := p.Run(context.Background(), text.Document{Body: s}); err != nil {
			panic(err)
		}
	}, p.Close, nil
}

func docAllocs(m *report.Meter) ([]float64, error) {
	run, stop, err := pipelineOf(text.Options{})
	if err != nil {
		return nil, err
	}
	defer stop()
	model := prose.UsingModel(proseModel())
	peer := withProse([]string{mixed}, []prose.DocOpt{model})
	m.Note("prose %.0f", testing.AllocsPerRun(3, peer))
	return m.Allocs(func(n int) {
		for range n {
			run(mixed)
		}
	}), nil
}

func tokenAllocs(m *report.Meter) ([]float64, error) {
	tokens := text.Tokens(mixed)
	return m.Allocs(func(n int) {
		for range n {
			tokens = text.AppendTokens(tokens[:0], mixed)
		}
	}), nil
}
