package mp3

// lines is how many lines of the spectrum a granule has, subbands into how many parts
// of slots each the polyphase filter takes them.
const (
	lines    = 576
	subbands = 32
	slots    = lines / subbands
)

// bandTable holds the lines where the bands of scale factors begin, of long blocks and
// of each window of short ones.
type bandTable struct {
	long  [23]uint16
	short [14]uint16
}

// bandTables is for 44.1, 48 and 32 kHz, their halves and their quarters (ISO/IEC
// 11172-3, table B.8, and 13818-3, table B.2; those of MPEG 2.5 are custom).
var bandTables = [9]bandTable{
	{
		[23]uint16{0, 4, 8, 12, 16, 20, 24, 30, 36, 44, 52, 62, 74, 90, 110, 134, 162, 196, 238, 288, 342, 418, 576},
		[14]uint16{0, 4, 8, 12, 16, 22, 30, 40, 52, 66, 84, 106, 136, 192},
	}, {
		[23]uint16{0, 4, 8, 12, 16, 20, 24, 30, 36, 42, 50, 60, 72, 88, 106, 128, 156, 190, 230, 276, 330, 384, 576},
		[14]uint16{0, 4, 8, 12, 16, 22, 28, 38, 50, 64, 80, 100, 126, 192},
	}, {
		[23]uint16{0, 4, 8, 12, 16, 20, 24, 30, 36, 44, 54, 66, 82, 102, 126, 156, 194, 240, 296, 364, 448, 550, 576},
		[14]uint16{0, 4, 8, 12, 16, 22, 30, 42, 58, 78, 104, 138, 180, 192},
	}, {
		lowLong,
		[14]uint16{0, 4, 8, 12, 18, 24, 32, 42, 56, 74, 100, 132, 174, 192},
	}, {
		[23]uint16{0, 6, 12, 18, 24, 30, 36, 44, 54, 66, 80, 96, 114, 136, 162, 194, 232, 278, 332, 394, 464, 540, 576},
		[14]uint16{0, 4, 8, 12, 18, 26, 36, 48, 62, 80, 104, 136, 180, 192},
	}, {
		lowLong, lowShort,
	}, {
		lowLong, lowShort,
	}, {
		lowLong, lowShort,
	}, {
		[23]uint16{
			0, 12, 24, 36, 48, 60, 72, 88, 108, 132, 160, 192, 232, 280, 336, 400, 476, 566, 568, 570, 572, 574, 576,
		},
		[14]uint16{0, 8, 16, 24, 36, 52, 72, 96, 124, 160, 162, 164, 166, 192},
	},
}

var (
	lowLong = [23]uint16{
		0, 6, 12, 18, 24, 30, 36, 44, 54, 66, 80, 96, 116, 140, 168, 200, 238, 284, 336, 396, 464, 522, 576,
	}
	lowShort = [14]uint16{0, 4, 8, 12, 18, 26, 36, 48, 62, 80, 104, 134, 174, 192}
)

// Layouts of lines, by which tables are indexed.
const (
	layoutLong = iota
	layoutShort
	layoutMixed
	layouts
)

// maxBands is how many bands a layout has at most, with those that have no scale
// factor.
const maxBands = 39

// band is a run of lines in the order they are coded in that share a scale factor.
type band struct {
	start, width int
	window       int // 0 to 2 of a short block, else 3
}

// step returns how far apart the lines of a band lie when they are in order.
func (b band) step() int {
	if b.window < 3 {
		return 3
	}
	return 1
}

// first returns where the first line of a band is when they are in order.
func (b band) first() int {
	if b.window < 3 {
		return b.start - b.window*b.width + b.window
	}
	return b.start
}

// longBands is how many bands of a mixed block are long.
func longBands(version int) int {
	if version == 1 {
		return 8
	}
	return 6
}

// layoutBands returns the bands of a layout in the order they are coded in.
func (t *bandTable) layoutBands(layout, version int) (bands []band) {
	long := [layouts]int{len(t.long) - 1, 0, longBands(version)}[layout]
	short := [layouts]int{len(t.short) - 1, 0, 3}[layout]
	for i := range long {
		bands = append(bands, band{int(t.long[i]), int(t.long[i+1] - t.long[i]), 3})
	}
	for i := short; i < len(t.short)-1; i++ {
		start, width := int(t.short[i]), int(t.short[i+1]-t.short[i])
		for w := range 3 {
			bands = append(bands, band{3*start + w*width, width, w})
		}
	}
	return bands
}
