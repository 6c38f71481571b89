package reduce

import (
	"math"

	"github.com/quintet-ai/quintet/internal/nn/vec"
)

// number is a Go type that reductions compute with.
type number interface {
	float32 | float64 | int8 | int32 | int64 | uint8 | uint32 | uint64
}

// kind is what a reduction computes.
type kind int

const (
	sum kind = iota
	mean
	prod
	largest
	smallest
	sumSquares
	norm1
	norm2
	logSum
	logSumExp
)

// reducer folds elements into the elements of the output.
type reducer[T number] struct {
	start  T
	one    func(acc T, x []T) T         // fold x into one element
	rows   func(acc, x []T)             // fold x[i] into acc[i]
	finish func(dst []T, count float64) // nil for nothing; count elements went into each
}

// bounds returns what every number is at least and at most.
func bounds[T number]() (lowest, highest T) {
	switch p := any(&lowest).(type) {
	case *float32:
		*p = float32(math.Inf(-1))
		*any(&highest).(*float32) = float32(math.Inf(1))
	case *float64:
		*p = math.Inf(-1)
		*any(&highest).(*float64) = math.Inf(1)
	case *int8:
		*p, *any(&highest).(*int8) = math.MinInt8, math.MaxInt8
	case *int32:
		*p, *any(&highest).(*int32) = math.MinInt32, math.MaxInt32
	case *int64:
		*p, *any(&highest).(*int64) = math.MinInt64, math.MaxInt64
	default:
		highest-- // unsigned
	}
	return lowest, highest
}

// step returns how k folds one number into another and what it begins with.
func step[T number](k kind) (start T, f func(acc, v T) T) {
	lowest, highest := bounds[T]()
	switch k {
	case prod:
		return 1, func(acc, v T) T { return acc * v }
	case largest:
		return lowest, func(acc, v T) T { return max(acc, v) }
	case smallest:
		return highest, func(acc, v T) T { return min(acc, v) }
	case sumSquares, norm2:
		return 0, func(acc, v T) T { return acc + v*v }
	case norm1:
		return 0, func(acc, v T) T {
			if v < 0 {
				v = -v
			}
			return acc + v
		}
	}
	return 0, func(acc, v T) T { return acc + v }
}

// plain returns the reducer of k as loops.
func plain[T number](k kind) *reducer[T] {
	start, f := step[T](k)
	return &reducer[T]{
		start: start,
		one: func(acc T, x []T) T {
			for _, v := range x {
				acc = f(acc, v)
			}
			return acc
		},
		rows: func(acc, x []T) {
			for i, v := range x {
				acc[i] = f(acc[i], v)
			}
		},
		finish: finisher[T](k),
	}
}

// finisher returns what k does to its sums in the end.
func finisher[T number](k kind) func(dst []T, count float64) {
	switch k {
	case mean:
		return func(dst []T, count float64) {
			for i, v := range dst {
				dst[i] = v / T(count)
			}
		}
	case norm2:
		return func(dst []T, _ float64) {
			for i, v := range dst {
				dst[i] = T(math.Sqrt(float64(v)))
			}
		}
	case logSum:
		return func(dst []T, _ float64) {
			for i, v := range dst {
				dst[i] = T(math.Log(float64(v)))
			}
		}
	}
	return nil
}

// float32Reducer is the reducer of k by the kernels of package vec.
func float32Reducer(k kind) *reducer[float32] {
	r := plain[float32](k)
	switch k {
	case sum, mean, logSum:
		r.one = func(acc float32, x []float32) float32 { return acc + vec.Sum(x) }
		r.rows = func(acc, x []float32) { vec.Add(acc, acc, x) }
	case largest:
		r.one = func(acc float32, x []float32) float32 { return max(acc, vec.MaxOf(x)) }
		r.rows = func(acc, x []float32) { vec.Max(acc, acc, x) }
	case smallest:
		r.one = func(acc float32, x []float32) float32 { return min(acc, vec.MinOf(x)) }
		r.rows = func(acc, x []float32) { vec.Min(acc, acc, x) }
	case sumSquares, norm2:
		r.one = func(acc float32, x []float32) float32 { return acc + vec.SumSquares(x) }
		r.rows = func(acc, x []float32) { vec.MulAdd(acc, x, x, acc) }
	case norm1:
		r.one = func(acc float32, x []float32) float32 { return acc + sumAbs(x) }
	}
	return r
}

// sumAbs adds up absolute values, four sums at a time.
func sumAbs(x []float32) float32 {
	var s [4]float32
	for ; len(x) >= 4; x = x[4:] {
		s[0] += abs(x[0])
		s[1] += abs(x[1])
		s[2] += abs(x[2])
		s[3] += abs(x[3])
	}
	for _, v := range x {
		s[0] += abs(v)
	}
	return s[0] + s[1] + (s[2] + s[3])
}

func abs(v float32) float32 { return math.Float32frombits(math.Float32bits(v) &^ (1 << 31)) }

// fold makes y the reduction of x as g says.
func (r *reducer[T]) fold(g *groups, y, x []T, lo, hi int) {
	n := g.inner()
	if g.innerReduced() {
		g.walk(lo, hi, func(at, to int) { y[to] = r.one(y[to], x[at:at+n]) })
		return
	}
	g.walk(lo, hi, func(at, to int) { r.rows(y[to:to+n], x[at:at+n]) })
}
