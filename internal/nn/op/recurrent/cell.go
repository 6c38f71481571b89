package recurrent

import (
	"github.com/quintet-ai/quintet/internal/nn/gemm"
	"github.com/quintet-ai/quintet/internal/nn/vec"
)

// step takes all batch rows through step t of direction d.
func (l *layer) step(r *run, t, d int, w *direction) {
	first := r.row(t, 0) * w.w.N
	apart := w.w.N
	if r.batchFirst {
		apart *= r.steps
	}
	after := l.kind == gru && l.resetAfter
	if after {
		gemm.Mul(r.room, w.w.N, r.h, r.hidden, r.batch, w.r, gemm.Epilogue{Bias: w.recurrent})
	} else {
		gemm.Mul(r.gates[first:], apart, r.h, r.hidden, r.batch, w.r, gemm.Epilogue{Accumulate: true})
	}
	for b := range r.batch {
		if !r.alive(t, b) {
			continue
		}
		gates := r.gates[first+b*apart:][:w.w.N]
		h := r.h[b*r.hidden : (b+1)*r.hidden]
		switch {
		case l.kind == lstm:
			l.lstm(gates, r.c[b*r.hidden:(b+1)*r.hidden], h, d, w)
		case after:
			l.gruAfter(gates, r.room[b*w.w.N:(b+1)*w.w.N], h, d)
		case l.kind == gru:
			l.gru(gates, r.room[:r.hidden], h, d, w)
		default:
			l.activate(gates, d, 0)
			copy(h, gates)
		}
		if r.y != nil {
			copy(r.y[r.output(t, d, b):][:r.hidden], h)
		}
	}
}

// output is where step t of batch row b and direction d stands in Y.
func (r *run) output(t, d, b int) int {
	if r.batchFirst {
		return ((b*r.steps+t)*r.ways + d) * r.hidden
	}
	return ((t*r.ways+d)*r.batch + b) * r.hidden
}

// activate applies function i of direction d, after the clip.
func (l *layer) activate(x []float32, d, i int) {
	if l.clip > 0 {
		vec.Clip(x, x, -l.clip, l.clip)
	}
	l.dirs[d].functions[i].apply(x)
}

// lstm goes through the gates of one batch row:
//
//	i = f(gi + Pi*c), f = f(gf + Pf*c), c = f*c + i*g(gc)
//	o = f(go + Po*c), h = o*h(c)
func (l *layer) lstm(gates, c, h []float32, d int, w *direction) {
	if l.plain && w.peephole == nil {
		vec.LSTMCell(gates, c, h)
		return
	}
	n := len(h)
	input, output, forget, cell := gates[:n], gates[n:2*n], gates[2*n:3*n], gates[3*n:]
	if p := w.peephole; p != nil {
		vec.MulAdd(input, p[:n], c, input)
		vec.MulAdd(forget, p[2*n:], c, forget)
	}
	l.activate(input, d, 0)
	if l.inputForget {
		vec.SubFromScalar(forget, input, 1)
	} else {
		l.activate(forget, d, 0)
	}
	l.activate(cell, d, 1)
	vec.Mul(c, c, forget)
	vec.MulAdd(c, input, cell, c)
	if p := w.peephole; p != nil {
		vec.MulAdd(output, p[n:2*n], c, output)
	}
	l.activate(output, d, 0)
	copy(h, c)
	l.activate(h, d, 2)
	vec.Mul(h, h, output)
}

// gruAfter goes through the gates of one batch row, of which the parts of the
// state stand in recurrent:
//
//	z = f(gz + sz), r = f(gr + sr), h = (1-z)*g(gh + r*sh) + z*h
func (l *layer) gruAfter(gates, recurrent, h []float32, d int) {
	if l.plain {
		vec.GRUCell(gates, recurrent, h)
		return
	}
	n := len(h)
	update, reset, candidate := gates[:n], gates[n:2*n], gates[2*n:]
	vec.Add(gates[:2*n], gates[:2*n], recurrent)
	l.activate(update, d, 0)
	l.activate(reset, d, 0)
	vec.MulAdd(candidate, reset, recurrent[2*n:], candidate)
	l.activate(candidate, d, 1)
	mix(h, candidate, update)
}

// gru goes through the gates of one batch row, in room for one state:
//
//	z = f(gz), r = f(gr), h = (1-z)*g(gh + (r*h)·R) + z*h
func (l *layer) gru(gates, room, h []float32, d int, w *direction) {
	n := len(h)
	update, reset, candidate := gates[:n], gates[n:2*n], gates[2*n:]
	l.activate(update, d, 0)
	l.activate(reset, d, 0)
	vec.Mul(room, reset, h)
	gemm.Mul(candidate, n, room, n, 1, w.candidate, gemm.Epilogue{Accumulate: true})
	l.activate(candidate, d, 1)
	mix(h, candidate, update)
}

// mix is h = (1-z)*candidate + z*h; it spoils the candidate.
func mix(h, candidate, z []float32) {
	vec.Sub(h, h, candidate)
	vec.MulAdd(h, h, z, candidate)
}
