package vec

import "math"

// The Go twins of the arithmetic kernels. Each is called with inputs as long as
// its first argument.

func each(dst, x []float32, f func(float32) float32) {
	for i, v := range x {
		dst[i] = f(v)
	}
}

func pairs(dst, a, b []float32, f func(a, b float32) float32) {
	for i, v := range a {
		dst[i] = f(v, b[i])
	}
}

func addGeneric(dst, a, b []float32) {
	for i, v := range a {
		dst[i] = v + b[i]
	}
}

func mulGeneric(dst, a, b []float32) {
	for i, v := range a {
		dst[i] = v * b[i]
	}
}

func subGeneric(dst, a, b []float32) {
	pairs(dst, a, b, func(a, b float32) float32 { return a - b })
}

func divGeneric(dst, a, b []float32) {
	pairs(dst, a, b, func(a, b float32) float32 { return a / b })
}

func maxGeneric(dst, a, b []float32) {
	pairs(dst, a, b, func(a, b float32) float32 { return max(a, b) })
}

func minGeneric(dst, a, b []float32) {
	pairs(dst, a, b, func(a, b float32) float32 { return min(a, b) })
}

func addScalarGeneric(dst, x []float32, s float32) {
	for i, v := range x {
		dst[i] = v + s
	}
}

func mulScalarGeneric(dst, x []float32, s float32) {
	for i, v := range x {
		dst[i] = v * s
	}
}

func subFromScalarGeneric(dst, x []float32, s float32) {
	for i, v := range x {
		dst[i] = s - v
	}
}

func divScalarGeneric(dst, x []float32, s float32) {
	for i, v := range x {
		dst[i] = s / v
	}
}

func mulAddGeneric(dst, x, scale, shift []float32) {
	for i, v := range x {
		dst[i] = v*scale[i] + shift[i]
	}
}

func axpyGeneric(dst, x []float32, a float32) {
	for i, v := range x {
		dst[i] += a * v
	}
}

func clipGeneric(dst, x []float32, lo, hi float32) {
	for i, v := range x {
		dst[i] = min(max(v, lo), hi)
	}
}

func reluGeneric(dst, x []float32) {
	for i, v := range x {
		dst[i] = max(v, 0)
	}
}

func absGeneric(dst, x []float32) {
	each(dst, x, func(v float32) float32 {
		return math.Float32frombits(math.Float32bits(v) &^ (1 << 31))
	})
}

func negGeneric(dst, x []float32) {
	for i, v := range x {
		dst[i] = -v
	}
}

func reciprocalGeneric(dst, x []float32) { divScalarGeneric(dst, x, 1) }

func subTwiceGeneric(dst, x []float32, a, b float32) {
	for i, v := range x {
		dst[i] = v - a - b
	}
}

func max4Generic(dst, a, b, c, d []float32) {
	for i, v := range a {
		dst[i] = max(v, b[i], c[i], d[i])
	}
}

func sum4Generic(dst, a, b, c, d []float32) {
	for i, v := range a {
		dst[i] = (v + b[i]) + (c[i] + d[i])
	}
}
