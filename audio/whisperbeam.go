package audio

import (
	"cmp"
	"context"
	"slices"
)

// search follows the most likely hypotheses together until enough of them have ended:
// beam search with the stopping rule of the reference implementation.
func (d *whisperDecoding) search(ctx context.Context, beams, enough int) (hypothesis, error) {
	open, ended := []hypothesis{d.begin}, []hypothesis(nil)
	for n := 0; n < d.limit && len(open) > 0 && len(ended) < enough; n++ {
		next, done := d.extend(open, beams)
		for _, h := range done {
			if len(ended) < enough {
				ended = append(ended, h)
			}
		}
		open = next
		for i := range open {
			if err := d.goOn(ctx, &open[i]); err != nil {
				return hypothesis{}, err
			}
		}
	}
	for i := 0; i < len(open) && len(ended) < beams; i++ { // the limit has ended them
		ended = append(ended, open[i])
	}
	if len(ended) == 0 {
		return d.begin, nil
	}
	return slices.MaxFunc(ended, func(a, b hypothesis) int { return cmp.Compare(a.score(), b.score()) }), nil
}

// extension is a hypothesis with one more token.
type extension struct {
	of  int
	id  int32
	sum float64
}

// extend returns the best hypotheses with one more token, and those among them that
// have ended.
func (d *whisperDecoding) extend(open []hypothesis, beams int) (next, done []hypothesis) {
	var all []extension
	for i, h := range open {
		logits := slices.Clone(h.logits)
		d.rules.apply(logits, h.tokens)
		total := logSumExp(logits)
		for _, id := range largest(logits, beams+1) {
			all = append(all, extension{i, id, h.sum + float64(logits[id]) - total})
		}
	}
	slices.SortStableFunc(all, func(a, b extension) int { return cmp.Compare(b.sum, a.sum) })
	for _, e := range all {
		if len(next) == beams {
			break
		}
		h := open[e.of]
		h.sum = e.sum
		if e.id == d.g.c.end {
			done = append(done, h)
			continue
		}
		if h, cut := d.append(h, e.id); cut {
			done = append(done, h)
		} else {
			next = append(next, h)
		}
	}
	return next, done
}

// largest returns the ids of the at most n largest logits above minus infinity, the
// largest first; of equal ones the first.
func largest(logits []float32, n int) []int32 {
	ids := make([]int32, 0, n+1)
	for i, v := range logits {
		if v == minusInf || len(ids) == n && v <= logits[ids[n-1]] {
			continue
		}
		at := len(ids)
		for at > 0 && v > logits[ids[at-1]] {
			at--
		}
		ids = slices.Insert(ids, at, int32(i))
		ids = ids[:min(len(ids), n)]
	}
	return ids
}
