package vec

// Sum adds up x, in the order that the package comment states; 0 for none.
func Sum(x []float32) float32 { return sumBlocks(x) }

// SumSquares adds up x[i]*x[i]; 0 for none, +Inf if the sum overflows.
func SumSquares(x []float32) float32 { return sumSquaresBlocks(x) }

// Dot adds up a[i]*b[i] over the length of a.
func Dot(a, b []float32) float32 { return dotBlocks(a, b) }

// MaxOf is the largest element: NaN if any is NaN, -Inf for none.
func MaxOf(x []float32) float32 { return maxOfBlocks(x) }

// MinOf is the smallest element: NaN if any is NaN, +Inf for none.
func MinOf(x []float32) float32 { return minOfBlocks(x) }

// MinMax is [MinOf] and [MaxOf] in one pass.
func MinMax(x []float32) (lo, hi float32) { return minMaxBlocks(x) }

// ArgMax is the index of the largest element: of the first among equals, of the
// first NaN if there is one, and -1 for no elements.
func ArgMax(x []float32) int {
	if len(x) == 0 {
		return -1
	}
	start, best := 0, maxOfBlocks(x[:min(len(x), block)])
	for i := block; i < len(x) && best == best; i += block {
		if m := maxOfBlocks(x[i:min(len(x), i+block)]); m > best || m != m {
			start, best = i, m
		}
	}
	for i, v := range x[start:] {
		if v == best || v != v {
			return start + i
		}
	}
	return start // not reached: best is one of the elements
}
