package main

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/quintet-ai/quintet/internal/report"
	"github.com/quintet-ai/quintet/internal/synth"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/text"
)

// threadFigures are the wall time of a run on one thread over that on two.
func threadFigures() []report.Figure {
	words := func(n int) func(optimize.Session) ([]optimize.Tensor, error) {
		return func(optimize.Session) ([]optimize.Tensor, error) { return tokens(n), nil }
	}
	picture := func(s optimize.Session) ([]optimize.Tensor, error) { return noise(s.Inputs(), nil) }
	var out []report.Figure
	for _, t := range []struct {
		name  string
		goal  float64
		model func() (optimize.Model, error)
		in    func(optimize.Session) ([]optimize.Tensor, error)
	}{
		{"encoder_128", 1.75, theModel, words(128)},
		{"encoder_8", 0.97, theModel, words(8)},
		{"resnet18_224", 1.75, func() (optimize.Model, error) { return resnet(), nil }, picture},
	} {
		out = append(out, report.Figure{Name: "native/threads_" + t.name, Unit: "x", Goal: report.AtLeast(t.goal),
			Measure: func(m *report.Meter) ([]float64, error) {
				model, err := t.model()
				if err != nil {
					return nil, err
				}
				return twoThreads(m, model, t.in)
			}})
	}
	return out
}

func twoThreads(
	m *report.Meter, model optimize.Model, inputs func(optimize.Session) ([]optimize.Tensor, error),
) ([]float64, error) {
	rt, err := theNative()
	if err != nil {
		return nil, err
	}
	var run [2]func(n int)
	for i := range run {
		s, err := rt.Session(context.Background(), model, optimize.SessionOptions{Threads: 1 + i})
		if err != nil {
			return nil, err
		}
		defer s.Close()
		in, err := inputs(s)
		if err != nil {
			return nil, err
		}
		run[i] = times(s, in)
	}
	return wallSpeedup(m, run[0], run[1]), nil
}

// wallSpeedup is how many times faster two is than one by wall time: in each round
// the best runs of each are compared, since other programs take part in it. The
// note has what the machine gave at best: the gain of two runs of one at once.
func wallSpeedup(m *report.Meter, one, two func(n int)) []float64 {
	const runs = 8
	both := func(n int) {
		var all sync.WaitGroup
		all.Go(func() { one(n) })
		all.Go(func() { one(n) })
		all.Wait()
	}
	bodies := []func(n int){one, two, both}
	var took [3][]float64
	var out, ceiling []float64
	for i := range m.Rounds() + 1 { // the first warms up
		var best [3]float64
		for run := range runs {
			for j, body := range bodies {
				start := time.Now()
				body(1)
				if t := float64(time.Since(start)); run == 0 || t < best[j] {
					best[j] = t
				}
			}
		}
		if i == 0 {
			continue
		}
		for j, t := range best {
			took[j] = append(took[j], t)
		}
		out, ceiling = append(out, best[0]/best[1]), append(ceiling, 2*best[0]/best[2])
	}
	m.Note("wall time, %s on one thread, %s on two; two runs at once gain %.2fx",
		milliseconds(middle(took[0])), milliseconds(middle(took[1])), middle(ceiling))
	return out
}

// requestFigure is the throughput of a text.Embedder on the native backend over
// that of one on ONNX Runtime. Eight goroutines ask for texts of mixed lengths, and
// the embedders batch them on all processors.
func requestFigure() report.Figure {
	return report.Figure{Name: "native/requests_4_to_128_tokens", Unit: "x", Peer: "onnxruntime", Parallel: true,
		Goal: report.AtLeast(1.1), Measure: requests}
}

func requests(m *report.Meter) ([]float64, error) {
	peer, err := theRuntime()
	if err != nil {
		return nil, report.Skip(err.Error())
	}
	ours, err := theNative()
	if err != nil {
		return nil, err
	}
	model, err := theModel()
	if err != nil {
		return nil, err
	}
	rng := synth.Rand(1)
	var texts []string
	for range perRound {
		texts = append(texts, strings.Repeat("river ", 2+rng.IntN(125))) // and two special tokens
	}
	var bodies [2]func(n int)
	var wall [2]time.Duration // of a round of texts, the last time
	for i, rt := range []*optimize.Runtime{ours, peer} {
		e := &embedders{texts: texts}
		if e.ours, err = text.NewEmbedder(text.EmbedderOptions{Model: model, Runtime: rt}); err != nil {
			return nil, err
		}
		defer e.ours.Close()
		bodies[i] = func(n int) {
			start := time.Now()
			e.runs(n)
			wall[i] = time.Since(start) / time.Duration(n)
		}
	}
	values := m.Speedup(bodies[0], bodies[1])
	m.Note("wall time of the last round %v against %v for %d texts",
		wall[0].Round(time.Millisecond), wall[1].Round(time.Millisecond), perRound)
	return values, nil
}
