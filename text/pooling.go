package text

import (
	"fmt"
	"math"

	"github.com/quintet-ai/quintet"
)

// Pooling is how the vectors of a text's tokens become one.
type Pooling uint8

const (
	// PoolModel does what the model's 1_Pooling/config.json says, and PoolMean
	// if there is none.
	PoolModel Pooling = iota
	// PoolMean takes the mean over the tokens, special ones included.
	PoolMean
	// PoolCLS takes the first token's vector.
	PoolCLS
	// PoolMax takes the largest value of each dimension.
	PoolMax
)

// pool writes the pooled vector of one text to dst. rows holds a vector of
// len(dst) numbers for each token, the first n of which count.
func (p Pooling) pool(dst, rows []float32, n int) {
	d := len(dst)
	switch copy(dst, rows[:d]); p {
	case PoolCLS:
	case PoolMax:
		for t := 1; t < n; t++ {
			for i, v := range rows[t*d : (t+1)*d] {
				dst[i] = max(dst[i], v)
			}
		}
	default:
		for t := 1; t < n; t++ {
			for i, v := range rows[t*d : (t+1)*d] {
				dst[i] += v
			}
		}
		scale := 1 / float32(n)
		for i := range dst {
			dst[i] *= scale
		}
	}
}

// toUnit scales v to length 1. A vector of zeros, or one with NaN or infinite
// numbers, cannot be.
func toUnit(v []float32) error {
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	if sum == 0 || math.IsNaN(sum) || math.IsInf(sum, 0) {
		return fmt.Errorf("the model gave a vector without direction: %w", quintet.ErrModel)
	}
	scale := float32(1 / math.Sqrt(sum))
	for i := range v {
		v[i] *= scale
	}
	return nil
}
