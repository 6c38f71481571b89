package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/quintet-ai/quintet/graph"
	"github.com/quintet-ai/quintet/internal/report"
)

// stoppable are the kernels of GAP and the other long ones.
func stoppable() []kernel {
	plain := func(name string, run func(ctx context.Context, g *graph.Graph[int]) error) kernel {
		return kernel{name: name, run: func(ctx context.Context, t *testGraph, _ int) (float64, error) {
			return 0, run(ctx, t.plain)
		}}
	}
	return append(kernels[:len(kernels):len(kernels)],
		plain("louvain", func(ctx context.Context, g *graph.Graph[int]) error {
			_, err := graph.Louvain(ctx, g, graph.LouvainOptions{})
			return err
		}),
		plain("leiden", func(ctx context.Context, g *graph.Graph[int]) error {
			_, err := graph.Leiden(ctx, g, graph.LeidenOptions{})
			return err
		}),
		plain("labelpropagation", func(ctx context.Context, g *graph.Graph[int]) error {
			_, err := graph.LabelPropagation(ctx, g, graph.LabelPropagationOptions{})
			return err
		}),
		plain("cores", func(ctx context.Context, g *graph.Graph[int]) error {
			_, err := graph.Cores(ctx, g, graph.CoresOptions{})
			return err
		}),
		plain("trusses", func(ctx context.Context, g *graph.Graph[int]) error {
			_, err := graph.Trusses(ctx, g, graph.TrussesOptions{Workers: 1})
			return err
		}),
		plain("strongcomponents", func(ctx context.Context, g *graph.Graph[int]) error {
			_, err := graph.StrongComponents(ctx, g, graph.StrongComponentsOptions{})
			return err
		}),
	)
}

// cancelFigures are the wall milliseconds from a cancellation to the end of a kernel,
// the worst of several moments, and what looking at a context costs.
func cancelFigures() (out []report.Figure) {
	for _, k := range stoppable() {
		out = append(out, report.Figure{Name: "graph/cancel_" + k.name, Unit: "ms", Goal: report.AtMost(20),
			Measure: k.cancelled})
	}
	for _, k := range kernels[:3] {
		out = append(out, report.Figure{Name: "graph/context_" + k.name, Unit: "%", Goal: report.AtMost(1),
			Measure: k.looking})
	}
	return out
}

func (k kernel) cancelled(m *report.Meter) (ms []float64, err error) {
	t, err := kron18()
	if err != nil {
		return nil, err
	}
	start := time.Now()
	if _, err := k.run(context.Background(), t, 1); err != nil {
		return nil, err
	}
	whole := time.Since(start)
	worst, stops := 0.0, 0
	const moments = 12
	for i := range moments {
		late, stopped, err := k.stop(t, whole*time.Duration(2*i+1)/(2*moments))
		if err != nil {
			return nil, err
		}
		if stopped {
			worst = max(worst, late)
			stops++
		}
	}
	m.Note("the worst of %d moments in %.0f ms", stops, whole.Seconds()*1e3)
	return []float64{worst}, nil
}

// stop cancels a kernel after a time and returns how many milliseconds later it ends.
func (k kernel) stop(t *testGraph, after time.Duration) (late float64, stopped bool, err error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	at := make(chan time.Time, 1)
	timer := time.AfterFunc(after, func() {
		at <- time.Now()
		cancel()
	})
	defer timer.Stop()
	_, err = k.run(ctx, t, 1)
	end := time.Now()
	if err == nil {
		return 0, false, nil // it was quicker than before
	}
	if !errors.Is(err, context.Canceled) {
		return 0, false, fmt.Errorf("not the error of the context: %w", err)
	}
	return end.Sub(<-at).Seconds() * 1e3, true, nil
}

// looking is by how many percent a kernel is slower with a context that can be
// cancelled than with one that cannot, of which nothing is read.
func (k kernel) looking(m *report.Meter) ([]float64, error) {
	t, err := kron18()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	body := func(ctx context.Context) func(int) {
		return func(n int) {
			for range n {
				if _, e := k.run(ctx, t, 1); e != nil {
					err = e
				}
			}
		}
	}
	times := m.Times(body(ctx), body(context.Background()))
	out := make([]float64, len(times[0]))
	for i := range out {
		out[i] = 100 * (times[0][i]/times[1][i] - 1)
	}
	return out, err
}
