package quantised

import (
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/qgemm"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// toFloat is a product of integers with a scale that gives floats: of activations
// that are quantised here, or of those that are quantised already.
type toFloat struct {
	packed  []*qgemm.Packed
	dynamic bool
}

// newDynamicQuantizeMatMul has the inputs A, B, b_scale, b_zero_point and bias.
func newDynamicQuantizeMatMul(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(3, 5); err != nil {
		return nil, nil, err
	}
	if err := floatTypes(n, 0, 2); err != nil {
		return nil, nil, err
	}
	return newToFloat(n, toFloat{dynamic: true}, 3, 4)
}

// newMatMulIntegerToFloat has the inputs A, B, a_scale, b_scale, a_zero_point,
// b_zero_point and bias.
func newMatMulIntegerToFloat(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(4, 7); err != nil {
		return nil, nil, err
	}
	if err := byteTypes(n, 0); err != nil {
		return nil, nil, err
	}
	if err := floatTypes(n, 2, 3); err != nil {
		return nil, nil, err
	}
	if err := like(n, 4, 0); err != nil {
		return nil, nil, err
	}
	return newToFloat(n, toFloat{}, 5, 6)
}

// newToFloat checks B, its zero point and the bias.
func newToFloat(n *op.Node, o toFloat, bZero, bias int) (op.Op, []tensor.DType, error) {
	if err := byteTypes(n, 1); err != nil {
		return nil, nil, err
	}
	if err := like(n, bZero, 1); err != nil {
		return nil, nil, err
	}
	if err := n.Float32(bias); err != nil {
		return nil, nil, err
	}
	if b := n.In[1]; !b.Ranked || len(b.Shape) != 2 {
		return nil, nil, n.Unsupported("weights that are not known to be one matrix")
	}
	o.packed = packConst(n, 1)
	return o, []tensor.DType{onnxpb.Float}, nil
}

func (o toFloat) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	a, b := in[0], in[1]
	s, err := shapesOf(a, b)
	if err != nil {
		return err
	}
	aZero, bZero, bias, bScale := input(in, 4), input(in, 5), input(in, 6), in[2]
	if o.dynamic {
		aZero, bZero, bias = nil, input(in, 3), input(in, 4)
	} else {
		bScale = in[3]
	}
	z, err := zerosOf(c, aZero, bZero, &s)
	if err != nil {
		return err
	}
	l := linear{m: s.m, signed: a.Type == onnxpb.Int8, aZero: z.a, bZero: z.b}
	l.e.BScale = tensor.Of[float32](bScale)
	if k := len(l.e.BScale); b.Rank() != 2 || k != 1 && k != s.n {
		return fmt.Errorf("scale %s for %s: %w", bScale, b, quintet.ErrInput)
	}
	if bias != nil {
		if l.e.Bias = tensor.Of[float32](bias); bias.Len() != s.n {
			return fmt.Errorf("bias %s for %d columns: %w", bias, s.n, quintet.ErrInput)
		}
	}
	if o.dynamic {
		l.x = tensor.Of[float32](a)
	} else if l.q = a.Data; in[2].Len() == 1 {
		l.e.AScale = tensor.Of[float32](in[2])[0]
	} else if l.e.AScales = tensor.Of[float32](in[2]); len(l.e.AScales) != s.m {
		return fmt.Errorf("scale %s for %d rows: %w", in[2], s.m, quintet.ErrInput)
	}
	if err := c.NewShape(out[0], onnxpb.Float, s.out[:s.rank]); err != nil {
		return err
	}
	l.dst = tensor.Of[float32](out[0])
	return l.of(c, o.packed, b)
}

// of runs l with the weights b, which are in packed if they are constant.
func (l linear) of(c *op.Ctx, packed []*qgemm.Packed, b *tensor.Tensor) error {
	if b.Len() == 0 {
		for i := range l.dst { // sums of nothing
			l.dst[i] = 0
			if l.e.Bias != nil {
				l.dst[i] = l.e.Bias[i%len(l.e.Bias)]
			}
		}
		return nil
	}
	if packed == nil {
		packed = pack(b)
	}
	l.w = packed[0]
	return l.run(c)
}

// qGemm is Gemm of quantised matrices, with C in the scale of the products. Without a
// scale of the result it gives floats.
type qGemm struct {
	packed         *qgemm.Packed
	alpha          float32
	transA, transB bool
	typ            tensor.DType
}

// newQGemm has the inputs A, a_scale, a_zero_point, B, b_scale, b_zero_point, C,
// y_scale and y_zero_point.
func newQGemm(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(6, 9); err != nil {
		return nil, nil, err
	}
	if err := byteTypes(n, 0, 2, 3, 5); err != nil {
		return nil, nil, err
	}
	if err := floatTypes(n, 1, 4); err != nil {
		return nil, nil, err
	}
	if n.Has(6) {
		if err := n.Typed(6, onnxpb.Int32); err != nil {
			return nil, nil, err
		}
	}
	o := qGemm{typ: onnxpb.Float}
	if n.Has(7) != n.Has(8) {
		return nil, nil, n.Unsupported("a scale or a zero point of the result alone")
	}
	if n.Has(7) {
		if err := floatTypes(n, 7); err != nil {
			return nil, nil, err
		}
		if err := byteTypes(n, 8); err != nil {
			return nil, nil, err
		}
		o.typ = n.Dtype(8)
	}
	var err error
	if o.alpha, err = n.Float("alpha", 1); err != nil {
		return nil, nil, err
	}
	if o.transA, err = n.Flag("transA", false); err != nil {
		return nil, nil, err
	}
	if o.transB, err = n.Flag("transB", false); err != nil {
		return nil, nil, err
	}
	if b := n.Const(3); b != nil && b.Rank() == 2 && b.Len() > 0 {
		o.packed = packTurned(b, o.transB)
	}
	return o, []tensor.DType{o.typ}, nil
}

// packTurned packs a matrix, or its transpose.
func packTurned(b *tensor.Tensor, turned bool) *qgemm.Packed {
	k, n, ld := b.Shape[0], b.Shape[1], b.Shape[1]
	if turned {
		k, n = n, k
	}
	if b.Type == onnxpb.Int8 {
		return qgemm.Pack(int8s(b.Data), k, n, ld, turned)
	}
	return qgemm.PackUint8(b.Data, k, n, ld, turned)
}

func (o qGemm) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	a, b := in[0], in[3]
	if a.Rank() != 2 || b.Rank() != 2 {
		return fmt.Errorf("product of %s and %s: %w", a, b, quintet.ErrInput)
	}
	s := shapes{m: a.Shape[0], k: a.Shape[1], n: b.Shape[1], batch: 1}
	bk := b.Shape[0]
	if o.transA {
		s.m, s.k = s.k, s.m
	}
	if o.transB {
		s.n, bk = bk, s.n
	}
	if s.k != bk {
		return fmt.Errorf("product of %s and %s: %w", a, b, quintet.ErrInput)
	}
	z, err := zerosOf(c, in[2], in[5], &s)
	if err != nil {
		return err
	}
	to := quant{scale: 1}
	if o.typ != onnxpb.Float {
		if to, err = quantOf(in[7], in[8], o.typ); err != nil {
			return err
		}
	}
	scale, err := productScale(c, in[1], in[4], to.scale, s.n)
	if err != nil {
		return err
	}
	for i := range scale {
		scale[i] *= o.alpha
	}
	bias, err := newBias(input(in, 6), s.m, s.n)
	if err != nil {
		return err
	}
	if err := c.New(out[0], o.typ, s.m, s.n); err != nil || len(out[0].Data) == 0 {
		return err
	}
	return o.run(c, a, b, out[0], s, z, to, scale, bias)
}

func (o qGemm) run(c *op.Ctx, a, b, y *tensor.Tensor, s shapes, z zeros, to quant, scale []float32, bias bias) error {
	w := o.packed
	if w == nil && b.Len() > 0 {
		w = packTurned(b, o.transB)
	}
	acc, err := accumulators(c, block*s.n)
	if err != nil {
		return err
	}
	x := a.Data
	if o.transA {
		if x, err = op.Scratch[uint8](c, len(a.Data)); err != nil {
			return err
		}
		for i := range s.m {
			for j := range s.k {
				x[i*s.k+j] = a.Data[j*s.m+i]
			}
		}
	}
	return eachBlock(c, s.m, s.k*s.n, func(lo, hi, worker int) {
		sums := acc[worker*block*s.n:][:(hi-lo)*s.n]
		if clear(sums); s.k > 0 {
			mul(sums, x[lo*s.k:hi*s.k], a.Type == onnxpb.Int8, hi-lo, w, z.rows(lo, hi))
		}
		bias.add(sums, lo, s.n)
		if o.typ != onnxpb.Float {
			to.requantize(y.Data[lo*s.n:hi*s.n], sums, scale)
			return
		}
		floats := tensor.Of[float32](y)[lo*s.n : hi*s.n]
		for i, v := range sums {
			floats[i] = float32(v) * scale[i%s.n%len(scale)]
		}
	})
}

// bias is what QGemm adds, stretched to a matrix by its strides.
type bias struct {
	v        []int32
	row, col int
}

func newBias(t *tensor.Tensor, m, n int) (b bias, err error) {
	if t == nil {
		return b, nil
	}
	var buf [tensor.MaxRank]int
	to := [2]int{m, n}
	shape, err := tensor.Broadcast(buf[:0], t.Shape, to[:])
	if err != nil {
		return b, err
	}
	if len(shape) != 2 || shape[0] != m || shape[1] != n {
		return b, fmt.Errorf("%s to add to %d x %d: %w", t, m, n, quintet.ErrInput)
	}
	var strides [2]int
	tensor.BroadcastStrides(strides[:0], t.Shape, to[:])
	return bias{tensor.Of[int32](t), strides[0], strides[1]}, nil
}

// add adds the rows from lo on to sums, rows of n.
func (b bias) add(sums []int32, lo, n int) {
	if b.v == nil {
		return
	}
	for i := range sums {
		sums[i] += b.v[(lo+i/n)*b.row+i%n*b.col]
	}
}
