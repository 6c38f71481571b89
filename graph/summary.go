package graph

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/quintet-ai/quintet"
)

// CommunitySummariesOptions configures [SummarizeCommunities]. The zero value is good.
type CommunitySummariesOptions struct {
	// MinSize is how many nodes a community must have to be summarised. Default: 1.
	MinSize int

	// TopNodes limits CommunitySummary.Top. Default: 10.
	TopNodes int

	// SampleEdges limits CommunitySummary.Edges. Default: 10.
	SampleEdges int
}

func (o CommunitySummariesOptions) withDefaults() (CommunitySummariesOptions, error) {
	if o.MinSize < 0 || o.TopNodes < 0 || o.SampleEdges < 0 {
		return o, fmt.Errorf("graph: MinSize is %d, TopNodes %d, SampleEdges %d: %w",
			o.MinSize, o.TopNodes, o.SampleEdges, quintet.ErrOption)
	}
	if o.TopNodes == 0 {
		o.TopNodes = 10
	}
	if o.SampleEdges == 0 {
		o.SampleEdges = 10
	}
	return o, nil
}

// CommunitySummary says what a community is about: enough for a heading, or for a
// prompt to a language model.
type CommunitySummary[K comparable] struct {
	Group   int         `json:"group"`   // its number in the partition
	Members []K         `json:"members"` // by node index
	Top     []Ranked[K] `json:"top"`     // the members most central inside, best first
	Size    int         `json:"size"`    // edges inside
	Density float64     `json:"density"` // different pairs with an edge, of all pairs; 0 below two members
	Outward float64     `json:"outward"` // the share of the weight at the members that leads out, from 0 to 1
	Edges   []Edge[K]   `json:"edges"`   // the heaviest inside, without loops
}

// SummarizeCommunities describes the groups of a partition of g, such as a level of
// [Leiden], the largest first and equal ones by their number. The score of a member is
// the weight of its edges to other members, in both directions, as a share of that of
// all members: the scores of a group add up to 1, unless it has no such weight. Ties
// are in the order of the node index, those of edges by From and then To.
//
// It returns [quintet.ErrInput] for a nil graph or partition, one of another number of
// nodes, or a negative weight, [quintet.ErrOption] for an option out of range, or the
// error of ctx. It takes O(V·log V + E·log SampleEdges) time.
func SummarizeCommunities[K comparable](
	ctx context.Context, g *Graph[K], p *Partition[K], o CommunitySummariesOptions,
) ([]CommunitySummary[K], error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	c, err := view(ctx, g)
	if err != nil {
		return nil, err
	}
	if p == nil || len(p.Labels) != g.Order() {
		return nil, fmt.Errorf("graph: a partition of other nodes: %w", quintet.ErrInput)
	}
	for u, label := range p.Labels {
		if label < 0 || int(label) >= p.Count() {
			return nil, fmt.Errorf("graph: label %d of node %d: %w", label, u, quintet.ErrInput)
		}
	}
	if err := g.nonNegative(); err != nil {
		return nil, err
	}
	members, _ := membersOf(p.Labels, p.Count())
	s := summarizer{c: c, labels: p.Labels, strength: make([]float64, c.order()), groups: make([]groupSums, p.Count())}
	for i := range s.groups {
		s.groups[i].edges = top[heavy]{n: o.SampleEdges, before: heavy.compare}
	}
	if err := s.read(ctx); err != nil {
		return nil, err
	}
	var out []CommunitySummary[K]
	for group, nodes := range members {
		if len(nodes) >= max(o.MinSize, 1) {
			out = append(out, describeGroup(g, &s, group, nodes, o.TopNodes))
		}
	}
	slices.SortStableFunc(out, func(a, b CommunitySummary[K]) int { return cmp.Compare(len(b.Members), len(a.Members)) })
	return out, ctx.Err()
}

// summarizer adds up edges by group.
type summarizer struct {
	c        *CSR
	labels   []int32
	strength []float64 // of each node: weight of its edges to other members
	groups   []groupSums
}

type groupSums struct {
	size, pairs  int
	inside, ends float64 // weight at the members: to members, and in all
	edges        top[heavy]
}

func (s *summarizer) read(ctx context.Context) error {
	for u := range int32(s.c.order()) {
		if u%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		last := int32(-1)
		for v, w := range entries(&s.c.rows, u) {
			if s.c.directed || u <= v {
				s.add(u, v, w)
			}
			if v != u && v != last && s.labels[u] == s.labels[v] && !(v < u && s.c.leads(v, u)) {
				s.groups[s.labels[u]].pairs++
			}
			last = v
		}
	}
	return nil
}

// leads reports whether an edge leads from u to v.
func (c *CSR) leads(u, v int32) bool {
	_, ok := slices.BinarySearch(c.row(u), v)
	return ok
}

// add adds an edge.
func (s *summarizer) add(u, v int32, w float32) {
	a, b := &s.groups[s.labels[u]], &s.groups[s.labels[v]]
	a.ends += float64(w)
	b.ends += float64(w)
	if a != b {
		return
	}
	a.size++
	a.inside += 2 * float64(w)
	if u != v {
		s.strength[u] += float64(w)
		s.strength[v] += float64(w)
		a.edges.add(heavy{u, v, w})
	}
}

func describeGroup[K comparable](g *Graph[K], s *summarizer, group int, nodes []int32, n int) CommunitySummary[K] {
	sums := &s.groups[group]
	out := CommunitySummary[K]{Group: group, Size: sums.size}
	total := 0.0
	best := top[int32]{n: n, before: func(a, b int32) int {
		return cmp.Or(cmp.Compare(s.strength[b], s.strength[a]), cmp.Compare(a, b))
	}}
	for _, u := range nodes {
		out.Members = append(out.Members, g.keys[u])
		total += s.strength[u]
		best.add(u)
	}
	for _, u := range best.sorted() {
		r := Ranked[K]{Node: g.keys[u]}
		if total > 0 {
			r.Score = s.strength[u] / total
		}
		out.Top = append(out.Top, r)
	}
	if n := float64(len(nodes)); n > 1 {
		out.Density = float64(sums.pairs) / (n * (n - 1) / 2)
	}
	if sums.ends > 0 {
		out.Outward = max(1-sums.inside/sums.ends, 0)
	}
	for _, e := range sums.edges.sorted() {
		out.Edges = append(out.Edges, Edge[K]{g.keys[e.u], g.keys[e.v], e.w})
	}
	return out
}
