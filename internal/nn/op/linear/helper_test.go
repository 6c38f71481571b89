package linear_test

import (
	"errors"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/optest"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// node is an operator with outputs y0, y1, … and the inputs that are not nil.
func node(typ string, in []*tensor.Tensor, outputs int, attrs ...onnxpb.Attribute) *onnxpb.Node {
	n := &onnxpb.Node{OpType: typ, Attributes: attrs}
	for i, t := range in {
		name := ""
		if t != nil {
			name = "x" + strconv.Itoa(i)
		}
		n.Inputs = append(n.Inputs, name)
	}
	for i := range outputs {
		n.Outputs = append(n.Outputs, "y"+strconv.Itoa(i))
	}
	return n
}

// compute runs an operator in one of the newest versions.
func compute(table op.Table, typ string, in []*tensor.Tensor, outputs int, attrs ...onnxpb.Attribute) (
	[]*tensor.Tensor, error) {
	return optest.Run(table, node(typ, in, outputs, attrs...), 23, in...)
}

// result is compute for operators of one output, which must succeed.
func result(t testing.TB, table op.Table, typ string, in []*tensor.Tensor, attrs ...onnxpb.Attribute) *tensor.Tensor {
	t.Helper()
	out, err := compute(table, typ, in, 1, attrs...)
	require.NoError(t, err)
	return out[0]
}

func list(t ...*tensor.Tensor) []*tensor.Tensor { return t }

func random(rng *rand.Rand, shape ...int) *tensor.Tensor {
	t, err := tensor.New(onnxpb.Float, shape...)
	if err != nil {
		panic(err)
	}
	for i := range tensor.Of[float32](t) {
		tensor.Of[float32](t)[i] = float32(rng.NormFloat64())
	}
	return t
}

// bits is a tensor of zeros and ones.
func bits[T tensor.Elem](rng *rand.Rand, shape ...int) *tensor.Tensor {
	t, err := tensor.New(tensor.TypeOf[T](), shape...)
	if err != nil {
		panic(err)
	}
	for i := range tensor.Of[T](t) {
		tensor.Of[T](t)[i] = T(min(1, rng.IntN(3)))
	}
	return t
}

func seeded() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

// near checks that two tensors are the same up to rounding.
func near(t testing.TB, want, got *tensor.Tensor) {
	t.Helper()
	require.NoError(t, optest.Compare(got, want, 1e-4, 1e-4))
}

// team is threads that do the parts in turns.
type team int

func (t team) Size() int { return int(t) }

func (t team) Do(parts int, f func(part, worker int)) {
	var wait sync.WaitGroup
	for worker := range int(t) {
		wait.Go(func() {
			for part := worker; part < parts; part += int(t) {
				f(part, worker)
			}
		})
	}
	wait.Wait()
}

// isTyped reports whether an error says whose fault it is.
func isTyped(err error) bool {
	return errors.Is(err, quintet.ErrInput) || errors.Is(err, quintet.ErrModel) || errors.Is(err, quintet.ErrUnsupported)
}
