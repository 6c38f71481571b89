//go:build !(amd64 || arm64) || purego

package qgemm

const narrowSums = false // whether there is a narrow kernel

func assemblyName() string { return "no" }

func assemblyRuns() bool { return false }

// activationOffset is what the kernels add to the value of an activation.
func activationOffset(flip uint8) int32 { return int32(flip) }

func products(c []int32, ldc int, o operand, p *Packed, j int) { productsGeneric(c, ldc, o, p, j) }

func sumRows(dst []int32, o operand, k int) { sumRowsGeneric(dst, o, k) }

func correct(dst []int32, ldc, m int, r *rows, c *columns) { correctGeneric(dst, ldc, m, r, c) }

func toFloat(dst []float32, ldc int, tile []int32, m, cols int, r *rows, f *finish, add []float32) {
	toFloatGeneric(dst, ldc, tile, m, cols, r, f, add)
}

func minMax(x []float32) (lo, hi float32) { return minMaxGeneric(x) }

func quantize(dst []uint8, x []float32, scale float32, zero int32, flip uint8) {
	quantizeGeneric(dst, x, scale, zero, flip)
}

func dequantize(dst []float32, x []uint8, scale float32, zero int32, flip uint8) {
	dequantizeGeneric(dst, x, scale, zero, flip)
}

func requantize(dst []uint8, acc []int32, scale []float32, zero int32, flip uint8) {
	requantizeGeneric(dst, acc, scale, zero, flip)
}
