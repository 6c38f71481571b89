package mp3

import "math"

// turn is the cosine and the sine of an angle.
type turn struct{ cos, sin float32 }

// turns18 and turns6 are of pi*(2i+1)/72 and pi*(2i+1)/24.
var (
	turns18 = [9]turn(newTurns(9, 72))
	turns6  = [3]turn(newTurns(3, 24))
)

func newTurns(n int, of float64) []turn {
	t := make([]turn, n)
	for i := range t {
		s, c := math.Sincos(math.Pi * float64(2*i+1) / of)
		t[i] = turn{float32(c), float32(s)}
	}
	return t
}

// longBlock transforms a subband, whose slots in out lie subbands apart.
//
// With f = pi*(2n+1)/72 the DCT-IV of x is y[n] = cos(f)*C + sin(f)*S and
// y[17-n] = sin(f)*C - cos(f)*S. C is a DCT-III of nine points of the sums of
// neighbours, S of their differences, backwards, with every other value negative. The
// inverse MDCT is y[9:], then -y, -y[:9] of which the middle part runs backwards.
func longBlock(x *[slots]float32, w *window, overlap *[slots]float32, out []float32) {
	sums := [9]float32{
		x[0], x[1] + x[2], x[3] + x[4], x[5] + x[6], x[7] + x[8], x[9] + x[10], x[11] + x[12], x[13] + x[14], x[15] + x[16],
	}
	differences := [9]float32{
		x[17], x[15] - x[16], x[13] - x[14], x[11] - x[12], x[9] - x[10], x[7] - x[8], x[5] - x[6], x[3] - x[4], x[1] - x[2],
	}
	dct9(&sums)
	dct9(&differences)
	out = out[:(slots-1)*subbands+1]
	for n := range turns18 {
		c, s := sums[n], differences[n]
		if n%2 == 1 {
			s = -s
		}
		by := turns18[n]
		low, high := by.cos*c+by.sin*s, by.sin*c-by.cos*s
		i, j := 8-n, 9+n
		out[i*subbands] = overlap[i] + high*w[i]
		out[j*subbands] = overlap[j] + high*w[j]
		overlap[i] = low * w[slots+i]
		overlap[j] = low * w[slots+j]
	}
}

// dct9 is the DCT-III of nine points: x[n] becomes the sum of x[k]*cos(pi*k*(2n+1)/18).
// Outputs n and 8-n share the sums of even and of odd k; of each three that are alike
// the cosines add up, so two of them give the third.
func dct9(x *[9]float32) {
	const (
		cos10 = 0.984807753012208
		cos20 = 0.9396926207859084
		cos30 = 0.8660254037844386
		cos40 = 0.766044443118978
		cos50 = 0.6427876096865394
		cos70 = 0.3420201433256688
		cos80 = 0.17364817766693036
	)
	p, q, r := x[0]+x[6]*0.5, x[2]-x[4]-x[8], x[0]-x[6]
	u := x[2]*cos20 + x[4]*cos40 + x[8]*cos80
	v := x[8]*cos40 - x[2]*cos80 - x[4]*cos20
	f := x[1]*cos10 + x[5]*cos50 + x[7]*cos70
	g := x[1]*cos50 - x[5]*cos70 + x[7]*cos10
	third := x[3] * cos30
	even := [4]float32{p + u, r + q*0.5, p + v, p - u - v}
	odd := [4]float32{f + third, (x[1] - x[5] - x[7]) * cos30, g - third, f - g - third}
	x[4] = r - q
	for n := range even {
		x[n], x[8-n] = even[n]+odd[n], even[n]-odd[n]
	}
}

// shortBlocks transforms the three windows of a subband; see longBlock.
func (t *tables) shortBlocks(x *[slots]float32, overlap *[slots]float32, out []float32, odd int) {
	var sum [2 * slots]float32
	for w := range 3 {
		x := (*[slots - 2]float32)(x[w:])
		sums := [3]float32{x[0], x[3] + x[6], x[9] + x[12]}
		differences := [3]float32{x[15], x[9] - x[12], x[3] - x[6]}
		dct3(&sums)
		dct3(&differences)
		differences[1] = -differences[1]
		to := (*[12]float32)(sum[6+6*w:])
		for n, by := range turns6 {
			c, s := sums[n], differences[n]
			low, high := by.cos*c+by.sin*s, by.sin*c-by.cos*s
			i, j := 2-n, 3+n
			to[i] += high * t.short[i]
			to[j] -= high * t.short[j]
			to[6+i] -= low * t.short[6+i]
			to[6+j] -= low * t.short[6+j]
		}
	}
	if odd == 1 {
		for i := 1; i < len(sum); i += 2 {
			sum[i] = -sum[i]
		}
	}
	for i := range overlap {
		out[i*subbands] = overlap[i] + sum[i]
		overlap[i] = sum[slots+i]
	}
}

// dct3 is the DCT-III of three points.
func dct3(x *[3]float32) {
	const cos30 = 0.8660254037844386
	a, b := x[0]+x[2]*0.5, x[1]*cos30
	x[0], x[1], x[2] = a+b, x[0]-x[2], a-b
}
