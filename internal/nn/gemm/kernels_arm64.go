//go:build !purego

package gemm

const assemblyName = "NEON"

// Every processor that Go's arm64 port supports has NEON.
func assemblyRuns() bool { return true }

// assembly leaves columns that do not fill a vector to a copy of the tile.
func (t *tile) assembly(rows int) {
	if t.mask == nil {
		t.whole(rows)
		return
	}
	var out [maxRows * panelWidth]float32
	whole := *t
	whole.c, whole.ldc, whole.cols, whole.tiles = out[:], panelWidth, roundUp(t.cols, 8), 1
	whole.bias, whole.add, whole.accumulate, whole.clamp = nil, nil, false, false
	for i := range t.tiles {
		whole.rows = t.rows[i*rows*t.taps:]
		whole.whole(rows)
		for r := range rows {
			t.edge(out[r*panelWidth:][:t.cols], i*rows+r)
		}
	}
}

// edge adds the epilogue to the sums of row r and stores them.
func (t *tile) edge(sums []float32, r int) {
	c := t.c[r*t.ldc:][:len(sums)]
	for j, v := range sums {
		if t.bias != nil {
			v += t.bias[j]
		}
		if t.add != nil {
			v += t.add[r*t.ldadd+j]
		}
		if t.accumulate {
			v += c[j]
		}
		if t.clamp {
			v = clamp(v, t.lo, t.hi)
		}
		c[j] = v
	}
}

func transposeBlocks(_, _ []float32, _, _ int) int { return 0 }

func gather(_, _ []float32, _, _ int) int { return 0 }
