//go:build !amd64 || purego

package jpeg

func (s *scan) codes(i, k int) (nextBlock, next int) { return s.codesGeneric(i, k) }
