package main

import (
	"context"
	"runtime"

	"github.com/quintet-ai/quintet/internal/report"
	"github.com/quintet-ai/quintet/optimize"
)

// engineFigures measures what the engine adds to a step that does nothing.
func engineFigures() []report.Figure {
	return []report.Figure{
		{Name: "engine/run", Unit: "ns", Goal: report.AtMost(1000),
			Measure: withEngine(func(m *report.Meter, e *emptyEngine) []float64 { return m.Nanoseconds(e.run) })},
		{Name: "engine/run_allocs", Goal: report.AtMost(2),
			Measure: withEngine(func(m *report.Meter, e *emptyEngine) []float64 { return m.Allocs(e.run) })},
		{Name: "engine/run_semaphore", Unit: "x", Peer: "call+semaphore",
			Measure: withEngine(func(m *report.Meter, e *emptyEngine) []float64 { return m.Cost(e.run, semaphore()) })},
		{Name: "engine/batch_item", Unit: "ns", Parallel: true, Goal: report.AtMost(1000),
			Measure: withEngine(func(m *report.Meter, e *emptyEngine) []float64 { return m.Nanoseconds(e.batch) })},
		{Name: "engine/batch_item_allocs", Goal: report.AtMost(2),
			Measure: withEngine(func(m *report.Meter, e *emptyEngine) []float64 { return m.Allocs(e.batch) })},
		{Name: "engine/batch_item_semaphore", Unit: "x", Peer: "call+semaphore", Parallel: true,
			Measure: withEngine(func(m *report.Meter, e *emptyEngine) []float64 { return m.Cost(e.batch, semaphore()) })},
	}
}

func empty(_ context.Context, in int) (int, error) { return in, nil }

// emptyEngine runs the empty step on a runtime of its own.
type emptyEngine struct {
	*optimize.Engine[int, int]
}

func withEngine(measure func(*report.Meter, *emptyEngine) []float64) func(*report.Meter) ([]float64, error) {
	return func(m *report.Meter) ([]float64, error) {
		rt, err := optimize.New(optimize.Options{})
		if err != nil {
			return nil, err
		}
		e := &emptyEngine{optimize.NewEngine(rt, "empty", empty)}
		defer e.Close()
		return measure(m, e), nil
	}
}

// run calls Run n times.
func (e *emptyEngine) run(n int) {
	for i := range n {
		if _, err := e.Run(context.Background(), i); err != nil {
			panic(err)
		}
	}
}

// batch sends n items through RunBatch, up to a thousand at a time.
func (e *emptyEngine) batch(n int) {
	in := make([]int, min(n, 1000))
	for ; n > 0; n -= len(in) {
		if _, err := e.RunBatch(context.Background(), in[:min(n, len(in))]); err != nil {
			panic(err)
		}
	}
}

// semaphore is what a service would write without an engine.
func semaphore() func(n int) {
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	step := empty // a variable, as in the engine: the call is not inlined
	return func(n int) {
		for i := range n {
			slots <- struct{}{}
			if _, err := step(context.Background(), i); err != nil {
				panic(err)
			}
			<-slots
		}
	}
}
