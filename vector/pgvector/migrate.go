package pgvector

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/quintet-ai/quintet/vector"
)

// migrations are the steps from nothing to the table as it is used. Each is carried
// out once for a table. A table keeps its old steps, so that one is never changed.
var migrations = []func(n names, e element, keys string) string{
	func(n names, e element, keys string) string {
		collation := ""
		if keys == "text" {
			collation = ` COLLATE "C"`
		}
		return `CREATE TABLE ` + n.table + ` (
			tenant text COLLATE "C" NOT NULL,
			id ` + keys + collation + ` NOT NULL,
			seq bigint GENERATED ALWAYS AS IDENTITY,
			embedding ` + e.column + ` NOT NULL,
			meta jsonb NOT NULL DEFAULT '{}',
			types jsonb,
			body text NOT NULL DEFAULT '',
			sparse sparsevec,
			PRIMARY KEY (tenant, id),
			UNIQUE (tenant, seq)
		)`
	},
}

// lockKey is that of the advisory lock which only one migration of a database holds:
// also of other tables, as all may make the extension.
const lockKey = 0x7175696e74657401

// migrate brings the table to the newest version and makes the indexes that the
// options want, all or nothing. It takes no locks of the table where nothing is missing.
func (s *Store[K]) migrate(ctx context.Context, c *pgx.Conn) error {
	tx, err := c.Begin(ctx)
	if err != nil {
		return err
	}
	defer rollback(ctx, tx)
	if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", int64(lockKey)); err != nil {
		return err
	}
	if err := unless(ctx, tx, "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'vector')", "",
		"CREATE EXTENSION vector"); err != nil {
		return err
	}
	if err := s.upgrade(ctx, tx); err != nil {
		return err
	}
	if err := s.makeIndexes(ctx, tx); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// upgrade carries out the steps that the table lacks.
func (s *Store[K]) upgrade(ctx context.Context, tx pgx.Tx) error {
	if err := unless(ctx, tx, "SELECT to_regclass($1::text) IS NOT NULL", s.names.versions, "CREATE TABLE "+s.names.versions+
		" (version int PRIMARY KEY, metric text NOT NULL, at timestamptz NOT NULL DEFAULT now())"); err != nil {
		return err
	}
	var version int
	if err := tx.QueryRow(ctx, "SELECT coalesce(max(version), 0) FROM "+s.names.versions).Scan(&version); err != nil {
		return err
	}
	for v := version; v < len(migrations); v++ {
		if _, err := tx.Exec(ctx, migrations[v](s.names, s.element, s.keys.column())); err != nil {
			return fmt.Errorf("version %d: %w", v+1, err)
		}
		insert := "INSERT INTO " + s.names.versions + " (version, metric) VALUES ($1, $2)"
		if _, err := tx.Exec(ctx, insert, v+1, s.opt.Metric.String()); err != nil {
			return err
		}
	}
	return nil
}

// makeIndexes makes what the options want and is not there.
func (s *Store[K]) makeIndexes(ctx context.Context, tx pgx.Tx) error {
	const there = "SELECT to_regclass($1::text) IS NOT NULL"
	on := func(name string) string { return "CREATE INDEX " + quoted(name) + " ON " + s.names.table }
	if s.opt.TextIndex {
		has := "SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass($1::text) AND attname = 'words')"
		add := "ALTER TABLE " + s.names.table + " ADD COLUMN words tsvector GENERATED ALWAYS AS (to_tsvector(" +
			literal(s.opt.TextConfig) + "::regconfig, body)) STORED"
		if err := unless(ctx, tx, has, s.names.table, add); err != nil {
			return err
		}
		sql := on(s.names.worded) + " USING gin (words)"
		if err := unless(ctx, tx, there, s.names.index(s.names.worded), sql); err != nil {
			return err
		}
	}
	if s.opt.MetaIndex {
		sql := on(s.names.metaIndex) + " USING gin (meta jsonb_path_ops)"
		if err := unless(ctx, tx, there, s.names.index(s.names.metaIndex), sql); err != nil {
			return err
		}
	}
	if s.opt.Index == vector.HNSW {
		sql := fmt.Sprintf("%s USING hnsw (embedding %s) WITH (m = %d, ef_construction = %d)",
			on(s.names.hnsw), s.element.class, s.opt.M, s.opt.EfConstruction)
		return unless(ctx, tx, there, s.names.index(s.names.hnsw), sql)
	}
	return nil
}

// unless carries out do if a question, about name if it is not "", is answered by no.
func unless(ctx context.Context, tx pgx.Tx, question, name, do string) error {
	var args []any
	if name != "" {
		args = append(args, name)
	}
	var there bool
	if err := tx.QueryRow(ctx, question, args...).Scan(&there); err != nil || there {
		return err
	}
	_, err := tx.Exec(ctx, do)
	return err
}
