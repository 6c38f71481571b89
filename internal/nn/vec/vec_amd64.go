//go:build !purego

package vec

import "golang.org/x/sys/cpu"

const assemblyName = "AVX2+FMA"

func assemblyRuns() bool { return cpu.X86.HasAVX2 && cpu.X86.HasFMA && cpu.X86.HasF16C }

// transposeRows is the number of rows that transposeAsm takes, and the number of
// columns of a block.
const transposeRows = 8
