package vorbis

import "math/bits"

// residue tells how the lines of a group of channels are coded, without their floors.
type residue struct {
	kind, begin, end int
	size             int // of a partition in lines
	class            int // the book of the classes of partitions
	classes          int
	books            [][8]int // of a class, by pass, -1 for none
}

func (s *setup) residue() error {
	x := residue{kind: s.read(16), begin: s.read(24), end: s.read(24), size: s.read(24) + 1}
	x.classes, x.class = s.read(6)+1, s.read(8)
	if x.kind > 2 || x.begin > x.end || !s.book(x.class, false) || s.books[x.class].dimensions > 64 {
		return bad("residue")
	}
	passes := make([]int, x.classes)
	for i := range passes {
		passes[i] = s.read(3)
		if s.flag() {
			passes[i] |= s.read(5) << 3
		}
	}
	x.books = make([][8]int, x.classes)
	for class, set := range passes {
		x.books[class] = [8]int{-1, -1, -1, -1, -1, -1, -1, -1}
		for ; set != 0; set &= set - 1 {
			n := s.read(8)
			if !s.book(n, true) || x.size%s.books[n].dimensions != 0 {
				return bad("books of a residue")
			}
			x.books[class][bits.TrailingZeros(uint(set))] = n
		}
	}
	if s.short {
		return bad("residue")
	}
	s.residues = append(s.residues, x)
	return nil
}

// read adds the residue of some channels to their lines, as far as the packet goes. scratch
// holds the classes of the partitions, a row for each channel; it is returned for the next
// call.
func (x *residue) read(r *bitReader, books []codebook, channels [][]float32, scratch []uint8) []uint8 {
	if len(channels) == 0 {
		return scratch
	}
	n := len(channels[0])
	begin, end := min(x.begin, n), min(x.end, n)
	partitions := (end - begin) / x.size
	group := books[x.class].dimensions // partitions whose classes are one code
	row := partitions + group
	if len(scratch) < row*len(channels) {
		scratch = make([]uint8, row*len(channels))
	}
	for pass := range 8 {
		for first := 0; first < partitions; first += group {
			if pass == 0 && !x.readClasses(r, &books[x.class], len(channels), scratch[first:], row) {
				return scratch
			}
			for p := first; p < min(first+group, partitions); p++ {
				for ch, lines := range channels {
					book := x.books[scratch[ch*row+p]][pass]
					if book < 0 {
						continue
					}
					at := begin + p*x.size
					if !x.readPartition(r, &books[book], lines[at:at+x.size]) {
						return scratch
					}
				}
			}
		}
	}
	return scratch
}

// readClasses reads the classes of a group of partitions of each channel.
func (x *residue) readClasses(r *bitReader, book *codebook, channels int, to []uint8, row int) bool {
	for ch := range channels {
		v := book.next(r)
		if v < 0 {
			return false
		}
		for i := book.dimensions - 1; i >= 0; i-- {
			to[ch*row+i] = uint8(v % x.classes)
			v /= x.classes
		}
	}
	return true
}

// readPartition adds vectors to lines: one behind the other, or in type 0 the first numbers
// of all, then the second, and so on.
func (x *residue) readPartition(r *bitReader, book *codebook, lines []float32) bool {
	if x.kind == 0 {
		step := len(lines) / book.dimensions
		for i := range step {
			v := book.vector(r)
			if v == nil {
				return false
			}
			for k, f := range v {
				lines[i+k*step] += f
			}
		}
		return true
	}
	for len(lines) > 0 {
		v := book.vector(r)
		if v == nil {
			return false
		}
		to := lines[:len(v)]
		for k, f := range v {
			to[k] += f
		}
		lines = lines[len(v):]
	}
	return true
}
