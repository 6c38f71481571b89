// Package report runs measured figures and tells, one line a figure, how each
// stands to its goal:
//
//	vector/qps_r95_f32  1.43x  hnswlib  goal 1.40  ok
//
// A command lists its figures and calls [Main]:
//
//	figures := []report.Figure{{
//		Name: "simd/dot_384", Unit: "x", Peer: "go-loop", Goal: report.AtLeast(8),
//		Measure: func(m *report.Meter) ([]float64, error) {
//			return m.Speedup(runSIMD, runLoop), nil
//		},
//	}}
//	os.Exit(report.Main(os.Args[1:], os.Stdout, os.Stderr, figures))
//
// # How it measures
//
// A body runs n iterations of what it measures. n is calibrated until a slice
// takes 20 ms, then slices of all bodies alternate: ours, peer, ours, peer. The
// ratio of each round is taken within the round, so that a machine that slows
// down slows both; the figure is the median of the rounds, printed with their
// range.
//
// On Linux a slice costs the CPU time of its thread or, if the figure is
// Parallel, of the process, so that other programs take little part in it. They
// still share caches and clock rates: read a figure together with the load
// average in the header.
//
// # Limits
//
// On other systems the clock is wall time, and the header says so. A report is
// no test: short figures, errors and panics of a figure are printed, and the
// report goes on.
package report
