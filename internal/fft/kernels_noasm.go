//go:build !amd64 || purego

package fft

func (st *stage) passAVX2(_, _ []complex64) bool { return false }

func splitAll(_, _, _ []complex64) int { return 1 }

func powerAll(_ []float32, _, _ []complex64) int { return 1 }
