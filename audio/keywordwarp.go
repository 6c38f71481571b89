package audio

import (
	"math"

	"github.com/quintet-ai/quintet/internal/simd"
)

// match is a part of a sound that is like an example, from row start to row end.
type match struct {
	start, end int
	cost       float64 // mean distance along the path, from 0 to 2
}

// path is the best way to a pair of rows.
type path struct {
	sum    float32
	length int32
	start  int32
}

// warp returns, for each row of a sound at which a part could end that is like an
// example, the best such part; it may be half to twice as long. A distance is 1 less the
// cosine. It costs O(n·m).
func warp(example, sound [][]float32) []match {
	var out []match
	before, now := make([]path, len(example)), make([]path, len(example))
	for j, row := range sound {
		for i, e := range example {
			d := 1 - simd.Dot(e, row)
			best := path{start: int32(j)} // the example may begin anywhere
			if i > 0 {
				best = now[i-1]
				if j > 0 {
					best = cheaper(best, cheaper(before[i], before[i-1]))
				}
			}
			now[i] = path{best.sum + d, best.length + 1, best.start}
		}
		last := now[len(now)-1]
		if n := j + 1 - int(last.start); 2*n >= len(example) && n <= 2*len(example) {
			out = append(out, match{int(last.start), j, float64(last.sum) / float64(last.length)})
		}
		before, now = now, before
	}
	return out
}

// cheaper returns the path with the lower mean distance.
func cheaper(a, b path) path {
	if b.sum*float32(a.length) < a.sum*float32(b.length) {
		return b
	}
	return a
}

// lonely is the scale of a keyword with one example, and no scale is less than tight.
const (
	lonely = 0.33
	tight  = 0.05
	slack  = 2 // over the distance between examples
)

// scaleOfExamples returns the cost at which the score is 0.5: twice the mean, over the
// examples, of the least distance to another.
func scaleOfExamples(examples [][][]float32) float64 {
	if len(examples) == 1 {
		return lonely
	}
	sum := 0.0
	for i, a := range examples {
		least := 2.0
		for j, b := range examples {
			if i == j {
				continue
			}
			for _, m := range warp(a, b) {
				least = min(least, m.cost)
			}
		}
		sum += least
	}
	return max(slack*sum/float64(len(examples)), tight)
}

// scoreOf falls from 1 to 0 with the cost, and is 0.5 at scale.
func scoreOf(cost, scale float64) float64 { return 1 / (1 + math.Pow(max(cost, 0)/scale, 4)) }
