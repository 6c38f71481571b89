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
	keep  int  // coefficients beyond are not needed
}

// part is a component in a scan.
type part struct {
	*component
	dc, ac *huffman
	last   int32 // DC coefficient of the block before
	steps  [64]int32
	pass   *[1 << passBits]uint16 // of ac, where it is needed
}

// block is one of a unit, and where it stands in it: how many blocks of its component
// a unit has across and down, and which one it is.
type block struct {
	*part
	across, down, column, row int
	to, step                  int // where its samples go, and those of the next unit after them

	values [64]int32 // times steps
	read   int       // the last one that was in the file, 0 if all others are zero
}

// kept is, by the side of what is left of a block, the last coefficient in the
// order of the file that counts.
var kept = [9]int{1: 0, 2: 4, 4: 24, 8: 63}

func (d *decoder) scan(ctx context.Context, body []byte) error {
	if d.components == nil {
		return bad("scan before the frame")
	}
	s := &scan{d: d, bits: bits{data: d.Data, pos: d.Pos}, keep: kept[d.scale]}
	s.empty()
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
				s.order = append(s.order, block{part: p, across: across, down: down, column: column, row: row})
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
		if s.keep < 63 && !s.d.frame.Progressive {
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
		s.begin(y)
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

// begin finds the places of the blocks of a row of units.
func (s *scan) begin(y int) {
	side := s.d.scale
	for i := range s.order {
		b := &s.order[i]
		b.to = ((y*b.down+b.row)*b.stride*side + b.column) * side
		b.step = b.across * side
	}
}

// unit decodes a block of the only component, or an MCU. Those of a row are asked for
// in order.
func (s *scan) unit(x, y int) error {
	if s.d.frame.Progressive {
		return s.progressive(x, y)
	}
	s.baseline()
	side := s.d.scale
	for i := range s.order {
		b := &s.order[i]
		draw(&b.values, b.pix[b.to:], b.stride*side, side, b.read)
		b.to += b.step
	}
	return nil
}
