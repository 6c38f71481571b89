package mp3

import "math"

// fullGain is the gain of a granule by which a line of 1 stays 1.
const fullGain = 210

// emphasis is added to the scale factors of long bands that ask for it.
var emphasis = [22]uint8{11: 1, 1, 1, 1, 2, 2, 3, 3, 3, 2}

// quarters are the powers of two from 2^0 to 2^(3/4).
var quarters = [4]float32{1, 1.189207115002721, 1.4142135623730951, 1.681792830507429}

// exp2 returns 2^(e/4) for e from -500 to 500.
func exp2(e int) float32 {
	return math.Float32frombits(uint32(127+e>>2)<<23) * quarters[e&3]
}

// requantize scales the first n lines, in the order they are coded in, and puts them in
// order of frequency; those of short blocks that are of one frequency lie window by
// window. It returns the line from which all of dst is 0.
func requantize(dst, src *[lines]float32, n int, g *granule, s *scales, bands []band) (bound int) {
	for i, b := range bands {
		if b.start >= n {
			break
		}
		factor := int(s.factor[i])
		if g.emphasis && b.window == 3 {
			factor += int(emphasis[i])
		}
		gain := exp2(g.gain - fullGain - factor*g.scaleStep - 8*g.windowGain[b.window])
		from := src[b.start : b.start+b.width]
		if b.window == 3 {
			to := dst[b.start:][:len(from)]
			for j, v := range from {
				to[j] = v * gain
			}
			bound = b.start + b.width
			continue
		}
		if b.window == 0 {
			bound = b.start + 3*b.width
			clear(dst[b.start:bound])
		}
		to := dst[b.first():]
		for j, v := range from {
			to[3*j] = v * gain
		}
	}
	clear(dst[bound:])
	return bound
}
