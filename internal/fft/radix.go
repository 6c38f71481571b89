package fft

// times is a·b. Go's own product of complex64 rounds through float64, which
// costs more than the rest of a butterfly.
func times(a, b complex64) complex64 {
	return complex(real(a)*real(b)-imag(a)*imag(b), real(a)*imag(b)+imag(a)*real(b))
}

// first4 is pass4 for s == 1, where pass4 would spend its time on slicing.
func (st *stage) first4(dst, src []complex64) {
	q, tw := st.q, st.twiddles
	x0, x1, x2, x3 := src[:q], src[q:][:q], src[2*q:][:q], src[3*q:][:q]
	w1, w2, w3 := tw[:q], tw[q:][:q], tw[2*q:][:q]
	for k := range x0 {
		o := dst[4*k:][:4]
		a, b, c, d := x0[k], x1[k], x2[k], x3[k]
		ac, bd := a+c, b+d
		diff, turn := a-c, complex(imag(b)-imag(d), real(d)-real(b)) // turn = -i(b-d)
		o[0] = ac + bd
		o[1] = times(diff+turn, w1[k])
		o[2] = times(ac-bd, w2[k])
		o[3] = times(diff-turn, w3[k])
	}
}

func (st *stage) pass4(dst, src []complex64) {
	q, s := st.q, st.s
	for k := range q {
		w := st.twiddles[3*k:][:3]
		w1, w2, w3 := w[0], w[1], w[2]
		x0, x1, x2, x3 := src[k*s:][:s], src[(k+q)*s:][:s], src[(k+2*q)*s:][:s], src[(k+3*q)*s:][:s]
		o := dst[4*k*s:][:4*s]
		o0, o1, o2, o3 := o[:s], o[s:][:s], o[2*s:][:s], o[3*s:][:s]
		for j := range x0 {
			a, b, c, d := x0[j], x1[j], x2[j], x3[j]
			ac, bd := a+c, b+d
			diff, turn := a-c, complex(imag(b)-imag(d), real(d)-real(b))
			o0[j] = ac + bd
			o1[j] = times(diff+turn, w1)
			o2[j] = times(ac-bd, w2)
			o3[j] = times(diff-turn, w3)
		}
	}
}

func (st *stage) pass2(dst, src []complex64) {
	q, s := st.q, st.s
	for k := range q {
		w := st.twiddles[k]
		x0, x1 := src[k*s:][:s], src[(k+q)*s:][:s]
		o := dst[2*k*s:][:2*s]
		o0, o1 := o[:s], o[s:][:s]
		for j := range x0 {
			a, b := x0[j], x1[j]
			o0[j] = a + b
			o1[j] = times(a-b, w)
		}
	}
}

func (st *stage) pass3(dst, src []complex64) {
	const sin = 0.86602540378443864676 // of 2π/3; the cosine is -1/2
	q, s := st.q, st.s
	for k := range q {
		w := st.twiddles[2*k:][:2]
		w1, w2 := w[0], w[1]
		x0, x1, x2 := src[k*s:][:s], src[(k+q)*s:][:s], src[(k+2*q)*s:][:s]
		o := dst[3*k*s:][:3*s]
		o0, o1, o2 := o[:s], o[s:][:s], o[2*s:][:s]
		for j := range x0 {
			a, b, c := x0[j], x1[j], x2[j]
			sum := b + c
			mid := complex(real(a)-0.5*real(sum), imag(a)-0.5*imag(sum))
			turn := complex(sin*(imag(b)-imag(c)), sin*(real(c)-real(b)))
			o0[j] = a + sum
			o1[j] = times(mid+turn, w1)
			o2[j] = times(mid-turn, w2)
		}
	}
}

// The cosines and sines of 2π/5 and 4π/5.
const (
	cos1 = 0.30901699437494742410
	cos2 = -0.80901699437494742410
	sin1 = 0.95105651629515357212
	sin2 = 0.58778525229247312917
)

func (st *stage) pass5(dst, src []complex64) {
	q, s := st.q, st.s
	for k := range q {
		w := st.twiddles[4*k:][:4]
		w1, w2, w3, w4 := w[0], w[1], w[2], w[3]
		x0, x1, x2 := src[k*s:][:s], src[(k+q)*s:][:s], src[(k+2*q)*s:][:s]
		x3, x4 := src[(k+3*q)*s:][:s], src[(k+4*q)*s:][:s]
		o := dst[5*k*s:][:5*s]
		o0, o1, o2, o3, o4 := o[:s], o[s:][:s], o[2*s:][:s], o[3*s:][:s], o[4*s:][:s]
		for j := range x0 {
			a := x0[j]
			p1, m1, p2, m2 := x1[j]+x4[j], x1[j]-x4[j], x2[j]+x3[j], x2[j]-x3[j]
			u := complex(real(a)+cos1*real(p1)+cos2*real(p2), imag(a)+cos1*imag(p1)+cos2*imag(p2))
			v := complex(real(a)+cos2*real(p1)+cos1*real(p2), imag(a)+cos2*imag(p1)+cos1*imag(p2))
			tu := complex(sin1*imag(m1)+sin2*imag(m2), -sin1*real(m1)-sin2*real(m2))
			tv := complex(sin2*imag(m1)-sin1*imag(m2), sin1*real(m2)-sin2*real(m1))
			o0[j] = a + p1 + p2
			o1[j] = times(u+tu, w1)
			o2[j] = times(v+tv, w2)
			o3[j] = times(v-tv, w3)
			o4[j] = times(u-tu, w4)
		}
	}
}

// pass is any radix up to maxPrime by the definition.
func (st *stage) pass(dst, src []complex64) {
	q, s, r := st.q, st.s, st.radix
	var x [maxPrime]complex64
	for k := range q {
		tw := st.twiddles[(r-1)*k:][:r-1]
		for j := range s {
			for l := range r {
				x[l] = src[(k+l*q)*s+j]
			}
			for l := range r {
				sum := x[0]
				for i, at := 1, l; i < r; i++ {
					sum += times(x[i], st.roots[at])
					if at += l; at >= r {
						at -= r
					}
				}
				if l > 0 {
					sum = times(sum, tw[l-1])
				}
				dst[(r*k+l)*s+j] = sum
			}
		}
	}
}
