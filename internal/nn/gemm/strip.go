package gemm

// strip is a run of output pixels of one row of a depthwise convolution, all
// with the same rows·cols taps inside the image: strips times some pixels (one
// to six, the kernel's) of c channels. For every pixel and channel it is
//
//	out[x] = clamp(bias + add[x] (+ out[x]) +
//	               Σ over taps: in[x·inPix+row·inRow+col·inCol] · w[row·wRow+col·wCol])
//
// The assembly reads this struct and trusts it.
type strip struct {
	in   []float32 // the first pixel at its first tap
	w    []float32 // the first tap's weights; 16 lanes may be read at every eighth channel
	out  []float32
	bias []float32 // c of them, or nil
	add  []float32 // or nil
	mask []int32   // eight lanes, -1 where one of the last c%8 channels is

	c, rows, cols       int
	inRow, inCol, inPix int // floats
	wRow, wCol          int
	outPix, addPix      int
	strips              int
	accumulate, clamp   bool
	lo, hi              float32
}

// maxPixels is the pixels of the widest kernel.
const maxPixels = 6

// run computes n pixels; it moves in, out and add.
func (s *strip) run(n int) {
	work := s.rows * s.cols * s.c * maxPixels
	step := max(1, callLimit/2/max(1, work))
	for n > 0 {
		pixels := min(n, maxPixels)
		s.strips = min(step, n/pixels)
		s.call(pixels)
		done := pixels * s.strips
		n -= done
		s.in, s.out, s.add = after(s.in, done*s.inPix), after(s.out, done*s.outPix), after(s.add, done*s.addPix)
	}
}

// generic is the strip's formula.
func (s *strip) generic(pixels int) {
	for x := range pixels * s.strips {
		out := s.out[x*s.outPix:][:s.c]
		for i := range out {
			v := float32(0)
			if s.bias != nil {
				v = s.bias[i]
			}
			if s.add != nil {
				v += s.add[x*s.addPix+i]
			}
			if s.accumulate {
				v += out[i]
			}
			out[i] = v
		}
		s.taps(out, x)
		if s.clamp {
			for i, v := range out {
				out[i] = clamp(v, s.lo, s.hi)
			}
		}
	}
}

// taps adds the products of all taps to pixel x.
func (s *strip) taps(out []float32, x int) {
	for row := range s.rows {
		for col := range s.cols {
			a := s.in[x*s.inPix+row*s.inRow+col*s.inCol:][:len(out)]
			w := s.w[row*s.wRow+col*s.wCol:][:len(out)]
			for i := range out {
				out[i] += a[i] * w[i]
			}
		}
	}
}
