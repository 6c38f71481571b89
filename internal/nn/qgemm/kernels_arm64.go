//go:build !purego

package qgemm

import "golang.org/x/sys/cpu"

// hasDot is whether the processor has dot products of bytes (ASIMDDP).
var hasDot = cpu.ARM64.HasASIMDDP

func assemblyName() string {
	if hasDot {
		return "NEON+DP"
	}
	return "NEON"
}

// Every processor that Go's arm64 port supports has NEON.
func assemblyRuns() bool { return true }

// activationOffset is what the kernels add to the value of an activation. NEON
// multiplies signed bytes, so unsigned ones are less 128.
func activationOffset(flip uint8) int32 {
	if useAssembly {
		return int32(flip) - 128
	}
	return int32(flip)
}

const (
	narrowSums    = false // whether there is a narrow kernel
	maxTileRows   = 4
	partialPanels = false // whether floatAsm can leave out columns
)

func tileRows(bool) int {
	if hasDot {
		return maxTileRows
	}
	return 2
}

// mul runs the kernel for the bytes and the processor at hand. Both are exact
// for all weights.
func (t *tile) mul(flip uint8, _ bool) {
	switch {
	case hasDot && flip != 0:
		mulDot(t)
	case hasDot:
		mulDotFlipped(t)
	case flip != 0:
		mulWide(t)
	default:
		mulWideFlipped(t)
	}
}

// mulDot needs ASIMDDP, mulWide does not; the Flipped ones invert the highest
// bit of each activation.

//go:noescape
func mulDot(t *tile)

//go:noescape
func mulDotFlipped(t *tile)

//go:noescape
func mulWide(t *tile)

//go:noescape
func mulWideFlipped(t *tile)

func narrowProducts([]int32, int, operand, *Packed, int) int { return 0 }
