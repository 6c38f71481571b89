package reduce

import (
	"math"
	"slices"

	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/vec"
)

// rowFunc is a function on a row; dst may be x.
type rowFunc struct {
	single func(dst, x []float32)
	double func(dst, x []float64)
}

// always returns a function that no attribute changes.
func always(f func(dst, x []float32), g func(dst, x []float64)) func(*op.Node) (rowFunc, error) {
	return func(*op.Node) (rowFunc, error) { return rowFunc{f, g}, nil }
}

// expSum sets dst to e^(x-max) and returns the largest x and the sum.
func expSum(dst, x []float64) (highest, total float64) {
	highest = slices.Max(x)
	for i, v := range x {
		dst[i] = math.Exp(v - highest)
		total += dst[i]
	}
	return highest, total
}

func softmax64(dst, x []float64) {
	_, total := expSum(dst, x)
	for i := range dst {
		dst[i] /= total
	}
}

func logSoftmax64(dst, x []float64) {
	highest, total := slices.Max(x), 0.0
	for _, v := range x {
		total += math.Exp(v - highest)
	}
	total = math.Log(total)
	for i, v := range x {
		dst[i] = v - highest - total
	}
}

func hardmax32(dst, x []float32) {
	i := vec.ArgMax(x)
	clear(dst)
	dst[i] = 1
}

func hardmax64(dst, x []float64) {
	i := best(x, 1, len(x), false, false)
	clear(dst)
	dst[i] = 1
}

// lpOf returns the division of a row by its norm; a row of zeros stays.
func lpOf(n *op.Node) (rowFunc, error) {
	p, err := n.Int("p", 2)
	if err != nil {
		return rowFunc{}, err
	}
	if p != 1 && p != 2 {
		return rowFunc{}, n.Wrong("p is %d", p)
	}
	single := func(dst, x []float32) {
		norm := sumAbs
		if p == 2 {
			norm = func(x []float32) float32 { return float32(math.Sqrt(float64(vec.SumSquares(x)))) }
		}
		if d := norm(x); d != 0 {
			vec.MulScalar(dst, x, 1/d)
			return
		}
		copy(dst, x)
	}
	double := func(dst, x []float64) {
		var d float64
		for _, v := range x {
			if p == 1 {
				d += math.Abs(v)
			} else {
				d = math.Hypot(d, v)
			}
		}
		if d == 0 {
			d = 1
		}
		for i, v := range x {
			dst[i] = v / d
		}
	}
	return rowFunc{single, double}, nil
}
