package vec

import "math"

// The Go twins of the kernels that reduce a row add in float64, in order.

func sumGeneric(x []float32) float32 {
	var sum float64
	for _, v := range x {
		sum += float64(v)
	}
	return float32(sum)
}

func sumSquaresGeneric(x []float32) float32 { return sumSquaredDiffGeneric(x, 0) }

func sumSquaredDiffGeneric(x []float32, mean float32) float32 {
	var sum float64
	for _, v := range x {
		d := float64(v) - float64(mean)
		sum += d * d
	}
	return float32(sum)
}

func dotGeneric(a, b []float32) float32 {
	var sum float64
	for i, v := range a {
		sum += float64(v) * float64(b[i])
	}
	return float32(sum)
}

func maxOfGeneric(x []float32) float32 {
	_, hi := minMaxGeneric(x)
	return hi
}

func minOfGeneric(x []float32) float32 {
	lo, _ := minMaxGeneric(x)
	return lo
}

func minMaxGeneric(x []float32) (lo, hi float32) {
	lo, hi = float32(math.Inf(1)), float32(math.Inf(-1))
	for _, v := range x {
		lo, hi = min(lo, v), max(hi, v)
	}
	return lo, hi
}

// The kernels of the softmax round x*scale before they add the mask, so that the
// exponent of the largest element is 0 exactly.

func maxScaledGeneric(x []float32, scale float32) float32 {
	hi := float32(math.Inf(-1))
	for _, v := range x {
		hi = max(hi, float32(v*scale))
	}
	return hi
}

func maxMaskedGeneric(x, mask []float32, scale float32) float32 {
	hi := float32(math.Inf(-1))
	for i, v := range x {
		hi = max(hi, float32(v*scale)+mask[i])
	}
	return hi
}

func expSumGeneric(dst, x []float32, scale, highest float32) float32 {
	var sum float64
	for i, v := range x {
		e := math.Exp(float64(float32(v*scale) - highest))
		dst[i] = float32(e)
		sum += e
	}
	return float32(sum)
}

func expSumMaskedGeneric(dst, x, mask []float32, scale, highest float32) float32 {
	var sum float64
	for i, v := range x {
		e := math.Exp(float64(float32(v*scale) + mask[i] - highest))
		dst[i] = float32(e)
		sum += e
	}
	return float32(sum)
}

func sumExpGeneric(x []float32, highest float32) float32 {
	var sum float64
	for _, v := range x {
		sum += math.Exp(float64(v - highest))
	}
	return float32(sum)
}

func addSumGeneric(dst, x, r []float32) float32 {
	addGeneric(dst, x, r)
	return sumGeneric(dst)
}

func addBiasSumGeneric(dst, x, r, bias []float32) float32 {
	for i, v := range x {
		dst[i] = v + r[i] + bias[i]
	}
	return sumGeneric(dst)
}

func normGeneric(dst, x []float32, mean, inv float32) {
	for i, v := range x {
		dst[i] = (v - mean) * inv
	}
}

func normGammaGeneric(dst, x, gamma []float32, mean, inv float32) {
	for i, v := range x {
		dst[i] = (v - mean) * inv * gamma[i]
	}
}

func normGammaBetaGeneric(dst, x, gamma, beta []float32, mean, inv float32) {
	for i, v := range x {
		dst[i] = (v-mean)*inv*gamma[i] + beta[i]
	}
}

func scaleMulGeneric(dst, x, gamma []float32, s float32) {
	for i, v := range x {
		dst[i] = v * s * gamma[i]
	}
}
