package optimize

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"time"

	"golang.org/x/sys/cpu"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/internal/quant"
)

// QuantizeOptions say how [Quantize] works. The zero value quantises the linear
// layers for the processor of this machine and checks nothing.
type QuantizeOptions struct {
	// Bits of a weight, 7 or 8. Eight bits are safe only where the processor
	// multiplies int8 without saturating: VNNI on amd64, any arm64. Default:
	// what suits this machine; 7 suits all.
	Bits int

	// Embeddings quantises embedding tables too, with a scale for each row: a
	// file of a quarter of the size, at the same speed.
	Embeddings bool

	// MinWeights is the size below which a weight is left alone. Default: 4096.
	MinWeights int

	// Keep names nodes to leave alone.
	Keep []string

	// Samples are inputs of the model, each a list in the order of its inputs.
	// With them and Backend, the original and the result are run side by side.
	Samples [][]Tensor

	// Backend runs the samples. Default: none, nothing is checked.
	Backend Backend

	// MinCosine is the least cosine between an output of the original and of
	// the result, over all samples; below it the result is refused. Default:
	// 0.99.
	MinCosine float64
}

func (o QuantizeOptions) withDefaults() (QuantizeOptions, error) {
	switch {
	case !(o.MinCosine >= 0 && o.MinCosine <= 1):
		return o, fmt.Errorf("optimize: MinCosine is %v, want 0 to 1: %w", o.MinCosine, quintet.ErrOption)
	case len(o.Samples) > 0 && o.Backend == nil:
		return o, fmt.Errorf("optimize: samples need a Backend that runs them: %w", quintet.ErrOption)
	}
	if o.Bits == 0 {
		o.Bits = bitsHere()
	}
	if o.MinCosine == 0 {
		o.MinCosine = 0.99
	}
	return o, nil
}

// bitsHere returns 8 where int8 products do not saturate.
func bitsHere() int {
	if runtime.GOARCH == "arm64" || cpu.X86.HasAVX512VNNI || cpu.X86.HasAVXVNNI {
		return 8
	}
	return 7
}

// QuantizeReport says what [Quantize] did and what it cost.
type QuantizeReport struct {
	Layers      int             `json:"layers"`            // nodes that were quantised
	Skipped     []QuantizeSkip  `json:"skipped,omitempty"` // nodes that could have been
	Bits        int             `json:"bits"`              // of a weight
	BytesBefore int             `json:"bytes_before"`      // of the ONNX file
	BytesAfter  int             `json:"bytes_after"`       // of the result
	Outputs     []QuantizeDrift `json:"outputs,omitempty"` // of the samples; empty if nothing was checked
	Speedup     float64         `json:"speedup,omitempty"` // time of the original over time of the result, on the samples
}

// QuantizeSkip is a node that was left alone, and why.
type QuantizeSkip struct {
	Node   string `json:"node"`   // its name, or that of its first output
	Reason string `json:"reason"` // why it was left alone
}

// QuantizeDrift is how far an output moved over the samples.
type QuantizeDrift struct {
	Name       string  `json:"name"`
	MeanCosine float64 `json:"mean_cosine"` // 1 is the same direction
	MinCosine  float64 `json:"min_cosine"`  // of the sample that moved most
	MaxError   float64 `json:"max_error"`   // largest difference of an element
}

// Quantize rewrites the linear layers of a model (MatMul and Gemm with constant
// weights, and embedding tables if asked) to dynamic int8 quantisation with
// standard ONNX operators, and returns the new file. Activations are quantised as
// the model runs; nothing is calibrated. The result is deterministic.
//
// The error wraps [quintet.ErrModel] if the file is damaged, is quantised already,
// has weights that are not finite, or if the result drifts below MinCosine; the
// report is valid in the last case too.
func Quantize(ctx context.Context, m Model, o QuantizeOptions) ([]byte, QuantizeReport, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, QuantizeReport{}, err
	}
	graph, err := m.graph()
	if err != nil {
		return nil, QuantizeReport{}, err
	}
	opt := quant.Options{Bits: o.Bits, MinWeights: o.MinWeights, Keep: o.Keep}
	if o.Embeddings {
		opt.Embeddings = quant.PerRow
	}
	done, err := quant.Dynamic(graph, opt)
	if err != nil {
		return nil, QuantizeReport{}, err
	}
	out := graph.Append(nil)
	r := QuantizeReport{Layers: len(done.Layers), Bits: o.Bits, BytesBefore: done.BytesBefore, BytesAfter: len(out)}
	for _, s := range done.Skipped {
		r.Skipped = append(r.Skipped, QuantizeSkip{s.Node, s.Reason})
	}
	if len(o.Samples) == 0 {
		return out, r, nil
	}
	if err := r.compare(ctx, m, ModelBytes(out), o); err != nil {
		return nil, r, err
	}
	for _, d := range r.Outputs {
		if !(d.MinCosine >= o.MinCosine) {
			return nil, r, fmt.Errorf("optimize: output %s of the quantised model has cosine %.5f, want %.5f: %w",
				d.Name, d.MinCosine, o.MinCosine, quintet.ErrModel)
		}
	}
	return out, r, nil
}

// graph reads the model whole, with its external data.
func (m Model) graph() (*onnxpb.Model, error) {
	if path := m.Path(); path != "" {
		return onnxpb.Open(path, 0)
	}
	data, err := m.Bytes()
	if err != nil {
		return nil, err
	}
	g, err := onnxpb.Read(data)
	if err == nil && m.files.fsys != nil {
		err = g.LoadExternal(m.files.fsys, 0)
	}
	return g, err
}

// compare runs the samples on both models and fills Outputs and Speedup.
func (r *QuantizeReport) compare(ctx context.Context, before, after Model, o QuantizeOptions) error {
	a, err := o.Backend.Load(ctx, before, SessionOptions{})
	if err != nil {
		return fmt.Errorf("optimize: the original: %w", err)
	}
	defer a.Close()
	b, err := o.Backend.Load(ctx, after, SessionOptions{})
	if err != nil {
		return fmt.Errorf("optimize: the quantised model: %w", err)
	}
	defer b.Close()
	for _, info := range a.Outputs() {
		r.Outputs = append(r.Outputs, QuantizeDrift{Name: info.Name, MinCosine: 1})
	}
	var slow, fast time.Duration
	for i, sample := range o.Samples {
		want, tookA, err := bestOf3(ctx, a, sample)
		if err != nil {
			return fmt.Errorf("optimize: sample %d: %w", i, err)
		}
		got, tookB, err := bestOf3(ctx, b, sample)
		if err != nil {
			return fmt.Errorf("optimize: sample %d: %w", i, err)
		}
		slow, fast = slow+tookA, fast+tookB
		for j := range want {
			r.Outputs[j].add(want[j], got[j], len(o.Samples))
		}
	}
	r.Speedup = float64(slow) / float64(max(fast, 1))
	return nil
}

// bestOf3 runs a session three times and returns the shortest time.
func bestOf3(ctx context.Context, s Session, in []Tensor) (out []Tensor, best time.Duration, err error) {
	best = math.MaxInt64
	for range 3 {
		start := time.Now()
		if out, err = s.Run(ctx, in); err != nil {
			return nil, 0, err
		}
		best = min(best, time.Since(start))
	}
	return out, best, nil
}

// add takes one of n samples into account. Outputs that are not float32 count as
// the same if they are equal in shape; they are labels and masks.
func (d *QuantizeDrift) add(want, got Tensor, n int) {
	cosine := 1.0
	x, errX := Data[float32](want)
	y, errY := Data[float32](got)
	switch {
	case errX != nil && errY != nil:
	case len(x) != len(y):
		cosine = 0
	default:
		cosine = cosineOf(x, y)
		for i := range x {
			d.MaxError = max(d.MaxError, math.Abs(float64(x[i])-float64(y[i])))
		}
	}
	d.MeanCosine += cosine / float64(n)
	d.MinCosine = min(d.MinCosine, cosine)
}

// cosineOf is 1 for two zero vectors and 0 if only one is zero or a number is NaN.
func cosineOf(x, y []float32) float64 {
	var xy, xx, yy float64
	for i, v := range x {
		a, b := float64(v), float64(y[i])
		xy, xx, yy = xy+a*b, xx+a*a, yy+b*b
	}
	if xx == 0 && yy == 0 {
		return 1
	}
	if c := xy / math.Sqrt(xx*yy); c == c {
		return c
	}
	return 0
}
