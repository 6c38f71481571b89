package mp3

import "math"

const halfRoot = math.Sqrt2 / 2

// middleSide makes left and right of middle and side.
func middleSide(left, right []float32) {
	right = right[:len(left)]
	for i, m := range left {
		s := right[i]
		left[i], right[i] = (m+s)*halfRoot, (m-s)*halfRoot
	}
}

// joint makes left and right of lines that may be middle and side, or one channel and
// its direction above the last line of the right channel.
func (d *Decoder) joint(h Header, g *granule) {
	left, right := &d.channels[0], &d.channels[1]
	bound := max(left.bound, right.bound)
	left.bound, right.bound = bound, bound
	if !h.direction {
		if h.middle {
			middleSide(left.spectrum[:bound], right.spectrum[:bound])
		}
		return
	}
	bands := d.tables.bands[h.bands][g.layout()]
	var live [4]bool // windows whose right channel has sound in this band or above
	for i := len(bands) - 1; i >= 0; i-- {
		b := bands[i]
		first, step := b.first(), b.step()
		end := first + b.width*step
		if b.window == 3 && (live[0] || live[1] || live[2]) {
			live[3] = true
		}
		for j := first; j < end && !live[b.window]; j += step {
			live[b.window] = right.spectrum[j] != 0
		}
		l, r, ok := float32(0), float32(0), false
		if !live[b.window] {
			of := i
			if i >= len(bands)-step {
				of -= step // the last band has no scale factor
			}
			l, r, ok = right.scales.direction(h, g, of)
		}
		switch {
		case ok:
			for j := first; j < end; j += step {
				v := left.spectrum[j]
				left.spectrum[j], right.spectrum[j] = v*l, v*r
			}
		case h.middle:
			for j := first; j < end; j += step {
				m, s := left.spectrum[j], right.spectrum[j]
				left.spectrum[j], right.spectrum[j] = (m+s)*halfRoot, (m-s)*halfRoot
			}
		}
	}
}

// direction returns how much of a band goes left and right, and whether its scale
// factor tells.
func (s *scales) direction(h Header, g *granule, i int) (left, right float32, ok bool) {
	p := int(s.factor[i])
	if h.Version == 1 {
		if p >= 7 {
			return 0, 0, false
		}
		return directions[p], directions[6-p], true
	}
	if widest := int(s.widest[i]); widest > 0 && p == widest {
		return 0, 0, false
	}
	step := -(1 + g.scaleCode&1) // 2^(-1/4) or 2^(-1/2)
	if p%2 == 1 {
		return exp2(step * (p + 1) / 2), 1, true
	}
	return 1, exp2(step * p / 2), true
}

// directions is t/(1+t) with t = tan(i*pi/12).
var directions = [7]float32{0, 0.21132486540518713, 0.36602540378443865, 0.5, 0.6339745962155613, 0.7886751345948129, 1}
