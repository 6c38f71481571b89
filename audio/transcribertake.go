package audio

import (
	"math"
	"sort"
	"time"
)

// take is sound to be transcribed at once: pieces of a longer sound, one channel,
// put together without what is between them.
type take struct {
	rate    int
	samples []float32
	pieces  []piece
}

// piece is a part of a take.
type piece struct {
	at    int // its first sample in the take
	first int // and in the sound
}

// add appends samples that begin at first in the sound. The samples of a take of one
// piece are borrowed.
func (t *take) add(samples []float32, first int) {
	t.pieces = append(t.pieces, piece{len(t.samples), first})
	if len(t.pieces) == 1 {
		t.samples = samples[:len(samples):len(samples)]
		return
	}
	t.samples = append(t.samples, samples...)
}

// start returns when in the sound something begins that begins at sample i of the
// take: at a seam, with the piece behind it.
func (t *take) start(i int) time.Duration {
	i = min(max(i, 0), len(t.samples))
	n := sort.Search(len(t.pieces), func(k int) bool { return t.pieces[k].at > i })
	return t.from(n-1, i)
}

// end returns when something ends that ends before sample i: at a seam, with the
// piece before it.
func (t *take) end(i int) time.Duration {
	i = min(max(i, 0), len(t.samples))
	n := sort.Search(len(t.pieces), func(k int) bool { return t.pieces[k].at >= i })
	return t.from(max(n-1, 0), i)
}

func (t *take) from(n, i int) time.Duration {
	return lasting(t.pieces[n].first+i-t.pieces[n].at, t.rate)
}

// takes puts the speech in a sound into as few takes as hold at most longest samples
// each; together says whether speech is put together at all. No piece is cut unless
// it is longer alone.
func takes(sound Clip, speech []Segment, longest int, together bool) (out []take) {
	for _, s := range speech {
		first, last := sound.frameAt(s.Start), sound.frameAt(s.End)
		for first < last {
			n := min(last-first, longest)
			k := len(out) - 1
			if k < 0 || !together || len(out[k].samples)+n > longest {
				out, k = append(out, take{rate: sound.Rate}), k+1
			}
			out[k].add(sound.Samples[first:first+n], first)
			first += n
		}
	}
	return out
}

// quietest returns a place near the end of at most n samples to cut x at: the middle of
// the tenth of a second with the least energy within the last third.
func quietest(x []float32, n, rate int) int {
	if len(x) <= n {
		return len(x)
	}
	width := max(min(rate/10, n/3), 1)
	best, least := n, math.Inf(1)
	for at := n - n/3; at+width <= n; at += max(width/4, 1) {
		var energy float64
		for _, v := range x[at : at+width] {
			energy += float64(v) * float64(v)
		}
		if energy <= least {
			best, least = at+width/2, energy
		}
	}
	return max(best, 1)
}

// cutQuietly cuts a whole sound into takes of at most longest samples.
func cutQuietly(sound Clip, longest int) (out []take) {
	for first := 0; first < len(sound.Samples); {
		rest := sound.Samples[first:]
		n := quietest(rest, longest, sound.Rate)
		t := take{rate: sound.Rate}
		t.add(rest[:n], first)
		out = append(out, t)
		first += n
	}
	return out
}
