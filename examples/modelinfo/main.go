// Command modelinfo shows what the native backend makes of an ONNX model: inputs,
// operators, what it cannot run and why, the steps of a run with their times, and
// the memory that it takes.
//
//	go run ./examples/modelinfo model.onnx
//	go run ./examples/modelinfo -shape input_ids=1,128 -shape attention_mask=1,128 -svg run.svg model.onnx
//
// Free dimensions are 1 unless -shape says otherwise; inputs are noise, integers are
// 1 unless -value says otherwise.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/quintet-ai/quintet/optimize"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "modelinfo:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("modelinfo", flag.ContinueOnError)
	threads := flags.Int("threads", 1, "threads of a run")
	rounds := flags.Int("rounds", 10, "how often the model runs; 0 only looks at it")
	svg := flags.String("svg", "", "write a timeline of the run to this file")
	s := samples{shapes: map[string][]int{}, values: map[string]int64{}}
	flags.Func("shape", "shape of an input, as name=1,128; may be repeated", s.shape)
	flags.Func("value", "value of an integer input, as sr=16000; may be repeated", s.value)
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	if flags.NArg() != 1 {
		return fmt.Errorf("want one argument, the model, got %d", flags.NArg())
	}
	model, err := optimize.OpenModel(flags.Arg(0))
	if err != nil {
		return err
	}
	info, err := model.Info()
	if err != nil {
		return err
	}
	printInfo(out, info)
	o := optimize.InspectOptions{Rounds: *rounds, Threads: *threads}
	if *rounds > 0 {
		if o.Inputs, err = s.inputs(info.Inputs); err != nil {
			return err
		}
	}
	got, err := optimize.Inspect(ctx, model, o)
	if err != nil {
		return err
	}
	printInspection(out, got)
	if *svg == "" || got.Run == 0 {
		return nil
	}
	return os.WriteFile(*svg, timeline(got), 0o644)
}

// samples make up inputs.
type samples struct {
	shapes map[string][]int
	values map[string]int64
}

func (s *samples) shape(arg string) error {
	name, list, ok := strings.Cut(arg, "=")
	if !ok {
		return errors.New("want name=1,128")
	}
	dims := []int{}
	for part := range strings.SplitSeq(list, ",") {
		if part == "" {
			continue
		}
		d, err := strconv.Atoi(part)
		if err != nil || d < 0 {
			return fmt.Errorf("dimension %q", part)
		}
		dims = append(dims, d)
	}
	s.shapes[name] = dims
	return nil
}

func (s *samples) value(arg string) error {
	name, number, _ := strings.Cut(arg, "=")
	v, err := strconv.ParseInt(number, 10, 64)
	s.values[name] = v
	return err
}

func (s *samples) inputs(infos []optimize.TensorInfo) ([]optimize.Tensor, error) {
	rng := rand.New(rand.NewPCG(1, 2))
	list := []optimize.Tensor{}
	for _, info := range infos {
		shape, ok := s.shapes[info.Name]
		if !ok {
			shape = slices.Clone(info.Shape)
			for i, d := range shape {
				shape[i] = max(d, 1) // free ones are negative
			}
		}
		t, err := s.tensor(info, shape, rng)
		if err != nil {
			return nil, fmt.Errorf("input %v: %w", info, err)
		}
		list = append(list, t)
	}
	return list, nil
}

func (s *samples) tensor(info optimize.TensorInfo, shape []int, rng *rand.Rand) (optimize.Tensor, error) {
	whole, ok := s.values[info.Name]
	if !ok {
		whole = 1
	}
	switch info.DType {
	case optimize.Float32:
		return filled(shape, func() float32 { return float32(rng.NormFloat64()) / 2 })
	case optimize.Int64:
		return filled(shape, func() int64 { return whole })
	case optimize.Int32:
		return filled(shape, func() int32 { return int32(whole) })
	case optimize.Uint8:
		return filled(shape, func() uint8 { return uint8(rng.UintN(256)) })
	case optimize.Int8:
		return filled(shape, func() int8 { return int8(rng.UintN(256)) })
	case optimize.Bool:
		return filled(shape, func() bool { return whole != 0 })
	}
	return optimize.Tensor{}, errors.New("inputs of this type cannot be made up; use -rounds 0")
}

func filled[T optimize.Element](shape []int, next func() T) (optimize.Tensor, error) {
	t, err := optimize.Zeros[T](shape...)
	if err != nil {
		return t, err
	}
	data, err := optimize.Data[T](t)
	for i := range data {
		data[i] = next()
	}
	return t, err
}

func printInfo(out io.Writer, info optimize.ModelInfo) {
	fmt.Fprintf(out, "opset %d", info.Opset)
	if info.Producer != "" {
		fmt.Fprintf(out, ", written by %s", info.Producer)
	}
	fmt.Fprintln(out)
	for _, i := range info.Inputs {
		fmt.Fprintln(out, "input ", i)
	}
	for _, o := range info.Outputs {
		fmt.Fprintln(out, "output", o)
	}
}

func printInspection(out io.Writer, got optimize.Inspection) {
	nodes := 0
	names := make([]string, len(got.Operators))
	for i, o := range got.Operators {
		nodes += o.Count
		names[i] = fmt.Sprintf("%s %d", o.Name, o.Count)
	}
	fmt.Fprintf(out, "%d nodes: %s\n", nodes, strings.Join(names, ", "))
	if len(got.Refusals) > 0 {
		fmt.Fprintf(out, "cannot run: %d nodes\n", len(got.Refusals))
		for _, r := range got.Refusals {
			fmt.Fprintln(out, " ", r)
		}
		return
	}
	fmt.Fprintf(out, "%d steps, weights %s, loaded in %v\n", len(got.Steps), size(got.Weights), got.Load.Round(time.Microsecond))
	if got.Run == 0 {
		return
	}
	fmt.Fprintf(out, "a run takes %v and %s\n\n", got.Run.Round(time.Microsecond), size(got.Memory))
	table(out, got)
}

// table prints the steps in the order of a run, and then the sums by operator.
func table(out io.Writer, got optimize.Inspection) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "µs\tstep\toutput\tnode")
	sum, count, total := map[string]time.Duration{}, map[string]int{}, time.Duration(0)
	for _, s := range got.Steps {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", micros(s.Took), s.Op, strings.Join(s.Shapes, " "), s.Node)
		sum[s.Op] += s.Took
		count[s.Op]++
		total += s.Took
	}
	fmt.Fprintln(w, "\t\t\t")
	fmt.Fprintln(w, "µs\tsteps\tshare\toperator")
	ops := make([]string, 0, len(sum))
	for op := range sum {
		ops = append(ops, op)
	}
	slices.SortFunc(ops, func(a, b string) int { return cmp.Or(cmp.Compare(sum[b], sum[a]), strings.Compare(a, b)) })
	for _, op := range ops {
		share := 100 * float64(sum[op]) / float64(max(total, 1))
		fmt.Fprintf(w, "%s\t%d\t%.1f %%\t%s\n", micros(sum[op]), count[op], share, op)
	}
	w.Flush()
}

func micros(d time.Duration) string { return fmt.Sprintf("%.1f", float64(d.Nanoseconds())/1e3) }

func size(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}
