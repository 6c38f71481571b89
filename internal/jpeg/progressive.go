package jpeg

import "context"

// progressive reads what a scan of a progressive file has for a unit.
func (s *scan) progressive(x, y int) error {
	for i := range s.order {
		b := &s.order[i]
		s.ready()
		row, column := y*b.down+b.row, x*b.across+b.column
		if err := s.progress(b.part, &b.coefficients[row*b.stride+column]); err != nil {
			return err
		}
	}
	return nil
}

// progress reads what a scan of a progressive file has for a block, T.81 G.1.2.
func (s *scan) progress(p *part, block *[64]int16) error {
	switch {
	case s.first == 0 && s.high == 0:
		block[0] = int16(p.difference(&s.bits) << s.low)
		return nil
	case s.first == 0:
		block[0] |= int16(s.take(1) << s.low)
		return nil
	case s.eobs > 0 && s.high == 0:
		s.eobs--
		return nil
	case s.high == 0:
		s.firstBits(p, block)
		return nil
	}
	return s.moreBits(p, block)
}

// firstBits reads the upper bits of coefficients, G.1.2.2.
func (s *scan) firstBits(p *part, block *[64]int16) {
	for k := s.first; k <= s.last; k++ {
		v := p.ac.symbol(&s.bits)
		run, size := int(v>>4), uint(v&15)
		if size == 0 {
			if run != 15 {
				s.eobs = 1<<run - 1 + int(s.take(uint(run)))
				return
			}
			k += 15
			continue
		}
		if k += run; k > s.last {
			return // as other decoders do
		}
		block[zigzag[k]] = int16(extend(s.take(size), size) << s.low)
	}
}

// moreBits reads one more bit of coefficients, G.1.2.3.
func (s *scan) moreBits(p *part, block *[64]int16) error {
	k := s.first
	for ; s.eobs == 0 && k <= s.last; k++ {
		v := p.ac.symbol(&s.bits)
		run, size := int(v>>4), v&15
		fresh := int16(0)
		switch {
		case size > 1:
			return bad("coefficient of %d bits in a refinement", size)
		case size == 1:
			fresh = 1 << s.low
			if s.take(1) == 0 {
				fresh = -fresh
			}
		case run != 15:
			s.eobs = 1<<run + int(s.take(uint(run)))
		}
		if s.eobs > 0 {
			break
		}
		if k = s.refine(block, k, run); k > s.last {
			return bad("too many coefficients")
		}
		if fresh != 0 {
			block[zigzag[k]] = fresh
		}
	}
	if s.eobs > 0 {
		s.eobs--
		s.refine(block, k, 64)
	}
	return nil
}

// refine gives each coefficient that is not zero, from k on, its next bit, and
// returns the place behind as many zeros as zeros says.
func (s *scan) refine(block *[64]int16, k, zeros int) int {
	for ; k <= s.last; k++ {
		c := &block[zigzag[k]]
		switch {
		case *c == 0 && zeros == 0:
			return k
		case *c == 0:
			zeros--
		case s.take(1) == 0:
		case *c > 0:
			*c += 1 << s.low
		default:
			*c -= 1 << s.low
		}
	}
	return k
}

// transform draws the blocks of a progressive file.
func (d *decoder) transform(ctx context.Context) error {
	var block [64]int32
	for i := range d.components {
		c := &d.components[i]
		var steps [64]int32
		for k, q := range d.steps[c.Table] {
			steps[zigzag[k]] = q
		}
		for y := range c.rows {
			if err := ctx.Err(); err != nil {
				return err
			}
			for x := range c.stride {
				any := int16(0)
				in := &c.coefficients[y*c.stride+x]
				for k, v := range in {
					block[k] = int32(v) * steps[k]
					if k > 0 {
						any |= v
					}
				}
				last := 0
				if any != 0 {
					last = 63
				}
				stride := c.stride * d.scale
				draw(&block, c.pix[(y*stride+x)*d.scale:], stride, d.scale, last)
			}
		}
	}
	return nil
}
