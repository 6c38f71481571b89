//go:build !purego

package jpeg

import "golang.org/x/sys/cpu"

// codesBMI2 is codesGeneric.
//
//go:noescape
func codesBMI2(s *scan, i, k int) (nextBlock, next int)

var hasBMI2 = cpu.X86.HasBMI2

func (s *scan) codes(i, k int) (nextBlock, next int) {
	if !hasBMI2 {
		return s.codesGeneric(i, k)
	}
	return codesBMI2(s, i, k)
}
