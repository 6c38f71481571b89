package main

import (
	"context"
	"math/rand"
	"slices"
	"strconv"
	"sync"
	"time"

	coder "github.com/coder/hnsw"
	chromem "github.com/philippgille/chromem-go"

	"github.com/quintet-ai/quintet/internal/report"
	"github.com/quintet-ai/quintet/vector"
)

// vectorGoFigures are set D in the Go libraries for vectors that have it in memory, in
// CPU time of all cores. Their recall differs: the note has it.
func vectorGoFigures() []report.Figure {
	return []report.Figure{
		{Name: "vector/recall_d", Goal: report.AtLeast(0.95),
			Measure: func(*report.Meter) ([]float64, error) { return shareOf(graphAsked) }},
		{Name: "vector/recall_d_coder",
			Measure: func(*report.Meter) ([]float64, error) { return shareOf(coderAsked) }},
		{Name: "vector/qps_d_coder", Unit: "x", Peer: "coder", Parallel: true,
			Measure: func(m *report.Meter) ([]float64, error) { return besideGo(m, coderAsked) }},
		{Name: "vector/qps_d_chromem", Unit: "x", Peer: "chromem", Parallel: true,
			Measure: func(m *report.Meter) ([]float64, error) { return besideGo(m, chromemAsked) }},
	}
}

// asked answers the first n queries of set D and returns the share of the truth that
// it found.
type asked func(d *dataSet, n int) (float64, error)

func shareOf(a asked) ([]float64, error) {
	d, err := setD()
	if err != nil {
		return nil, err
	}
	share, err := a(d, len(d.queries))
	return []float64{share}, err
}

// graphAsked is our graph with default options.
func graphAsked(d *dataSet, n int) (float64, error) {
	c, err := graphD()
	if err != nil {
		return 0, err
	}
	return ask(c, d.queries[:n], d.truth, vector.Query{})
}

// coderGraph has the M and, for building and searching alike, the ef that hnswlib is
// built with.
var coderGraph = sync.OnceValues(func() (*coder.Graph[int], error) {
	d, err := setD()
	if err != nil {
		return nil, err
	}
	g := coder.NewGraph[int]()
	g.M, g.EfSearch, g.Distance, g.Rng = 16, 200, coder.EuclideanDistance, rand.New(rand.NewSource(1))
	for i, v := range d.base {
		g.Add(coder.MakeNode(i, v))
	}
	return g, nil
})

func coderAsked(d *dataSet, n int) (float64, error) {
	g, err := coderGraph()
	if err != nil {
		return 0, err
	}
	right := 0
	for i, q := range d.queries[:n] {
		for _, node := range g.Search(q, neighbours) {
			if slices.Contains(d.truth[i], node.Key) {
				right++
			}
		}
	}
	return float64(right) / float64(neighbours*n), nil
}

// chromemRows compares everything, by the cosine, which has the same order in this set.
var chromemRows = sync.OnceValues(func() (*chromem.Collection, error) {
	d, err := setD()
	if err != nil {
		return nil, err
	}
	noText := func(context.Context, string) ([]float32, error) { return nil, report.Skip("no texts") }
	c, err := chromem.NewDB().CreateCollection("d", nil, noText)
	if err != nil {
		return nil, err
	}
	docs := make([]chromem.Document, len(d.base))
	for i, v := range d.base {
		docs[i] = chromem.Document{ID: strconv.Itoa(i), Embedding: slices.Clone(v)}
	}
	return c, c.AddDocuments(context.Background(), docs, 1)
})

func chromemAsked(d *dataSet, n int) (float64, error) {
	c, err := chromemRows()
	if err != nil {
		return 0, err
	}
	right := 0
	for i, q := range d.queries[:n] {
		found, err := c.QueryEmbedding(context.Background(), q, neighbours, nil, nil)
		if err != nil {
			return 0, err
		}
		for _, f := range found {
			if id, err := strconv.Atoi(f.ID); err == nil && slices.Contains(d.truth[i], id) {
				right++
			}
		}
	}
	return float64(right) / float64(neighbours*n), nil
}

// besideGo returns by round how many more queries a second our graph answers, with
// fewer queries to the peer, which is slow.
func besideGo(m *report.Meter, peer asked) ([]float64, error) {
	const few = 50
	d, err := setD()
	if err != nil {
		return nil, err
	}
	if _, err := peer(d, few); err != nil { // builds it
		return nil, err
	}
	if _, err := graphAsked(d, few); err != nil {
		return nil, err
	}
	var out []float64
	for range m.Rounds() {
		var ours, theirs float64
		var took [2]time.Duration
		took[0] = m.Took(func() { ours, err = graphAsked(d, len(d.queries)) })
		if err != nil {
			return nil, err
		}
		took[1] = m.Took(func() { theirs, err = peer(d, few) })
		if err != nil {
			return nil, err
		}
		mine, other := took[0].Seconds()/float64(len(d.queries)), took[1].Seconds()/few
		out = append(out, other/mine)
		m.Note("%.0f µs at recall %.3f against %.0f µs at %.3f", mine*1e6, ours, other*1e6, theirs)
	}
	return out, nil
}
