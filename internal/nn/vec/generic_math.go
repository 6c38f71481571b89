package vec

import "math"

// The Go twins of the transcendental kernels compute in float64 and round once,
// which makes them the reference of the others.

func eachDouble(dst, x []float32, f func(float64) float64) {
	for i, v := range x {
		dst[i] = float32(f(float64(v)))
	}
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

func expGeneric(dst, x []float32)     { eachDouble(dst, x, math.Exp) }
func logGeneric(dst, x []float32)     { eachDouble(dst, x, math.Log) }
func sqrtGeneric(dst, x []float32)    { eachDouble(dst, x, math.Sqrt) }
func erfGeneric(dst, x []float32)     { eachDouble(dst, x, math.Erf) }
func tanhGeneric(dst, x []float32)    { eachDouble(dst, x, math.Tanh) }
func sigmoidGeneric(dst, x []float32) { eachDouble(dst, x, sigmoid) }
func floorGeneric(dst, x []float32)   { eachDouble(dst, x, math.Floor) }
func ceilGeneric(dst, x []float32)    { eachDouble(dst, x, math.Ceil) }
func roundGeneric(dst, x []float32)   { eachDouble(dst, x, math.RoundToEven) }

func geluGeneric(dst, x []float32) {
	eachDouble(dst, x, func(v float64) float64 { return 0.5 * v * (1 + math.Erf(v/math.Sqrt2)) })
}

func geluTanhGeneric(dst, x []float32) {
	root := math.Sqrt(2 / math.Pi)
	eachDouble(dst, x, func(v float64) float64 {
		return 0.5 * v * (1 + math.Tanh(root*(v+0.044715*v*v*v)))
	})
}

func quickGeluGeneric(dst, x []float32, alpha float32) {
	eachDouble(dst, x, func(v float64) float64 { return v * sigmoid(float64(alpha)*v) })
}

func hardSwishGeneric(dst, x []float32) {
	eachDouble(dst, x, func(v float64) float64 { return v * min(max(v/6+0.5, 0), 1) })
}

func hardSigmoidGeneric(dst, x []float32, alpha, beta float32) {
	each(dst, x, func(v float32) float32 { return min(max(alpha*v+beta, 0), 1) })
}

func leakyReluGeneric(dst, x []float32, alpha float32) {
	each(dst, x, func(v float32) float32 {
		if v < 0 {
			return alpha * v
		}
		return v
	})
}

func eluGeneric(dst, x []float32, alpha float32) {
	eachDouble(dst, x, func(v float64) float64 {
		if v < 0 {
			return float64(alpha) * math.Expm1(v)
		}
		return v
	})
}

func softplusGeneric(dst, x []float32) {
	eachDouble(dst, x, func(v float64) float64 { return max(v, 0) + math.Log1p(math.Exp(-math.Abs(v))) })
}

// tanh(log(1+e)) is (e*e+2e) / (e*e+2e+2), which is 1 in float64 long before e*e
// overflows.
func mishGeneric(dst, x []float32) {
	eachDouble(dst, x, func(v float64) float64 {
		e := math.Exp(min(v, 40))
		n := e * (e + 2)
		return v * (n / (n + 2))
	})
}

func lstmGeneric(h, c, in, out, forget, cell []float32) {
	for i := range h {
		keep := sigmoid(float64(forget[i])) * float64(c[i])
		c[i] = float32(keep + sigmoid(float64(in[i]))*math.Tanh(float64(cell[i])))
		h[i] = float32(sigmoid(float64(out[i])) * math.Tanh(float64(c[i])))
	}
}

func gruGeneric(h, inZ, inR, inC, recZ, recR, recC []float32) {
	for i := range h {
		z := sigmoid(float64(inZ[i]) + float64(recZ[i]))
		r := sigmoid(float64(inR[i]) + float64(recR[i]))
		h[i] = float32((1-z)*math.Tanh(float64(inC[i])+r*float64(recC[i])) + z*float64(h[i]))
	}
}
