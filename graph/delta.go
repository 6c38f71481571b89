package graph

import (
	"context"
	"fmt"
	"math"
	"sync/atomic"
	"unsafe"

	"github.com/quintet-ai/quintet"
)

// DeltaSteppingOptions configures [DeltaStepping]. The zero value is good.
type DeltaSteppingOptions struct {
	// Delta is the width of a bucket, as a length. It affects speed only and
	// is doubled if lengths need more than thousands of buckets. Default:
	// four times the mean weight, of 65536 at least, divided by the mean
	// degree.
	Delta float64

	// LengthsOnly leaves Parents nil and paths without nodes: it saves a
	// pass over all edges.
	LengthsOnly bool

	// Workers is how many goroutines share the work. Default: GOMAXPROCS.
	Workers int
}

func (o DeltaSteppingOptions) withDefaults() (DeltaSteppingOptions, error) {
	if math.IsNaN(o.Delta) || math.IsInf(o.Delta, 0) || o.Delta < 0 {
		return o, fmt.Errorf("graph: Delta is %v: %w", o.Delta, quintet.ErrOption)
	}
	workers, err := workersOrDefault(o.Workers)
	o.Workers = workers
	return o, err
}

// DeltaStepping finds the shortest paths from source to all nodes, by weight: it
// gives the very answer of [Dijkstra] on many goroutines, and sooner on one.
//
// It returns [quintet.ErrInput] for a nil graph, an unknown source or a negative
// weight, [quintet.ErrOption] for an option out of range, or the error of ctx. It
// takes O(V+E) time for random weights and 20 bytes a node besides its queues.
//
// Nodes wait in buckets of a width, and those of one bucket are handled in any
// order, again if need be. Meyer and Sanders, Δ-Stepping: A Parallelizable
// Shortest Path Algorithm, Journal of Algorithms 49(1), 2003; a goroutine empties
// what it adds to the present bucket at once, as in Zhang et al., Optimizing
// Ordered Graph Algorithms with GraphIt, CGO 2020, §3.
func DeltaStepping[K comparable](
	ctx context.Context, g *Graph[K], source K, o DeltaSteppingOptions,
) (*ShortestPathTree[K], error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	c, err := view(ctx, g)
	if err != nil {
		return nil, err
	}
	s, err := g.start(source)
	if err != nil {
		return nil, err
	}
	if err := g.nonNegative(); err != nil {
		return nil, err
	}
	if o.Delta == 0 {
		o.Delta = c.bucketWidth()
	}
	d := newDelta(&c.rows, s, o)
	if err := d.run(ctx); err != nil {
		return nil, err
	}
	var parents []int32
	lengths := d.unpack()
	if !o.LengthsOnly {
		if parents, err = c.parents(ctx, s, lengths, o.Workers); err != nil {
			return nil, err
		}
	}
	return newShortestPathTree(g, lengths, parents), nil
}

// bucketWidth returns the default of DeltaSteppingOptions.Delta; only nodes with
// edges count for the mean degree.
func (c *CSR) bucketWidth() float64 {
	mean, nodes := 1.0, 0
	if c.w != nil {
		step, sum, seen := len(c.w)/meanOf+1, 0.0, 0
		for i := 0; i < len(c.w); i += step {
			sum += float64(c.w[i])
			seen++
		}
		mean = sum / float64(seen)
	}
	for u := range int32(c.order()) {
		if c.degree(u) > 0 {
			nodes++
		}
	}
	if len(c.adj) == 0 || mean == 0 {
		return 1
	}
	return 4 * mean * float64(nodes) / float64(len(c.adj))
}

const (
	meanOf     = 1 << 16 // weights at least whose mean stands for that of all
	buckets    = 1 << 13 // beyond which lengths wait in the last one
	fuseBelow  = 1 << 10 // nodes of a bucket that a goroutine keeps for itself
	deltaGrain = 64      // nodes a goroutine takes from the frontier at a time
	deltaAbove = 1 << 9  // nodes of a frontier that are worth goroutines
)

// delta is the state of one search. Lengths are bits of float64, which for
// numbers that are not negative have the order of the numbers. They fall until no
// edge lowers one, and that end is the same in any order of work.
type delta struct {
	r        *rows
	lengths  []uint64
	width    float64
	perUnit  float64 // 1 / width
	base     float64 // length at which bucket 0 begins
	present  int     // bucket
	frontier []int32
	workers  []deltaWorker
	team     *team // while it runs
}

type deltaWorker struct {
	buckets [][]int32
	spare   []int32
	_       [16]byte // to a cache line
}

func newDelta(r *rows, source int32, o DeltaSteppingOptions) *delta {
	d := &delta{r: r, width: o.Delta, perUnit: 1 / o.Delta, frontier: []int32{source}}
	d.lengths = make([]uint64, r.order())
	for u := range d.lengths {
		d.lengths[u] = math.Float64bits(math.Inf(1))
	}
	d.lengths[source] = 0
	d.workers = make([]deltaWorker, o.Workers)
	return d
}

func (d *delta) run(ctx context.Context) error {
	d.team = newTeam(len(d.workers))
	defer d.team.close()
	for len(d.frontier) > 0 {
		if d.present == buckets-1 {
			d.widen()
		}
		if err := d.settle(ctx); err != nil {
			return err
		}
		d.collect()
	}
	return ctx.Err()
}

// settle handles the frontier.
func (d *delta) settle(ctx context.Context) error {
	if len(d.workers) == 1 || len(d.frontier) < deltaAbove {
		w := &d.workers[0]
		if err := d.relaxAll(ctx, w, d.frontier); err != nil {
			return err
		}
		return d.fuse(ctx, w, len(d.workers) == 1)
	}
	blocks := (len(d.frontier) + deltaGrain - 1) / deltaGrain
	return d.team.forBlocks(ctx, blocks, func(b, worker int) {
		lo := b * deltaGrain
		for _, u := range d.frontier[lo:min(lo+deltaGrain, len(d.frontier))] {
			if d.bucket(math.Float64frombits(atomic.LoadUint64(&d.lengths[u]))) >= d.present {
				d.relaxShared(&d.workers[worker], u)
			}
		}
	})
}

// fuse empties the present bucket of a worker, unless it grows and may be
// shared.
func (d *delta) fuse(ctx context.Context, w *deltaWorker, alone bool) error {
	for d.present < len(w.buckets) {
		size := len(w.buckets[d.present])
		if size == 0 || !alone && size >= fuseBelow {
			break
		}
		w.buckets[d.present], w.spare = w.spare[:0], w.buckets[d.present]
		if err := d.relaxAll(ctx, w, w.spare); err != nil {
			return err
		}
	}
	return nil
}

func (d *delta) relaxAll(ctx context.Context, w *deltaWorker, nodes []int32) error {
	work := 0
	for _, u := range nodes {
		if d.bucket(math.Float64frombits(d.lengths[u])) < d.present {
			continue // an earlier bucket has handled it
		}
		d.relax(w, u)
		if work += d.r.degree(u); work >= blockWork {
			work = 0
			if err := ctx.Err(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *delta) relax(w *deltaWorker, u int32) {
	lengths, row, ws := d.lengths, d.r.row(u), d.r.weights(u)
	from := math.Float64frombits(lengths[u])
	if ws == nil {
		bits, bucket := math.Float64bits(from+1), d.bucket(from+1)
		for _, v := range row {
			if bits < lengths[v] {
				lengths[v] = bits
				w.add(bucket, v)
			}
		}
		return
	}
	ws = ws[:len(row)]
	for i, v := range row {
		l := from + float64(ws[i])
		if bits := math.Float64bits(l); bits < lengths[v] {
			lengths[v] = bits
			w.add(d.bucket(l), v)
		}
	}
}

// relaxShared is relax beside other goroutines.
func (d *delta) relaxShared(w *deltaWorker, u int32) {
	row, ws := d.r.row(u), d.r.weights(u)
	from := math.Float64frombits(atomic.LoadUint64(&d.lengths[u]))
	for i, v := range row {
		l := from + 1
		if ws != nil {
			l = from + float64(ws[i])
		}
		mine := math.Float64bits(l)
		for old := atomic.LoadUint64(&d.lengths[v]); mine < old; old = atomic.LoadUint64(&d.lengths[v]) {
			if atomic.CompareAndSwapUint64(&d.lengths[v], old, mine) {
				w.add(d.bucket(l), v)
				break
			}
		}
	}
}

func (d *delta) bucket(length float64) int {
	if at := float64(length-d.base) * d.perUnit; at < buckets-1 {
		return int(at)
	}
	return buckets - 1
}

func (w *deltaWorker) add(bucket int, u int32) {
	for bucket >= len(w.buckets) {
		w.buckets = append(w.buckets, nil)
	}
	w.buckets[bucket] = append(w.buckets[bucket], u)
}

// collect makes the first bucket that is not empty the frontier.
func (d *delta) collect() {
	d.frontier = d.frontier[:0]
	for ; d.present < buckets && len(d.frontier) == 0; d.present++ {
		for i := range d.workers {
			if w := &d.workers[i]; d.present < len(w.buckets) {
				d.frontier = append(d.frontier, w.buckets[d.present]...)
				w.buckets[d.present] = w.buckets[d.present][:0]
			}
		}
	}
	d.present--
}

// widen begins anew with wider buckets at the least length of the frontier, the
// nodes beyond the last bucket. Widths that double reach any length soon.
func (d *delta) widen() {
	var far []int32
	least := math.Inf(1)
	for _, u := range d.frontier {
		if l := math.Float64frombits(d.lengths[u]); d.bucket(l) == buckets-1 {
			far = append(far, u)
			least = min(least, l)
		}
	}
	d.base, d.width, d.present = least, 2*d.width, 0
	d.perUnit = 1 / d.width
	for _, u := range far {
		d.workers[0].add(d.bucket(math.Float64frombits(d.lengths[u])), u)
	}
	d.collect()
}

// unpack returns the lengths in the memory of their bits.
func (d *delta) unpack() []float64 {
	return unsafe.Slice((*float64)(unsafe.Pointer(unsafe.SliceData(d.lengths))), len(d.lengths))
}
