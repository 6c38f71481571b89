package graph

import (
	"context"
	"fmt"
	"math"

	"github.com/quintet-ai/quintet"
)

// PushPageRankOptions configures [PushPageRank]. The zero value is good.
type PushPageRankOptions struct {
	// Damping is the probability of following an edge rather than starting
	// anew, more than 0 and less than 1. Default: 0.85.
	Damping float64

	// Epsilon is the rank per outgoing edge below which a node keeps what
	// has come to it: less is more exact and slower. Default: 1e-6.
	Epsilon float64
}

func (o PushPageRankOptions) withDefaults() (PushPageRankOptions, error) {
	switch {
	case math.IsNaN(o.Damping) || o.Damping < 0 || o.Damping >= 1:
		return o, fmt.Errorf("graph: Damping is %v, not between 0 and 1: %w", o.Damping, quintet.ErrOption)
	case math.IsNaN(o.Epsilon) || math.IsInf(o.Epsilon, 0) || o.Epsilon < 0:
		return o, fmt.Errorf("graph: Epsilon is %v: %w", o.Epsilon, quintet.ErrOption)
	}
	if o.Damping == 0 {
		o.Damping = 0.85
	}
	if o.Epsilon == 0 {
		o.Epsilon = 1e-6
	}
	return o, nil
}

// PushedRanks is the result of [PushPageRank]. The scores and Residual add up
// to 1.
type PushedRanks[K comparable] struct {
	Scores[K]

	Residual float64 // rank not given to nodes: no score is too low by more, and none is too high
}

// PushPageRank approximates [PersonalizedPageRank] around the seeds: it moves rank
// only where there is some, so that its time does not grow with the graph, but
// with 1/Epsilon. It suits queries. Seeds are as in PersonalizedPageRank.
//
// It returns [quintet.ErrInput] for a nil graph, a negative weight or bad seeds,
// [quintet.ErrOption] for an option out of range, or the error of ctx. It follows
// O(1/((1-Damping)·Epsilon)) edges on one goroutine and needs 25 bytes a node.
//
// Andersen, Chung, Lang, Local Graph Partitioning using PageRank Vectors, FOCS
// 2006, §3.
func PushPageRank[K comparable](
	ctx context.Context, g *Graph[K], seeds map[K]float64, o PushPageRankOptions,
) (*PushedRanks[K], error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	c, err := view(ctx, g)
	if err != nil {
		return nil, err
	}
	start, err := g.distribution(seeds)
	if err != nil {
		return nil, err
	}
	if err := g.nonNegative(); err != nil {
		return nil, err
	}
	p := newPusher(c, start, o)
	if err := p.run(ctx); err != nil {
		return nil, err
	}
	out := &PushedRanks[K]{Scores: Scores[K]{Values: p.rank, g: g}}
	for _, r := range p.rest {
		out.Residual += r
	}
	return out, nil
}

type pusher struct {
	c       *CSR
	opt     PushPageRankOptions
	seeds   []int32
	weights []float64 // of the seeds, 1 in all
	rank    []float64
	rest    []float64 // rank that has come to a node and is not given on
	queue   []int32
	waits   []bool
}

func newPusher(c *CSR, start []float64, o PushPageRankOptions) *pusher {
	p := &pusher{c: c, opt: o, rank: make([]float64, c.order()), rest: make([]float64, c.order())}
	p.waits = make([]bool, c.order())
	for u, w := range start {
		if w > 0 {
			p.seeds, p.weights = append(p.seeds, int32(u)), append(p.weights, w)
		}
	}
	p.restart(1)
	return p
}

// restart gives rank to the seeds.
func (p *pusher) restart(rank float64) {
	for i, u := range p.seeds {
		p.give(u, float64(rank*p.weights[i]))
	}
}

func (p *pusher) give(u int32, rank float64) {
	p.rest[u] += rank
	if !p.waits[u] && p.rest[u] >= p.opt.Epsilon*float64(max(p.c.degree(u), 1)) {
		p.waits[u] = true
		p.queue = append(p.queue, u)
	}
}

func (p *pusher) run(ctx context.Context) error {
	for work := 0; len(p.queue) > 0; {
		u := p.queue[0]
		p.queue, p.waits[u] = p.queue[1:], false
		p.push(u)
		if work += p.c.degree(u) + 1; work >= blockWork {
			work = 0
			if err := ctx.Err(); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// push keeps a part of what has come to u and gives the other on.
func (p *pusher) push(u int32) {
	rest := p.rest[u]
	p.rest[u] = 0
	on := float64(p.opt.Damping * rest)
	p.rank[u] += rest - on
	sum := p.c.weightSum(u)
	if sum == 0 {
		p.restart(on)
		return
	}
	ws := p.c.weights(u)
	for i, v := range p.c.row(u) {
		w := 1.0
		if ws != nil {
			w = float64(ws[i])
		}
		p.give(v, float64(float64(on/sum)*w))
	}
}
