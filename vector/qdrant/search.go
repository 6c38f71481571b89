package qdrant

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	pb "github.com/qdrant/go-client/qdrant"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vector"
)

// maxHits is the most hits of a query.
const maxHits = 100_000

// Search returns the q.K nearest items that match q.Filter, best first, 100,000 at
// most; items of equal Distance come in any order. A Text is refused with
// [quintet.ErrInput], a Sparse and a range of strings in the filter with
// [quintet.ErrUnsupported].
func (s *Store[K]) Search(ctx context.Context, q vector.Query) (hits []vector.Hit[K], err error) {
	err = s.call(ctx, "Search", 1, func() (int, error) {
		out, errs := [1][]vector.Hit[K]{}, [1]error{}
		s.answer(ctx, []vector.Query{q}, out[:], errs[:])
		hits = out[0]
		return -1, errs[0]
	})
	return hits, err
}

// batch is how many queries are sent at once.
const batch = 64

// SearchBatch answers as many queries, in their order, each as Search does; 64 of them
// take one round trip. A failing query has no hits and one [quintet.Error] with its
// index in the joined error; see [quintet.ItemErrors]. An error of the server is one of
// all queries that it got together.
func (s *Store[K]) SearchBatch(ctx context.Context, qs []vector.Query) ([][]vector.Hit[K], error) {
	out, errs := make([][]vector.Hit[K], len(qs)), make([]error, len(qs))
	answered := false
	err := s.observed(ctx, "SearchBatch", len(qs), func() error {
		answered = true
		for lo := 0; lo < len(qs); lo += batch {
			hi := min(lo+batch, len(qs))
			s.answer(ctx, qs[lo:hi], out[lo:hi], errs[lo:hi])
		}
		for i, err := range errs {
			errs[i] = fail(ctx, "SearchBatch", i, err)
		}
		return errors.Join(errs...)
	})
	if answered {
		return out, err
	}
	if len(qs) == 0 {
		return out, fail(ctx, "SearchBatch", -1, err)
	}
	for i := range errs {
		errs[i] = fail(ctx, "SearchBatch", i, err)
	}
	return out, errors.Join(errs...)
}

// answer asks the server all queries that are not refused.
func (s *Store[K]) answer(ctx context.Context, qs []vector.Query, out [][]vector.Hit[K], errs []error) {
	r := &pb.QueryBatchPoints{CollectionName: s.opt.Collection}
	var asked []int
	checked := make([]vector.Query, len(qs))
	for i, q := range qs {
		p, err := s.query(&q)
		if err != nil {
			errs[i] = err
			continue
		}
		checked[i] = q
		asked = append(asked, i)
		r.QueryPoints = append(r.QueryPoints, p)
	}
	if len(asked) == 0 {
		return
	}
	found, err := s.client.QueryBatch(ctx, r)
	if err == nil && len(found) != len(asked) {
		err = fmt.Errorf("%d answers to %d queries: %w", len(found), len(asked), quintet.ErrBusy)
	}
	for j, i := range asked {
		if errs[i] = err; err == nil {
			out[i], errs[i] = s.hits(found[j].GetResult(), checked[i])
		}
	}
}

// query checks a query, fills it in, and says it to the server.
func (s *Store[K]) query(q *vector.Query) (*pb.QueryPoints, error) {
	checked, err := s.rules.CheckQuery(*q)
	if err != nil {
		return nil, err
	}
	if len(q.Sparse.Indices) > 0 {
		return nil, fmt.Errorf("query has a sparse vector: %w", quintet.ErrUnsupported)
	}
	*q = checked
	c, err := condition(q.Filter)
	if err != nil {
		return nil, err
	}
	p := &pb.QueryPoints{
		CollectionName: s.opt.Collection, Query: pb.NewQueryDense(q.Vector), Limit: pb.PtrOf(uint64(min(q.K, maxHits))),
		Filter: &pb.Filter{Must: []*pb.Condition{s.mine(), c}}, Params: &pb.SearchParams{Exact: &q.Exact},
		WithPayload: pb.NewWithPayloadInclude(keyField, metaField), WithVectors: pb.NewWithVectors(false),
	}
	if ef := cmp.Or(q.Ef, s.opt.EfSearch); ef > 0 {
		p.Params.HnswEf = pb.PtrOf(uint64(ef))
	}
	return p, nil
}

func (s *Store[K]) hits(points []*pb.ScoredPoint, q vector.Query) ([]vector.Hit[K], error) {
	hits := make([]vector.Hit[K], 0, len(points))
	for _, p := range points {
		h := vector.Hit[K]{Distance: s.distance(float64(p.GetScore()))}
		if h.Distance > q.MaxDistance {
			break // they are in order
		}
		h.Score = s.rules.Score(h.Distance)
		var err error
		if h.ID, err = parseKey[K](p.GetPayload()[keyField].GetStringValue()); err != nil {
			return nil, err
		}
		if h.Meta, err = decodeMeta(p.GetPayload()[metaField].GetStringValue()); err != nil {
			return nil, err
		}
		hits = append(hits, h)
	}
	return hits, nil
}

// distance returns that of the server's score.
func (s *Store[K]) distance(score float64) float64 {
	switch s.opt.Metric {
	case vector.Cosine:
		return 1 - max(-1, min(score, 1))
	case vector.Dot:
		return 0 - score
	}
	return score
}
