package nn_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn"
	"github.com/quintet-ai/quintet/internal/nn/optest"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

var update = flag.Bool("update-conformance", false, "write the list of cases that must pass")

// mustPass lists the cases of the suite that must pass: one that fails is a
// regression, one that passes and is not listed must be added.
const mustPass = "testdata/conformance.txt"

// suite are the folders of ONNX's conformance suite.
var suite = []string{"node", "simple", "pytorch-converted", "pytorch-operator", "real"}

// TestONNXConformance runs the whole conformance suite with the rewritten graph and
// with the graph as it is. Every case gives the right numbers or is refused at load.
func TestONNXConformance(t *testing.T) {
	var passed, refused []string
	for _, folder := range suite {
		for _, c := range optest.Cases(t, folder) {
			t.Run(c.Name, func(t *testing.T) {
				err := conform(t, c)
				switch {
				case errors.Is(err, errRefused), errors.Is(err, optest.ErrNoTensor):
					refused = append(refused, c.Name+": "+err.Error())
				case err != nil:
					t.Error(err)
				default:
					passed = append(passed, c.Name)
				}
			})
		}
	}
	slices.Sort(passed)
	t.Logf("%d cases passed, %d were refused at load", len(passed), len(refused))
	if path := os.Getenv("QUINTET_REFUSED"); path != "" {
		require.NoError(t, os.WriteFile(path, []byte(strings.Join(refused, "\n")), 0o644))
	}
	if *update {
		require.NoError(t, os.WriteFile(mustPass, []byte(strings.Join(passed, "\n")+"\n"), 0o644))
	}
	list, err := os.ReadFile(mustPass)
	require.NoError(t, err)
	want := strings.Fields(string(list))
	require.Empty(t, without(want, passed), "these passed before")
	require.Empty(t, without(passed, want), "these pass now: run the test with -update-conformance")
	require.GreaterOrEqual(t, len(passed), 720)
}

// without returns the elements of a that b lacks.
func without(a, b []string) (rest []string) {
	for _, x := range a {
		if _, ok := slices.BinarySearch(b, x); !ok {
			rest = append(rest, x)
		}
	}
	return rest
}

// errRefused marks a case that Load refuses.
var errRefused = errors.New("refused")

// conform runs all test data of a case through both forms of its program.
func conform(t *testing.T, c optest.Case) error {
	for _, plain := range []bool{true, false} {
		p, err := nn.Load(c.Model, nn.Options{Plain: plain})
		if errors.Is(err, quintet.ErrUnsupported) {
			return fmt.Errorf("%w: %w", errRefused, err)
		}
		if err != nil {
			return err
		}
		for _, set := range c.Sets(t) {
			if err := feed(t, p, c, set); err != nil {
				return fmt.Errorf("plain %v, %s: %w", plain, filepath.Base(set), err)
			}
		}
	}
	return nil
}

// asDeclared returns t as bfloat16 if that is meant: the suite's data says uint16.
func asDeclared(t *tensor.Tensor, typ tensor.DType) *tensor.Tensor {
	if typ != onnxpb.BFloat16 || t.Type != onnxpb.Uint16 {
		return t
	}
	return &tensor.Tensor{Type: typ, Shape: t.Shape, Data: t.Data}
}

// feed runs one set of test data twice, so that a run by plan is seen too.
func feed(t *testing.T, p *nn.Program, c optest.Case, set string) error {
	fed, err := optest.Tensors(set, "input")
	if err != nil {
		return err
	}
	want, err := optest.Tensors(set, "output")
	if err != nil {
		return err
	}
	in := make([]*tensor.Tensor, 0, len(fed))
	for i, info := range c.Model.Graph.Inputs {
		if c.Model.Graph.Initializer(info.Name) == nil && i < len(fed) {
			in = append(in, fed[i])
		}
	}
	for i, info := range p.Inputs() {
		in[i] = asDeclared(in[i], info.Type)
		if info.Ranked && !slices.Contains(info.Shape, -1) && !slices.Equal(info.Shape, in[i].Shape) {
			return fmt.Errorf("%w: the suite feeds %v where its model says %v", errRefused, in[i], info.Shape)
		}
	}
	for range 2 {
		got, err := p.Run(context.Background(), in)
		if err != nil {
			return err
		}
		if len(got) != len(want) {
			return fmt.Errorf("got %d outputs, want %d", len(got), len(want))
		}
		for i := range want {
			want[i] = asDeclared(want[i], got[i].Type)
			if err := optest.Compare(got[i], want[i], 1e-3, 1e-5); err != nil {
				return fmt.Errorf("output %d: %w", i, err)
			}
		}
	}
	return nil
}
