package text

import (
	"context"
	"math"
	"math/rand/v2"
)

// regression is the state of stochastic gradient descent. The bias is the last row.
type regression struct {
	*trainingSet
	classes int
	weights []float32
	squares []float32 // sums of the squares of gradients
	drift   []float64 // sums of changes times the step before which they came
	step    float64   // since the mean began
	scores  []float64
	errors  []float64
}

// regress finds the weights of c by logistic regression.
func (s *trainingSet) regress(ctx context.Context, c *LinearClassifier) error {
	k := len(c.labels)
	n := (len(c.rows) + 1) * k
	g := &regression{
		trainingSet: s, classes: k, weights: make([]float32, n), squares: make([]float32, n), drift: make([]float64, n),
		scores: make([]float64, k), errors: make([]float64, k),
	}
	rng := rand.New(rand.NewPCG(s.opt.Seed, 0))
	for epoch := range s.opt.Epochs {
		if epoch == 1 {
			clear(g.drift)
			g.step = 0
		}
		loss := 0.0
		for _, i := range rng.Perm(len(s.target)) {
			if err := ctx.Err(); err != nil {
				return err
			}
			loss += g.learn(s.example(i), int(s.target[i]))
		}
		if s.opt.Progress != nil {
			s.opt.Progress(TrainProgress{epoch + 1, s.opt.Epochs, len(s.target), loss / float64(len(s.target))})
		}
	}
	for i := range g.weights {
		g.weights[i] -= float32(g.drift[i] / (g.step + 1))
	}
	copy(c.weights, g.weights)
	copy(c.bias, g.weights[len(c.weights):])
	return nil
}

// learn takes a step for one example and returns its loss before.
func (g *regression) learn(x []trainingCell, target int) (loss float64) {
	bias := len(g.weights) - g.classes
	for c := range g.scores {
		g.scores[c] = float64(g.weights[bias+c])
	}
	for _, f := range x {
		addRow(g.scores, g.weights[int(f.row)*g.classes:], f.value)
	}
	softmaxInPlace(g.scores)
	loss = -math.Log(max(g.scores[target], 1e-300))
	copy(g.errors, g.scores)
	g.errors[target]--
	g.step++
	for _, f := range x {
		g.descend(int(f.row)*g.classes, float64(f.value), g.opt.Penalty)
	}
	g.descend(bias, 1, 0)
	return loss
}

// descend changes the weights of a row.
func (g *regression) descend(at int, value, penalty float64) {
	for c, e := range g.errors {
		w := &g.weights[at+c]
		gradient := e*value + penalty*float64(*w)
		if gradient == 0 {
			continue
		}
		g.squares[at+c] += float32(gradient * gradient)
		change := -g.opt.Rate * gradient / math.Sqrt(float64(g.squares[at+c])+1e-12)
		*w += float32(change)
		g.drift[at+c] += g.step * change
	}
}

// addRow adds the weights at the beginning of row, times value, to scores.
func addRow(scores []float64, row []float32, value float32) {
	row = row[:len(scores)]
	for c, w := range row {
		scores[c] += float64(w) * float64(value)
	}
}

// softmaxInPlace is exp(x) over the sum of all, computed without overflow.
func softmaxInPlace(x []float64) {
	most := math.Inf(-1)
	for _, v := range x {
		most = max(most, v)
	}
	sum := 0.0
	for i, v := range x {
		x[i] = math.Exp(v - most)
		sum += x[i]
	}
	for i := range x {
		x[i] /= sum
	}
}
