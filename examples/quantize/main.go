// Command quantize rewrites an ONNX model to int8 and says what that did.
//
//	go run ./examples/quantize -embeddings model.onnx model-int8.onnx
//	go run ./examples/quantize -check 8 model.onnx model-int8.onnx
//
// With -check it runs both models on that many random inputs, for which it needs
// the ONNX Runtime library; go run ./optimize/onnx/install gets it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/optimize/onnx"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "quantize:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("quantize", flag.ContinueOnError)
	embeddings := flags.Bool("embeddings", false, "quantise embedding tables too")
	bits := flags.Int("bits", 0, "bits of a weight, 7 or 8; 0 is what suits this machine")
	check := flags.Int("check", 0, "compare both models on this many random inputs")
	floor := flags.Float64("cosine", 0.99, "with -check, the least cosine that is accepted")
	if err := flags.Parse(args); err != nil {
		if err == flag.ErrHelp {
			return nil
		}
		return err
	}
	if flags.NArg() != 2 {
		return fmt.Errorf("want two arguments, the model and the file to write, got %d", flags.NArg())
	}
	model, err := optimize.OpenModel(flags.Arg(0))
	if err != nil {
		return err
	}
	o := optimize.QuantizeOptions{Bits: *bits, Embeddings: *embeddings, MinCosine: *floor}
	if *check > 0 {
		backend, err := onnx.New(onnx.Options{Dev: true})
		if err != nil {
			return err
		}
		defer backend.Close()
		o.Backend = backend
		if o.Samples, err = samples(model, *check); err != nil {
			return err
		}
	}
	data, r, err := optimize.Quantize(ctx, model, o)
	if err != nil {
		return err
	}
	if err := write(flags.Arg(1), data); err != nil {
		return err
	}
	report(out, r)
	return nil
}

func report(out io.Writer, r optimize.QuantizeReport) {
	fmt.Fprintf(out, "%d layers to %d bits; %.1f MB became %.1f MB (%.0f%%)\n", r.Layers, r.Bits,
		float64(r.BytesBefore)/1e6, float64(r.BytesAfter)/1e6, 100*float64(r.BytesAfter)/float64(r.BytesBefore))
	for _, d := range r.Outputs {
		fmt.Fprintf(out, "output %s: cosine %.5f on average, %.5f at least\n", d.Name, d.MeanCosine, d.MinCosine)
	}
	if r.Speedup > 0 {
		fmt.Fprintf(out, "%.2fx as fast\n", r.Speedup)
	}
	for _, s := range r.Skipped {
		fmt.Fprintf(out, "left alone: %s: %s\n", s.Node, s.Reason)
	}
}

// samples makes random inputs: words of a small vocabulary, masks of ones, types
// of zeros, and noise for everything else. A free dimension is 1 if it comes
// first and 16 otherwise.
func samples(m optimize.Model, n int) ([][]optimize.Tensor, error) {
	info, err := m.Info()
	if err != nil {
		return nil, err
	}
	rng := rand.New(rand.NewPCG(1, 2))
	out := make([][]optimize.Tensor, n)
	for i := range out {
		for _, in := range info.Inputs {
			shape := make([]int, len(in.Shape))
			size := 1
			for d, s := range in.Shape {
				switch {
				case s >= 0:
					shape[d] = s
				case d == 0:
					shape[d] = 1
				default:
					shape[d] = 16
				}
				size *= shape[d]
			}
			t, err := sample(rng, in, size, shape)
			if err != nil {
				return nil, err
			}
			out[i] = append(out[i], t)
		}
	}
	return out, nil
}

func sample(rng *rand.Rand, in optimize.TensorInfo, size int, shape []int) (optimize.Tensor, error) {
	switch in.DType {
	case optimize.Int64:
		data := make([]int64, size)
		for i := range data {
			switch {
			case strings.Contains(in.Name, "mask"):
				data[i] = 1
			case !strings.Contains(in.Name, "type"):
				data[i] = rng.Int64N(100)
			}
		}
		return optimize.NewTensor(data, shape...)
	case optimize.Float32:
		data := make([]float32, size)
		for i := range data {
			data[i] = float32(rng.NormFloat64())
		}
		return optimize.NewTensor(data, shape...)
	}
	return optimize.Tensor{}, fmt.Errorf("no random input for %v", in)
}

// write puts the file where it belongs in one step, so that a crash leaves the
// old one or the new one.
func write(name string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails once it is renamed
	if _, err = f.Write(data); err == nil {
		err = errors.Join(f.Chmod(0o644), f.Sync())
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
