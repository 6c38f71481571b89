//go:build (amd64 || arm64) && !purego

package gemm

// whole computes tiles whose columns count as the kernels need it, see below.
func (t *tile) whole(rows int) {
	if t.cols <= panelWidth/2 {
		t.narrow(rows)
	} else {
		t.wide(rows)
	}
}

func (t *tile) wide(rows int) {
	switch rows {
	case 1:
		tile1x16(t)
	case 2:
		tile2x16(t)
	case 3:
		tile3x16(t)
	case 4:
		tile4x16(t)
	case 5:
		tile5x16(t)
	default:
		tile6x16(t)
	}
}

func (t *tile) narrow(rows int) {
	switch rows {
	case 1:
		tile1x8(t)
	case 2:
		tile2x8(t)
	case 3:
		tile3x8(t)
	case 4:
		tile4x8(t)
	case 5:
		tile5x8(t)
	default:
		tile6x8(t)
	}
}

func (s *strip) assembly(pixels int) {
	switch pixels {
	case 1:
		strip1(s)
	case 2:
		strip2(s)
	case 3:
		strip3(s)
	case 4:
		strip4(s)
	case 5:
		strip5(s)
	default:
		strip6(s)
	}
}

// tileRxC computes t.tiles tiles of R rows; t.cols must be at most C, more than
// C-8, and either C or masked.

//go:noescape
func tile1x16(t *tile)

//go:noescape
func tile2x16(t *tile)

//go:noescape
func tile3x16(t *tile)

//go:noescape
func tile4x16(t *tile)

//go:noescape
func tile5x16(t *tile)

//go:noescape
func tile6x16(t *tile)

//go:noescape
func tile1x8(t *tile)

//go:noescape
func tile2x8(t *tile)

//go:noescape
func tile3x8(t *tile)

//go:noescape
func tile4x8(t *tile)

//go:noescape
func tile5x8(t *tile)

//go:noescape
func tile6x8(t *tile)

// stripP computes s.strips runs of P pixels.

//go:noescape
func strip1(s *strip)

//go:noescape
func strip2(s *strip)

//go:noescape
func strip3(s *strip)

//go:noescape
func strip4(s *strip)

//go:noescape
func strip5(s *strip)

//go:noescape
func strip6(s *strip)
