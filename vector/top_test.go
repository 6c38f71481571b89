package vector

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCandidatesOrderByRankThenSlot(t *testing.T) {
	ranks := []float32{-math.MaxFloat32, -1.5, -1, -1e-45, 0, 1e-45, 1, 1.5, math.MaxFloat32}
	var last candidate
	for _, rank := range ranks {
		for _, slot := range []uint32{0, 1, math.MaxUint32} {
			c := newCandidate(rank, slot)
			require.Greater(t, c, last, "%v %v", rank, slot)
			require.Equal(t, rank, c.rank())
			require.Equal(t, slot, c.slot())
			last = c
		}
	}
	minus := float32(math.Copysign(0, -1))
	require.Equal(t, newCandidate(0, 3), newCandidate(minus, 3))
}

func TestTopKeepsTheLowest(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		all := make([]candidate, rng.IntN(60))
		var got top
		got.reset(1 + rng.IntN(20))
		for i := range all {
			all[i] = newCandidate(float32(rng.IntN(9)-4), uint32(i))
			enters := all[i].rank() < got.limit()
			before := slices.Clone(got.heap)
			got.push(all[i])
			require.Equal(t, enters, !slices.Equal(before, got.heap), "limit tells what a later slot must stay below")
		}
		slices.Sort(all)
		require.Equal(t, all[:min(got.k, len(all))], append([]candidate{}, got.sorted()...))
	}
}
