//go:build !purego

package simd

import "golang.org/x/sys/cpu"

const assemblyName = "AVX2+FMA"

func assemblyRuns() bool { return cpu.X86.HasAVX2 && cpu.X86.HasFMA }
