package jpeg

import "context"

// scan is one pass over some components, T.81 B.2.3.
type scan struct {
	bits
	d     *decoder
	parts []part
	order []block // of a unit
	first int     // first and last coefficient, in the order of the file
	last  int
	high  uint // bits that earlier scans had, 0 in the first
	low   uint // the lowest bit of this one
	eobs  int  // blocks to come without anything new
	block [64]int32
	keep  uint // coefficients beyond are not needed
}

// part is a component in a scan.
type part struct {
	*component
	dc, ac *huffman
	last   int32 // DC coefficient of the block before
	steps  [64]int32
	pass   *[1 << passBits]uint16 // of ac, where it is needed
}

// block is where a block of a component stands in a unit: how many of them a unit has
// across and down, and which one it is.
type block struct {
	*part
	across, down, column, row int
}

// kept is, by the side of what is left of a block, the last coefficient in the
// order of the file that counts.
var kept = [9]uint{1: 0, 2: 4, 4: 24, 8: 63}

func (d *decoder) scan(ctx context.Context, body []byte) error {
	if d.components == nil {
		return bad("scan before the frame")
	}
	s := &scan{d: d, bits: bits{data: d.Data, pos: d.Pos}, keep: kept[d.scale]}
	if err := s.header(body); err != nil {
		return err
	}
	err := s.run(ctx)
	d.Pos = s.pos
	return err
}

func (s *scan) header(body []byte) error {
	if len(body) < 1 || body[0] < 1 || body[0] > 4 || len(body) != 4+2*int(body[0]) {
		return bad("scan header of %d bytes", len(body))
	}
	n := int(body[0])
	s.first, s.last = int(body[1+2*n]), int(body[2+2*n])
	s.high, s.low = uint(body[3+2*n]>>4), uint(body[3+2*n]&15)
	if !s.d.frame.Progressive {
		s.first, s.last, s.high, s.low = 0, 63, 0, 0
	}
	switch {
	case s.first > s.last || s.last > 63 || s.low > 13,
		s.d.frame.Progressive && s.first == 0 && s.last != 0,
		s.first > 0 && n > 1,
		s.high != 0 && s.high != s.low+1:
		return bad("scan of coefficients %d to %d, bits %d to %d", s.first, s.last, s.high, s.low)
	}
	for i := range n {
		if err := s.part(body[1+2*i], body[2+2*i]); err != nil {
			return err
		}
	}
	s.blocks()
	return nil
}

// blocks lists the blocks of a unit: one of the only component, or an MCU.
func (s *scan) blocks() {
	for i := range s.parts {
		p := &s.parts[i]
		across, down := p.H, p.V
		if len(s.parts) == 1 {
			across, down = 1, 1
		}
		for row := range down {
			for column := range across {
				s.order = append(s.order, block{p, across, down, column, row})
			}
		}
	}
}

// part finds a component and its tables.
func (s *scan) part(id, tables byte) error {
	for _, p := range s.parts {
		if p.ID == id {
			return bad("component %d twice in a scan", id)
		}
	}
	for i := range s.d.components {
		c := &s.d.components[i]
		if c.ID != id {
			continue
		}
		dc, ac := tables>>4, tables&15
		if dc > 3 || ac > 3 {
			return bad("huffman tables %d and %d", dc, ac)
		}
		p := part{component: c, dc: &s.d.tables[0][dc], ac: &s.d.tables[1][ac], steps: s.d.steps[c.Table]}
		if s.first == 0 && s.high == 0 && !p.dc.known || s.last > 0 && !p.ac.known {
			return bad("huffman table is missing")
		}
		if s.keep < 63 && p.ac.known {
			p.pass = p.ac.passing()
		}
		s.parts = append(s.parts, p)
		return nil
	}
	return bad("scan of unknown component %d", id)
}

// run decodes all blocks: of one component only those of the picture, of several
// whole MCUs, T.81 A.2.
func (s *scan) run(ctx context.Context) error {
	across, down := s.d.across, s.d.down
	if len(s.parts) == 1 {
		across, down = s.parts[0].across, s.parts[0].down
	}
	for y, mcu := 0, 0; y < down; y++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		for x := range across {
			if s.d.interval > 0 && mcu > 0 && mcu%s.d.interval == 0 {
				if err := s.resume(mcu/s.d.interval - 1); err != nil {
					return err
				}
			}
			mcu++
			if err := s.unit(x, y); err != nil {
				return err
			}
		}
		if s.overrun() {
			return bad("data ends in row %d of %d", y, down)
		}
	}
	return nil
}

// resume goes on behind a restart marker, T.81 F.2.1.3.1.
func (s *scan) resume(number int) error {
	if s.overrun() || !s.restart(number%8) {
		return bad("restart marker %d is missing", number%8)
	}
	s.eobs = 0
	for i := range s.parts {
		s.parts[i].last = 0
	}
	return nil
}

// unit decodes a block of the only component, or an MCU.
func (s *scan) unit(x, y int) error {
	for i := range s.order {
		b := &s.order[i]
		column, row := x*b.across+b.column, y*b.down+b.row
		if s.d.frame.Progressive {
			if err := s.progress(b.part, &b.coefficients[row*b.stride+column]); err != nil {
				return err
			}
			continue
		}
		s.d.draw(b.component, &s.block, s.baseline(b.part), column, row)
	}
	return nil
}

// zigzag is where a coefficient stands in a block whose columns lie one after
// another: the transform likes them so.
var zigzag = [64]uint8{
	0, 8, 1, 2, 9, 16, 24, 17, 10, 3, 4, 11, 18, 25, 32, 40,
	33, 26, 19, 12, 5, 6, 13, 20, 27, 34, 41, 48, 56, 49, 42, 35,
	28, 21, 14, 7, 15, 22, 29, 36, 43, 50, 57, 58, 51, 44, 37, 30,
	23, 31, 38, 45, 52, 59, 60, 53, 46, 39, 47, 54, 61, 62, 55, 63,
}

// difference decodes what the DC coefficient is more than the last one.
func (s *scan) difference(p *part) int32 {
	s.fill()
	if e := p.dc.look[s.acc>>(64-lookBits)]; e&whole != 0 {
		s.skip(uint(e & takenBits))
		p.last += int32(e) >> valueShift
		return p.last
	}
	size := uint(p.dc.symbol(&s.bits) & 15)
	p.last += extend(s.take(size), size)
	return p.last
}

// baseline decodes a block, T.81 F.2.2, and returns its last coefficient that is
// not zero. Coefficients beyond the last are passed over, as other decoders do. The
// loop keeps the bits in registers.
func (s *scan) baseline(p *part) (last int) {
	s.block[0] = s.difference(p) * p.steps[0]
	acc, n := s.acc, s.n
	table := &p.ac.look
	for k := uint(1); k < 64; k++ {
		if k > s.keep {
			acc, n = s.passOver(p, k, acc, n)
			break
		}
		if n < 32 {
			acc, n = s.more(acc, n)
		}
		e := table[acc>>(64-lookBits)]
		length, size, run := uint(e&takenBits), uint(e>>sizeShift&15), uint(e>>runShift&15)
		k += run
		if e&whole != 0 {
			if k > 63 {
				length -= size // the number is not read
			} else if k <= s.keep {
				s.block[zigzag[k]&63] = int32(e) >> valueShift * p.steps[k]
				last = int(k)
			}
			acc <<= length
			n -= length
			continue
		}
		if length == 0 {
			var v uint8
			v, length = p.ac.long(&s.bits, acc)
			run, size = uint(v>>4), uint(v&15)
			k += run
		}
		acc <<= length
		n -= length
		if size == 0 {
			if run != 15 {
				break // the rest is zero
			}
			continue
		}
		if k > 63 {
			break
		}
		if k <= s.keep {
			s.block[zigzag[k]&63] = extend(int32(acc>>((64-size)&63)), size) * p.steps[k]
			last = int(k)
		}
		acc <<= size
		n -= size
	}
	s.acc, s.n = acc, n
	return last
}

// passOver reads past the coefficients of a block from k on.
func (s *scan) passOver(p *part, k uint, acc uint64, n uint) (uint64, uint) {
	for k < 64 {
		if n < 32 {
			acc, n = s.more(acc, n)
		}
		e := uint(p.pass[acc>>(64-passBits)])
		if to := k + e>>advanceShift&(ends>>advanceShift-1); to < 64 {
			k = to
			acc <<= e & 15
			n -= e & 15
			if e&ends != 0 {
				break
			}
			continue
		}
		value, length := p.ac.code(acc)
		if length == 0 {
			value, length = p.ac.long(&s.bits, acc)
		}
		size, run := uint(value&15), uint(value>>4)
		acc <<= length
		n -= length
		if size == 0 && run != 15 {
			break
		}
		if k += run + 1; k > 64 {
			break // the number is not read
		}
		acc <<= size
		n -= size
	}
	return acc, n
}
