package graph

import (
	"context"
	"math/rand/v2"
)

// gainBelow is the part of the strength of a node that a move must gain, lest
// rounding move nodes for ever.
const gainBelow = 1e-9

// mover moves the nodes of a mesh one by one to the group that gains most
// modularity.
type mover[N summed] struct {
	m          *mesh
	resolution float64
	group      []int32
	total      []float64 // strength of each group
	size       []int32   // nodes of each group
	empty      []int32   // groups without nodes
	sum        tally[N]
}

// settle moves the nodes of a mesh until no move gains.
func (m *mesh) settle(ctx context.Context, group []int32, resolution float64, rng *rand.Rand) error {
	if m.w == nil {
		return newMover[int32](m, group, resolution).run(ctx, rng)
	}
	return newMover[float64](m, group, resolution).run(ctx, rng)
}

func newMover[N summed](m *mesh, group []int32, resolution float64) *mover[N] {
	n := m.order()
	v := &mover[N]{m: m, resolution: resolution, group: group, sum: newTally[N](n)}
	v.total, v.size = make([]float64, n), make([]int32, n)
	for u, c := range group {
		v.total[c] += m.strength[u]
		v.size[c]++
	}
	for c, size := range v.size {
		if size == 0 {
			v.empty = append(v.empty, int32(c))
		}
	}
	return v
}

// run moves nodes until no move gains. A node waits again if a neighbour in
// another group has moved.
func (v *mover[N]) run(ctx context.Context, rng *rand.Rand) error {
	queue := shuffled(v.m.order(), rng)
	waits, next, work := make([]bool, len(queue)), []int32(nil), 0
	for u := range waits {
		waits[u] = true
	}
	for len(queue) > 0 {
		next = next[:0]
		for _, u := range queue {
			waits[u] = false
			row, _ := v.m.row(u)
			if work += len(row) + 1; work >= blockWork {
				work = 0
				if err := ctx.Err(); err != nil {
					return err
				}
			}
			if !v.move(u) {
				continue
			}
			for _, x := range row {
				if v.group[x] != v.group[u] && !waits[x] {
					waits[x] = true
					next = append(next, x)
				}
			}
		}
		queue, next = next, queue
	}
	return ctx.Err()
}

// move reports whether u went to another group.
func (v *mover[N]) move(u int32) bool {
	row, ws := v.m.row(u)
	v.sum.gather(row, ws, v.group)
	k, old := v.m.strength[u], v.group[u]
	pull := 0.0
	if v.m.total > 0 {
		pull = v.resolution * k / v.m.total
	}
	v.total[old] -= k
	best, gain := old, float64(v.sum.of[old])-float64(v.total[old]*pull)
	least := gain + float64(gainBelow*k)
	of, total := v.sum.of, v.total
	for _, c := range v.sum.keys {
		if g := float64(of[c]) - float64(total[c]*pull); g > least && g > gain {
			best, gain = c, g
		}
		of[c] = 0
	}
	v.sum.keys = v.sum.keys[:0]
	if last := len(v.empty) - 1; last >= 0 && gain < -float64(gainBelow*k) && v.size[old] > 1 {
		best = v.empty[last]
		v.empty = v.empty[:last]
	}
	v.total[best] += k
	if best == old {
		return false
	}
	v.group[u] = best
	v.size[best]++
	if v.size[old]--; v.size[old] == 0 {
		v.total[old] = 0
		v.empty = append(v.empty, old)
	}
	return true
}
