package jpeg

// passBits is how many bits the table for passing over coefficients looks at.
const passBits = 12

// last says that a block ends with an entry of that table.
const last = 1 << 15

// passing returns a table for reading past coefficients, several at once. An entry for
// the next bits has in its first byte how many bits whole codes with their numbers take,
// up to most, in the second how many coefficients these are, and above whether the block
// ends with them. What needs a closer look advances by 127.
func (h *huffman) passing() *[1 << passBits]uint16 {
	if h.pass != nil {
		return h.pass
	}
	h.pass = new([1 << passBits]uint16)
	for i := range h.pass {
		h.pass[i] = h.several(uint64(i) << (64 - passBits))
	}
	return h.pass
}

// several returns the entry of passing for the bits on top of acc.
func (h *huffman) several(acc uint64) uint16 {
	taken, advance := uint(0), uint(0)
	for taken < passBits && advance < 64 {
		e := uint(h.look[acc<<taken>>(64-lookBits)])
		if e&63 == 0 || taken+e>>lengthShift&31 > passBits || taken+e&63 > most {
			break
		}
		taken += e & 63
		if e>>advanceShift&ending != 0 {
			return uint16(taken | advance<<advanceShift | last)
		}
		advance += e >> advanceShift & 0xff
	}
	if taken == 0 {
		advance = 127
	}
	return uint16(taken | min(advance, 127)<<advanceShift)
}

// passOver reads past the coefficients of a block behind k. What it returns is what
// codesGeneric returns.
func (s *scan) passOver(table *[1 << passBits]uint16, k int) (next int, done bool) {
	at, sum := s.at, uint(k+1)<<advanceShift
	for {
		acc := s.peek(at)
		e := uint(table[acc>>(64-passBits)])
		if sum += e; sum < 64<<advanceShift {
			acc <<= e & 63
			e = uint(table[acc>>(64-passBits)])
			if sum += e; sum < 64<<advanceShift {
				acc <<= e & 63
				e = uint(table[acc>>(64-passBits)])
				if sum += e; sum < 64<<advanceShift {
					at += sum & 0xff
					sum &^= 0xff
					continue
				}
			}
		}
		to := sum >> advanceShift & 127
		if done = e < last && to == 64 || e >= last && to < 64; !done {
			sum -= e // some of it belongs to the next block, or its code is long
		}
		s.at = at + sum&0xff
		return int(sum>>advanceShift&127) - 1, done
	}
}
