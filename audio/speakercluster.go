package audio

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/simd"
)

// SpeakerClusterOptions configures [ClusterSpeakers].
type SpeakerClusterOptions struct {
	// Speakers is how many there are, if that is known. Default: Threshold decides.
	Speakers int

	// MaxSpeakers bounds how many Threshold finds. Default: no bound.
	MaxSpeakers int

	// Threshold is the mean cosine of two groups of embeddings from which on they
	// are one speaker, from -1 to 1. The right one depends on the model. Default:
	// 0.5.
	Threshold float64
}

func (o SpeakerClusterOptions) withDefaults() (SpeakerClusterOptions, error) {
	if o.Speakers < 0 || o.MaxSpeakers < 0 || !(o.Threshold >= -1 && o.Threshold <= 1) {
		return o, fmt.Errorf("audio: Speakers is %d, MaxSpeakers %d, Threshold %v: %w",
			o.Speakers, o.MaxSpeakers, o.Threshold, quintet.ErrOption)
	}
	if o.Threshold == 0 {
		o.Threshold = 0.5
	}
	return o, nil
}

// maxClustered bounds how many embeddings are clustered: the distances of all pairs are
// held, 256 MB for as many.
const maxClustered = 8192

// ClusterSpeakers returns the speaker of each embedding, from 0 in order of first
// appearance: agglomerative clustering by the mean cosine of all pairs of two groups,
// the nearest groups first, until the options say that the rest are different speakers.
// Embeddings have length 1, as [SpeakerEmbedder] makes them, and one number of
// dimensions; at most 8192 are taken. It costs O(n²) by chains of nearest neighbours:
// Murtagh, The Computer Journal 26(4), 1983. Errors wrap [quintet.ErrOption] or
// [quintet.ErrInput].
func ClusterSpeakers(embeddings [][]float32, o SpeakerClusterOptions) ([]int, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if len(embeddings) > maxClustered {
		return nil, fmt.Errorf("audio: %d embeddings, limit %d: %w", len(embeddings), maxClustered, quintet.ErrInput)
	}
	for i, e := range embeddings {
		if len(e) != len(embeddings[0]) || !(math.Abs(float64(simd.Dot(e, e))-1) < 1e-3) {
			return nil, fmt.Errorf("audio: embedding %d is not of length 1 in %d dimensions: %w",
				i, len(embeddings[0]), quintet.ErrInput)
		}
	}
	merges := newLinkage(embeddings).merges()
	return groups(len(embeddings), merges[:o.taken(merges)]), nil
}

// taken returns how many of the merges, best first, the options take.
func (o SpeakerClusterOptions) taken(merges []merge) int {
	n := len(merges) + 1
	if o.Speakers > 0 {
		return max(n-o.Speakers, 0)
	}
	taken := 0
	for taken < len(merges) && float64(merges[taken].cosine) >= o.Threshold {
		taken++
	}
	if o.MaxSpeakers > 0 {
		taken = max(taken, n-o.MaxSpeakers)
	}
	return taken
}

// merge joins two groups, each named after one of its embeddings.
type merge struct {
	a, b   int
	cosine float32
}

// linkage holds the mean cosines of groups.
type linkage struct {
	n      int
	cosine []float32 // n·n
	size   []int     // 0 for a group that is part of another
}

func newLinkage(embeddings [][]float32) *linkage {
	l := &linkage{n: len(embeddings)}
	l.cosine, l.size = make([]float32, l.n*l.n), make([]int, l.n)
	for i, a := range embeddings {
		l.size[i] = 1
		for j, b := range embeddings[:i] {
			c := simd.Dot(a, b)
			l.cosine[i*l.n+j], l.cosine[j*l.n+i] = c, c
		}
	}
	return l
}

// merges joins all groups and returns the joins, best first. Two groups that are the
// nearest of each other are joined at any time: means never come nearer by it.
func (l *linkage) merges() []merge {
	var out []merge
	var chain []int
	for len(out) < l.n-1 {
		if len(chain) == 0 {
			chain = append(chain, slices.IndexFunc(l.size, func(n int) bool { return n > 0 }))
		}
		top := chain[len(chain)-1]
		before := -1
		if len(chain) > 1 {
			before = chain[len(chain)-2]
		}
		next := l.nearest(top, before)
		if next != before {
			chain = append(chain, next)
			continue
		}
		out = append(out, merge{top, before, l.cosine[top*l.n+before]})
		l.join(before, top)
		chain = chain[:len(chain)-2]
	}
	slices.SortStableFunc(out, func(a, b merge) int { return cmp.Compare(b.cosine, a.cosine) })
	return out
}

// nearest returns the group nearest to g, of equal ones that before.
func (l *linkage) nearest(g, before int) int {
	best := before
	for i, n := range l.size {
		if n > 0 && i != g && (best < 0 || l.cosine[g*l.n+i] > l.cosine[g*l.n+best]) {
			best = i
		}
	}
	return best
}

// join makes b part of a.
func (l *linkage) join(a, b int) {
	na, nb := float32(l.size[a]), float32(l.size[b])
	for i, n := range l.size {
		if n > 0 && i != a && i != b {
			c := (na*l.cosine[a*l.n+i] + nb*l.cosine[b*l.n+i]) / (na + nb)
			l.cosine[a*l.n+i], l.cosine[i*l.n+a] = c, c
		}
	}
	l.size[a], l.size[b] = l.size[a]+l.size[b], 0
}

// groups numbers the groups that merges make of n.
func groups(n int, merges []merge) []int {
	parent := make([]int, n)
	for i := range parent {
		parent[i] = i
	}
	root := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	for _, m := range merges {
		parent[root(m.a)] = root(m.b)
	}
	number, out := map[int]int{}, make([]int, n)
	for i := range out {
		r := root(i)
		if _, ok := number[r]; !ok {
			number[r] = len(number)
		}
		out[i] = number[r]
	}
	return out
}
