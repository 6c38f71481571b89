package main

import (
	"github.com/gomlx/gomlx/backends/simplego"
	"github.com/gomlx/gomlx/pkg/core/graph"
	mlcontext "github.com/gomlx/gomlx/pkg/ml/context"
	gomlx "github.com/gomlx/onnx-gomlx/onnx"

	"github.com/quintet-ai/quintet/internal/report"
	"github.com/quintet-ai/quintet/optimize"
)

// simplegoFigure compares with the other engine that runs ONNX models in pure Go,
// on the encoder and 32 tokens. CPU time counts all threads of both.
func simplegoFigure() report.Figure {
	return report.Figure{Name: "native/simplego_encoder_32", Unit: "x", Peer: "simplego", Parallel: true,
		Goal: report.AtLeast(25), Measure: besideSimplego}
}

func besideSimplego(m *report.Meter) ([]float64, error) {
	p, err := theEncoder()
	if err != nil {
		return nil, err
	}
	in := tokens(32)
	theirs, err := onSimplego(in)
	if err != nil {
		return nil, err
	}
	return m.Speedup(times(p.ours, in), theirs), nil
}

// onSimplego loads theModel into simplego.
func onSimplego(in []optimize.Tensor) (func(n int), error) {
	model, err := theModel()
	if err != nil {
		return nil, err
	}
	data, err := model.Bytes()
	if err != nil {
		return nil, err
	}
	parsed, err := gomlx.Parse(data)
	if err != nil {
		return nil, err
	}
	backend, err := simplego.New("ops_sequential")
	if err != nil {
		return nil, err
	}
	weights := mlcontext.New()
	if err := parsed.VariablesToContext(weights); err != nil {
		return nil, err
	}
	exec, err := mlcontext.NewExec(backend, weights,
		func(ctx *mlcontext.Context, in []*graph.Node) *graph.Node {
			return parsed.CallGraph(ctx, in[0].Graph(), map[string]*graph.Node{
				"input_ids": in[0], "attention_mask": in[1], "token_type_ids": in[2]})[0]
		})
	if err != nil {
		return nil, err
	}
	var args []any
	for _, t := range in {
		row, err := optimize.Data[int64](t)
		if err != nil {
			return nil, err
		}
		args = append(args, [][]int64{row})
	}
	return func(n int) {
		for range n {
			if _, err := exec.Exec(args...); err != nil {
				panic(err)
			}
		}
	}, nil
}
