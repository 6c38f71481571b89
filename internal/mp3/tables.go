package mp3

import (
	"math"
	"sync"
)

// largest is the largest value of a line: 15 and thirteen bits more.
const largest = 15 + 1<<13 - 1

// tables are what all decoders share.
type tables struct {
	pairs  [len(pairCodes)]lookup
	quads  [2][1 << quadBits]uint8 // length<<4 | lines
	power  *[largest + 1]float32   // i^(4/3)
	bands  [len(bandTables)][layouts][]band
	window [2][4]window // of even and odd subbands, by kind of block
	short  [12]float32  // sine window
	filter [subbands/2 + 1]filterRow
}

// shared makes the tables when they are first needed.
var shared = sync.OnceValue(func() *tables {
	t := &tables{power: new([largest + 1]float32), window: newWindows(), filter: newFilter()}
	for i, text := range pairCodes {
		t.pairs[i] = newLookup(leaves(text))
	}
	for i, text := range quadCodes {
		for _, c := range leaves(text) {
			for j := range uint32(1) << (quadBits - c.length) {
				t.quads[i][c.code>>(32-quadBits)+j] = uint8(c.length)<<4 | uint8(c.value)
			}
		}
	}
	for i := range t.power {
		t.power[i] = float32(math.Pow(float64(i), 4.0/3))
	}
	for i := range bandTables {
		for layout := range layouts {
			t.bands[i][layout] = bandTables[i].layoutBands(layout, i/3+1)
		}
	}
	for i := range t.short {
		t.short[i] = sine(i, 12)
	}
	return t
})
