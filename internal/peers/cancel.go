package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/internal/report"
	"github.com/quintet-ai/quintet/optimize"
)

// cancelFigure is how long a run of minutes goes on after its context has ended.
func cancelFigure() report.Figure {
	return report.Figure{Name: "runtime/cancel", Unit: "ms", Goal: report.AtMost(50), Measure: lateness}
}

func lateness(m *report.Meter) ([]float64, error) {
	const side = 256
	rt, err := theRuntime()
	if err != nil {
		return nil, report.Skip(err.Error())
	}
	s, err := rt.Session(context.Background(), optimize.ModelBytes(endless(side)), optimize.SessionOptions{})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	x, err := optimize.Zeros[float32](side, side)
	if err != nil {
		return nil, err
	}
	var late []float64
	for range m.Rounds() {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		_, err := s.Run(ctx, []optimize.Tensor{x})
		deadline, _ := ctx.Deadline()
		late = append(late, float64(time.Since(deadline))/float64(time.Millisecond))
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			return nil, fmt.Errorf("a run of minutes ended with %v", err)
		}
	}
	return late, nil
}

// endless is a model that multiplies its input with itself a million times.
func endless(side int64) []byte {
	square := []onnxpb.Dim{onnxpb.FixedDim(side), onnxpb.FixedDim(side)}
	body := &onnxpb.Graph{
		Name: "body",
		Inputs: []onnxpb.ValueInfo{onnxpb.TensorInfo("i", onnxpb.Int64), onnxpb.TensorInfo("go", onnxpb.Bool),
			onnxpb.TensorInfo("a", onnxpb.Float, square...)},
		Outputs: []onnxpb.ValueInfo{onnxpb.TensorInfo("on", onnxpb.Bool), onnxpb.TensorInfo("b", onnxpb.Float, square...)},
		Nodes: []*onnxpb.Node{onnxpb.NewNode("Identity", []string{"go"}, []string{"on"}),
			onnxpb.NewNode("MatMul", []string{"a", "x"}, []string{"b"})},
	}
	b := onnxpb.NewBuilder("endless")
	x := b.Input("x", onnxpb.Float, square...)
	trips := b.Weight(onnxpb.NewTensor("trips", []int64{1_000_000}))
	b.Rename(b.OpWith("Loop", []onnxpb.Attribute{onnxpb.GraphAttr("body", body)}, trips, "", x), "y")
	b.Output("y", onnxpb.Float, square...)
	return b.Model(17).Append(nil)
}
