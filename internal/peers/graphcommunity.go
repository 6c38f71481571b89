package main

import (
	"context"
	"time"

	"github.com/quintet-ai/quintet/graph"
	"github.com/quintet-ai/quintet/internal/report"
)

// communityFigures compare time and modularity with igraph.
func communityFigures() (out []report.Figure) {
	for _, in := range gapGraphs[:2] {
		for _, a := range []struct {
			name string
			goal float64
			run  func(g *graph.Graph[int]) (*graph.Communities[int], error)
		}{
			{"louvain", 8, func(g *graph.Graph[int]) (*graph.Communities[int], error) {
				return graph.Louvain(context.Background(), g, graph.LouvainOptions{})
			}},
			{"leiden", 5, func(g *graph.Graph[int]) (*graph.Communities[int], error) {
				return graph.Leiden(context.Background(), g, graph.LeidenOptions{})
			}},
		} {
			out = append(out, report.Figure{
				Name: "graph/" + a.name + "_" + in.name, Unit: "x", Peer: "igraph", Goal: report.AtLeast(a.goal),
				Measure: func(m *report.Meter) ([]float64, error) {
					t, err := in.make()
					if err != nil {
						return nil, err
					}
					h, err := harnessOf(igraphCommand, t)
					if err != nil {
						return nil, err
					}
					return beside(m, func() (err error) {
						_, err = a.run(t.plain)
						return err
					}, func() (took time.Duration, err error) {
						took, _, err = h.ask(a.name)
						return took, err
					})
				}})
		}
		out = append(out, modularityFigure(in.name, in.make))
	}
	return out
}

// modularityFigure is the modularity of Leiden over that of igraph's.
func modularityFigure(name string, of madeGraph) report.Figure {
	return report.Figure{
		Name: "graph/modularity_" + name, Unit: "x", Peer: "igraph", Goal: report.AtLeast(0.997),
		Measure: func(m *report.Meter) ([]float64, error) {
			t, err := of()
			if err != nil {
				return nil, err
			}
			h, err := harnessOf(igraphCommand, t)
			if err != nil {
				return nil, err
			}
			_, theirs, err := h.ask("leiden")
			if err != nil {
				return nil, err
			}
			ours, err := graph.Leiden(context.Background(), t.plain, graph.LeidenOptions{})
			if err != nil {
				return nil, err
			}
			louvain, err := graph.Louvain(context.Background(), t.plain, graph.LouvainOptions{})
			if err != nil {
				return nil, err
			}
			m.Note("%.4f against %.4f; Louvain %.4f", ours.Modularity, theirs, louvain.Modularity)
			return []float64{ours.Modularity / theirs}, nil
		}}
}
