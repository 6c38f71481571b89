package linear

import (
	"fmt"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/gemm"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/op/activation"
	"github.com/quintet-ai/quintet/internal/nn/op/elementwise"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// factors are the attributes of Gemm.
type factors struct {
	alpha, beta    float32
	transA, transB bool
}

// general is the op Gemm, alpha*A*B + beta*C, in the form that no pass has turned
// into a product with constants, and FusedGemm of com.microsoft.
type general[T tensor.Elem] struct {
	factors
	kernels kernels[T]
	packed  *gemm.Packed    // B, if it is constant
	f       activation.Func // only for float32
}

func newGemm(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := same(n, 2, 3); err != nil {
		return nil, nil, err
	}
	return elementwise.Half(buildGemm)(n)
}

func buildGemm(n *op.Node) (op.Op, []tensor.DType, error) {
	f, err := factorsOf(n)
	if err != nil {
		return nil, nil, err
	}
	types := []tensor.DType{n.Dtype(0)}
	switch n.Dtype(0) {
	case onnxpb.Float:
		return general[float32]{factors: f, kernels: floats(), packed: constant(n, 1, f.transB)}, types, nil
	case onnxpb.Double:
		return general[float64]{factors: f, kernels: plain[float64]()}, types, nil
	case onnxpb.Int32:
		return general[int32]{factors: f, kernels: plain[int32]()}, types, nil
	case onnxpb.Int64:
		return general[int64]{factors: f, kernels: plain[int64]()}, types, nil
	case onnxpb.Uint32:
		return general[uint32]{factors: f, kernels: plain[uint32]()}, types, nil
	case onnxpb.Uint64:
		return general[uint64]{factors: f, kernels: plain[uint64]()}, types, nil
	}
	return nil, nil, n.Unsupported("matrices of %s", n.Dtype(0))
}

func factorsOf(n *op.Node) (factors, error) {
	r := reader{n: n}
	f := factors{
		alpha: r.float("alpha", 1), beta: r.float("beta", 1),
		transA: r.flag("transA", false), transB: r.flag("transB", false),
	}
	return f, r.err
}

func newFusedGemm(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := same(n, 2, 3); err != nil {
		return nil, nil, err
	}
	if err := n.Float32(0); err != nil {
		return nil, nil, err
	}
	f, err := factorsOf(n)
	if err != nil {
		return nil, nil, err
	}
	g := general[float32]{factors: f, kernels: floats(), packed: constant(n, 1, f.transB)}
	g.f, err = gemmActivation(n)
	return g, []tensor.DType{onnxpb.Float}, err
}

// gemmActivation is the function that FusedGemm names, with its own defaults.
func gemmActivation(n *op.Node) (f activation.Func, err error) {
	alpha, beta := float32(0), float32(0)
	r := reader{n: n}
	f.Name = r.text("activation", "")
	switch f.Name {
	case "LeakyRelu":
		alpha = 0.01
	case "Elu":
		alpha = 1
	case "HardSigmoid":
		alpha, beta = 0.2, 0.5
	case "", "Relu", "Sigmoid", "Tanh", "Softplus":
	default:
		r.keep(n.Unsupported("activation %q", f.Name))
	}
	f.Alpha, f.Beta = r.float("activation_alpha", alpha), r.float("activation_beta", beta)
	return f, r.err
}

// Bytes is the memory of the packed matrix.
func (g general[T]) Bytes() int64 { return packedBytes(g.packed) }

func (g general[T]) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	p, err := g.sizes(in[0].Shape, in[1].Shape)
	if err != nil {
		return err
	}
	add := input(in, 2)
	if add != nil && !stretches(add.Shape, p.m, p.n) {
		return fmt.Errorf("shape %v does not broadcast to [%d %d]: %w", add.Shape, p.m, p.n, quintet.ErrInput)
	}
	if err := c.New(out[0], in[0].Type, p.m, p.n); err != nil {
		return err
	}
	dst := tensor.Of[T](out[0])
	if len(dst) == 0 {
		return nil
	}
	a, b := tensor.Of[T](in[0]), tensor.Of[T](in[1])
	if g.transA {
		if a, err = g.kernels.turned(c, a, p.k, p.m); err != nil {
			return err
		}
	}
	if g.transB && g.packed == nil {
		if b, err = g.kernels.turned(c, b, p.n, p.k); err != nil {
			return err
		}
	}
	g.kernels.run(c, p, dst, a, b)
	scale(dst, g.alpha)
	if add != nil {
		addScaled(dst, tensor.Of[T](add), add.Shape, g.beta, p.n)
	}
	if g.f.Name != "" {
		g.f.Apply(tensor.Of[float32](out[0]))
	}
	return nil
}

// sizes returns the product of A and B.
func (g general[T]) sizes(a, b []int) (product, error) {
	if len(a) != 2 || len(b) != 2 {
		return product{}, fmt.Errorf("shapes %v and %v are no matrices: %w", a, b, quintet.ErrInput)
	}
	p := product{m: a[0], k: a[1], n: b[1], packed: g.packed}
	if g.transA {
		p.m, p.k = p.k, p.m
	}
	k := b[0]
	if g.transB {
		k, p.n = b[1], b[0]
	}
	if k != p.k {
		return p, fmt.Errorf("shapes %v and %v do not multiply: %w", slices.Clone(a), slices.Clone(b), quintet.ErrInput)
	}
	return p, nil
}

// stretches reports whether a shape broadcasts to m x n, one way.
func stretches(shape []int, m, n int) bool {
	to := [2]int{m, n}
	if len(shape) > 2 {
		return false
	}
	for i, d := range shape {
		if d != 1 && d != to[2-len(shape)+i] {
			return false
		}
	}
	return true
}

// addScaled adds beta times x, broadcast, to the rows of n elements of dst.
func addScaled[T tensor.Elem](dst, x []T, shape []int, beta float32, n int) {
	var buf [2]int
	to := [2]int{len(dst) / n, n}
	stride := tensor.BroadcastStrides(buf[:0], shape, to[:])
	for i := range to[0] {
		row, from := dst[i*n:(i+1)*n], x[i*stride[0]:]
		for j := range row {
			v := from[j*stride[1]]
			if beta != 1 {
				v = T(float64(v) * float64(beta))
			}
			row[j] += v
		}
	}
}
