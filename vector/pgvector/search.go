package pgvector

import (
	"cmp"
	"context"
	"errors"
	"math"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/quintet-ai/quintet/vector"
)

// Search returns the q.K nearest items that match q.Filter, best first; items of equal
// Distance come in insertion order. By an HNSW index it may miss some of the nearest,
// but it never returns fewer than K if so many match: the index is walked on until
// they are found (pgvector's iterative scan, in strict order), and if that gives up the
// items are compared one by one, as with q.Exact.
//
// A Text is searched by full-text search: items that have one of its words, ranked by
// ts_rank, which is the Score if there is no Vector. A Sparse is compared with all
// sparse vectors. A hybrid search fuses these rankings as a [vector.Collection] does;
// its parts may see the table at different moments.
func (s *Store[K]) Search(ctx context.Context, q vector.Query) (hits []vector.Hit[K], err error) {
	err = s.call(ctx, "Search", 1, func(c *pgx.Conn) (int, error) {
		p, err := s.plan(q)
		if err != nil {
			return -1, err
		}
		s.ask(ctx, c, p.parts)
		hits, err = p.hits()
		return -1, err
	})
	return hits, err
}

// batch is how many queries are sent at once.
const batch = 64

// SearchBatch answers as many queries, in their order, each as Search does; 64 of them
// take one round trip. A failing query has no hits and one [quintet.Error] with its
// index in the joined error; see [quintet.ItemErrors].
func (s *Store[K]) SearchBatch(ctx context.Context, qs []vector.Query) ([][]vector.Hit[K], error) {
	out, errs := make([][]vector.Hit[K], len(qs)), make([]error, len(qs))
	answered := false
	err := s.observed(ctx, "SearchBatch", len(qs), func(c *pgx.Conn) error {
		answered = true
		for lo := 0; lo < len(qs); lo += batch {
			hi := min(lo+batch, len(qs))
			s.answer(ctx, c, qs[lo:hi], out[lo:hi], errs[lo:hi])
		}
		for i, err := range errs {
			errs[i] = fail(ctx, "SearchBatch", i, err)
		}
		return errors.Join(errs...)
	})
	if answered || len(qs) == 0 {
		return out, err
	}
	for i := range errs {
		errs[i] = fail(ctx, "SearchBatch", i, err)
	}
	return out, errors.Join(errs...)
}

func (s *Store[K]) answer(ctx context.Context, c *pgx.Conn, qs []vector.Query, out [][]vector.Hit[K], errs []error) {
	plans := make([]plan[K], len(qs))
	var parts []*part[K]
	for i, q := range qs {
		if plans[i], errs[i] = s.plan(q); errs[i] == nil {
			parts = append(parts, plans[i].parts...)
		}
	}
	s.ask(ctx, c, parts)
	for i := range plans {
		if errs[i] == nil {
			out[i], errs[i] = plans[i].hits()
		}
	}
}

// plan is a query as the searches that answer it.
type plan[K vector.Key] struct {
	query vector.Query
	parts []*part[K]
}

// part is one search of the table and what it found.
type part[K vector.Key] struct {
	statement
	weight float64
	k      int
	limit  float64 // of the Distance
	score  func(distance float64) float64
	ef     int                      // of a search by the index, else 0
	scan   func() (*part[K], error) // the same search without the index

	hits []vector.Hit[K]
	err  error
}

// plan checks a query and makes its statements.
func (s *Store[K]) plan(q vector.Query) (p plan[K], err error) {
	if p.query, err = s.rules.CheckQuery(q); err != nil {
		return p, err
	}
	q = p.query
	k := max(q.K, q.Candidates)
	if len(q.Vector) > 0 {
		x, err := s.byVector(q, k)
		if err != nil {
			return p, err
		}
		p.parts = append(p.parts, x)
	}
	if q.Text != "" {
		x, err := s.byText(q, k)
		if err != nil {
			return p, err
		}
		p.parts = append(p.parts, x)
	}
	if len(q.Sparse.Indices) > 0 {
		x, err := s.bySparse(q, k)
		if err != nil {
			return p, err
		}
		p.parts = append(p.parts, x)
	}
	return p, nil
}

// byVector looks for the nearest. Distances are ordered by the index as they are, and
// the few that come out by insertion too. Of a scan, both order all.
func (s *Store[K]) byVector(q vector.Query, k int) (*part[K], error) {
	if err := s.element.checkFloats(q.Vector); err != nil {
		return nil, err
	}
	p := &part[K]{weight: 1, k: k, limit: q.MaxDistance, score: s.rules.Score}
	distance := "embedding " + s.element.op + " " + p.arg(s.element.param(q.Vector))
	order := "(" + distance + ") + 0, seq" // which no index has
	if !q.Exact && s.opt.Index == vector.HNSW {
		order = distance
		p.ef = min(max(cmp.Or(q.Ef, s.opt.EfSearch), k), maxEf)
		p.scan = func() (*part[K], error) {
			q.Exact = true
			return s.byVector(q, k)
		}
	}
	return p, s.nearest(p, q.Filter, distance, "true", order)
}

// byText ranks the items that share a word. The words of a text are those that the
// configuration finds; they become a tsquery of alternatives.
func (s *Store[K]) byText(q vector.Query, k int) (*part[K], error) {
	if err := checkText(q.Text); err != nil {
		return nil, err
	}
	p := &part[K]{weight: q.TextWeight, k: k, limit: math.Inf(1), score: negative}
	words := `(SELECT string_agg('''' || replace(replace(lexeme, E'\\', E'\\\\'), '''', '''''') || '''', ' | ')::tsquery
		FROM unnest(to_tsvector(` + p.arg(s.opt.TextConfig) + `::text::regconfig, ` + p.arg(q.Text) + `::text)))`
	return p, s.nearest(p, q.Filter, "-ts_rank(words, "+words+", 1)::float8", "words @@ "+words, "2, seq")
}

// bySparse compares with every sparse vector.
func (s *Store[K]) bySparse(q vector.Query, k int) (*part[K], error) {
	v, err := sparseParam(q.Sparse)
	if err != nil {
		return nil, err
	}
	p := &part[K]{weight: q.SparseWeight, k: k, limit: math.Inf(1), score: negative}
	distance := "sparse <#> " + p.arg(v)
	return p, s.nearest(p, q.Filter, distance, "sparse IS NOT NULL AND ("+distance+") <> 0", "2, seq")
}

func negative(distance float64) float64 { return 0 - distance }

// nearest writes the statement of a part. The number of rows stands in it, as one that
// the planner does not see would make it plan for a tenth of the table.
func (s *Store[K]) nearest(p *part[K], f vector.Filter, distance, where, order string) error {
	c, err := p.filter(f)
	if err != nil {
		return err
	}
	p.sql.WriteString("SELECT id, d, meta, types FROM (SELECT id, " + distance + " AS d, meta, types, seq FROM " +
		s.names.table + " WHERE tenant = " + p.arg(s.opt.Tenant) + " AND " + where + " AND " + c +
		" ORDER BY " + order + " LIMIT " + strconv.Itoa(p.k) + ") AS nearest ORDER BY d, seq")
	return nil
}
