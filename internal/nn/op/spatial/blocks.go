package spatial

import (
	"github.com/quintet-ai/quintet/internal/nn/gemm"
	"github.com/quintet-ai/quintet/internal/nn/op"
)

// blocks is the weights of a transposed convolution whose stride is its kernel:
// each input pixel makes a block of output pixels of its own. For each row of the
// block that is one matrix product, straight into the output; blocks of a few
// elements are one product in all, whose rows are dealt out.
type blocks struct {
	rows   []*gemm.Packed
	height int // output rows of one product
	width  int // elements of an output row of a block
}

// disjoint reports whether v makes such blocks of its input and nothing else.
func (v *conv) disjoint(f *filter) bool {
	w := &v.window
	if !v.transposed || v.groups != 1 || f.kernel[0] != 1 || f.kernel != w.stride {
		return false
	}
	for i := range f.kernel {
		if f.kernel[i] > 1 && w.dilation[i] > 1 || w.begin[i]+w.end[i]+v.extra[i]+v.size[i] > 0 {
			return false
		}
	}
	return true
}

// newBlocks packs w, which is in x out x kernel.
func newBlocks(w []float32, f *filter) *blocks {
	kh, kw := f.kernel[1], f.kernel[2]
	b := &blocks{height: 1, width: kw * f.out}
	if b.width < 16 {
		b.height = kh
	}
	n := b.height * b.width
	part := make([]float32, f.in*n)
	for top := 0; top < kh; top += b.height {
		for c := range f.in {
			for i := range n {
				y, x, o := top+i/b.width, i%b.width/f.out, i%f.out
				part[c*n+i] = w[((c*f.out+o)*kh+y)*kw+x]
			}
		}
		b.rows = append(b.rows, gemm.Pack(part, f.in, n, n, false))
	}
	return b
}

// blockCall is one image under way.
type blockCall struct {
	call
	b          *blocks
	bias, room []float32 // room is for one row of products for each thread
}

// blocks convolves one image.
func (v *conv) blocks(c *op.Ctx, k *call, work float64) error {
	b := blockCall{call: *k, b: k.f.blocks}
	n := b.b.height * b.b.width
	room := 0
	if b.b.height > 1 {
		room = k.s.InW * n
	}
	threads := c.Threads()
	all, err := op.Scratch[float32](c, n+room*threads)
	if err != nil {
		return err
	}
	if b.room = all[n:]; k.bias != nil {
		b.bias = all[:n]
		for i := range b.bias {
			b.bias[i] = k.bias[i%len(k.bias)]
		}
	}
	if threads > 1 && work >= parallelWork {
		v.splitBlocks(c, b)
	} else {
		v.blockRows(c, &b, 0, k.g[0].in*k.s.InH, 0)
	}
	return c.Done()
}

func (v *conv) splitBlocks(c *op.Ctx, b blockCall) {
	c.Split(b.g[0].in*b.s.InH, 1, func(lo, hi, worker int) { v.blockRows(c, &b, lo, hi, worker) })
}

// blockRows computes what input rows [lo, hi) make, where rows count through the
// depth.
func (v *conv) blockRows(c *op.Ctx, b *blockCall, lo, hi, worker int) {
	s, n := &b.s, b.b.height*b.b.width
	e := gemm.Epilogue{Bias: b.bias}
	e.Lo, e.Hi, e.Clamp = v.activation.Clamp()
	for y := lo; y < hi && c.Done() == nil; y++ {
		x := b.x[y*s.InW*s.InC:]
		out := b.dst[y*s.KernelH*b.rowSize:][:s.KernelH*b.rowSize]
		if b.b.height == 1 {
			for i, w := range b.b.rows {
				gemm.Mul(out[i*b.rowSize:][:b.rowSize], n, x, s.InC, s.InW, w, e)
			}
		} else {
			room := b.room[worker*s.InW*n:][:s.InW*n]
			gemm.Mul(room, n, x, s.InC, s.InW, b.b.rows[0], e)
			b.deal(out, room)
		}
		if !e.Clamp && v.activation.Name != "" {
			v.activation.Apply(out)
		}
	}
}

// deal brings the blocks of a row of pixels to the rows of the output.
func (b *blockCall) deal(out, from []float32) {
	width, n := b.b.width, b.b.height*b.b.width
	for i := range n {
		row, at := out[i/width*b.rowSize:][:b.rowSize], i
		for j := i % width; j < len(row); j += width {
			row[j] = from[at]
			at += n
		}
	}
}
