//go:build !purego

package qgemm

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

func assemblyName() string { return "AVX2" }

func assemblyRuns() bool { return cpu.X86.HasAVX2 }

// activationOffset is what the kernels add to the value of an activation: they
// take unsigned bytes.
func activationOffset(flip uint8) int32 { return int32(flip) }

const (
	narrowSums    = true // whether there is a narrow kernel
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

// narrowTile is the argument of the narrow kernels: tiles of some rows of A, one
// below the other, times one segment of a panel.
type narrowTile struct {
	a, panel, c          unsafe.Pointer
	lda, ldc             uintptr // in bytes
	tiles                uintptr
	start, middles, runs unsafe.Pointer
	count                uintptr // runs
	add                  uintptr // 1: to what c holds, 0: in place of it
}

// narrowProducts is products by the narrow kernel, where that is worth it, and of
// the first k rows of B alone. A product of one row waits for the weights, so it had
// better not read middles beside them. A call takes at most 20 µs.
func narrowProducts(c []int32, ldc int, o operand, p *Packed, j int) (k int) {
	n := p.narrow
	if n == nil || o.flip != 0 || o.m < 2 {
		return 0
	}
	two := [...]int{0, 2, 1}[o.m%3] // rows that are left come in tiles of two
	three := (o.m - 2*two) / 3
	t := narrowTile{lda: uintptr(o.lda), ldc: uintptr(4 * ldc)}
	for i := range n.each {
		s := n.segments[j*n.each+i]
		at := i * n.blocks
		t.panel = unsafe.Pointer(&p.panel(j)[at*blockBytes])
		t.start = unsafe.Pointer(&n.starts[(j*n.each+i)*panelCols])
		t.middles, t.runs = unsafe.Pointer(&n.middles[s.middles]), unsafe.Pointer(&n.runs[s.runs])
		t.count, t.add = uintptr(s.count), uintptr(min(i, 1))
		t.a, t.c, t.tiles = unsafe.Pointer(&o.bytes[at*blockK]), unsafe.Pointer(unsafe.SliceData(c)), uintptr(three)
		if three > 0 {
			narrow3(&t)
		}
		if two > 0 {
			t.a, t.c, t.tiles = unsafe.Add(t.a, 3*three*o.lda), unsafe.Add(t.c, 3*three*4*ldc), uintptr(two)
			narrow2(&t)
		}
	}
	return p.K / blockK * blockK
}

//go:noescape
func narrow3(t *narrowTile)

//go:noescape
func narrow2(t *narrowTile)
