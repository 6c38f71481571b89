//go:build !linux

package vec_test

import "testing"

func newFence(*testing.T) []float32 { return make([]float32, 1024) }
