package linear

import (
	"github.com/quintet-ai/quintet/internal/nn/gemm"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/op/elementwise"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// matMul is the op MatMul, and FusedMatMul of com.microsoft.
type matMul[T tensor.Elem] struct {
	kernels        kernels[T]
	transA, transB bool // the last two dimensions change places first
	alpha          float32
	packed         *gemm.Packed // the right matrix, if it is constant
}

func newMatMul(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := same(n, 2, 2); err != nil {
		return nil, nil, err
	}
	return elementwise.Half(buildMatMul)(n)
}

// same checks the number of inputs and that their types are one.
func same(n *op.Node, least, most int) error {
	if err := n.Inputs(least, most); err != nil {
		return err
	}
	for i := range n.In {
		if n.Has(i) && n.Dtype(i) != n.Dtype(0) {
			return n.Unsupported("inputs of %s and %s", n.Dtype(0), n.Dtype(i))
		}
	}
	return nil
}

func buildMatMul(n *op.Node) (op.Op, []tensor.DType, error) {
	types := []tensor.DType{n.Dtype(0)}
	switch n.Dtype(0) {
	case onnxpb.Float:
		return matMul[float32]{kernels: floats(), alpha: 1, packed: constant(n, 1, false)}, types, nil
	case onnxpb.Double:
		return matMul[float64]{kernels: plain[float64](), alpha: 1}, types, nil
	case onnxpb.Int32:
		return matMul[int32]{kernels: plain[int32](), alpha: 1}, types, nil
	case onnxpb.Int64:
		return matMul[int64]{kernels: plain[int64](), alpha: 1}, types, nil
	case onnxpb.Uint32:
		return matMul[uint32]{kernels: plain[uint32](), alpha: 1}, types, nil
	case onnxpb.Uint64:
		return matMul[uint64]{kernels: plain[uint64](), alpha: 1}, types, nil
	}
	return nil, nil, n.Unsupported("matrices of %s", n.Dtype(0))
}

func newFusedMatMul(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := same(n, 2, 2); err != nil {
		return nil, nil, err
	}
	return elementwise.Half(buildFusedMatMul)(n)
}

func buildFusedMatMul(n *op.Node) (op.Op, []tensor.DType, error) {
	r := reader{n: n}
	r.refuse("transBatchA", "transBatchB")
	transA, transB, alpha := r.flag("transA", false), r.flag("transB", false), r.float("alpha", 1)
	if r.err != nil {
		return nil, nil, r.err
	}
	switch n.Dtype(0) {
	case onnxpb.Float:
		m := matMul[float32]{floats(), transA, transB, alpha, constant(n, 1, transB)}
		return m, []tensor.DType{onnxpb.Float}, nil
	case onnxpb.Double:
		m := matMul[float64]{plain[float64](), transA, transB, alpha, nil}
		return m, []tensor.DType{onnxpb.Double}, nil
	}
	return nil, nil, n.Unsupported("matrices of %s", n.Dtype(0))
}

// Bytes is the memory of the packed matrix.
func (m matMul[T]) Bytes() int64 { return packedBytes(m.packed) }

func packedBytes(p *gemm.Packed) int64 {
	if p == nil {
		return 0
	}
	return p.Bytes()
}

func (m matMul[T]) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	var s matrices
	if err := m.fit(&s, in[0].Shape, in[1].Shape); err != nil {
		return err
	}
	if err := c.NewShape(out[0], in[0].Type, s.shape[:s.size]); err != nil {
		return err
	}
	dst := tensor.Of[T](out[0])
	if len(dst) == 0 {
		return nil
	}
	if s.k == 0 {
		clear(dst)
		return nil
	}
	a, b, err := m.straight(c, &s, tensor.Of[T](in[0]), tensor.Of[T](in[1]), len(in[0].Shape) > 1, len(in[1].Shape) > 1)
	if err != nil {
		return err
	}
	s.rows()
	p := product{m: s.m, k: s.k, n: s.n, packed: m.packed}
	if err := m.all(c, &s, p, dst, a, b); err != nil {
		return err
	}
	scale(dst, m.alpha)
	return nil
}

// fit is that of the matrices after they have been transposed. A vector stays what
// it is.
func (m matMul[T]) fit(s *matrices, a, b []int) error {
	var buf [2][tensor.MaxRank]int
	if m.transA {
		a = swapped(buf[0][:0], a)
	}
	if m.transB {
		b = swapped(buf[1][:0], b)
	}
	return s.fit(a, b)
}

// swapped appends to dst the shape with its last two dimensions in each other's
// place.
func swapped(dst, shape []int) []int {
	dst = append(dst, shape...)
	if n := len(dst); n > 1 {
		dst[n-2], dst[n-1] = dst[n-1], dst[n-2]
	}
	return dst
}

// straight returns the elements of both operands as they are multiplied.
func (m matMul[T]) straight(c *op.Ctx, s *matrices, a, b []T, matrixA, matrixB bool) (_, _ []T, err error) {
	if m.transA && matrixA {
		if a, err = m.kernels.turned(c, a, s.k, s.m); err != nil {
			return nil, nil, err
		}
	}
	if m.transB && matrixB && m.packed == nil {
		b, err = m.kernels.turned(c, b, s.n, s.k)
	}
	return a, b, err
}

// all computes the products one by one, or, if they are many, on all threads.
func (m matMul[T]) all(c *op.Ctx, s *matrices, p product, dst, a, b []T) error {
	if s.count > 1 && c.Threads() > 1 && s.count*p.m*p.k*p.n > parallelWork {
		m.spread(c, *s, p, dst, a, b)
		return nil
	}
	for i := range s.count {
		if i%1024 == 1023 {
			if err := c.Done(); err != nil {
				return err
			}
		}
		x, y := s.at(i)
		m.kernels.run(c, p, dst[i*p.m*p.n:(i+1)*p.m*p.n], a[x*p.m*p.k:], b[y*p.k*p.n:])
	}
	return nil
}

// spread shares the products of a batch among threads.
func (m matMul[T]) spread(c *op.Ctx, s matrices, p product, dst, a, b []T) {
	c.Split(s.count, 1, func(lo, hi, _ int) {
		for i := lo; i < hi; i++ {
			x, y := s.at(i)
			m.kernels.part(p, dst[i*p.m*p.n:(i+1)*p.m*p.n], a[x*p.m*p.k:], b[y*p.k*p.n:], span{0, p.m}, span{0, p.n})
		}
	})
}
