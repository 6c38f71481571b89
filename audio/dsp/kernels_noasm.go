//go:build !amd64 || purego

package dsp

func toLog10(values []float32, scale float32) float32 { return toLog10Generic(values, scale) }

func multiply(dst, x, window []float32) uint32 { return multiplyGeneric(dst, x, window) }

func largestBits(x []float32) uint32 { return largestBitsGeneric(x) }
