//go:build !(amd64 || arm64) || purego

package gemm

const assemblyName = "no"

func assemblyRuns() bool { return false }

func (t *tile) assembly(rows int) { t.generic(rows) }

func (s *strip) assembly(pixels int) { s.generic(pixels) }

func transposeBlocks(_, _ []float32, _, _ int) int { return 0 }

func gather(_, _ []float32, _, _ int) int { return 0 }
