package graph

import (
	"context"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"slices"
	"sort"

	"github.com/quintet-ai/quintet"
)

// RandomWalksOptions configures [RandomWalks]. The zero value makes uniform walks.
type RandomWalksOptions struct {
	// Length is the number of nodes of a walk. Default: 80.
	Length int

	// PerNode is how many walks start at a node. Default: 10.
	PerNode int

	// P is how unlikely it is to go straight back: 1/P is the weight of that
	// step, beside 1 of a step to a neighbour of the node before. Above 0.
	// Default: 1.
	P float64

	// Q is how unlikely it is to go further away: 1/Q is the weight of a
	// step to a node that is no neighbour of the node before. Above 0.
	// Default: 1, which with a P of 1 forgets the node before.
	Q float64

	// Seed draws the steps. The same seed gives the same walks.
	Seed uint64

	// Workers is how many goroutines share the work. Default: GOMAXPROCS.
	Workers int
}

func (o RandomWalksOptions) withDefaults() (RandomWalksOptions, error) {
	if o.Length < 0 || o.PerNode < 0 {
		return o, fmt.Errorf("graph: Length is %d, PerNode %d: %w", o.Length, o.PerNode, quintet.ErrOption)
	}
	for _, x := range [2]float64{o.P, o.Q} {
		if math.IsNaN(x) || x < 0 || x > 0 && (x < 1e-100 || x > 1e100) {
			return o, fmt.Errorf("graph: P is %v, Q %v: %w", o.P, o.Q, quintet.ErrOption)
		}
	}
	if o.Length == 0 {
		o.Length = 80
	}
	if o.PerNode == 0 {
		o.PerNode = 10
	}
	if o.P == 0 {
		o.P = 1
	}
	if o.Q == 0 {
		o.Q = 1
	}
	workers, err := workersOrDefault(o.Workers)
	o.Workers = workers
	return o, err
}

// Walks is the result of [RandomWalks].
type Walks[K comparable] struct {
	Indices [][]int32 // of the nodes of each walk: one walk from each start, then the second ones, and so on

	g *Graph[K]
}

// All yields the walks as nodes. The slice is new each time.
func (w *Walks[K]) All() iter.Seq[[]K] {
	return func(yield func([]K) bool) {
		for _, walk := range w.Indices {
			if !yield(w.g.keysOf(walk)) {
				return
			}
		}
	}
}

// RandomWalks makes walks that start at the given nodes, at all if starts is nil. A
// step follows an edge that leaves the node, in proportion to its weight and, unless
// P and Q are 1, to where it leads: back to the node before, to a node to which an
// edge of that node leads too, or further away. A walk ends early at a node whose
// edges have no weight in all.
//
// It returns [quintet.ErrInput] for a nil graph, an unknown start or a negative
// weight, [quintet.ErrOption] for an option out of range or more than 2^31 nodes on
// all walks, or the error of ctx. A step takes O(1) time, O(log d) if there are
// weights, and with P or Q again as often as a step is refused, times log d, d being
// the degree; after 64 refusals it looks at all edges of the node. It takes 4 bytes
// a step, and 8 for each direction of an edge if there are weights.
//
// Grover and Leskovec, node2vec: Scalable Feature Learning for Networks, KDD 2016,
// §3.2; steps are drawn by rejection, as Yang et al., KnightKing: A Fast Distributed
// Graph Random Walk Engine, SOSP 2019, §4.
func RandomWalks[K comparable](
	ctx context.Context, g *Graph[K], starts []K, o RandomWalksOptions,
) (*Walks[K], error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	c, err := view(ctx, g)
	if err != nil {
		return nil, err
	}
	if err := g.nonNegative(); err != nil {
		return nil, err
	}
	from := single(c.order())
	if starts != nil {
		from = from[:0]
		for _, k := range starts {
			u, err := g.start(k)
			if err != nil {
				return nil, err
			}
			from = append(from, u)
		}
	}
	if perNode := o.PerNode * len(from); perNode/o.PerNode != len(from) || perNode > math.MaxInt32/o.Length {
		return nil, fmt.Errorf("graph: %d walks of %d nodes from each of %d: %w",
			o.PerNode, o.Length, len(from), quintet.ErrOption)
	}
	w := newWalker(c, from, o)
	indices, err := w.walks(ctx, 0, len(from)*o.PerNode)
	if err != nil {
		return nil, err
	}
	return &Walks[K]{Indices: indices, g: g}, ctx.Err()
}

// walker draws walks. Each has random numbers of its own, so that it does not
// matter who draws it.
type walker struct {
	c     *CSR
	from  []int32
	opt   RandomWalksOptions
	sums  []float64 // of the weights up to an edge, from the start of its row; nil without weights
	back  float64   // weights of steps by where they lead
	away  float64
	most  float64 // the largest of these and 1
	plain bool    // they are all 1
}

func newWalker(c *CSR, from []int32, o RandomWalksOptions) *walker {
	w := &walker{c: c, from: from, opt: o, back: 1 / o.P, away: 1 / o.Q, plain: o.P == 1 && o.Q == 1}
	w.most = max(w.back, w.away, 1)
	if c.w != nil {
		w.sums = make([]float64, len(c.w))
		for u := range int32(c.order()) {
			sum, sums := 0.0, w.sums[c.off[u]:c.off[u+1]]
			for i, x := range c.weights(u) {
				sum += float64(x)
				sums[i] = sum
			}
		}
	}
	return w
}

// walks returns the walks with the numbers lo to hi.
func (w *walker) walks(ctx context.Context, lo, hi int) ([][]int32, error) {
	const grain = 64 // walks that a goroutine takes at a time
	out := make([][]int32, hi-lo)
	err := forBlocks(ctx, (len(out)+grain-1)/grain, w.opt.Workers, func(b, _ int) {
		var source rand.PCG
		rng := rand.New(&source)
		var steps []int32
		for i := b * grain; i < min((b+1)*grain, len(out)); i++ {
			number := lo + i
			source.Seed(w.opt.Seed, uint64(number)*0x9e3779b97f4a7c15+1) // multiples that look random
			if cap(steps)-len(steps) < w.opt.Length {                    // room for some walks, as most are as long as they may be
				steps = make([]int32, 0, w.opt.Length*min(16, (b+1)*grain-i))
			}
			start := len(steps)
			steps = w.walk(ctx, rng, w.from[number%len(w.from)], steps)
			out[i] = steps[start:len(steps):len(steps)]
			if ctx.Err() != nil {
				return
			}
		}
	})
	if err == nil {
		err = ctx.Err()
	}
	return out, err
}

// walk appends the nodes of a walk to steps. It stops with the context.
func (w *walker) walk(ctx context.Context, rng *rand.Rand, u int32, steps []int32) []int32 {
	steps = append(steps, u)
	before := int32(-1)
	for i := range w.opt.Length - 1 {
		next := w.draw(rng, u)
		if next < 0 || i%blockWork == blockWork-1 && ctx.Err() != nil {
			break
		}
		if before >= 0 && !w.plain {
			next = w.biased(rng, before, u, next)
		}
		before, u = u, next
		steps = append(steps, u)
	}
	return steps
}

// draw returns a neighbour of u in proportion to weights, -1 if there is none.
func (w *walker) draw(rng *rand.Rand, u int32) int32 {
	row := w.c.row(u)
	if w.sums == nil {
		if len(row) == 0 {
			return -1
		}
		return row[rng.IntN(len(row))]
	}
	sums := w.sums[w.c.off[u]:w.c.off[u+1]]
	if len(sums) == 0 || sums[len(sums)-1] == 0 {
		return -1
	}
	all := sums[len(sums)-1]
	x := rng.Float64() * all
	i := sort.Search(len(sums), func(i int) bool { return sums[i] > x || sums[i] == all })
	return row[i]
}

// bias returns the weight of a step from u to v by where the walk was before.
func (w *walker) bias(before, v int32) float64 {
	if v == before {
		return w.back
	}
	if _, ok := slices.BinarySearch(w.c.row(before), v); ok {
		return 1
	}
	return w.away
}

// biased refuses a draw in proportion to its bias, and draws again. Few refusals in
// a row are likely; then it draws from the sum of all, which has the same chances.
func (w *walker) biased(rng *rand.Rand, before, u, next int32) int32 {
	for range 64 {
		if rng.Float64()*w.most < w.bias(before, next) {
			return next
		}
		next = w.draw(rng, u)
	}
	all := 0.0
	for v, weight := range entries(&w.c.rows, u) {
		all += float64(float64(weight) * w.bias(before, v))
	}
	x := rng.Float64() * all
	for v, weight := range entries(&w.c.rows, u) {
		if weight > 0 {
			next = v // the last, if rounding leaves x above the sum
			if x -= float64(float64(weight) * w.bias(before, v)); x < 0 {
				break
			}
		}
	}
	return next
}
