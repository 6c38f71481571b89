package linear

import (
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/gemm"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// operand is the queries, keys, values or results of an attention: for every batch
// and head, length rows of width elements.
type operand struct {
	x                    []float32
	heads, length, width int
	batch, head, row     int  // strides in elements
	transposed           bool // width rows of length elements each, row apart
}

// joined is an operand [batch, length, heads*width].
func joined(x []float32, heads, length, width int) operand {
	return operand{
		x: x, heads: heads, length: length, width: width,
		batch: length * heads * width, head: width, row: heads * width,
	}
}

// apart is an operand [batch, heads, length, width].
func apart(x []float32, heads, length, width int) operand {
	return operand{
		x: x, heads: heads, length: length, width: width,
		batch: heads * length * width, head: length * width, row: width,
	}
}

// at returns the rows of one head of one batch.
func (o *operand) at(batch, head int) []float32 { return o.x[batch*o.batch+head*o.head:] }

// job is one attention being computed: for every batch and head
//
//	softmax(cap(scale * q*k') + masks) * v
//
// where neighbouring heads of q share a head of k and v if those have fewer.
type job struct {
	batch   int
	q, k, v operand
	dst     operand

	scale   float32
	softcap float32 // cap(s) is softcap * tanh(s/softcap); 0: s
	masks   [2]mask

	// zeros says that a row from which masks hide all keys gives zeros, and not the
	// NaN of the formula.
	zeros bool

	// Which keys a row sees, besides what the masks say.
	lengths []int32 // only the first so many of each batch; nil: all
	causal  bool    // row r sees the first past + r + 1
	past    int
	fromEnd bool // past is lengths of the batch less the rows
	window  int  // at most the last so many of these; 0: all
}

// check says whether the operands fit together.
func (j *job) check() error {
	q, k, v := &j.q, &j.k, &j.v
	if q.width != k.width || k.length != v.length || k.heads != v.heads || k.heads < 1 || q.heads%k.heads != 0 {
		return fmt.Errorf("queries of %d x %d, keys of %d x %d x %d and values of %d x %d x %d do not fit: %w",
			q.heads, q.width, k.heads, k.length, k.width, v.heads, v.length, v.width, quintet.ErrInput)
	}
	return nil
}

// output makes out the result, [batch, heads, length, width] or, if merged,
// [batch, length, heads*width].
func (j *job) output(c *op.Ctx, out *tensor.Tensor, merged bool) error {
	heads, length, width := j.q.heads, j.q.length, j.v.width
	if merged {
		if err := c.New(out, onnxpb.Float, j.batch, length, heads*width); err != nil {
			return err
		}
		j.dst = joined(tensor.Of[float32](out), heads, length, width)
		return nil
	}
	if err := c.New(out, onnxpb.Float, j.batch, heads, length, width); err != nil {
		return err
	}
	j.dst = apart(tensor.Of[float32](out), heads, length, width)
	return nil
}

// run computes dst.
func (j *job) run(c *op.Ctx) error {
	if len(j.dst.x) == 0 {
		return nil
	}
	if j.k.length == 0 {
		clear(j.dst.x)
		return nil
	}
	groups, workers := j.batch*j.k.heads, 1
	if c.Threads() > 1 && j.batch*j.q.heads*j.q.length*j.k.length*(j.q.width+j.v.width) > parallelWork {
		workers = c.Threads()
	}
	memory, err := op.Scratch[float32](c, j.workSize()*workers)
	if err != nil {
		return err
	}
	if workers > 1 {
		return j.spread(c, memory)
	}
	w := j.work(memory, 0)
	for i := range groups {
		j.group(c, &w, i/j.k.heads, i%j.k.heads)
	}
	return c.Done()
}

// spread is run on all threads. It is apart so that only it pays for the closure.
func (j *job) spread(c *op.Ctx, memory []float32) error {
	shared := *j
	c.Split(j.batch*j.k.heads, 1, func(lo, hi, worker int) {
		w := shared.work(memory, worker)
		for i := lo; i < hi; i++ {
			shared.group(c, &w, i/shared.k.heads, i%shared.k.heads)
		}
	})
	return c.Done()
}

// work is the memory of one worker.
type work struct{ scores, keys, values, mask []float32 }

const (
	// scoreFloats is how many scores are in work at a time: half of a second-level
	// cache, with the values.
	scoreFloats = 1 << 15

	// fewRows is how many rows of the query make it worth to pack the keys for the
	// kernel, which costs as much as some products of one row.
	fewRows = 4

	// manyRows is how many make it worth to pack the values too, which the kernel
	// could read where they are.
	manyRows = 32
)

// rowsAtOnce is how many rows of the query are in work at a time.
func (j *job) rowsAtOnce() int {
	const tile = 6 // of the kernel
	return min(j.q.length, max(tile, scoreFloats/j.k.length/tile*tile))
}

// packs reports whether the keys of a head are packed.
func (j *job) packs() bool { return !j.k.transposed && j.q.length >= fewRows }

// packsValues reports whether the values of a head are packed.
func (j *job) packsValues() bool { return j.q.length >= manyRows }

// parts are the sizes of a worker's memory, each a multiple of a cache line.
func (j *job) parts() (scores, keys, values, mask int) {
	const line = 16
	round := func(n int) int { return (n + line - 1) &^ (line - 1) }
	scores, mask = round(j.rowsAtOnce()*j.k.length), round(j.k.length)
	if j.packs() {
		keys = round(gemm.TransposedScratch(j.k.length, j.k.width))
	}
	if j.packsValues() {
		values = round(gemm.TransposedScratch(j.v.width, j.v.length))
	}
	return scores, keys, values, mask
}

func (j *job) workSize() int {
	scores, keys, values, mask := j.parts()
	return scores + keys + values + mask
}

// work cuts the memory of one worker out of that of all.
func (j *job) work(memory []float32, worker int) work {
	sizes := [4]int{}
	sizes[0], sizes[1], sizes[2], sizes[3] = j.parts()
	memory = memory[worker*j.workSize():]
	var w work
	for i, part := range []*[]float32{&w.scores, &w.keys, &w.values, &w.mask} {
		*part, memory = memory[:sizes[i]], memory[sizes[i]:]
	}
	return w
}

// group computes the heads of one batch that share a head of keys and values. It
// stops early if the run has ended.
func (j *job) group(c *op.Ctx, w *work, batch, shared int) {
	k, v := j.k.at(batch, shared), j.v.at(batch, shared)
	var keys, values gemm.Packed
	if j.packs() {
		keys = gemm.PackTransposedOver(w.keys, k, j.k.row, j.k.length, j.k.width)
	}
	if j.packsValues() {
		values = gemm.PackOver(w.values, v, j.v.row, j.v.length, j.v.width)
	}
	heads, rows := j.q.heads/j.k.heads, j.rowsAtOnce()
	for head := shared * heads; head < (shared+1)*heads; head++ {
		for lo := 0; lo < j.q.length; lo += rows {
			if c.Done() != nil {
				return
			}
			j.block(w, &keys, &values, k, v, place{batch, head, lo}, min(rows, j.q.length-lo))
		}
	}
}

// place is a row of the query.
type place struct{ batch, head, row int }

// block computes m rows from p on.
func (j *job) block(w *work, keys, values *gemm.Packed, k, v []float32, p place, m int) {
	dst := j.dst.at(p.batch, p.head)[p.row*j.dst.row:]
	_, n := j.sees(p.batch, p.row+m-1) // the last row sees the most
	if n <= 0 {
		for i := range m {
			clear(dst[i*j.dst.row:][:j.v.width])
		}
		return
	}
	j.scores(w.scores, n, keys, k, j.q.at(p.batch, p.head)[p.row*j.q.row:], m)
	for i := range m {
		row := w.scores[i*n : (i+1)*n]
		lo, hi := j.sees(p.batch, p.row+i)
		clear(row[:lo])
		clear(row[hi:])
		j.softmax(w, row[lo:hi], place{p.batch, p.head, p.row + i}, lo)
	}
	if j.packsValues() {
		first := values.First(n)
		gemm.Mul(dst, j.dst.row, w.scores, n, m, &first, gemm.Epilogue{})
		return
	}
	gemm.MulRaw(dst, j.dst.row, w.scores, n, v, j.v.row, m, j.v.width, n, gemm.Epilogue{})
}
