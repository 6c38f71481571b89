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
	narrowRows    = 3    // of its highest tile
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

	// What is prefetched for each block: so far behind its middles in the first
	// tile, and so much further in each tile after it.
	ahead, step uintptr
}

// narrowProducts is products by the narrow kernel, where that is worth it, and of
// the first k rows of B alone. A product of one row waits for the weights, so it had
// better not read middles beside them. A call takes at most 20 µs.
func narrowProducts(c []int32, ldc int, o operand, p *Packed, j int) (k int) {
	n := p.narrow
	if n == nil || o.flip != 0 || o.m < 2 {
		return 0
	}
	two := [...]int{0, 2, 1}[o.m%narrowRows] // rows that are left come in tiles of two
	three := (o.m - 2*two) / narrowRows
	for i := range n.each {
		s := n.segments[j*n.each+i]
		at := i * n.blocks
		blocks := min(n.blocks, p.K/blockK-at)
		t := narrowTile{
			panel: unsafe.Pointer(&p.panel(j)[at*blockBytes]),
			lda:   uintptr(o.lda), ldc: uintptr(4 * ldc),
			start:   unsafe.Pointer(&n.starts[(j*n.each+i)*panelCols]),
			middles: unsafe.Pointer(&n.middles[s.middles]),
			runs:    unsafe.Pointer(&n.runs[s.runs]),
			count:   uintptr(s.count), add: uintptr(min(i, 1)),
		}
		// The first tiles bring the lines of the next segment near, each block one.
		t.ahead = uintptr(t.panel) + uintptr(blocks*blockBytes) - uintptr(t.middles)
		t.step = uintptr(blocks * groupSize)
		first := min(three, blockBytes/groupSize)
		t.run(c, o, at*blockK, 0, first, narrowRows)
		if t.ahead += uintptr(first) * t.step; three > first {
			t.ahead, t.step = 0, 0
			t.run(c, o, at*blockK, narrowRows*first, three-first, narrowRows)
		}
		t.run(c, o, at*blockK, narrowRows*three, two, 2)
	}
	return p.K / blockK * blockK
}

// run computes tiles of some rows from the given one on, where o counts from its
// column k. Its receiver is a copy because a slice that is stored through a pointer
// counts as escaping.
func (t narrowTile) run(c []int32, o operand, k, row, tiles, rows int) {
	if tiles == 0 {
		return
	}
	t.a = unsafe.Add(unsafe.Pointer(unsafe.SliceData(o.bytes)), row*o.lda+k)
	t.c = unsafe.Add(unsafe.Pointer(unsafe.SliceData(c)), row*int(t.ldc))
	t.tiles = uintptr(tiles)
	if rows == narrowRows {
		narrow3(&t)
	} else {
		narrow2(&t)
	}
}

//go:noescape
func narrow3(t *narrowTile)

//go:noescape
func narrow2(t *narrowTile)
