package qgemm

import "math"

// productsGeneric sets c to the products Σ (a^flip)·w of the rows of o with
// panel j.
func productsGeneric(c []int32, ldc int, o operand, p *Packed, j int) {
	panel := p.panel(j)
	for i := range o.m {
		var acc [panelCols]int32
		a := o.bytes[i*o.lda:][:p.K]
		for k := 0; k < len(a); k += groupRows {
			var x [groupRows]uint8
			copy(x[:], a[k:])
			f := o.flip
			x0, x1, x2, x3 := int32(x[0]^f), int32(x[1]^f), int32(x[2]^f), int32(x[3]^f)
			w := (*[groupSize]int8)(panel[k*panelCols:])
			for n := range acc {
				acc[n] += x0*int32(w[4*n]) + x1*int32(w[4*n+1]) + x2*int32(w[4*n+2]) + x3*int32(w[4*n+3])
			}
		}
		copy(c[i*ldc:][:panelCols], acc[:])
	}
}

func sumRowsGeneric(dst []int32, o operand, k int) {
	for i := range dst {
		var sum int32
		for _, v := range o.bytes[i*o.lda:][:k] {
			sum += int32(v^o.flip) - int32(o.flip)
		}
		dst[i] = sum
	}
}

// correctGeneric applies the corrections of params.go to whole panels.
func correctGeneric(dst []int32, ldc, m int, r *rows, c *columns) {
	base, factor, zeros := c.base(), c.factor(), c.zero()
	for i := range m {
		zero, sum := of(r.zero, i), sumOf(r, i)
		out := (*[panelCols]int32)(dst[i*ldc:])
		for j := range out {
			out[j] -= base[j] + zero*factor[j] + sum*zeros[j]
		}
	}
}

func sumOf(r *rows, i int) int32 {
	if r.sums == nil {
		return 0
	}
	return r.sums[i]
}

func toFloatGeneric(dst []float32, ldc int, tile []int32, m, cols int, r *rows, f *finish, add []float32) {
	base, factor, zeros := f.base(), f.factor(), f.zero()
	scales, bias := f.scale(), f.bias()
	for i := range m {
		zero, sum, scale := of(r.zero, i), sumOf(r, i), of(r.scale, i)
		out, in := dst[i*ldc:][:cols], (*[panelCols]int32)(tile[i*panelCols:])
		for j := range out {
			p := in[j] - (base[j] + zero*factor[j] + sum*zeros[j])
			// The conversions keep the compiler from fusing.
			y := float32(float32(p)*float32(scale*scales[j])) + bias[j]
			if add != nil {
				y += add[i*f.e.AddStride+j]
			}
			if y < f.lo {
				y = f.lo
			}
			if y > f.hi {
				y = f.hi
			}
			out[j] = y
		}
	}
}

func minMaxGeneric(x []float32) (lo, hi float32) {
	for _, v := range x {
		if v < lo {
			lo = v
		}
		if v > hi {
			hi = v
		}
	}
	return lo, hi
}

// quantizeGeneric computes round(x/scale) + zero, held between 0 and 255, with
// flip applied: a signed result is the unsigned one of zero+128, less 128.
func quantizeGeneric(dst []uint8, x []float32, scale float32, zero int32, flip uint8) {
	for i, v := range x {
		dst[i] = saturate(v/scale, zero) ^ flip
	}
}

func dequantizeGeneric(dst []float32, x []uint8, scale float32, zero int32, flip uint8) {
	for i, v := range x {
		dst[i] = float32(int32(v^flip)-zero) * scale
	}
}

// requantizeGeneric computes round(acc*scale) + zero. scale has one element or
// as many as acc.
func requantizeGeneric(dst []uint8, acc []int32, scale []float32, zero int32, flip uint8) {
	for i, v := range acc {
		dst[i] = saturate(float32(v)*of(scale, i), zero) ^ flip
	}
}

// saturate returns round(v) + zero between 0 and 255; NaN gives 0.
func saturate(v float32, zero int32) uint8 {
	lo, hi := float32(-zero), float32(255-zero)
	if !(v > lo) {
		return 0
	}
	if v > hi {
		return 255
	}
	return uint8(int32(math.RoundToEven(float64(v))) + zero)
}
