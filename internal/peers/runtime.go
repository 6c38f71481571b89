package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/quintet-ai/quintet/internal/onnxpb/testmodel"
	"github.com/quintet-ai/quintet/internal/report"
	"github.com/quintet-ai/quintet/internal/synth"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/optimize/onnx"
	"github.com/quintet-ai/quintet/text"
	ort "github.com/yalue/onnxruntime_go"
)

const (
	askers    = 8  // goroutines that ask at once
	perRound  = 64 // texts of one iteration
	maxTokens = 256
)

// runtimeFigures compare text.Embedder, tokenizing and batching included, with a
// session of yalue/onnxruntime_go that gets finished ids one by one from as many
// goroutines, on one thread each. The model has the shape of all-MiniLM-L6 and
// random weights.
func runtimeFigures() []report.Figure {
	length := map[string]func(*rand.Rand) int{
		"16_tokens":        func(*rand.Rand) int { return 16 },
		"8_to_24_tokens":   func(rng *rand.Rand) int { return 8 + rng.IntN(17) },
		"median_32_tokens": func(rng *rand.Rand) int { return min(max(int(32*math.Exp(0.8*rng.NormFloat64())), 4), maxTokens) },
		"4_to_128_tokens":  func(rng *rand.Rand) int { return 4 + rng.IntN(125) },
	}
	var out []report.Figure
	for _, mix := range []struct {
		name string
		goal float64
	}{{"16_tokens", 1.5}, {"8_to_24_tokens", 1.4}, {"median_32_tokens", 0.97}, {"4_to_128_tokens", 0.97}} {
		next := length[mix.name]
		out = append(out,
			report.Figure{Name: "runtime/run_" + mix.name, Unit: "x", Peer: "yalue", Parallel: true, Goal: report.AtLeast(mix.goal),
				Measure: func(m *report.Meter) ([]float64, error) { return embedding(m, next, (*embedders).runs) }},
			report.Figure{Name: "runtime/batch_" + mix.name, Unit: "x", Peer: "yalue", Parallel: true, Goal: report.AtLeast(mix.goal),
				Measure: func(m *report.Meter) ([]float64, error) { return embedding(m, next, (*embedders).batches) }})
	}
	return append(out, cancelFigure(), hugotFigure())
}

// embedders are the two sides of a comparison, on the same texts.
type embedders struct {
	texts            []string
	ids, ones, types [][]int64 // of the texts
	ours             *text.Embedder
	session          *ort.DynamicAdvancedSession
}

// theRuntime is made once: generating and loading the model takes seconds.
var theRuntime = sync.OnceValues(func() (*optimize.Runtime, error) {
	backend, err := onnx.New(onnx.Options{Dev: true})
	if err != nil {
		return nil, err
	}
	return optimize.New(optimize.Options{Backend: backend})
})

// theModel is a folder in the Hugging Face layout.
var theModel = sync.OnceValues(func() (optimize.Model, error) {
	dir, err := os.MkdirTemp("", "encoder")
	if err != nil {
		return optimize.Model{}, err
	}
	tokenizer, err := json.Marshal(map[string]any{
		"version": "1.0", "truncation": nil, "padding": nil, "added_tokens": []any{},
		"normalizer":     map[string]any{"type": "Lowercase"},
		"pre_tokenizer":  map[string]any{"type": "BertPreTokenizer"},
		"post_processor": map[string]any{"type": "BertProcessing", "sep": []any{"[SEP]", 3}, "cls": []any{"[CLS]", 2}},
		"decoder":        nil,
		"model": map[string]any{"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
			"max_input_chars_per_word": 100, "vocab": map[string]int{"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "river": 4}},
	})
	if err != nil {
		return optimize.Model{}, err
	}
	files := map[string][]byte{
		"tokenizer.json": tokenizer, "config.json": []byte(`{"max_position_embeddings": 512}`),
		"model.onnx": testmodel.Encoder(testmodel.EncoderOptions{}).Append(nil),
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			return optimize.Model{}, err
		}
	}
	return optimize.OpenModel(dir)
})

func embedding(
	m *report.Meter, next func(*rand.Rand) int, ours func(*embedders, int),
) ([]float64, error) {
	rt, err := theRuntime()
	if err != nil {
		return nil, report.Skip(err.Error())
	}
	model, err := theModel()
	if err != nil {
		return nil, err
	}
	e := &embedders{}
	if e.ours, err = text.NewEmbedder(text.EmbedderOptions{Model: model, Runtime: rt}); err != nil {
		return nil, err
	}
	defer e.ours.Close()
	if e.session, err = bare(model.Path()); err != nil {
		return nil, err
	}
	defer e.session.Destroy()
	rng := synth.Rand(1)
	for range perRound {
		n := next(rng)
		e.texts = append(e.texts, strings.Repeat("river ", n-2)) // and two special tokens
		e.add(n)
	}
	return m.Speedup(func(n int) { ours(e, n) }, e.alone), nil
}

// add adds the inputs of a text of n tokens.
func (e *embedders) add(n int) {
	ids, ones := make([]int64, n), make([]int64, n)
	for i := range ids {
		ids[i], ones[i] = 4, 1
	}
	ids[0], ids[n-1] = 2, 3
	e.ids, e.ones, e.types = append(e.ids, ids), append(e.ones, ones), append(e.types, make([]int64, n))
}

// bare is a session without this module, on one thread, which suits it best here.
func bare(path string) (*ort.DynamicAdvancedSession, error) {
	o, err := ort.NewSessionOptions()
	if err != nil {
		return nil, err
	}
	defer o.Destroy()
	if err := o.SetIntraOpNumThreads(1); err != nil {
		return nil, err
	}
	return ort.NewDynamicAdvancedSession(path, []string{"input_ids", "attention_mask", "token_type_ids"},
		[]string{"last_hidden_state"}, o)
}

// each calls f for every text, n times over, from several goroutines.
func (e *embedders) each(n int, f func(i int) error) {
	var next atomic.Int64
	var all sync.WaitGroup
	for range askers {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n*perRound; i = int(next.Add(1)) - 1 {
				if err := f(i % perRound); err != nil {
					panic(fmt.Sprint("text ", i%perRound, ": ", err))
				}
			}
		})
	}
	all.Wait()
}

// runs embeds the texts by single calls.
func (e *embedders) runs(n int) {
	e.each(n, func(i int) error {
		_, err := e.ours.Run(context.Background(), e.texts[i])
		return err
	})
}

// batches embeds the texts by calls of RunBatch.
func (e *embedders) batches(n int) {
	for range n {
		if _, err := e.ours.RunBatch(context.Background(), e.texts); err != nil {
			panic(err)
		}
	}
}

// alone runs the bare session on one text after the other.
func (e *embedders) alone(n int) {
	e.each(n, func(i int) error {
		var in []ort.Value
		defer func() {
			for _, v := range in {
				v.Destroy()
			}
		}()
		for _, data := range [][]int64{e.ids[i], e.ones[i], e.types[i]} {
			v, err := ort.NewTensor(ort.NewShape(1, int64(len(data))), data)
			if err != nil {
				return err
			}
			in = append(in, v)
		}
		out := make([]ort.Value, 1)
		if err := e.session.Run(in, out); err != nil {
			return err
		}
		return out[0].Destroy()
	})
}
