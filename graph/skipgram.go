package graph

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/quintet-ai/quintet/internal/simd"
)

// skipGram learns two vectors for each node: that of a node foretells, by its
// product with the second vectors of others, which of them are near it.
type skipGram struct {
	opt     Node2VecOptions
	rng     *rand.Rand
	noise   *alias
	in, out []float32 // first and second vectors
	rate    float32

	nodes  []uint32  // the present example, then its counter-examples
	dots   []float32 // beside nodes
	change []float32 // of a first vector
	table  []float32 // of the logistic function
	work   int       // products since the last look at the context
}

func newSkipGram(c *CSR, in *rows, o Node2VecOptions) *skipGram {
	n, d := c.order(), o.Dimensions
	s := &skipGram{opt: o, rng: newRand(o.Walks.Seed), in: make([]float32, n*d), out: make([]float32, n*d)}
	for i := range s.in {
		s.in[i] = (s.rng.Float32() - 0.5) / float32(d)
	}
	weights := make([]float64, n)
	for u := range weights {
		sum := c.weightSum(int32(u))
		if c.directed {
			sum += in.weightSum(int32(u))
		}
		weights[u] = math.Sqrt(sum) * math.Sqrt(math.Sqrt(sum)) // exact operations, the same on every machine
	}
	s.noise = newAlias(weights)
	s.nodes, s.dots = make([]uint32, o.Negatives+1), make([]float32, o.Negatives+1)
	s.change, s.table = make([]float32, d), newLogistic()
	return s
}

// learn takes the pairs of a walk. Each node looks at a random part of its window,
// so that near pairs are taken more often.
func (s *skipGram) learn(ctx context.Context, walk []int32) error {
	for i, u := range walk {
		reach := 1 + s.rng.IntN(s.opt.Window)
		for j := max(i-reach, 0); j <= min(i+reach, len(walk)-1); j++ {
			if j != i {
				s.pair(u, uint32(walk[j]))
			}
		}
		if s.work += 2 * reach * len(s.nodes) * s.opt.Dimensions; s.work >= 32*blockWork {
			s.work = 0
			if err := ctx.Err(); err != nil {
				return err
			}
		}
	}
	return nil
}

// pair moves the vectors of u and of a node near it towards each other, and those
// of random nodes away.
func (s *skipGram) pair(u int32, near uint32) {
	nodes := append(s.nodes[:0], near)
	for range s.opt.Negatives {
		if v := s.noise.draw(s.rng); v != near {
			nodes = append(nodes, v)
		}
	}
	d := s.opt.Dimensions
	in := s.in[int(u)*d : (int(u)+1)*d]
	dots := s.dots[:len(nodes)]
	simd.DotRows(dots, in, s.out, d, nodes)
	clear(s.change)
	for i, v := range nodes {
		label := float32(0)
		if i == 0 {
			label = 1
		}
		step := (label - s.logistic(dots[i])) * s.rate
		out := s.out[int(v)*d : (int(v)+1)*d]
		change, in := s.change[:len(out)], in[:len(out)]
		for k, x := range out {
			change[k] += float32(step * x)
			out[k] = x + float32(step*in[k])
		}
	}
	for k, x := range s.change {
		in[k] += x
	}
}

// Beyond logisticEnd the logistic function is taken for 0 or 1.
const (
	logisticEnd   = 8
	logisticSteps = 256 // for each 1 of the argument
)

func newLogistic() []float32 {
	table := make([]float32, 2*logisticEnd*logisticSteps)
	for i := range table {
		table[i] = float32(1 / (1 + math.Exp(logisticEnd-(float64(i)+0.5)/logisticSteps)))
	}
	return table
}

func (s *skipGram) logistic(x float32) float32 {
	switch {
	case x >= logisticEnd:
		return 1
	case x > -logisticEnd:
		return s.table[int((x+logisticEnd)*logisticSteps)]
	}
	return 0
}

// alias draws numbers in proportion to weights: a box is chosen alike, and in it
// one of two numbers. Walker, ACM Transactions on Mathematical Software 3(3), 1977.
type alias struct {
	share []float64 // of a box that belongs to its own number
	other []uint32
}

// newAlias needs weights whose sum is finite; if it is 0, all are alike.
func newAlias(weights []float64) *alias {
	n, all := len(weights), 0.0
	for _, w := range weights {
		all += w
	}
	a := &alias{share: make([]float64, n), other: make([]uint32, n)}
	var small, large []uint32
	for i, w := range weights {
		a.share[i], a.other[i] = 1, uint32(i)
		if all > 0 {
			a.share[i] = w / all * float64(n)
		}
		if a.share[i] < 1 {
			small = append(small, uint32(i))
		} else {
			large = append(large, uint32(i))
		}
	}
	for len(small) > 0 && len(large) > 0 {
		s, l := small[len(small)-1], large[len(large)-1]
		small = small[:len(small)-1]
		a.other[s] = l
		if a.share[l] -= 1 - a.share[s]; a.share[l] < 1 {
			large = large[:len(large)-1]
			small = append(small, l)
		}
	}
	return a
}

func (a *alias) draw(rng *rand.Rand) uint32 {
	i := uint32(rng.IntN(len(a.share)))
	if rng.Float64() < a.share[i] {
		return i
	}
	return a.other[i]
}
