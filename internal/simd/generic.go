package simd

// Four sums break the chain of additions, each of which waits for the one
// before it; slicing to a constant length leaves one bounds check per round.

func dotGeneric(a, b []float32) float32 {
	var s0, s1, s2, s3 float32
	for len(a) >= 8 && len(b) >= 8 {
		x, y := a[:8], b[:8]
		s0 += x[0]*y[0] + x[4]*y[4]
		s1 += x[1]*y[1] + x[5]*y[5]
		s2 += x[2]*y[2] + x[6]*y[6]
		s3 += x[3]*y[3] + x[7]*y[7]
		a, b = a[8:], b[8:]
	}
	for i, v := range a {
		s0 += v * b[i]
	}
	return (s0 + s1) + (s2 + s3)
}

func squaredL2Generic(a, b []float32) float32 {
	var s0, s1, s2, s3 float32
	for len(a) >= 8 && len(b) >= 8 {
		x, y := a[:8], b[:8]
		d0, d1, d2, d3 := x[0]-y[0], x[1]-y[1], x[2]-y[2], x[3]-y[3]
		d4, d5, d6, d7 := x[4]-y[4], x[5]-y[5], x[6]-y[6], x[7]-y[7]
		s0 += d0*d0 + d4*d4
		s1 += d1*d1 + d5*d5
		s2 += d2*d2 + d6*d6
		s3 += d3*d3 + d7*d7
		a, b = a[8:], b[8:]
	}
	for i, v := range a {
		d := v - b[i]
		s0 += d * d
	}
	return (s0 + s1) + (s2 + s3)
}

func dotRowsGeneric(dst, q, base []float32, stride int, rows []uint32) {
	for i := range dst {
		dst[i] = dotGeneric(q, base[row(rows, i)*stride:][:len(q)])
	}
}

func squaredL2RowsGeneric(dst, q, base []float32, stride int, rows []uint32) {
	for i := range dst {
		dst[i] = squaredL2Generic(q, base[row(rows, i)*stride:][:len(q)])
	}
}

func row(rows []uint32, i int) int {
	if rows == nil {
		return i
	}
	return int(rows[i])
}
