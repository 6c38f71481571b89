package vec

// Add is dst[i] = a[i] + b[i].
func Add(dst, a, b []float32) { addBlocks(dst, a, b) }

// Sub is dst[i] = a[i] - b[i].
func Sub(dst, a, b []float32) { subBlocks(dst, a, b) }

// Mul is dst[i] = a[i] * b[i].
func Mul(dst, a, b []float32) { mulBlocks(dst, a, b) }

// Div is dst[i] = a[i] / b[i].
func Div(dst, a, b []float32) { divBlocks(dst, a, b) }

// Max is dst[i] = max(a[i], b[i]); NaN if either is NaN.
func Max(dst, a, b []float32) { maxBlocks(dst, a, b) }

// Min is dst[i] = min(a[i], b[i]); NaN if either is NaN.
func Min(dst, a, b []float32) { minBlocks(dst, a, b) }

// AddScalar is dst[i] = x[i] + s.
func AddScalar(dst, x []float32, s float32) { addScalarBlocks(dst, x, s) }

// MulScalar is dst[i] = x[i] * s.
func MulScalar(dst, x []float32, s float32) { mulScalarBlocks(dst, x, s) }

// SubFromScalar is dst[i] = s - x[i].
func SubFromScalar(dst, x []float32, s float32) { subFromScalarBlocks(dst, x, s) }

// DivScalar is dst[i] = s / x[i].
func DivScalar(dst, x []float32, s float32) { divScalarBlocks(dst, x, s) }

// MulAdd is dst[i] = x[i]*scale[i] + shift[i], with one or two roundings.
func MulAdd(dst, x, scale, shift []float32) { mulAddBlocks(dst, x, scale, shift) }

// Axpy is dst[i] += a * x[i], with one or two roundings.
func Axpy(dst, x []float32, a float32) { axpyBlocks(dst, x, a) }

// Clip is dst[i] = min(max(x[i], lo), hi): hi wins where lo is above it, and NaN
// stays NaN.
func Clip(dst, x []float32, lo, hi float32) { clipBlocks(dst, x, lo, hi) }

// Abs is dst[i] = |x[i]|.
func Abs(dst, x []float32) { absBlocks(dst, x) }

// Neg is dst[i] = -x[i].
func Neg(dst, x []float32) { negBlocks(dst, x) }

// Reciprocal is dst[i] = 1 / x[i].
func Reciprocal(dst, x []float32) { reciprocalBlocks(dst, x) }

// Sqrt is the square root, rounded correctly; NaN below zero.
func Sqrt(dst, x []float32) { sqrtBlocks(dst, x) }

// Floor is the greatest whole number not above x[i].
func Floor(dst, x []float32) { floorBlocks(dst, x) }

// Ceil is the least whole number not below x[i].
func Ceil(dst, x []float32) { ceilBlocks(dst, x) }

// Round is the nearest whole number; halves go to the even one.
func Round(dst, x []float32) { roundBlocks(dst, x) }

// AddRow adds row to each of the len(dst)/len(row) rows of x: it broadcasts
// along the last axis. It panics unless len(dst) is a multiple of len(row).
func AddRow(dst, x []float32, row []float32) {
	broadcast(dst, x, row, false)
}

// MulRow multiplies each of the len(dst)/len(row) rows of x with row, element by
// element. It panics unless len(dst) is a multiple of len(row).
func MulRow(dst, x []float32, row []float32) {
	broadcast(dst, x, row, true)
}

// shortRow is the length below which broadcast repeats a row into a buffer,
// because a call for each row would cost more than its work.
const shortRow = 64

// broadcast has no function as a parameter, since what is given to an unknown
// function has to be on the heap.
func broadcast(dst, x, row []float32, multiply bool) {
	if len(dst) == 0 {
		return
	}
	if len(row) == 0 || len(dst)%len(row) != 0 {
		panic("vec: the rows do not fill dst")
	}
	x = x[:len(dst):len(x)]
	if len(row) < shortRow && len(dst) > len(row) {
		var room [8 * shortRow]float32
		n := min(len(room)-len(room)%len(row), len(dst))
		for at := 0; at < n; at += copy(room[at:n], row) {
		}
		row = room[:n]
	}
	for len(dst) > 0 {
		n := min(len(row), len(dst))
		if multiply {
			mulBlocks(dst[:n], x[:n], row[:n])
		} else {
			addBlocks(dst[:n], x[:n], row[:n])
		}
		dst, x = dst[n:], x[n:]
	}
}
