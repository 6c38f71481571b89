package quantised

import (
	"fmt"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/op/activation"
	"github.com/quintet-ai/quintet/internal/nn/qgemm"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// quantLinear is a linear layer of a dynamically quantised model: it quantises x, for
// the whole tensor as DynamicQuantizeLinear does or row by row, and computes
//
//	act(scale_x * scale_w * (x - zero_x)(w - zero_w) + bias + add)
//
// Its inputs are x float32[..., K], w int8 or uint8[K, N] constant, the scale of w
// (one, or one for each column), and, each of which may be left out, the zero points
// of w, bias float32[N] and add of the shape of the output.
type quantLinear struct {
	w      *qgemm.Packed
	wZero  []int32
	act    activation.Func
	perRow bool
}

func newQuantLinear(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(3, 6); err != nil {
		return nil, nil, err
	}
	if err := floatTypes(n, 0, 2); err != nil {
		return nil, nil, err
	}
	if err := n.Float32(4, 5); err != nil {
		return nil, nil, err
	}
	if err := byteTypes(n, 1); err != nil {
		return nil, nil, err
	}
	if err := like(n, 3, 1); err != nil {
		return nil, nil, err
	}
	w := n.Const(1)
	if w == nil || n.Has(3) && n.Const(3) == nil || w.Rank() != 2 || w.Len() == 0 {
		return nil, nil, n.Unsupported("weights that are not a constant matrix")
	}
	o := quantLinear{w: pack(w)[0], wZero: points(nil, n.Const(3))}
	if k := len(o.wZero); k > 1 && k != o.w.N {
		return nil, nil, n.Wrong("%d zero points for %d columns", k, o.w.N)
	}
	var err error
	if o.act, err = activation.Of(n); err != nil {
		return nil, nil, err
	}
	o.perRow, err = n.Flag("per_row", false)
	return o, []tensor.DType{onnxpb.Float}, err
}

func (o quantLinear) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	x, bias, add := in[0], input(in, 4), input(in, 5)
	if x.Rank() == 0 || x.Shape[x.Rank()-1] != o.w.K {
		return fmt.Errorf("%s times a matrix of %d rows: %w", x, o.w.K, quintet.ErrInput)
	}
	var buf [tensor.MaxRank]int
	shape := append(buf[:0], x.Shape...)
	shape[len(shape)-1] = o.w.N
	l := linear{w: o.w, bZero: o.wZero, act: o.act, perRow: o.perRow, m: x.Len() / o.w.K, x: tensor.Of[float32](x)}
	l.e.BScale = tensor.Of[float32](in[2])
	if k := len(l.e.BScale); k != 1 && k != o.w.N {
		return fmt.Errorf("%d scales for %d columns: %w", k, o.w.N, quintet.ErrInput)
	}
	if bias != nil {
		if l.e.Bias = tensor.Of[float32](bias); len(l.e.Bias) != o.w.N {
			return fmt.Errorf("bias %s for %d columns: %w", bias, o.w.N, quintet.ErrInput)
		}
	}
	if add == nil {
		if err := c.NewShape(out[0], onnxpb.Float, shape); err != nil {
			return err
		}
		l.dst = tensor.Of[float32](out[0])
		return l.run(c)
	}
	if !slices.Equal(add.Shape, shape) {
		return fmt.Errorf("%s to add to a product of %d columns of %s: %w", add, o.w.N, x, quintet.ErrInput)
	}
	// The kernel reads an element of add before it writes that of the result.
	sums := tensor.Of[float32](add)
	if err := c.NewOver(out[0], in, 5, onnxpb.Float, shape); err != nil {
		return err
	}
	l.dst, l.e.Add, l.e.AddStride = tensor.Of[float32](out[0]), sums, o.w.N
	return l.run(c)
}

// linear is a product of activations, which come as floats or quantised, and weights
// into floats.
type linear struct {
	dst    []float32
	m      int
	x      []float32 // to be quantised; nil: q is there
	q      []byte
	signed bool // q
	aZero  []int32
	w      *qgemm.Packed
	bZero  []int32
	e      qgemm.Epilogue // with the scale of the activations unless they are floats
	act    activation.Func
	perRow bool

	zero  uint8 // of x as a whole
	aOne  [1]int32
	state []*worker
}

// worker is what each thread keeps from run to run.
type worker struct{ scratch [maxScratch]int32 }

// maxScratch is the most that [qgemm.Scratch] asks for.
const maxScratch = 1088

const stateKey = "quantised.linear"

func (l linear) run(c *op.Ctx) error {
	if l.m == 0 {
		return nil
	}
	if err := l.prepare(c); err != nil {
		return err
	}
	if lo, hi, ok := l.act.Clamp(); ok {
		l.e.Clamp, l.e.Lo, l.e.Hi = true, lo, hi
		l.act = activation.Func{}
	}
	if c.Threads() > 1 && l.m*l.w.K*l.w.N >= bigProduct {
		return l.split(c)
	}
	w := op.StateOf[worker](c, 0, stateKey)
	for lo := 0; lo < l.m; lo += fusedRows {
		if err := c.Done(); err != nil {
			return err
		}
		hi := min(lo+fusedRows, l.m)
		l.quantize(lo, hi)
		l.rows(lo, hi, 0, l.w.N, w)
	}
	return nil
}

// prepare makes the memory of the quantised activations and finds the parameters
// that are those of all rows.
func (l *linear) prepare(c *op.Ctx) (err error) {
	if l.x == nil {
		return nil
	}
	if l.q, err = op.Scratch[uint8](c, l.m*l.w.K); err != nil {
		return err
	}
	if !l.perRow {
		l.e.AScale, l.zero = qgemm.DynamicParams(l.x)
		l.aOne[0] = int32(l.zero)
		return nil
	}
	if l.e.AScales, err = op.Scratch[float32](c, l.m); err != nil {
		return err
	}
	l.aZero, err = op.Scratch[int32](c, l.m)
	return err
}

// quantize makes rows lo to hi-1 of q.
func (l *linear) quantize(lo, hi int) {
	k := l.w.K
	switch {
	case l.x == nil:
	case !l.perRow:
		qgemm.Quantize(l.q[lo*k:hi*k], l.x[lo*k:hi*k], l.e.AScale, l.zero)
	default:
		for i := lo; i < hi; i++ {
			row := l.x[i*k : (i+1)*k]
			scale, zero := qgemm.DynamicParams(row)
			qgemm.Quantize(l.q[i*k:(i+1)*k], row, scale, zero)
			l.e.AScales[i], l.aZero[i] = scale, int32(zero)
		}
	}
}

// rows computes columns left to right-1 of rows lo to hi-1.
func (l *linear) rows(lo, hi, left, right int, w *worker) {
	k, n := l.w.K, l.w.N
	e, zero := l.e, l.aZero
	switch {
	case l.x != nil && !l.perRow:
		zero = l.aOne[:]
	case len(zero) > 1:
		zero = zero[lo:hi]
	}
	if e.AScales != nil {
		e.AScales = e.AScales[lo:hi]
	}
	if e.Add != nil {
		e.Add = e.Add[lo*n:]
	}
	dst, q := l.dst[lo*n:hi*n], l.q[lo*k:hi*k]
	step := right - left
	if l.act.Name != "" {
		step = min(step, fusedColumns)
	}
	for ; left < right; left += step {
		end := min(left+step, right)
		if l.signed {
			qgemm.MulFloatSignedColumns(dst, n, int8s(q), k, hi-lo, l.w, zero, l.bZero, w.scratch[:], e, left, end)
		} else {
			qgemm.MulFloatColumns(dst, n, q, k, hi-lo, l.w, zero, l.bZero, w.scratch[:], e, left, end)
		}
		if l.act.Name != "" {
			for i := range hi - lo {
				l.act.Apply(dst[i*n+left : i*n+end])
			}
		}
	}
}

// A product of fusedRows is finished before the next, so that the weights are not
// read too often, and of these fusedColumns before an activation, which then finds
// them in a cache.
const (
	fusedRows    = 64
	fusedColumns = 256
)

// split divides the rows among threads, or the columns if there are few rows.
func (l linear) split(c *op.Ctx) error {
	for i := range c.Threads() {
		l.state = append(l.state, op.StateOf[worker](c, i, stateKey))
	}
	if l.m < 2*fusedRows*c.Threads() {
		c.Split(l.m, 8, func(lo, hi, _ int) { l.quantize(lo, hi) })
		c.Split(l.w.N, 16, func(left, right, worker int) {
			for lo := 0; lo < l.m; lo += fusedRows {
				l.rows(lo, min(lo+fusedRows, l.m), left, right, l.state[worker])
			}
		})
		return c.Done()
	}
	c.Split(l.m, 8, func(from, to, worker int) {
		for lo := from; lo < to; lo += fusedRows {
			hi := min(lo+fusedRows, to)
			l.quantize(lo, hi)
			l.rows(lo, hi, 0, l.w.N, l.state[worker])
		}
	})
	return c.Done()
}
