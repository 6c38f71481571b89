package vision

// plane is bytes in memory: rows of w samples of some channels side by side.
type plane struct {
	pix      []uint8
	stride   int
	w, h     int
	channels int // 1 or 4
}

func (p plane) row(y int) []uint8 { return p.pix[y*p.stride:][:p.w*p.channels] }

// scaler makes rows of another size. They are asked for in order; each is valid
// until the next call and has one slice for each channel.
type scaler interface{ row(i int) [][]float32 }

// newScaler scales the first channels of a plane by its taps. Going down, source rows
// are added up while they are bytes, and only the sums are scaled across, in one pass
// of few operations; going up, few rows are scaled across once and kept.
func newScaler(p plane, xs, ys taps, channels int) scaler {
	if !ys.shrinks {
		return newResampler(xs, ys, p.w, channels, func(in [][]float32, y int) { split(in, p.row(y), p.channels) })
	}
	s := &shrinker{plane: p, ys: ys, out: newPlanes(channels, len(xs.start))}
	s.first = xs.start[0]
	s.samples = xs.end(len(xs.start)-1) - s.first
	s.xs = newEvenTaps(xs, s.first)
	s.sums = make([]float32, s.samples*p.channels)
	s.one = newPlanes(channels, s.samples+s.xs.n)
	return s
}

// split makes numbers of the first channels of a row of one or four.
func split(dst [][]float32, row []uint8, channels int) {
	if channels == 1 {
		floats(dst[0], row)
	} else {
		splitRGB(dst, row)
	}
}

type shrinker struct {
	plane
	xs             evenTaps
	ys             taps
	first, samples int         // the part of the rows that counts
	sums           []float32   // of rows, channels side by side
	one            [][]float32 // the same by channel, with zeros behind
	out            [][]float32
}

func (s *shrinker) row(i int) [][]float32 {
	clear(s.sums)
	at := func(y int) []uint8 {
		return s.plane.row(y)[s.first*s.channels:][:s.samples*s.channels]
	}
	y, weights := s.ys.start[i], s.ys.weights[i]
	for k := 0; k < len(weights); k += 4 {
		var w [4]float32
		n := copy(w[:], weights[k:])
		last := y + k + n - 1
		weigh(s.sums, at(y+k), at(min(y+k+1, last)), at(min(y+k+2, last)), at(min(y+k+3, last)), &w)
	}
	for c, out := range s.out {
		one := s.one[c]
		if s.channels == 1 {
			copy(one, s.sums)
		} else {
			for x := range s.samples {
				one[x] = s.sums[x*s.channels+c]
			}
		}
		s.xs.across(out, one)
	}
	return s.out
}
