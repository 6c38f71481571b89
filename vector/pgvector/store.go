package pgvector

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	pgv "github.com/pgvector/pgvector-go"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vector"
)

// Store is a [vector.Store] in a table of PostgreSQL, made by [Open]. It is safe for
// concurrent use. The errors of its methods are [quintet.Error] values; the cause is
// [quintet.ErrInput], [quintet.ErrClosed], the error of the context, or, of the
// server, [quintet.ErrBusy] if the same call may succeed later, [quintet.ErrOption] or
// [quintet.ErrUnsupported] if it may not. A pgconn.PgError is in it where the server
// gave one.
type Store[K vector.Key] struct {
	opt     Options
	names   names
	element element
	keys    keyCodec[K]
	rules   vector.Rules
	pool    *pgxpool.Pool
	owned   bool
	oids    oids

	mu     sync.RWMutex // held by calls for reading
	closed bool
}

var _ vector.Store[string] = (*Store[string])(nil)

// Tenant returns a store of the items of another tenant, in the same table and by the
// same connections, and asks nothing of the server. Its Close leaves s open; after
// that of a store with connections of its own, those of its tenants return
// [quintet.ErrClosed]. A name that is not UTF-8 or has a zero byte is
// [quintet.ErrOption].
func (s *Store[K]) Tenant(name string) (*Store[K], error) {
	o := s.opt
	o.Tenant, o.URL = name, ""
	if _, err := o.withDefaults(); err != nil {
		return nil, err
	}
	return &Store[K]{
		opt: o, names: s.names, element: s.element, keys: s.keys, rules: s.rules, pool: s.pool, oids: s.oids,
	}, nil
}

// call does the work of a method on a connection and says where it failed.
func (s *Store[K]) call(ctx context.Context, method string, items int, do func(c *pgx.Conn) (index int, err error)) error {
	index := -1
	err := s.observed(ctx, method, items, func(c *pgx.Conn) (err error) {
		index, err = do(c)
		return err
	})
	return fail(ctx, method, index, err)
}

func fail(ctx context.Context, method string, index int, err error) error {
	if err == nil {
		return nil
	}
	return &quintet.Error{Op: "pgvector." + method, Index: index, Err: cause(ctx, err)}
}

// observed does the work of a method on a connection and tells the observer.
func (s *Store[K]) observed(ctx context.Context, method string, items int, do func(c *pgx.Conn) error) (err error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.opt.Observer != nil {
		begin := time.Now()
		defer func() {
			e := quintet.Event{Pipeline: "pgvector", Op: method, Items: items, Took: time.Since(begin)}
			if err != nil {
				e.Err = cause(ctx, err)
			}
			s.opt.Observer.Observe(e)
		}()
	}
	if s.closed {
		return quintet.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	s.oids.register(conn.Conn().TypeMap())
	return do(conn.Conn())
}

// columns are those of an item, as scanItem reads them.
const columns = "id, embedding, meta, types, body, sparse"

// Get returns the item with the given ID and whether it is there. The Vector of a
// Cosine store has norm 1; with F16 it is rounded.
func (s *Store[K]) Get(ctx context.Context, id K) (it vector.Item[K], ok bool, err error) {
	err = s.call(ctx, "Get", 1, func(c *pgx.Conn) (int, error) {
		key, err := s.keys.param(id)
		if err != nil {
			return -1, nil // no store has it
		}
		row := c.QueryRow(ctx, "SELECT "+columns+" FROM "+s.names.table+" WHERE tenant = $1 AND id = $2", s.opt.Tenant, key)
		it, err = s.scanItem(row)
		if errors.Is(err, pgx.ErrNoRows) {
			return -1, nil
		}
		ok = err == nil
		return -1, err
	})
	return it, ok, err
}

func (s *Store[K]) scanItem(row pgx.Row, more ...any) (it vector.Item[K], err error) {
	var key keyScan
	var meta, types []byte
	var sparse *pgv.SparseVector
	v := floats{element: s.element}
	to := append([]any{s.keys.target(&key), v.target(), &meta, &types, &it.Text, &sparse}, more...)
	if err := row.Scan(to...); err != nil {
		return vector.Item[K]{}, err
	}
	if it.ID, err = s.keys.key(&key); err != nil {
		return vector.Item[K]{}, err
	}
	if it.Meta, err = decodeMeta(meta, types); err != nil {
		return vector.Item[K]{}, err
	}
	it.Vector, it.Sparse = v.vector(), sparseOf(sparse)
	return it, nil
}

// Stats counts the items, which takes time that grows with them. LinkBytes is the size
// of the HNSW index with all tenants in it, Bytes that of the tenant's vectors.
func (s *Store[K]) Stats(ctx context.Context) (st vector.Stats, err error) {
	err = s.call(ctx, "Stats", 1, func(c *pgx.Conn) (int, error) {
		st = vector.Stats{Dim: s.opt.Dim, Metric: s.opt.Metric, Index: s.opt.Index, Quantization: s.opt.Quantization}
		err := c.QueryRow(ctx, "SELECT count(*), count(sparse), coalesce(sum(pg_column_size(embedding)), 0)::bigint,"+
			" coalesce(pg_relation_size(to_regclass($2::text)), 0) FROM "+s.names.table+" WHERE tenant = $1",
			s.opt.Tenant, s.names.index(s.names.hnsw)).Scan(&st.Items, &st.Sparse, &st.Bytes, &st.LinkBytes)
		return -1, err
	})
	if err != nil {
		return vector.Stats{}, err
	}
	return st, nil
}

// Ping asks whether the server answers. It fits a check of package monitor.
func (s *Store[K]) Ping(ctx context.Context) error {
	return s.call(ctx, "Ping", 0, func(c *pgx.Conn) (int, error) { return -1, c.Ping(ctx) })
}

// Close waits for running calls and closes the connections if they are the store's
// own. Later calls return [quintet.ErrClosed]; closing twice is harmless.
func (s *Store[K]) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed && s.owned {
		s.pool.Close()
	}
	s.closed = true
	return nil
}
