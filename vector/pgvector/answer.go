package pgvector

import (
	"context"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/quintet-ai/quintet/vector"
)

// ask answers parts in one round trip, and in a second one those that the index gave
// too little.
func (s *Store[K]) ask(ctx context.Context, c *pgx.Conn, parts []*part[K]) {
	s.send(ctx, c, parts)
	var short, again []*part[K]
	for _, p := range parts {
		if p.err == nil && p.ef > 0 && len(p.hits) < p.k {
			scan, err := p.scan()
			if err != nil {
				p.err = err
				continue
			}
			short, again = append(short, p), append(again, scan)
		}
	}
	s.send(ctx, c, again)
	for i, p := range short {
		p.hits, p.err = again[i].hits, again[i].err
	}
}

// settings are those of the index for the statements that follow in a transaction,
// which a batch is.
const settings = "SELECT set_config('hnsw.ef_search', $1, true), set_config('hnsw.iterative_scan', 'strict_order', true)"

// send carries out the statements of parts. After one that fails, the server does not
// answer the rest.
func (s *Store[K]) send(ctx context.Context, c *pgx.Conn, parts []*part[K]) {
	if len(parts) == 0 {
		return
	}
	b, ef := &pgx.Batch{}, 0
	for _, p := range parts {
		if p.ef > 0 && p.ef != ef {
			ef = p.ef
			b.Queue(settings, strconv.Itoa(ef))
		}
		b.Queue(p.sql.String(), p.args...)
	}
	results, ef := c.SendBatch(ctx, b), 0
	for _, p := range parts {
		if p.ef > 0 && p.ef != ef {
			ef = p.ef
			if _, p.err = results.Exec(); p.err != nil {
				continue
			}
		}
		p.hits, p.err = s.read(results, p)
	}
	results.Close() // what was read is whole, whatever came after
}

func (s *Store[K]) read(results pgx.BatchResults, p *part[K]) ([]vector.Hit[K], error) {
	rows, err := results.Query()
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	hits := make([]vector.Hit[K], 0, min(p.k, 1000))
	for rows.Next() {
		var key keyScan
		var meta, types []byte
		var h vector.Hit[K]
		if err := rows.Scan(s.keys.target(&key), &h.Distance, &meta, &types); err != nil {
			return nil, err
		}
		if h.ID, err = s.keys.key(&key); err != nil {
			return nil, err
		}
		if h.Meta, err = decodeMeta(meta, types); err != nil {
			return nil, err
		}
		h.Distance += 0 // -0 is 0
		h.Score = p.score(h.Distance)
		hits = append(hits, h)
	}
	return hits, rows.Err()
}

// hits fuses what the parts found.
func (p *plan[K]) hits() ([]vector.Hit[K], error) {
	o := vector.FuseOptions{Limit: p.query.K}
	lists := make([][]vector.Hit[K], len(p.parts))
	for i, x := range p.parts {
		if x.err != nil {
			return nil, x.err
		}
		lists[i] = within(x.hits, x.limit)
		o.Weights = append(o.Weights, x.weight)
	}
	switch {
	case len(lists) == 1:
		return lists[0][:min(p.query.K, len(lists[0]))], nil
	case p.query.Fusion == vector.ByScore:
		return vector.FuseScores(o, lists...)
	}
	return vector.FuseRRF(o, lists...)
}

// within cuts off the hits past a distance.
func within[K vector.Key](hits []vector.Hit[K], limit float64) []vector.Hit[K] {
	for len(hits) > 0 && hits[len(hits)-1].Distance > limit {
		hits = hits[:len(hits)-1]
	}
	return hits
}
