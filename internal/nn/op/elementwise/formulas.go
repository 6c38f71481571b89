package elementwise

import "math"

// The functions of float64, by their definitions.

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

func reciprocal(x float64) float64 { return 1 / x }

func relu(x float64) float64 { return max(x, 0) }

// softplus is log(1 + e^x) without overflow.
func softplus(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

func softsign(x float64) float64 { return x / (1 + math.Abs(x)) }

func mish(x float64) float64 { return x * math.Tanh(softplus(x)) }

func hardSwish(x float64) float64 { return x * clamp(x/6+0.5, 0, 1) }

func gelu(x float64) float64 { return 0.5 * x * (1 + math.Erf(x/math.Sqrt2)) }

func geluTanh(x float64) float64 {
	return 0.5 * x * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x)))
}

func clamp(x, lo, hi float64) float64 { return min(max(x, lo), hi) }

func quickGelu(alpha float64) func(float64) float64 {
	return func(x float64) float64 { return x * sigmoid(alpha*x) }
}

func hardSigmoid(alpha, beta float64) func(float64) float64 {
	return func(x float64) float64 { return clamp(alpha*x+beta, 0, 1) }
}

func leakyRelu(alpha float64) func(float64) float64 {
	return func(x float64) float64 {
		if x < 0 {
			return alpha * x
		}
		return x
	}
}

// elu is x from zero on and alpha * (e^(x/divisor) - 1) below, all times scale.
func elu(alpha, divisor, scale float64) func(float64) float64 {
	return func(x float64) float64 {
		if x < 0 {
			return scale * alpha * math.Expm1(x/divisor)
		}
		return scale * x
	}
}

func thresholdedRelu(alpha float64) func(float64) float64 {
	return func(x float64) float64 {
		if x <= alpha {
			return 0
		}
		return x
	}
}

// sign is -1, 0 or 1, and NaN for NaN.
func sign(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x * 0
}

func opposite(x float64) float64 { return -x }
