package graph

import (
	"context"
	"math/bits"
	"sync/atomic"
)

// Thresholds of the paper that BFS names, and of the work that is worth
// goroutines.
const (
	searchUpAbove   = 15      // the frontier has more than this part of the unseen edges
	searchDownBelow = 18      // the frontier has less than this part of the nodes
	frontierGrain   = 64      // nodes a goroutine takes from the frontier at a time
	parallelAbove   = 1 << 11 // edges of a frontier
)

// unseen marks a node that was not reached; the bits below hold its degree.
const unseen = 1 << 63

// search is the state of one breadth-first search.
//
// The state of a node that was reached is its distance, shifted by 32, plus its
// parent. Of all ways to reach the node the smallest state is the nearest and has
// the smallest parent, so that goroutines may lower it in any order.
type search struct {
	out     *rows
	in      *rows // nil if there are no rows of incoming edges
	workers int
	team    *team // while it runs
	source  int32
	reached int
	depth   int

	state    []uint64
	frontier []int32   // nodes at the present distance
	next     []int32   // nodes at the next
	found    [][]int32 // the same, of each goroutine
	bits     []uint64  // the frontier as a bitmap, while searching up
	nextBits []uint64
	open     []uint64 // nodes not reached that have incoming edges, while searching up
	size     int      // nodes of the frontier
	edges    int      // their edges
	unseen   int      // edges of nodes not searched yet, at most
}

func newSearch(c *CSR, source int32, workers int) *search {
	s := &search{out: &c.rows, in: c.reversed(), workers: workers, source: source, reached: 1}
	s.state = make([]uint64, c.order())
	for u := range s.state {
		s.state[u] = unseen | uint64(c.off[u+1]-c.off[u])
	}
	s.state[source] = uint64(uint32(source))
	s.frontier, s.size = []int32{source}, 1
	s.edges, s.unseen = c.degree(source), len(c.adj)
	return s
}

// distance returns the distance of a node that was reached.
func (s *search) distance(u int32) int32 { return int32(s.state[u] >> 32) }

func (s *search) run(ctx context.Context, maxDepth int) error {
	s.team = newTeam(min(s.workers, len(s.state)))
	defer s.team.close()
	up := false
	for d := 1; s.size > 0 && (maxDepth == 0 || d <= maxDepth); d++ {
		if !up && s.in != nil && s.edges > s.unseen/searchUpAbove {
			up = true
			s.toBits()
		}
		before, err := s.size, error(nil)
		if up {
			err = s.searchUp(ctx, d)
		} else {
			err = s.searchDown(ctx, d)
		}
		if err != nil {
			return err
		}
		if s.size > 0 {
			s.reached += s.size
			s.depth = d
		}
		if up && s.size < before && s.size <= len(s.state)/searchDownBelow {
			up = false
			s.toQueue()
		}
	}
	return ctx.Err()
}

// searchDown finds the nodes at distance d along the edges of the frontier.
func (s *search) searchDown(ctx context.Context, d int) error {
	s.unseen -= s.edges
	var err error
	if s.workers == 1 || s.edges < parallelAbove {
		err = s.followAll(ctx, d)
	} else {
		err = s.followShared(ctx, d)
	}
	s.frontier, s.next = s.next, s.frontier[:0]
	s.size = len(s.frontier)
	return err
}

func (s *search) followAll(ctx context.Context, d int) error {
	state, next, edges, work := s.state, s.next, 0, 0
	for _, u := range s.frontier {
		row := s.out.row(u)
		mine := uint64(d)<<32 | uint64(uint32(u))
		for _, v := range row {
			if old := state[v]; mine < old {
				state[v] = mine
				if old >= unseen {
					next = append(next, v)
					edges += int(uint32(old))
				}
			}
		}
		if work += len(row); work >= blockWork {
			work = 0
			if err := ctx.Err(); err != nil {
				return err
			}
		}
	}
	s.next, s.edges = next, edges
	return nil
}

// followShared is followAll on several goroutines.
func (s *search) followShared(ctx context.Context, d int) error {
	blocks := (len(s.frontier) + frontierGrain - 1) / frontierGrain
	if s.found == nil {
		s.found = make([][]int32, s.team.workers)
	}
	var edges atomic.Int64
	err := s.team.forBlocks(ctx, blocks, func(b, worker int) {
		found, sum := s.found[worker], 0
		for _, u := range s.frontier[b*frontierGrain : min((b+1)*frontierGrain, len(s.frontier))] {
			mine := uint64(d)<<32 | uint64(uint32(u))
			for _, v := range s.out.row(u) {
				if old, first := lower(&s.state[v], mine); first {
					found = append(found, v)
					sum += int(uint32(old))
				}
			}
		}
		s.found[worker] = found
		edges.Add(int64(sum))
	})
	for worker, found := range s.found {
		s.next = append(s.next, found...)
		s.found[worker] = found[:0]
	}
	s.edges = int(edges.Load())
	return err
}

// lower sets a state to the minimum of itself and mine, and reports whether that
// made the node seen.
func lower(state *uint64, mine uint64) (old uint64, first bool) {
	for {
		old = atomic.LoadUint64(state)
		if mine >= old {
			return old, false
		}
		if atomic.CompareAndSwapUint64(state, old, mine) {
			return old, old >= unseen
		}
	}
}

// searchUp finds the nodes at distance d by their incoming edges. Rows are
// ascending, so the first parent is the smallest.
func (s *search) searchUp(ctx context.Context, d int) error {
	var size atomic.Int64
	err := s.team.forBlocks(ctx, s.in.blocks(), func(b, _ int) {
		found := 0
		lo, hi := s.in.block(b)
		for word := lo >> 6; word < (hi+63)>>6; word++ {
			seen := s.look(word, uint64(d)<<32)
			s.open[word] &^= seen
			s.nextBits[word] = seen
			found += bits.OnesCount64(seen)
		}
		size.Add(int64(found))
	})
	s.bits, s.nextBits = s.nextBits, s.bits
	s.size = int(size.Load())
	return err
}

// look returns which open nodes of a word have an edge from the frontier, and sets
// their state.
func (s *search) look(word int, distance uint64) (seen uint64) {
	frontier, adj := s.bits, s.in.adj
	for left := s.open[word]; left != 0; left &= left - 1 {
		u := word<<6 + bits.TrailingZeros64(left)
		for _, v := range adj[s.in.off[u]:s.in.off[u+1]] {
			if frontier[uint32(v)>>6]>>(uint32(v)&63)&1 != 0 {
				s.state[u] = distance | uint64(uint32(v))
				seen |= left & -left
				break
			}
		}
	}
	return seen
}

// toBits makes bitmaps of the frontier and of the nodes that an edge may still
// reach.
func (s *search) toBits() {
	words := (len(s.state) + 63) / 64
	if s.bits == nil {
		s.bits, s.nextBits, s.open = make([]uint64, words), make([]uint64, words), make([]uint64, words)
	}
	clear(s.bits)
	for _, u := range s.frontier {
		s.bits[uint32(u)>>6] |= 1 << (uint32(u) & 63)
	}
	for word := range words {
		open := uint64(0)
		for u := word << 6; u < min(word<<6+64, len(s.state)); u++ {
			edges := uint64(s.in.off[u+1]-s.in.off[u]) + 1<<32 - 1 // bit 32 is whether there are any
			open |= (s.state[u] >> 63 & (edges >> 32)) << (u & 63)
		}
		s.open[word] = open
	}
}

// toQueue leaves edges at 1: the unseen edges are few, and the size of the
// frontier has just fallen.
func (s *search) toQueue() {
	s.frontier, s.edges = s.frontier[:0], 1
	for i, word := range s.bits {
		for ; word != 0; word &= word - 1 {
			s.frontier = append(s.frontier, int32(i<<6+bits.TrailingZeros64(word)))
		}
	}
}

func (s *search) unpack() (distances, parents []int32) {
	distances, parents = make([]int32, len(s.state)), make([]int32, len(s.state))
	for u, state := range s.state {
		none := -int64(state >> 63) // -1 of a node that was not reached; no branch could foretell it
		distances[u], parents[u] = int32(int64(state>>32)|none), int32(int64(state)|none)
	}
	parents[s.source] = -1
	return distances, parents
}
