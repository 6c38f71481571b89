package vec

import "math"

// LayerNorm is dst[i] = (x[i]-mean) / sqrt(variance+eps) * gamma[i] + beta[i]
// over one row, with the mean and the mean squared difference from it of the
// row, in two passes, so that a large mean cancels nothing. A nil gamma is all
// ones, a nil beta all zeros.
func LayerNorm(dst, x, gamma, beta []float32, eps float32) {
	if len(dst) == 0 {
		return
	}
	x = x[:len(dst):len(x)]
	normalize(dst, x, sumBlocks(x), gamma, beta, eps)
}

// AddLayerNorm is the residual step of a transformer: sum = x + r + bias, then
// dst = [LayerNorm](sum). bias may be nil for none, sum may be nil if it is not
// wanted, and gamma and beta may be nil as there.
func AddLayerNorm(dst, sum, x, r, bias, gamma, beta []float32, eps float32) {
	if len(dst) == 0 {
		return
	}
	if sum == nil {
		sum = dst
	}
	sum = sum[:len(dst):len(sum)]
	var total float32
	if bias == nil {
		total = addSumBlocks(sum, x, r)
	} else {
		total = addBiasSumBlocks(sum, x, r, bias)
	}
	normalize(dst, sum, total, gamma, beta, eps)
}

// RMSNorm is dst[i] = x[i] / sqrt(mean of x[j]*x[j] + eps) * gamma[i] over one
// row. A nil gamma is all ones.
func RMSNorm(dst, x, gamma []float32, eps float32) {
	if len(dst) == 0 {
		return
	}
	x = x[:len(dst):len(x)]
	inv := inverseRoot(sumSquaresBlocks(x), len(x), eps)
	if gamma == nil {
		mulScalarBlocks(dst, x, inv)
		return
	}
	scaleMulBlocks(dst, x, gamma, inv)
}

// normalize is LayerNorm of a row that adds up to total.
func normalize(dst, x []float32, total float32, gamma, beta []float32, eps float32) {
	mean := total / float32(len(x))
	inv := inverseRoot(sumSquaredDiffBlocks(x, mean), len(x), eps)
	switch {
	case gamma == nil && beta == nil:
		normBlocks(dst, x, mean, inv)
	case gamma == nil:
		normBlocks(dst, x, mean, inv)
		addBlocks(dst, dst, beta)
	case beta == nil:
		normGammaBlocks(dst, x, gamma, mean, inv)
	default:
		normGammaBetaBlocks(dst, x, gamma, beta, mean, inv)
	}
}

// inverseRoot is 1 / sqrt(total/n + eps).
func inverseRoot(total float32, n int, eps float32) float32 {
	return float32(1 / math.Sqrt(float64(total)/float64(n)+float64(eps)))
}
