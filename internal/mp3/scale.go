package mp3

// scales are the scale factors of a channel, in the order of the bands of its layout.
type scales struct {
	factor [maxBands]uint8
	widest [maxBands]uint8 // the largest number a factor could be; MPEG 2, for directions
}

// Bits of a scale factor of MPEG 1, by scaleCode, in the first and the last groups.
var scaleBits = [2][16]int{
	{0, 0, 0, 0, 3, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4},
	{0, 1, 2, 3, 0, 1, 2, 3, 1, 2, 3, 1, 2, 3, 2, 3},
}

// scaleGroups tells how many scale factors of a layout have the same bits.
var scaleGroups = [layouts][4]int{{6, 5, 5, 5}, {9, 9, 9, 9}, {8, 9, 9, 9}}

// lowScaleGroups is the same of MPEG 2, by the range that the code is in (ISO/IEC
// 13818-3, 2.4.3.2); the last three are of a channel of directions.
var lowScaleGroups = [6][layouts][4]int{
	{{6, 5, 5, 5}, {9, 9, 9, 9}, {6, 9, 9, 9}},
	{{6, 5, 7, 3}, {9, 9, 12, 6}, {6, 9, 12, 6}},
	{{11, 10, 0, 0}, {18, 18, 0, 0}, {15, 18, 0, 0}},
	{{7, 7, 7, 0}, {12, 12, 12, 0}, {6, 15, 12, 0}},
	{{6, 6, 6, 3}, {12, 9, 9, 6}, {6, 12, 9, 6}},
	{{8, 8, 5, 0}, {15, 12, 9, 0}, {6, 18, 9, 0}},
}

// read reads the scale factors of MPEG 1. Groups of a long block in the second granule
// may be those of the first.
func (s *scales) read(g *granule, share *[4]bool, second bool, r *bitReader) {
	layout := g.layout()
	i := 0
	for group, n := range scaleGroups[layout] {
		if second && layout == layoutLong && share[group] {
			i += n
			continue
		}
		width := scaleBits[group/2][g.scaleCode]
		for range n {
			s.factor[i] = uint8(r.read(width))
			i++
		}
	}
	clear(s.factor[i:])
}

// readLow reads the scale factors of MPEG 2. Those of directions are of a right channel.
func (s *scales) readLow(g *granule, directions bool, r *bitReader) {
	row, width := lowScaleBits(g.scaleCode, directions)
	g.emphasis = row == 2
	i := 0
	for group, n := range lowScaleGroups[row][g.layout()] {
		for range n {
			s.factor[i] = uint8(r.read(width[group]))
			s.widest[i] = uint8(1<<width[group] - 1)
			i++
		}
	}
	clear(s.factor[i:])
	clear(s.widest[i:])
}

// lowScaleBits takes a code of MPEG 2 apart.
func lowScaleBits(code int, directions bool) (row int, width [4]int) {
	if directions {
		switch code /= 2; {
		case code < 180:
			return 3, [4]int{code / 36, code % 36 / 6, code % 6, 0}
		case code < 244:
			code -= 180
			return 4, [4]int{code / 16, code / 4 % 4, code % 4, 0}
		}
		code -= 244
		return 5, [4]int{code / 3, code % 3, 0, 0}
	}
	switch {
	case code < 400:
		return 0, [4]int{code / 80, code / 16 % 5, code / 4 % 4, code % 4}
	case code < 500:
		code -= 400
		return 1, [4]int{code / 20, code / 4 % 5, code % 4, 0}
	}
	code -= 500
	return 2, [4]int{code / 3, code % 3, 0, 0}
}
