package gemm

import "fmt"

// PackOver is [Pack] into memory of the caller's: b is k x n, its rows ldb floats
// apart, and scratch has [TransposedScratch](n, k) elements, which the result keeps.
// It allocates nothing. Rows that are far apart, or a power of two, throw each other
// out of the nearest cache when they are read again and again; packed ones do not.
func PackOver(scratch, b []float32, ldb, k, n int) Packed {
	checkMatrix("b", len(b), k, n, ldb)
	p := Packed{K: k, N: n, rows: k, data: scratch[:TransposedScratch(n, k)]}
	packRows(p.data, b, ldb, k, n)
	return p
}

// First returns the first k rows of p, whose memory it shares.
func (p Packed) First(k int) Packed {
	if k < 0 || k > p.K {
		panic(fmt.Sprintf("gemm: %d of %d rows", k, p.K))
	}
	p.K = k
	return p
}

// PackTransposedOver is [Pack] of a transposed matrix into memory of the caller's:
// b has n rows of k, ldb floats apart, and scratch [TransposedScratch](n, k)
// elements, which the result keeps. It allocates nothing, and is for operands that
// are multiplied a few times and then forgotten.
func PackTransposedOver(scratch, b []float32, ldb, n, k int) Packed {
	checkMatrix("b", len(b), n, k, ldb)
	p := Packed{K: k, N: n, rows: k, data: scratch[:TransposedScratch(n, k)]}
	packTransposed(p.data, b, ldb, n, k)
	return p
}
