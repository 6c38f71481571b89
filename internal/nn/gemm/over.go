package gemm

// PackTransposedOver is [Pack] of a transposed matrix into memory of the caller's:
// b has n rows of k, ldb floats apart, and scratch [TransposedScratch](n, k)
// elements, which the result keeps. It allocates nothing, and is for operands that
// are multiplied a few times and then forgotten.
func PackTransposedOver(scratch, b []float32, ldb, n, k int) Packed {
	checkMatrix("b", len(b), n, k, ldb)
	p := Packed{K: k, N: n, data: scratch[:TransposedScratch(n, k)]}
	packTransposed(p.data, b, ldb, n, k)
	return p
}
