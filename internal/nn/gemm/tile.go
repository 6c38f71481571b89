package gemm

// tile is a column of output tiles, each mr rows by at most 16 columns. For
// every row r of a tile it is
//
//	c[r] = clamp(bias + add[r] (+ c[r]) + Σ over taps, over p < k: a[rows[tap][r]+p] · b[tap·k+p])
//
// The assembly reads this struct and trusts it; whoever fills it checks the ends
// of the slices.
type tile struct {
	a    []float32 // what rows counts from
	zero []float32 // k zeros; may be nil if no row is negative
	rows []int32   // for each tile, for each tap: mr places in a; a negative one means zero
	b    []float32 // taps·k rows of cols columns, ldb apart
	c    []float32
	bias []float32 // cols of them, or nil
	add  []float32 // or nil
	mask []int32   // 16 lanes, -1 where a column counts; nil if 8 or 16 count

	ldb, ldc, ldadd      int // floats between rows
	k, taps, tiles, cols int

	accumulate, clamp bool
	lo, hi            float32
}

const (
	maxRows    = 6  // rows of the highest tile
	panelWidth = 16 // columns of a tile

	// A call into assembly cannot be preempted: it does at most so many
	// multiplications, 10 to 40 µs of work.
	callLimit = 1 << 20
)

// lanes[16-n:] is the mask of the first n of 16 columns.
var lanes = [32]int32{-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1}

// columns says how many of the tile's 16 columns count.
func (t *tile) columns(n int) {
	t.cols, t.mask = n, nil
	if n&7 != 0 {
		t.mask = lanes[panelWidth-n:]
	}
}

// run computes the tiles of parts, one below the other, in calls of bounded
// length. Its receiver is a copy because a slice that is stored through a pointer
// counts as escaping, and with it the caller's table of rows.
func (t tile) run(parts *[3]part) {
	for _, p := range parts {
		work := t.taps * t.k * p.rows * panelWidth
		step := max(1, callLimit/max(1, work))
		for left := p.tiles; left > 0; left -= t.tiles {
			t.tiles = min(step, left)
			if work > 2*callLimit && t.taps > 1 {
				t.byTaps(p.rows)
			} else {
				t.call(p.rows)
			}
			done := t.tiles * p.rows
			t.rows = t.rows[done*t.taps:]
			t.c, t.add = after(t.c, done*t.ldc), after(t.add, done*t.ldadd)
		}
	}
}

// byTaps computes one tile in several calls, because its taps are too many for one.
func (t tile) byTaps(rows int) {
	taps, clamp := t.taps, t.clamp
	step := max(1, callLimit/(t.k*rows*panelWidth))
	for ; taps > 0; taps -= t.taps {
		t.taps = min(step, taps)
		t.clamp = clamp && t.taps == taps
		t.call(rows)
		t.rows, t.b = t.rows[t.taps*rows:], after(t.b, t.taps*t.k*t.ldb)
		t.bias, t.add, t.accumulate = nil, nil, true
	}
}

// after is s without its first n elements.
func after(s []float32, n int) []float32 {
	if n >= len(s) {
		return nil
	}
	return s[n:]
}

// part is some tiles of equal height.
type part struct{ rows, tiles int }

// split cuts m rows into tiles of at most six, so that no tile of one or two
// rows, which would wait for the weights, stands below a tile of six.
func split(m int) (parts [3]part) {
	six, rest := m/maxRows, m%maxRows
	if six > 0 && (rest == 1 || rest == 2) {
		return [3]part{{maxRows, six - 1}, {4, 1}, {rest + 2, 1}}
	}
	return [3]part{{maxRows, six}, {max(1, rest), min(1, rest)}}
}
