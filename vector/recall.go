package vector

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/quintet-ai/quintet"
)

// Recall searches for the ten nearest of some stored vectors, drawn by Options.Seed,
// and returns the share of the true ones, itself left out, that is found: 1 if the
// collection is flat or empty. What is as near as the last of the true ones counts
// as one. It takes as long as sample exact searches.
func (c *Collection[K]) Recall(ctx context.Context, sample int) (float64, error) {
	share, err := c.recall(ctx, sample)
	if err != nil {
		return 0, fail("Recall", -1, err)
	}
	return share, nil
}

func (c *Collection[K]) recall(ctx context.Context, sample int) (float64, error) {
	if sample < 1 {
		return 0, fmt.Errorf("sample is %d, want at least 1: %w", sample, quintet.ErrInput)
	}
	rng := rand.New(rand.NewPCG(c.opt.Seed, 0))
	found, wanted := 0, 0
	for range sample {
		it, ok, err := c.draw(ctx, rng)
		if err != nil || !ok {
			return 1, err
		}
		f, w, err := c.compare(ctx, it)
		if err != nil {
			return 0, err
		}
		found, wanted = found+f, wanted+w
	}
	if wanted == 0 {
		return 1, nil
	}
	return float64(found) / float64(wanted), nil
}

// draw returns an item, if there is any.
func (c *Collection[K]) draw(ctx context.Context, rng *rand.Rand) (it Item[K], ok bool, err error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if err := c.usable(ctx); err != nil || len(c.index) == 0 {
		return it, false, err
	}
	at := rng.IntN(len(c.slots))
	for !c.slots[at].live {
		at = (at + 1) % len(c.slots)
	}
	return c.item(at), true, nil
}

// compare counts how many of the nearest to an item are found.
func (c *Collection[K]) compare(ctx context.Context, it Item[K]) (found, wanted int, err error) {
	q := Query{Vector: it.Vector, K: DefaultK + 1, Exact: true}
	truth, err := c.search(ctx, q)
	if err != nil {
		return 0, 0, err
	}
	q.Exact = false
	hits, err := c.search(ctx, q)
	if err != nil || len(truth) == 0 {
		return 0, 0, err
	}
	worst := truth[len(truth)-1].Distance
	among := map[K]bool{}
	for _, h := range truth {
		among[h.ID] = true
	}
	delete(among, it.ID)
	for _, h := range hits {
		if h.ID != it.ID && (among[h.ID] || h.Distance <= worst) {
			found++
		}
	}
	return min(found, len(among)), len(among), nil
}
