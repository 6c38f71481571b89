//go:build !purego

package qgemm

import "golang.org/x/sys/cpu"

func assemblyName() string { return "AVX2" }

func assemblyRuns() bool { return cpu.X86.HasAVX2 }

// activationOffset is what the kernels add to the value of an activation: they
// take unsigned bytes.
func activationOffset(flip uint8) int32 { return int32(flip) }

const (
	maxTileRows   = 5
	partialPanels = true // whether floatAsm can leave out columns
)

func tileRows(fast bool) int {
	if fast {
		return maxTileRows
	}
	return 4
}

// mul runs the kernel for the bytes and weights at hand.
func (t *tile) mul(flip uint8, fast bool) {
	switch {
	case fast && flip == 0:
		mulFast(t)
	case fast:
		mulFastFlipped(t)
	case flip == 0:
		mulExact(t)
	default:
		mulExactFlipped(t)
	}
}

// mulFast is for weights within ±64, mulExact for any; the Flipped ones invert
// the highest bit of each activation.

//go:noescape
func mulFast(t *tile)

//go:noescape
func mulFastFlipped(t *tile)

//go:noescape
func mulExact(t *tile)

//go:noescape
func mulExactFlipped(t *tile)
