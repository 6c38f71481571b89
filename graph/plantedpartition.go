package graph

import (
	"fmt"
	"iter"
	"math"
	"math/rand/v2"

	"github.com/quintet-ai/quintet"
)

// PlantedPartitionOptions configures [PlantedPartition].
type PlantedPartitionOptions struct {
	Groups  int     // of nodes
	Size    int     // nodes of a group; less than 2^31 in all
	Inside  float64 // probability of an edge between two nodes of a group, from 0 to 1
	Between float64 // probability of an edge between nodes of two groups, from 0 to 1
	Seed    uint64  // the same seed gives the same graph
}

// PlantedPartition returns an undirected graph of groups of equal size, in which an
// edge joins two nodes of one group, or of two groups, with given probabilities. Its
// nodes are the numbers from 0: node u is in group u/Size. It takes O(V+E) time.
// Options out of range, and more than 2^30 edges to be expected, have the cause
// [quintet.ErrOption].
//
// Condon and Karp, Algorithms for Graph Partitioning on the Planted Partition Model,
// Random Structures and Algorithms 18(2), 2001; pairs without an edge are skipped
// as in Batagelj and Brandes, Efficient Generation of Large Random Networks,
// Physical Review E 71, 2005.
func PlantedPartition(o PlantedPartitionOptions) (*Graph[int], error) {
	if o.Groups < 0 || o.Size < 0 || o.Size > 0 && o.Groups > math.MaxInt32/o.Size {
		return nil, fmt.Errorf("graph: %d groups of %d nodes: %w", o.Groups, o.Size, quintet.ErrOption)
	}
	groups, size := uint64(o.Groups), uint64(o.Size)
	var inside, between uint64 // pairs in a group, of groups
	if groups > 0 && size > 0 {
		inside, between = size*(size-1)/2, groups*(groups-1)/2
	}
	edges := o.Inside*float64(groups*inside) + o.Between*float64(between)*float64(size*size)
	if !(o.Inside >= 0 && o.Inside <= 1 && o.Between >= 0 && o.Between <= 1 && edges <= 1<<30) { // so that NaN fails
		return nil, fmt.Errorf("graph: probabilities %v, %v of %d groups of %d nodes: %w",
			o.Inside, o.Between, o.Groups, o.Size, quintet.ErrOption)
	}
	rng := newRand(o.Seed)
	var from, to []int32
	for code := range sparse(rng, groups*inside, o.Inside) {
		first := int32(code / inside * size)
		u, v := pair(code%inside, size, false)
		from, to = append(from, first+u), append(to, first+v)
	}
	for code := range sparse(rng, between*size*size, o.Between) {
		a, b := pair(code/(size*size), groups, false)
		at := code % (size * size)
		from, to = append(from, a*int32(size)+int32(at/size)), append(to, b*int32(size)+int32(at%size))
	}
	return numbered(o.Groups*o.Size, from, to, BuilderOptions{Unweighted: true}), nil
}

// sparse yields each of the numbers below n with the probability p, in time
// proportional to how many it yields: gaps have a geometric distribution.
func sparse(rng *rand.Rand, n uint64, p float64) iter.Seq[uint64] {
	return func(yield func(uint64) bool) {
		if p == 0 {
			return
		}
		for at := -1.0; ; {
			at += 1 + math.Floor(math.Log(1-rng.Float64())/math.Log1p(-p))
			if !(at < float64(n)) || !yield(uint64(at)) { // so that NaN ends it
				return
			}
		}
	}
}
