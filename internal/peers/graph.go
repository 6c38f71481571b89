package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/quintet-ai/quintet/graph"
	"github.com/quintet-ai/quintet/internal/report"
)

// graphFigures are the kernels of the GAP benchmark, communities, memory and files.
func graphFigures() []report.Figure {
	return slices.Concat(
		kernelFigures(),
		graphHarnessFigures(),
		gonumFigures(),
		communityFigures(),
		graphMemoryFigures(),
		graphFileFigures(),
		cancelFigures(),
	)
}

// kernel is an algorithm of the GAP benchmark with its parameters there.
type kernel struct {
	name string

	// run returns a number that every right implementation finds; 0 is not
	// compared. Searches run once for each source.
	run func(ctx context.Context, t *testGraph, workers int) (float64, error)

	searches float64 // by which a time is divided

	// gap are the milliseconds of the GAP reference in C++ on one thread and on
	// two, for kron16, kron18 and grid, which research has taken on a machine of
	// this kind.
	gap [2][3]float64
}

var kernels = []kernel{
	{"bfs", runBFS, 4, [2][3]float64{{1.53, 7.8, 47.6}, {0.77, 3.75, 28.5}}},
	{"pagerank", runPageRank, 1, [2][3]float64{{16.2, 78.6, 149}, {9.9, 44, 78.8}}},
	{"components", runComponents, 1, [2][3]float64{{3.97, 13.7, 19.3}, {1.73, 8.4, 11.8}}},
	{"triangles", runTriangles, 1, [2][3]float64{{452, 2795, 12.1}, {176, 1426, 9.2}}},
	{"sssp", runShortest, 4, [2][3]float64{{19.9, 90.9, 92.7}, {8.6, 75.4, 71.9}}},
	{"betweenness", runBetweenness, 1, [2][3]float64{{91.3, 695, 328}, {49.6, 444, 446}}},
}

func runBFS(ctx context.Context, t *testGraph, workers int) (reached float64, err error) {
	for _, s := range t.sources {
		tree, err := graph.BFS(ctx, t.plain, s, graph.BFSOptions{Workers: workers})
		if err != nil {
			return 0, err
		}
		reached += float64(tree.Reached)
	}
	return reached, nil
}

func runPageRank(ctx context.Context, t *testGraph, workers int) (float64, error) {
	_, err := graph.PageRank(ctx, t.plain, graph.PageRankOptions{Tolerance: 1e-4, MaxIterations: 20, Workers: workers})
	return 0, err
}

func runComponents(ctx context.Context, t *testGraph, workers int) (float64, error) {
	p, err := graph.Components(ctx, t.plain, graph.ComponentsOptions{Workers: workers})
	if err != nil {
		return 0, err
	}
	return float64(p.Count()), nil
}

func runTriangles(ctx context.Context, t *testGraph, workers int) (float64, error) {
	c, err := graph.Triangles(ctx, t.plain, graph.TrianglesOptions{TotalOnly: true, Workers: workers})
	if err != nil {
		return 0, err
	}
	return float64(c.Total), nil
}

func runShortest(ctx context.Context, t *testGraph, workers int) (sum float64, err error) {
	for _, s := range t.sources {
		o := graph.DeltaSteppingOptions{LengthsOnly: true, Workers: workers}
		tree, err := graph.DeltaStepping(ctx, t.weighted, s, o)
		if err != nil {
			return 0, err
		}
		for _, l := range tree.Lengths {
			if !math.IsInf(l, 1) {
				sum += l
			}
		}
	}
	return sum, nil
}

// runBetweenness searches from four nodes. It draws them itself, from those with
// edges.
func runBetweenness(ctx context.Context, t *testGraph, workers int) (float64, error) {
	_, err := graph.Betweenness(ctx, t.joined, graph.BetweennessOptions{Samples: 4, Seed: 1, Workers: workers})
	return 0, err
}

var gapGraphs = []struct {
	name string
	make madeGraph
}{{"kron16", kron16}, {"kron18", kron18}, {"grid", grid}}

// kernelFigures are CPU milliseconds on one worker and wall milliseconds on two,
// each beside 1.6 or 1.8 times the noted ones of GAP, and the means of the ratios.
func kernelFigures() (out []report.Figure) {
	for workers := 1; workers <= 2; workers++ {
		var ratios []float64
		most, mean, suffix := 1.6, 1.08, ""
		if workers == 2 {
			most, mean, suffix = 1.8, 1.16, "_2"
		}
		for _, k := range kernels {
			for i, in := range gapGraphs {
				gap := k.gap[workers-1][i]
				out = append(out, report.Figure{
					Name: "graph/" + k.name + "_" + in.name + suffix, Unit: "ms", Goal: report.AtMost(most * gap),
					Measure: func(m *report.Meter) ([]float64, error) {
						ms, err := k.measure(m, in.make, workers, gap)
						if err == nil {
							ratios = append(ratios, middle(ms)/gap)
						}
						return ms, err
					}})
			}
		}
		out = append(out, report.Figure{
			Name: "graph/mean" + suffix, Unit: "x", Peer: "GAP-as-noted", Goal: report.AtMost(mean),
			Measure: func(m *report.Meter) ([]float64, error) {
				if len(ratios) == 0 {
					return nil, report.Skip("no kernel was measured")
				}
				sum := 0.0
				for _, r := range ratios {
					sum += math.Log(r)
				}
				m.Note("geometric mean of %d ratios, the worst %.2f", len(ratios), slices.Max(ratios))
				return []float64{math.Exp(sum / float64(len(ratios)))}, nil
			}})
	}
	return out
}

// measure returns the milliseconds of a search: CPU time of one worker, else wall
// time.
func (k kernel) measure(m *report.Meter, of madeGraph, workers int, gap float64) ([]float64, error) {
	t, err := of()
	if err != nil {
		return nil, err
	}
	var ms []float64
	body := func(n int) {
		for range n {
			if _, e := k.run(context.Background(), t, workers); e != nil {
				err = e
			}
		}
	}
	if workers == 1 {
		for _, ns := range m.Nanoseconds(body) {
			ms = append(ms, ns/1e6/k.searches)
		}
	} else {
		body(1)
		for range m.Rounds() {
			best := math.Inf(1) // of some: other programs use the processors too
			for range 3 {
				start := time.Now()
				body(1)
				best = min(best, time.Since(start).Seconds()*1e3/k.searches)
			}
			ms = append(ms, best)
		}
	}
	mid := middle(ms)
	m.Note("%.0f million edges/s, %.2f of the %g ms of GAP", float64(t.plain.Size())/mid/1e3, mid/gap, gap)
	return ms, err
}

// slow is the time from which on a peer is measured once.
const slow = 2 * time.Second

// beside returns by round how many times faster ours is than the peer. A slow peer
// runs once.
func beside(m *report.Meter, ours func() error, peer func() (time.Duration, error)) ([]float64, error) {
	var took time.Duration
	var out, mine, theirs []float64
	for range m.Rounds() {
		var err error
		if took < slow {
			if took, err = peer(); err != nil {
				return nil, err
			}
		}
		us := m.Took(func() { err = ours() })
		if err != nil {
			return nil, err
		}
		mine, theirs = append(mine, us.Seconds()*1e3), append(theirs, took.Seconds()*1e3)
		out = append(out, took.Seconds()/us.Seconds())
	}
	m.Note("%.3g ms against %.4g ms", middle(mine), middle(theirs))
	return out, nil
}

// agree is an error if two answers that should be the same are not.
func agree(ours, theirs float64) error {
	if ours != 0 && theirs != 0 && math.Abs(ours-theirs) > 1e-9*math.Abs(ours) {
		return fmt.Errorf("the answer is %v, that of the peer %v", ours, theirs)
	}
	return nil
}
