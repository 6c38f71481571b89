package gemm

// generic is the tile's formula, four rows by four columns at a time.
func (t *tile) generic(rows int) {
	for i := range t.tiles {
		table := t.rows[i*t.taps*rows:]
		for r := 0; r < rows; r += 4 {
			n := min(4, rows-r)
			for j := 0; j < t.cols; j += 4 {
				sums := t.start(i*rows+r, n, j)
				t.sum(&sums, table, rows, r, n, j)
				t.finish(&sums, i*rows+r, n, j)
			}
		}
	}
}

// start returns what n rows from row r on and the columns from j on begin with.
func (t *tile) start(r, n, j int) (sums [16]float32) {
	for x := range n {
		for y := range min(4, t.cols-j) {
			v := &sums[4*x+y]
			if t.bias != nil {
				*v = t.bias[j+y]
			}
			if t.add != nil {
				*v += t.add[(r+x)*t.ldadd+j+y]
			}
			if t.accumulate {
				*v += t.c[(r+x)*t.ldc+j+y]
			}
		}
	}
	return sums
}

// sum adds the products of all taps for n rows from r on.
func (t *tile) sum(sums *[16]float32, table []int32, rows, r, n, j int) {
	var a [4][]float32
	for tap := range t.taps {
		for x := range n {
			if at := table[tap*rows+r+x]; at < 0 {
				a[x] = t.zero[:t.k]
			} else {
				a[x] = t.a[at:][:t.k]
			}
		}
		b := t.b[tap*t.k*t.ldb+j:]
		cols := min(4, t.cols-j)
		x := 0
		for ; x+2 <= n && cols == 4; x += 2 {
			sum2x4((*[8]float32)(sums[4*x:]), a[x], a[x+1], b, t.ldb)
		}
		for ; x < n; x++ {
			sum1(sums[4*x:][:cols], a[x], b, t.ldb)
		}
	}
}

// sum2x4 is eight sums, which with what they are made of fit in the registers of
// all processors.
func sum2x4(sums *[8]float32, a0, a1, b []float32, ldb int) {
	s00, s01, s02, s03 := sums[0], sums[1], sums[2], sums[3]
	s10, s11, s12, s13 := sums[4], sums[5], sums[6], sums[7]
	a1 = a1[:len(a0)]
	for p, v := range a0 {
		q, w := b[p*ldb:][:4], a1[p]
		s00 += v * q[0]
		s10 += w * q[0]
		s01 += v * q[1]
		s11 += w * q[1]
		s02 += v * q[2]
		s12 += w * q[2]
		s03 += v * q[3]
		s13 += w * q[3]
	}
	*sums = [8]float32{s00, s01, s02, s03, s10, s11, s12, s13}
}

// sum1 is one to four columns of one row.
func sum1(sums, a, b []float32, ldb int) {
	if len(sums) < 4 {
		for y := range sums {
			for p, v := range a {
				sums[y] += v * b[p*ldb+y]
			}
		}
		return
	}
	s0, s1, s2, s3 := sums[0], sums[1], sums[2], sums[3]
	for p, v := range a {
		q := b[p*ldb:][:4]
		s0, s1, s2, s3 = s0+v*q[0], s1+v*q[1], s2+v*q[2], s3+v*q[3]
	}
	sums[0], sums[1], sums[2], sums[3] = s0, s1, s2, s3
}

func (t *tile) finish(sums *[16]float32, r, n, j int) {
	for x := range n {
		c := t.c[(r+x)*t.ldc+j:]
		for y := range min(4, t.cols-j) {
			v := sums[4*x+y]
			if t.clamp {
				v = clamp(v, t.lo, t.hi)
			}
			c[y] = v
		}
	}
}

// clamp leaves NaN as it is, which the built-in min and max do too; but they
// also order the two zeros, which the assembly does not and nobody needs.
func clamp(v, lo, hi float32) float32 {
	if v < lo {
		v = lo
	}
	if v > hi {
		v = hi
	}
	return v
}
