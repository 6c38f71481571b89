//go:build !purego

package gemm

import "golang.org/x/sys/cpu"

const assemblyName = "AVX2+FMA"

func assemblyRuns() bool { return cpu.X86.HasAVX2 && cpu.X86.HasFMA }

func (t *tile) assembly(rows int) { t.whole(rows) }

// transposeBlocks writes the first of eight rows' k elements as columns of a
// panel, and returns how many of each row.
func transposeBlocks(panel, b []float32, ldb, k int) (done int) {
	if !useAssembly {
		return 0
	}
	const most = callLimit / 512 // blocks in one call
	for done+8 <= k {
		blocks := min((k-done)/8, most)
		transpose8(&panel[done*panelWidth], &b[done], ldb, blocks)
		done += 8 * blocks
	}
	return done
}

//go:noescape
func transpose8(panel, b *float32, ldb, blocks int)

// gather copies the first of k rows of 16 columns into a panel and returns how many.
// Its calls are of bounded length.
func gather(panel, b []float32, ldb, k int) (done int) {
	if !useAssembly {
		return 0
	}
	for done+2 <= k {
		pairs := min((k-done)/2, callLimit/64)
		gather16(&panel[done*panelWidth], &b[done*ldb], ldb, pairs)
		done += 2 * pairs
	}
	return done
}

// gather16 copies two rows for each of pairs, which is at least 1.
//
//go:noescape
func gather16(panel, b *float32, ldb, pairs int)
