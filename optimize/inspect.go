package optimize

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// InspectOptions say what [Inspect] measures.
type InspectOptions struct {
	// Inputs are what the model runs on, in the order of its inputs. Default:
	// it is not run, and an [Inspection] has no times.
	Inputs []Tensor

	// Rounds is how often it runs; times are those of the quickest round of
	// each step. Default: 10.
	Rounds int

	// Threads is as in [SessionOptions]. Default: 1.
	Threads int
}

// Inspection is what the native backend makes of a model.
type Inspection struct {
	Operators []OperatorCount `json:"operators"`          // of the file, the most frequent first
	Refusals  []string        `json:"refusals,omitempty"` // why it cannot run, node by node; empty if it can
	Steps     []ModelStep     `json:"steps,omitempty"`    // what a run does, in order
	Weights   int64           `json:"weights"`            // bytes of constants
	Memory    int64           `json:"memory,omitempty"`   // bytes of a run's intermediate values
	Load      time.Duration   `json:"load"`               // reading, rewriting and packing
	Run       time.Duration   `json:"run,omitempty"`      // the quickest run
}

// OperatorCount is how often a file uses an operator, graphs in nodes included.
type OperatorCount struct {
	Name  string `json:"name"`  // with its domain, if that is not ONNX itself
	Count int    `json:"count"` // of nodes
}

// ModelStep is one step of a run. Steps of the domain ai.quintet stand for several
// nodes of the file.
type ModelStep struct {
	Node   string        `json:"node"`             // of the file; of several, the last
	Op     string        `json:"op"`               // with its domain, if that is not ONNX itself
	Shapes []string      `json:"shapes,omitempty"` // of the outputs, such as "float32[1 384]"
	Start  time.Duration `json:"start"`            // since the run began, in the last round
	Took   time.Duration `json:"took"`             // in the step's quickest round
}

// Inspect loads a model as the native backend does, tells what it found, and times
// its steps if the options have inputs. A model that cannot run is no error: its
// Refusals say why. One that is damaged is [quintet.ErrModel].
func Inspect(ctx context.Context, m Model, o InspectOptions) (Inspection, error) {
	if o.Rounds < 0 || o.Threads < 0 {
		return Inspection{}, fmt.Errorf("optimize: negative Rounds or Threads: %w", quintet.ErrOption)
	}
	if o.Rounds == 0 {
		o.Rounds = 10
	}
	start := time.Now()
	file, err := mapModel(m)
	if err != nil {
		return Inspection{}, fmt.Errorf("optimize: %w", err)
	}
	defer file.close()
	i := Inspection{Operators: countOperators(file.model.Graph)}
	program, err := nn.Load(file.model, nn.Options{Threads: o.Threads})
	i.Load = time.Since(start)
	var unsupported *nn.UnsupportedError
	switch {
	case errors.As(err, &unsupported):
		for _, r := range unsupported.Refusals {
			i.Refusals = append(i.Refusals, r.String())
		}
		return i, nil
	case errors.Is(err, quintet.ErrUnsupported):
		i.Refusals = []string{err.Error()}
		return i, nil
	case err != nil:
		return Inspection{}, fmt.Errorf("optimize: %w", err)
	}
	defer program.Close()
	i.Weights = program.Bytes()
	for _, s := range program.Steps() {
		i.Steps = append(i.Steps, ModelStep{Node: s.Node, Op: s.Op})
	}
	if o.Inputs == nil {
		return i, nil
	}
	if err := i.time(ctx, program, o); err != nil {
		return Inspection{}, fmt.Errorf("optimize: %w", err)
	}
	return i, nil
}

// time runs the program and keeps the best times.
func (i *Inspection) time(ctx context.Context, p *nn.Program, o InspectOptions) error {
	in := make([]*tensor.Tensor, len(o.Inputs))
	for j, t := range o.Inputs {
		in[j] = new(tensor.Tensor)
		toNative(in[j], t)
	}
	for round := range o.Rounds + 1 { // the first makes the plan
		start := time.Now()
		_, steps, err := p.Profile(ctx, in)
		if err != nil {
			return err
		}
		if took := time.Since(start); round == 0 || took < i.Run {
			i.Run = took
		}
		for j, s := range steps {
			if round > 0 && s.Took > i.Steps[j].Took && i.Steps[j].Took > 0 {
				s.Took = i.Steps[j].Took
			}
			i.Steps[j] = ModelStep{s.Node, i.Steps[j].Op, s.Shapes, s.Start, s.Took}
		}
	}
	i.Memory = p.Bytes() - i.Weights
	return nil
}

// countOperators counts the nodes of a graph and those inside of it.
func countOperators(g *onnxpb.Graph) []OperatorCount {
	count := map[string]int{}
	for sub := range g.All() {
		for _, n := range sub.Nodes {
			name := n.OpType
			if !onnxpb.IsONNX(n.Domain) {
				name = n.Domain + "." + name
			}
			count[name]++
		}
	}
	list := make([]OperatorCount, 0, len(count))
	for name, n := range count {
		list = append(list, OperatorCount{name, n})
	}
	slices.SortFunc(list, func(a, b OperatorCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Name, b.Name))
	})
	return list
}
