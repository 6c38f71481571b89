package pgvector

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
	pgvx "github.com/pgvector/pgvector-go/pgx"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vector"
)

// Open connects, makes what is missing in the database unless NoMigrate is set, and
// returns a store. It needs pgvector 0.8 or later, in the database or to be had there
// by CREATE EXTENSION. Stores may be opened at the same time by many processes.
//
// The error wraps [quintet.ErrOption] for options that make no sense, or that do not
// fit the table or what the role may do, [quintet.ErrUnsupported] for a server without
// pgvector, an older one, or a table of a newer version of this package, and
// [quintet.ErrBusy] for a server that cannot be reached.
func Open[K vector.Key](ctx context.Context, o Options) (*Store[K], error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	owned := o.Pool == nil
	if owned {
		if o.Pool, err = connect(ctx, o.URL); err != nil {
			return nil, err
		}
	}
	s := &Store[K]{
		opt: o, names: o.names(), element: o.element(), keys: newKeyCodec[K](), rules: o.rules(),
		pool: o.Pool, owned: owned,
	}
	if err := s.prepare(ctx); err != nil {
		if owned {
			o.Pool.Close()
		}
		return nil, fmt.Errorf("pgvector: %w", cause(ctx, err))
	}
	return s, nil
}

// connect makes a pool. A URL may have a password in it, so that the error is not
// repeated but for its kind.
func connect(ctx context.Context, url string) (*pgxpool.Pool, error) {
	c, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("pgvector: URL cannot be read: %w", quintet.ErrOption)
	}
	pool, err := pgxpool.NewWithConfig(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("pgvector: %w: %w", err, quintet.ErrOption)
	}
	return pool, nil
}

// prepare makes the database ready, or says why it is not.
func (s *Store[K]) prepare(ctx context.Context) error {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	if !s.opt.NoMigrate {
		if err := s.migrate(ctx, conn.Conn()); err != nil {
			return err
		}
	}
	if err := s.learnTypes(ctx, conn.Conn()); err != nil {
		return err
	}
	return s.checkTable(ctx, conn.Conn())
}

// learnTypes asks for pgvector's version and the numbers of its types.
func (s *Store[K]) learnTypes(ctx context.Context, c *pgx.Conn) error {
	var version string
	err := c.QueryRow(ctx, `SELECT coalesce((SELECT extversion FROM pg_extension WHERE extname = 'vector'), ''),
		coalesce(to_regtype('vector')::oid, 0), coalesce(to_regtype('halfvec')::oid, 0),
		coalesce(to_regtype('sparsevec')::oid, 0)`).Scan(&version, &s.oids.vector, &s.oids.half, &s.oids.sparse)
	switch {
	case err != nil:
		return err
	case version == "":
		return fmt.Errorf("the database has no pgvector: %w", quintet.ErrUnsupported)
	case older(version):
		return fmt.Errorf("pgvector is %s, want 0.8 or later: %w", version, quintet.ErrUnsupported)
	case s.oids.vector == 0 || s.oids.half == 0 || s.oids.sparse == 0:
		return fmt.Errorf("pgvector is in a schema that is not in the search path: %w", quintet.ErrOption)
	}
	return nil
}

// older reports whether a version of pgvector is below 0.8.
func older(version string) bool {
	major, rest, _ := strings.Cut(version, ".")
	minor, _, _ := strings.Cut(rest, ".")
	m, err := strconv.Atoi(minor)
	return major == "0" && err == nil && m < 8
}

// checkTable refuses a table that does not fit the options.
func (s *Store[K]) checkTable(ctx context.Context, c *pgx.Conn) error {
	want := map[string]string{"embedding": s.element.column, "id": s.keys.column()}
	if s.opt.TextIndex {
		want["words"] = "tsvector"
	}
	rows, err := c.Query(ctx, `SELECT attname::text, format_type(atttypid, atttypmod) FROM pg_attribute
		WHERE attrelid = to_regclass($1::text) AND attnum > 0 AND NOT attisdropped`, s.names.table)
	if err != nil {
		return err
	}
	var name, kind string
	if _, err := pgx.ForEachRow(rows, []any{&name, &kind}, func() error {
		if w, ok := want[name]; ok && kind != w && !strings.HasSuffix(kind, "."+w) {
			return fmt.Errorf("table %s has %s of type %s, want %s: %w", s.names.table, name, kind, w, quintet.ErrOption)
		}
		delete(want, name)
		return nil
	}); err != nil {
		return err
	}
	for name := range want {
		return fmt.Errorf("there is no table %s with the column %s: %w", s.names.table, name, quintet.ErrOption)
	}
	return s.checkVersion(ctx, c)
}

func (s *Store[K]) checkVersion(ctx context.Context, c *pgx.Conn) error {
	var version int
	var metric string
	newest := "SELECT version, metric FROM " + s.names.versions + " ORDER BY version DESC LIMIT 1"
	err := c.QueryRow(ctx, newest).Scan(&version, &metric)
	switch {
	case err != nil:
		return err
	case version > len(migrations):
		return fmt.Errorf("table %s is of version %d, want %d at most: %w",
			s.names.table, version, len(migrations), quintet.ErrUnsupported)
	case metric != s.opt.Metric.String():
		return fmt.Errorf("table %s is of metric %s, want %v: %w", s.names.table, metric, s.opt.Metric, quintet.ErrOption)
	}
	return nil
}

// oids are the numbers of pgvector's types in a database.
type oids struct{ vector, half, sparse uint32 }

// register makes a connection able to send and read these types. Its map of types is
// its own, and looked into once for each use of the connection.
func (o oids) register(m *pgtype.Map) {
	if _, ok := m.TypeForOID(o.vector); ok {
		return
	}
	m.RegisterType(&pgtype.Type{Name: "vector", OID: o.vector, Codec: pgvx.VectorCodec{}})
	m.RegisterType(&pgtype.Type{Name: "halfvec", OID: o.half, Codec: pgvx.HalfVectorCodec{}})
	m.RegisterType(&pgtype.Type{Name: "sparsevec", OID: o.sparse, Codec: pgvx.SparseVectorCodec{}})
}

// rollback ends a transaction that may have been committed, also when ctx has ended.
func rollback(ctx context.Context, tx pgx.Tx) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	tx.Rollback(ctx) // what went wrong before is what counts
}
