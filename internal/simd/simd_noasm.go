//go:build !(amd64 || arm64) || purego

package simd

const assemblyName = "no"

func assemblyRuns() bool { return false }

func dot(a, b []float32) float32 { return dotGeneric(a, b) }

func squaredL2(a, b []float32) float32 { return squaredL2Generic(a, b) }

func dotRows(dst, q, base []float32, stride int, rows []uint32) {
	dotRowsGeneric(dst, q, base, stride, rows)
}

func squaredL2Rows(dst, q, base []float32, stride int, rows []uint32) {
	squaredL2RowsGeneric(dst, q, base, stride, rows)
}
