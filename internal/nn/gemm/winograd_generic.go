package gemm

import "unsafe"

// floats is n floats from p on.
func floats(p *float32, n int) []float32 { return unsafe.Slice(p, n) }

// offset is the float n places behind p.
func offset(p *float32, n int) *float32 { return (*float32)(unsafe.Add(unsafe.Pointer(p), 4*n)) }

// generic transforms a tile of input: B' d B, with the rows of B' being
// [1 0 -1 0], [0 1 1 0], [0 -1 1 0] and [0 1 0 -1].
func (t *tileIn) generic() {
	var d [planes][]float32
	for i, at := range t.at {
		p := t.zero
		if at >= 0 {
			p = offset(t.x, int(at))
		}
		d[i] = floats(p, t.n)
	}
	for c := range t.n {
		var r [planes]float32
		for j := range 4 {
			a, b, e, f := d[j][c], d[4+j][c], d[8+j][c], d[12+j][c]
			r[j], r[4+j], r[8+j], r[12+j] = a-e, b+e, e-b, b-f
		}
		for i := range 4 {
			a, b, e, f := r[4*i], r[4*i+1], r[4*i+2], r[4*i+3]
			for j, v := range [4]float32{a - e, b + e, e - b, b - f} {
				*offset(t.dst, (4*i+j)*t.plane+c) = v
			}
		}
	}
}

// generic transforms a tile of sums: A' m A, with A' = [1 1 1 0; 0 1 -1 -1].
func (t *tileOut) generic() {
	for c := range t.n {
		var s [2][4]float32
		for j := range 4 {
			at := func(i int) float32 { return *offset(t.src, (4*i+j)*t.plane+c) }
			b, e := at(1), at(2)
			s[0][j], s[1][j] = at(0)+(b+e), (b-e)-at(3)
		}
		for i := range 4 {
			r := s[i/2]
			v := r[0] + (r[1] + r[2])
			if i%2 == 1 {
				v = (r[1] - r[2]) - r[3]
			}
			v += *offset(t.bias, c)
			if t.add[i] != nil {
				v += *offset(t.add[i], c)
			}
			if t.clamp != 0 {
				v = clamp(v, t.lo, t.hi)
			}
			*offset(t.dst[i], c) = v
		}
	}
}
