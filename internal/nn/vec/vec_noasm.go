//go:build !(amd64 || arm64) || purego

package vec

const assemblyName = "no"

func assemblyRuns() bool { return false }

func transpose(dst []float32, ldd int, src []float32, lds, rows, cols int) {
	transposeGeneric(dst, ldd, src, lds, rows, cols)
}

func halfToFloat(dst []float32, src []uint16) { halfToFloatGeneric(dst, src) }

func floatToHalf(dst []uint16, src []float32) { floatToHalfGeneric(dst, src) }
