package quantised

import (
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/qgemm"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// pack packs all matrices of b, of 8-bit integers; a vector is a column.
func pack(b *tensor.Tensor) []*qgemm.Packed {
	k, n := matrix(b)
	if k*n == 0 {
		return nil
	}
	var all []*qgemm.Packed
	for data := b.Data; len(data) > 0; data = data[k*n:] {
		if b.Type == onnxpb.Int8 {
			all = append(all, qgemm.Pack(int8s(data[:k*n]), k, n, n, false))
		} else {
			all = append(all, qgemm.PackUint8(data[:k*n], k, n, n, false))
		}
	}
	return all
}

// matrix returns the size of the matrices that b is made of.
func matrix(b *tensor.Tensor) (k, n int) {
	if b.Rank() < 2 {
		return b.Len(), 1
	}
	return b.Shape[b.Rank()-2], b.Shape[b.Rank()-1]
}

// packConst packs input i if it is constant.
func packConst(n *op.Node, i int) []*qgemm.Packed {
	if b := n.Const(i); b != nil {
		return pack(b)
	}
	return nil
}

// shapes is a product of stacks of matrices as numpy defines it.
type shapes struct {
	m, k, n int
	batch   int // products, each of m rows
	rank    int // of the result
	out     [tensor.MaxRank]int
	bStack  [tensor.MaxRank]int // stride of b, in matrices, along each dimension of the stack
	aStack  [tensor.MaxRank]int
	stack   int // dimensions of the stack
}

// shapesOf joins the rows of all matrices of a where b is only one.
func shapesOf(a, b *tensor.Tensor) (s shapes, err error) {
	mismatch := func() error { return fmt.Errorf("product of %s and %s: %w", a, b, quintet.ErrInput) }
	if a.Rank() == 0 || b.Rank() == 0 {
		return s, mismatch()
	}
	aShape, bShape := a.Shape, b.Shape
	one := [2]int{1, 1}
	if len(aShape) == 1 {
		one[1] = aShape[0]
		aShape = one[:]
	}
	s.k, s.n = matrix(b)
	s.m = aShape[len(aShape)-2]
	if aShape[len(aShape)-1] != s.k {
		return s, mismatch()
	}
	aStack, bStack := aShape[:len(aShape)-2], bShape[:max(len(bShape)-2, 0)]
	stack, err := tensor.Broadcast(s.out[:0], aStack, bStack)
	if err != nil {
		return s, err
	}
	s.stack, s.batch = len(stack), count(stack)
	tensor.BroadcastStrides(s.aStack[:0], aStack, stack)
	tensor.BroadcastStrides(s.bStack[:0], bStack, stack)
	s.rank = len(stack)
	if a.Rank() > 1 {
		s.out[s.rank] = s.m
		s.rank++
	}
	if b.Rank() > 1 {
		s.out[s.rank] = s.n
		s.rank++
	}
	if count(bStack) == 1 && len(aStack) == len(stack) {
		s.m, s.batch, s.stack = s.m*s.batch, 1, 0
	}
	return s, nil
}

// at returns which matrices of a and b product i is of.
func (s *shapes) at(i int) (a, b int) {
	for d := s.stack - 1; d >= 0; d-- {
		k := i % s.out[d]
		i /= s.out[d]
		a += k * s.aStack[d]
		b += k * s.bStack[d]
	}
	return a, b
}

// zeros are the zero points of the operands: one of all, one for each row of a
// matrix, or one for each row of all of them; and likewise for columns.
type zeros struct{ a, b []int32 }

func zerosOf(c *op.Ctx, a, b *tensor.Tensor, s *shapes) (z zeros, err error) {
	if z.a, err = scratchPoints(c, a); err != nil {
		return z, err
	}
	if z.b, err = scratchPoints(c, b); err != nil {
		return z, err
	}
	if n := len(z.a); a != nil && n != 1 && n != s.m && n != s.m*s.batch {
		return z, fmt.Errorf("zero point %s for %d rows: %w", a, s.m, quintet.ErrInput)
	}
	if n := len(z.b); b != nil && n != 1 && n != s.n && n != s.n*s.batch {
		return z, fmt.Errorf("zero point %s for %d columns: %w", b, s.n, quintet.ErrInput)
	}
	return z, nil
}

// of returns the zero points of product i.
func (z zeros) of(s *shapes, i int) zeros {
	if len(z.a) > 1 && len(z.a) == s.m*s.batch {
		z.a = z.a[i*s.m : (i+1)*s.m]
	}
	if len(z.b) > 1 && len(z.b) == s.n*s.batch {
		z.b = z.b[i*s.n : (i+1)*s.n]
	}
	return z
}

// rows returns the zero points of rows lo to hi-1.
func (z zeros) rows(lo, hi int) zeros {
	if len(z.a) > 1 {
		z.a = z.a[lo:hi]
	}
	return z
}

// mul is the exact product of m rows of a and b.
func mul(dst []int32, a []byte, signed bool, m int, b *qgemm.Packed, z zeros) {
	if signed {
		qgemm.MulSigned(dst, b.N, int8s(a), b.K, m, b, z.a, z.b)
		return
	}
	qgemm.Mul(dst, b.N, a, b.K, m, b, z.a, z.b)
}

// block is how many rows of a product are made at a time, so that what is done with
// them next finds them in the cache.
const block = 32

// bigProduct is from how many multiplications on a product is split among threads.
const bigProduct = 1 << 22

// eachBlock calls f for ranges of m rows, on several threads if a row costs enough.
func eachBlock(c *op.Ctx, m, perRow int, f func(lo, hi, worker int)) error {
	if c.Threads() > 1 && m > block && m*perRow >= bigProduct {
		c.Split(m, block, func(lo, hi, worker int) {
			for ; lo < hi; lo += block {
				f(lo, min(lo+block, hi), worker)
			}
		})
		return c.Done()
	}
	for lo := 0; lo < m; lo += block {
		if err := c.Done(); err != nil {
			return err
		}
		f(lo, min(lo+block, m), 0)
	}
	return nil
}

// matMulInteger is the product of integers, without scales.
type matMulInteger struct{ packed []*qgemm.Packed }

func newMatMulInteger(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(2, 4); err != nil {
		return nil, nil, err
	}
	if err := byteTypes(n, 0, 1); err != nil {
		return nil, nil, err
	}
	for i := range 2 {
		if err := like(n, i+2, i); err != nil {
			return nil, nil, err
		}
	}
	return matMulInteger{packConst(n, 1)}, []tensor.DType{onnxpb.Int32}, nil
}

func (o matMulInteger) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	a := in[0]
	s, err := shapesOf(a, in[1])
	if err != nil {
		return err
	}
	z, err := zerosOf(c, input(in, 2), input(in, 3), &s)
	if err != nil {
		return err
	}
	if err := c.NewShape(out[0], onnxpb.Int32, s.out[:s.rank]); err != nil {
		return err
	}
	if clear(out[0].Data); s.k == 0 || len(out[0].Data) == 0 {
		return nil
	}
	packed := o.packed
	if packed == nil {
		packed = pack(in[1])
	}
	dst := tensor.Of[int32](out[0])
	for i := range s.batch {
		ai, bi := s.at(i)
		x, y, zi := a.Data[ai*s.m*s.k:], dst[i*s.m*s.n:], z.of(&s, i)
		err := eachBlock(c, s.m, s.k*s.n, func(lo, hi, _ int) {
			mul(y[lo*s.n:hi*s.n], x[lo*s.k:hi*s.k], a.Type == onnxpb.Int8, hi-lo, packed[bi], zi.rows(lo, hi))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// qLinearMatMul is a product whose result is quantised again.
type qLinearMatMul struct{ packed []*qgemm.Packed }

func newQLinearMatMul(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(8, 8); err != nil {
		return nil, nil, err
	}
	if err := byteTypes(n, 0, 2, 3, 5, 7); err != nil {
		return nil, nil, err
	}
	if err := floatTypes(n, 1, 4, 6); err != nil {
		return nil, nil, err
	}
	for _, i := range []int{0, 3} {
		if err := like(n, i+2, i); err != nil {
			return nil, nil, err
		}
	}
	return qLinearMatMul{packConst(n, 3)}, []tensor.DType{n.Dtype(7)}, nil
}

func (o qLinearMatMul) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	a, b := in[0], in[3]
	s, err := shapesOf(a, b)
	if err != nil {
		return err
	}
	z, err := zerosOf(c, in[2], in[5], &s)
	if err != nil {
		return err
	}
	to, err := quantOf(in[6], in[7], in[7].Type)
	if err != nil {
		return err
	}
	scale, err := productScale(c, in[1], in[4], to.scale, s.n)
	if err != nil {
		return err
	}
	if err := c.NewShape(out[0], in[7].Type, s.out[:s.rank]); err != nil || len(out[0].Data) == 0 {
		return err
	}
	packed := o.packed
	if packed == nil {
		packed = pack(b)
	}
	acc, err := accumulators(c, block*s.n)
	if err != nil {
		return err
	}
	for i := range s.batch {
		ai, bi := s.at(i)
		x, y, zi := a.Data[ai*s.m*s.k:], out[0].Data[i*s.m*s.n:], z.of(&s, i)
		err := eachBlock(c, s.m, s.k*s.n, func(lo, hi, worker int) {
			sums := acc[worker*block*s.n:][:(hi-lo)*s.n]
			if clear(sums); s.k > 0 {
				mul(sums, x[lo*s.k:hi*s.k], a.Type == onnxpb.Int8, hi-lo, packed[bi], zi.rows(lo, hi))
			}
			to.requantize(y[lo*s.n:hi*s.n], sums, scale)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// accumulators returns n int32 for each worker of the run.
func accumulators(c *op.Ctx, n int) ([]int32, error) { return op.Scratch[int32](c, n*c.Threads()) }

// productScale returns by what to multiply integer products to get the integers of
// the result: one number, or one for each of n columns.
func productScale(c *op.Ctx, a, b *tensor.Tensor, result float32, n int) ([]float32, error) {
	as, err := scaleOf(a)
	if err != nil {
		return nil, err
	}
	if b.Len() != 1 && b.Len() != n {
		return nil, fmt.Errorf("scale %s for %d columns: %w", b, n, quintet.ErrInput)
	}
	scale, err := op.Scratch[float32](c, b.Len())
	if err != nil {
		return nil, err
	}
	for i, bs := range tensor.Of[float32](b) {
		scale[i] = as * bs / result
	}
	return scale, nil
}
