package mp3

import "math"

// window weighs what an inverse MDCT of 36 gives. It has the signs by which eighteen
// values of the DCT-IV become 36, and of odd lines in odd subbands, which the polyphase
// filter wants.
type window [2 * slots]float32

// sine returns the window of n values at i.
func sine(i, n int) float32 {
	return float32(math.Sin(math.Pi / float64(n) * (float64(i) + 0.5)))
}

func newWindows() (w [2][4]window) {
	for i := range 2 * slots {
		values := [4]float32{sine(i, 36), sine(i, 36), 0, sine(i, 36)}
		switch {
		case i < 6:
			values[stopBlock] = 0
		case i < 12:
			values[stopBlock] = sine(i-6, 12)
		case i < 18:
			values[stopBlock] = 1
		case i < 24:
			values[startBlock] = 1
		case i < 30:
			values[startBlock] = sine(i-18, 12)
		default:
			values[startBlock] = 0
		}
		for kind, v := range values {
			if i >= 9 {
				v = -v
			}
			w[0][kind][i] = v
			w[1][kind][i] = v * float32(1-i%2*2)
		}
	}
	return w
}

// aliasSum and aliasTurn are 1/sqrt(1+c*c) and c/sqrt(1+c*c) of the eight constants of
// ISO/IEC 11172-3, table B.9.
var aliasSum, aliasTurn = func() (sum, turn [8]float32) {
	for i, c := range [8]float64{-0.6, -0.535, -0.33, -0.185, -0.095, -0.041, -0.0142, -0.0037} {
		r := math.Sqrt(1 + c*c)
		sum[i], turn[i] = float32(1/r), float32(c/r)
	}
	return sum, turn
}()

// reduceAliases turns the lines about the lower ends of the subbands 1 to last.
func reduceAliases(x *[lines]float32, last int) {
	for sb := 1; sb <= last; sb++ {
		low := (*[8]float32)(x[slots*sb-8:])
		high := (*[8]float32)(x[slots*sb:])
		for i := range 8 {
			a, b := low[7-i], high[i]
			low[7-i] = a*aliasSum[i] - b*aliasTurn[i]
			high[i] = b*aliasSum[i] + a*aliasTurn[i]
		}
	}
}

// slotBlock holds a granule after the inverse MDCT: the subbands of each slot.
type slotBlock [slots * subbands]float32

// hybrid makes slots of the spectrum of a channel. Each subband overlaps with what it
// left of the granule before.
func (c *channel) hybrid(t *tables, g *granule, table *bandTable, version int, out *slotBlock) {
	long := subbands
	if g.block == shortBlock {
		if long = 0; g.mixed {
			long = int(table.long[longBands(version)]) / slots
		}
	}
	active := (c.bound + slots - 1) / slots
	if last := min(active, long-1); last > 0 {
		reduceAliases(&c.spectrum, last)
		active = max(active, last+1)
	}
	clear(out[:])
	for sb := range active {
		x := (*[slots]float32)(c.spectrum[slots*sb:])
		kind := g.block
		if sb < long && (kind == shortBlock || g.mixed && sb < 2) {
			kind = normalBlock
		}
		if kind == shortBlock {
			t.shortBlocks(x, &c.overlap[sb], out[sb:], sb%2)
		} else {
			longBlock(x, &t.window[sb%2][kind], &c.overlap[sb], out[sb:])
		}
	}
	for sb := active; sb < c.tail; sb++ {
		for i, v := range c.overlap[sb] {
			out[i*subbands+sb] = v
		}
		c.overlap[sb] = [slots]float32{}
	}
	c.tail = active
}
