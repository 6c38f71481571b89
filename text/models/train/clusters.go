package main

// clusters assigns each point to one of k centres by Lloyd's algorithm on unit
// vectors and returns the assignment and the centres. The first centres are points
// at equal steps. Everything is in whole numbers.
func clusters(points []vector, k, rounds int) (of []int, centres []vector) {
	of, centres = make([]int, len(points)), make([]vector, k)
	for c := range centres {
		centres[c] = points[c*len(points)/k]
	}
	for range rounds {
		for i := range points {
			of[i] = nearest(&points[i], centres)
		}
		centres = means(points, of, centres)
	}
	return of, centres
}

func nearest(p *vector, centres []vector) int {
	best, most := 0, int32(-1<<31)
	for c := range centres {
		if d := dot(p, &centres[c]); d > most {
			best, most = c, d
		}
	}
	return best
}

// dot fits 32 bits: the vectors have length unit, and unit² is 2²⁶.
func dot(a, b *vector) int32 {
	var s0, s1, s2, s3 int32
	for i := 0; i < dim; i += 4 {
		s0 += int32(a[i]) * int32(b[i])
		s1 += int32(a[i+1]) * int32(b[i+1])
		s2 += int32(a[i+2]) * int32(b[i+2])
		s3 += int32(a[i+3]) * int32(b[i+3])
	}
	return s0 + s1 + s2 + s3
}

// means returns the directions of the sums of the points of each centre; a centre
// without points stays.
func means(points []vector, of []int, old []vector) []vector {
	sums, out := make([][dim]int64, len(old)), make([]vector, len(old))
	counts := make([]int, len(old))
	for i, c := range of {
		counts[c]++
		for j, x := range points[i] {
			sums[c][j] += int64(x)
		}
	}
	for c := range out {
		out[c] = old[c]
		if counts[c] > 0 {
			out[c] = scaled(sums[c])
		}
	}
	return out
}

func scaled(x [dim]int64) (v vector) {
	sum := int64(0)
	for _, a := range x {
		sum += a * a
	}
	length := root(sum)
	for i, a := range x {
		v[i] = int16(a * unit / max(length, 1))
	}
	return v
}

// root returns the square root of n, rounded down, by Newton's method.
func root(n int64) int64 {
	if n < 2 {
		return n
	}
	r := n
	for next := (r + 1) / 2; next < r; next = (r + n/r) / 2 {
		r = next
	}
	return r
}
