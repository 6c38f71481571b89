package linear

import (
	"github.com/quintet-ai/quintet/internal/nn/gemm"
	"github.com/quintet-ai/quintet/internal/nn/vec"
)

// sees returns the range of keys that a row of the query sees.
func (j *job) sees(batch, row int) (lo, hi int) {
	hi = j.k.length
	if j.lengths != nil {
		hi = min(hi, int(j.lengths[batch]))
	}
	if j.causal {
		past := j.past
		if j.fromEnd {
			past = hi - j.q.length
		}
		hi = min(hi, past+row+1)
	}
	hi = max(hi, 0)
	if j.window > 0 {
		lo = max(0, hi-j.window)
	}
	return lo, hi
}

// scores multiplies m rows of the query with the first n keys.
func (j *job) scores(dst []float32, n int, keys *gemm.Packed, k, q []float32, m int) {
	width := j.q.width
	switch {
	case j.k.transposed:
		gemm.MulRaw(dst, n, q, j.q.row, k, j.k.row, m, n, width, gemm.Epilogue{})
	case j.packs():
		gemm.MulColumns(dst, n, q, j.q.row, m, keys, 0, n, gemm.Epilogue{})
	default:
		for i := range m {
			row, query := dst[i*n:(i+1)*n], q[i*j.q.row:][:width]
			for t := range row {
				row[t] = vec.Dot(query, k[t*j.k.row:][:width])
			}
		}
	}
}

// softmax turns one row of products, from key lo on, into weights.
func (j *job) softmax(w *work, row []float32, p place, lo int) {
	if len(row) == 0 {
		return
	}
	scale := j.scale
	if j.softcap > 0 {
		vec.MulScalar(row, row, scale/j.softcap)
		vec.Tanh(row, row)
		scale = j.softcap
	}
	m := j.maskRow(w, p, lo, lo+len(row))
	if j.zeros && hides(m) {
		clear(row)
		return
	}
	vec.SoftmaxScaled(row, row, scale, m)
}
