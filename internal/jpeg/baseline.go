package jpeg

// zigzag is where a coefficient stands in a block whose columns lie one after
// another: the transform likes them so.
var zigzag = [64]uint8{
	0, 8, 1, 2, 9, 16, 24, 17, 10, 3, 4, 11, 18, 25, 32, 40,
	33, 26, 19, 12, 5, 6, 13, 20, 27, 34, 41, 48, 56, 49, 42, 35,
	28, 21, 14, 7, 15, 22, 29, 36, 43, 50, 57, 58, 51, 44, 37, 30,
	23, 31, 38, 45, 52, 59, 60, 53, 46, 39, 47, 54, 61, 62, 55, 63,
}

// baseline decodes the blocks of a unit, T.81 F.2.2. Coefficients beyond the last are
// passed over, as other decoders do.
func (s *scan) baseline() {
	for i, k := 0, -1; i < len(s.order); {
		if i, k = s.codes(i, k); i == len(s.order) {
			return
		}
		s.ready()
		b := &s.order[i]
		var done bool
		if k, done = s.odd(b, k); done {
			b.read = k
			i, k = i+1, -1
		}
	}
}

// odd decodes the coefficient behind k, whatever its code. It returns its place, and
// whether the block ended before.
func (s *scan) odd(b *block, k int) (next int, done bool) {
	if k < 0 {
		b.values[0] = b.difference(&s.bits) * b.steps[0]
		return 0, false
	}
	if k == 63 {
		return k, true
	}
	value := b.ac.symbol(&s.bits)
	next = k + int(value>>4) + 1
	if ends(value) || next > 63 {
		return k, true // beyond the block the number is not read, as elsewhere
	}
	size := uint(value & 15)
	if v := s.take(size); next <= s.keep {
		b.values[zigzag[next]&63] = extend(v, size) * b.steps[next]
	}
	return next, false
}

// difference decodes what a DC coefficient is more than the last one.
func (p *part) difference(b *bits) int32 {
	size := uint(p.dc.symbol(b) & 15)
	p.last += extend(b.take(size), size)
	return p.last
}

// codesGeneric decodes the blocks of a unit from one on, of this one the coefficients
// behind k, where -1 is before the first; there is such a block. It stops at a code that
// needs a closer look and before a block whose bits are not ready, and returns how far
// it came.
func (s *scan) codesGeneric(i, k int) (nextBlock, next int) {
	for ; i < len(s.order); i++ {
		b := &s.order[i]
		done := false
		if k < 0 {
			if s.at > enough || !s.mean(b) {
				return i, k
			}
			k = 0
		}
		if k, done = s.kept(b, k); !done && b.pass != nil {
			k, done = s.passOver(b.pass, k)
		}
		if !done {
			return i, k
		}
		b.read = k
		k = -1
	}
	return i, k
}

// mean decodes the first coefficient, unless its code needs a closer look.
func (s *scan) mean(b *block) bool {
	acc := s.peek(s.at)
	e := b.dc.look[acc>>(64-lookBits)]
	if e&63 == 0 {
		return false
	}
	b.last += number(acc, e)
	b.values[0] = b.last * b.steps[0]
	s.at += uint(e & 63)
	return true
}

// kept decodes the coefficients behind k that are kept. It returns the last one that it
// has read, maybe one behind, and whether the block ends there.
func (s *scan) kept(b *block, k int) (next int, done bool) {
	table, keep, at := &b.ac.look, s.keep, s.at
	for k < keep {
		acc := s.peek(at)
		for range 3 {
			e := table[acc>>(64-lookBits)]
			to := k + int(e>>advanceShift&0xff)
			if to > 63 {
				if done = k == 63; !done && to >= ending {
					at, done = at+uint(e&63), true
				}
				s.at = at
				return k, done
			}
			if to <= keep {
				b.values[zigzag[to]&63] = number(acc, e) * b.steps[to]
			}
			k = to
			acc <<= e & 63
			at += uint(e & 63)
		}
	}
	s.at = at
	return k, k == 63
}
