package vec

import "math"

// Softmax is e^x[i] over the sum of all e^x[j], computed from the differences to
// the largest element, so that nothing overflows: elements more than 87.33 below
// it give 0, in pure Go perhaps a denormal. A row that holds NaN or +Inf, or only
// -Inf, gives NaN throughout, as the formula does.
func Softmax(dst, x []float32) { SoftmaxScaled(dst, x, 1, nil) }

// SoftmaxScaled is the [Softmax] of x[i]*scale + mask[i], one row of attention
// scores. A nil mask adds nothing; -Inf in it gives 0 unless all are -Inf.
func SoftmaxScaled(dst, x []float32, scale float32, mask []float32) {
	if len(dst) == 0 {
		return
	}
	x = x[:len(dst):len(x)]
	var sum float32
	if mask == nil {
		sum = expSumBlocks(dst, x, scale, maxScaledBlocks(x, scale))
	} else {
		sum = expSumMaskedBlocks(dst, x, mask, scale, maxMaskedBlocks(x, mask, scale))
	}
	mulScalarBlocks(dst, dst, 1/sum)
}

// LogSoftmax is the logarithm of [Softmax], without its underflow: elements far
// below the largest give their distance, not -Inf.
func LogSoftmax(dst, x []float32) {
	if len(dst) == 0 {
		return
	}
	x = x[:len(dst):len(x)]
	highest := maxScaledBlocks(x, 1)
	sum := sumExpBlocks(x, highest)
	subTwiceBlocks(dst, x, highest, float32(math.Log(float64(sum))))
}
