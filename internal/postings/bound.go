package postings

import "math"

// bound is what the postings of a block, or of a whole list, add at most. With Dot
// it has their highest and lowest weights, and 0. With BM25 high is the highest
// saturation if the mean length is low, and low is at least the mean length at the
// time: a longer mean makes every document relatively shorter and lifts them all.
type bound struct{ high, low float32 }

// scorer scores postings at one moment.
type scorer struct {
	dot  bool
	k1   float64
	flat float64 // K1 (1-B)
	rise float64 // K1 B
	mean float64 // length of documents
	per  float64 // rise / mean
}

func newScorer(o Options, mean float64) scorer {
	return scorer{dot: o.Scoring == Dot, k1: o.K1, flat: o.K1 * (1 - o.B), rise: o.K1 * o.B, mean: mean, per: o.K1 * o.B / mean}
}

// include makes x hold for a posting of a document of that length too.
func (s *scorer) include(x *bound, weight, length float32) {
	if s.dot {
		x.high, x.low = max(x.high, weight), min(x.low, weight)
		return
	}
	if mean := up(s.mean); mean > x.low {
		if x.low > 0 {
			x.high = up(float64(x.high) * float64(mean) / float64(x.low))
		}
		x.low = mean
	}
	w := float64(weight)
	x.high = max(x.high, up(w/(w+s.flat+s.rise*float64(length)/float64(x.low))))
}

// up returns a float32 above x, so that no rounding makes a bound too low.
func up(x float64) float32 { return math.Nextafter32(float32(x), math.MaxFloat32) }

// limit returns the most that a posting under x adds to a score, at least 0, which
// is what documents without the term add. factor is what the term is worth.
func (s *scorer) limit(x bound, factor float64) float64 {
	switch {
	case s.dot:
		return max(0, factor*float64(x.high), factor*float64(x.low))
	case factor <= 0:
		return 0
	}
	return factor * float64(x.high) * max(1, s.mean/float64(x.low))
}

// size is the most by which a posting under x moves a score.
func (s *scorer) size(x bound, factor float64) float64 {
	if s.dot {
		return math.Abs(factor) * float64(max(x.high, -x.low))
	}
	return math.Abs(factor)
}

// factor is what the scores of a term are multiplied by: its weight in the query
// and, with BM25, how rare it is among n documents if as many as found have it.
func (s *scorer) factor(weight float32, n, found int) float64 {
	if s.dot {
		return float64(weight)
	}
	have := float64(min(found, n))
	idf := math.Log1p((float64(n) - have + 0.5) / (have + 0.5))
	return float64(weight) * idf * (s.k1 + 1)
}

// score is what a posting adds.
func (s *scorer) score(factor float64, weight, length float32) float64 {
	w := float64(weight)
	if s.dot {
		return factor * w
	}
	return float64(factor * (w / (w + s.flat + float64(s.per*float64(length))))) // not fused, see Searcher.add
}
