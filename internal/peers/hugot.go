package main

import "github.com/quintet-ai/quintet/internal/report"

// noHugot is why knights-analytics/hugot v0.7.5 is no peer of this module.
//
// Its backend on ONNX Runtime (build tag ORT) needs a static library of
// daulet/tokenizers v1.27.0, which its Go module does not hold. To build that takes
// cargo, the Rust registry and, for tiktoken-rs, a clone of a Git repository. The
// backend also wants yalue/onnxruntime_go v1.31.0 or newer, and a workspace has one
// version of a module: with hugot in it, everything here would be measured on that
// one instead of the pinned v1.27.0. Its backend in pure Go builds without all this
// and with 25 more modules, but computes the same model some 27 times slower than
// ONNX Runtime (batches of 1 and 8), so a ratio to it says nothing of this runtime.
//
// Outside of this module the ONNX Runtime backend was run once, with a stand-in of
// 40 lines for the static library that gives the right ids and costs almost nothing,
// against text.Embedder on the same model and version 1.31.0 of the binding, a
// process each, median CPU time a text on a loaded machine. The first numbers of
// the vectors were equal. Times faster than hugot, calls from 8 goroutines and then
// batches of 64: 16 tokens 1.37 and 1.03, 8 to 24 tokens 1.23 and 1.49, median 32
// 1.00 and 3.9, 4 to 128 1.09 and 2.0 (the last two lengths once). It is short of
// the goal where hugot pads nothing, since both then do the same work.
const noHugot = "hugot v0.7.5 on ONNX Runtime needs libtokenizers.a, built by cargo from a registry and a Git repository, " +
	"and yalue/onnxruntime_go v1.31.0 in place of the pinned v1.27.0"

// hugotFigure says in every report what is not measured.
func hugotFigure() report.Figure {
	return report.Figure{Name: "runtime/hugot", Unit: "x", Peer: "hugot", Goal: report.AtLeast(1.5),
		Measure: func(*report.Meter) ([]float64, error) { return nil, report.Skip(noHugot) }}
}
