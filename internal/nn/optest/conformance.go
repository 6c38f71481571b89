package optest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// Suite is where Debian's package libonnx-testdata puts the conformance suite.
const Suite = "/usr/share/libonnx-testdata/data"

// Case is one model of the suite with its test data.
type Case struct {
	Name  string // folder and name, such as "node/test_add"
	Dir   string
	Model *onnxpb.Model
}

// Cases returns the cases below folder of the suite, such as "node", in the order
// of their names. It skips the test where the suite is not installed.
func Cases(t testing.TB, folder string) []Case {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join(Suite, folder, "*"))
	require.NoError(t, err)
	if len(dirs) == 0 {
		t.Skipf("no conformance suite at %s: install Debian's libonnx-testdata", Suite)
	}
	var all []Case
	for _, dir := range dirs {
		data, err := os.ReadFile(filepath.Join(dir, "model.onnx"))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		require.NoError(t, err)
		m, err := onnxpb.Read(data)
		require.NoError(t, err, dir)
		all = append(all, Case{folder + "/" + filepath.Base(dir), dir, m})
	}
	return all
}

// Sets returns the folders of test data of a case.
func (c Case) Sets(t testing.TB) []string {
	t.Helper()
	sets, err := filepath.Glob(filepath.Join(c.Dir, "test_data_set_*"))
	require.NoError(t, err)
	return sets
}

// ErrNoTensor marks test data that is no tensor, such as a sequence.
var ErrNoTensor = errors.New("not a tensor")

// Tensors reads the files prefix_0.pb, prefix_1.pb, ... of a set.
func Tensors(dir, prefix string) ([]*tensor.Tensor, error) {
	var all []*tensor.Tensor
	for i := 0; ; i++ {
		data, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("%s_%d.pb", prefix, i)))
		if errors.Is(err, os.ErrNotExist) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		p, err := onnxpb.ReadTensor(data)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrNoTensor, err)
		}
		v, err := tensor.FromProto(p)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrNoTensor, err)
		}
		all = append(all, v)
	}
}

// Conformance runs the cases of the suite that are one node of one of the given
// operators of ONNX itself. A case must give the right numbers or be refused when
// the node is built; the refused ones are logged with their reasons, and what
// is neither fails. It returns the names of those that passed.
func Conformance(t *testing.T, tables op.Domains, operators ...string) (passed []string) {
	t.Helper()
	var refused []string
	for _, c := range Cases(t, "node") {
		nodes := c.Model.Graph.Nodes
		if len(nodes) != 1 || !slices.Contains(operators, nodes[0].OpType) {
			continue
		}
		t.Run(strings.TrimPrefix(c.Name, "node/test_"), func(t *testing.T) {
			err := runCase(t, tables, c)
			switch {
			case errors.Is(err, quintet.ErrUnsupported), errors.Is(err, ErrNoTensor):
				refused = append(refused, fmt.Sprintf("%s: %v", c.Name, err))
			case err != nil:
				t.Error(err)
			default:
				passed = append(passed, c.Name)
			}
		})
	}
	t.Logf("%d passed, %d refused:\n%s", len(passed), len(refused), strings.Join(refused, "\n"))
	return passed
}

// runCase runs all sets of a case twice: with inputs that are known only when
// it runs, and with those behind the first known when it is built.
func runCase(t *testing.T, tables op.Domains, c Case) error {
	t.Helper()
	g := c.Model.Graph
	n := g.Nodes[0]
	for _, set := range c.Sets(t) {
		fed, err := Tensors(set, "input")
		if err != nil {
			return err
		}
		want, err := Tensors(set, "output")
		if err != nil {
			return err
		}
		declared(fed, g.Inputs)
		declared(want, g.Outputs)
		named := map[string]*tensor.Tensor{}
		for i, info := range g.Inputs {
			named[info.Name] = fed[i]
		}
		in := make([]*tensor.Tensor, len(n.Inputs))
		var constant []int
		for i, name := range n.Inputs {
			if in[i] = named[name]; in[i] != nil && i > 0 {
				constant = append(constant, i)
			}
		}
		opset := int(c.Model.Opset(n.Domain))
		_, _, free := Build(tables, n, opset, in)
		_, _, fixed := Build(tables, n, opset, in, constant...)
		if free != nil && fixed != nil {
			return free
		}
		if free == nil {
			if err := check(tables, g, opset, in, want); err != nil {
				return fmt.Errorf("inputs known when it runs: %w", err)
			}
		}
		if err := check(tables, g, opset, in, want, constant...); err != nil {
			return fmt.Errorf("inputs known when it is built: %w", err)
		}
	}
	return nil
}

// declared makes tensors of uint16 those of bfloat16 that the model says they
// are: the suite's data has no other way to hold them.
func declared(tensors []*tensor.Tensor, infos []onnxpb.ValueInfo) {
	for i, t := range tensors {
		if i >= len(infos) || infos[i].Type == nil || infos[i].Type.Tensor == nil {
			continue
		}
		if t.Type == onnxpb.Uint16 && infos[i].Type.Tensor.Elem == onnxpb.BFloat16 {
			t.Type = onnxpb.BFloat16
		}
	}
}

func check(tables op.Domains, g *onnxpb.Graph, opset int, in, want []*tensor.Tensor, constant ...int) error {
	n := g.Nodes[0]
	got, err := run(tables, n, opset, in, constant...)
	if err != nil {
		return fmt.Errorf("%v", err) // not a refusal any more: it was built
	}
	for i, info := range g.Outputs {
		j := slices.Index(n.Outputs, info.Name)
		if err := Compare(got[j], want[i], 1e-3, 1e-5); err != nil {
			return fmt.Errorf("output %s: %w", info.Name, err)
		}
	}
	return nil
}
