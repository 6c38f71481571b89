package pggraph

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
)

// DB is what begins transactions: a [*pgx.Conn] or a pgxpool.Pool. Whether it is safe
// for concurrent use is its own affair; a Conn is not.
type DB interface {
	// BeginTx begins a transaction.
	BeginTx(ctx context.Context, o pgx.TxOptions) (pgx.Tx, error)
}

var _ DB = (*pgx.Conn)(nil)

// EdgesOptions says where edges are.
type EdgesOptions struct {
	// Table is the name of a table or view, behind that of its schema if need
	// be. It must be given.
	Table []string

	From   string // column. Default: source
	To     string // column. Default: target
	Weight string // column, in which NULL counts 1. Default: none, all weights are 1

	// Batch is how many rows are fetched at a time, which is also how many are
	// in memory. Default: 10000.
	Batch int
}

func (o EdgesOptions) withDefaults() (EdgesOptions, error) {
	if err := named(o.Table); err != nil {
		return o, err
	}
	if o.Batch < 0 {
		return o, fmt.Errorf("pggraph: Batch is %d: %w", o.Batch, quintet.ErrOption)
	}
	if o.From == "" {
		o.From = "source"
	}
	if o.To == "" {
		o.To = "target"
	}
	if o.Batch == 0 {
		o.Batch = 10_000
	}
	return o, nil
}

// named refuses a name of a table that is none.
func named(table []string) error {
	if len(table) == 0 {
		return fmt.Errorf("pggraph: no Table: %w", quintet.ErrOption)
	}
	for _, part := range table {
		if part == "" {
			return fmt.Errorf("pggraph: Table has a part without letters: %w", quintet.ErrOption)
		}
	}
	return nil
}

// Edges returns the edges of a table as a source for [graph.FromEdges]. Each use of it
// reads them all with a cursor, in one transaction that sees the table as it was at its
// begin, and ends the transaction. Their order is that of the database.
//
// It yields the edges until the first error: of ctx, of the database, for a name that
// does not exist too, [quintet.ErrOption] for options out of range, or
// [quintet.ErrInput] for a row that is no edge, such as one with NULL for a node.
func Edges[K graph.FileKey](ctx context.Context, db DB, o EdgesOptions) graph.EdgeSource[K] {
	return func(yield func(graph.Edge[K], error) bool) {
		o, err := o.withDefaults()
		if err == nil {
			err = stream(ctx, db, o, yield)
		}
		if err != nil {
			yield(graph.Edge[K]{}, err)
		}
	}
}

// errStopped says that nobody wants more edges.
var errStopped = errors.New("pggraph: stopped")

// stream yields the edges of a table. It returns nil if yield wants no more.
func stream[K graph.FileKey](
	ctx context.Context, db DB, o EdgesOptions, yield func(graph.Edge[K], error) bool,
) error {
	tx, err := db.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return fmt.Errorf("pggraph: %w", err)
	}
	defer rollback(ctx, tx)
	if _, err := tx.Exec(ctx, "DECLARE quintet_edges NO SCROLL CURSOR FOR "+selection[K](o)); err != nil {
		return fmt.Errorf("pggraph: %w", err)
	}
	fetch := "FETCH " + strconv.Itoa(o.Batch) + " FROM quintet_edges"
	for {
		n, err := batch(ctx, tx, fetch, yield)
		if errors.Is(err, errStopped) {
			return nil
		}
		if err != nil || n == 0 {
			return err
		}
	}
}

// rollback ends a transaction that may have been committed, also when ctx has ended.
func rollback(ctx context.Context, tx pgx.Tx) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	tx.Rollback(ctx) // what went wrong before is what counts
}

// selection is the query for the edges, with nodes and weights of the types that
// are read.
func selection[K graph.FileKey](o EdgesOptions) string {
	kind, weight := "::bigint", "1::real"
	var key K
	if _, ok := any(key).(string); ok {
		kind = "::text"
	}
	if o.Weight != "" {
		weight = "coalesce(" + quoted(o.Weight) + "::real, 1)"
	}
	return "SELECT " + quoted(o.From) + kind + ", " + quoted(o.To) + kind + ", " + weight + " FROM " + quoted(o.Table...)
}

// quoted returns a name that is nothing but a name.
func quoted(parts ...string) string { return pgx.Identifier(parts).Sanitize() }

// batch yields the rows of one fetch and returns how many there were.
func batch[K graph.FileKey](
	ctx context.Context, tx pgx.Tx, fetch string, yield func(graph.Edge[K], error) bool,
) (n int, err error) {
	// Another cursor of the name may have had columns of other types, so that nothing
	// may be kept from it.
	rows, err := tx.Query(ctx, fetch, pgx.QueryExecModeDescribeExec)
	if err != nil {
		return 0, fmt.Errorf("pggraph: %w", err)
	}
	defer rows.Close()
	var e graph.Edge[K]
	for ; rows.Next(); n++ {
		if err := rows.Scan(&e.From, &e.To, &e.Weight); err != nil {
			return n, fmt.Errorf("pggraph: a row is no edge: %v: %w", err, quintet.ErrInput)
		}
		if !yield(e, nil) {
			return n, errStopped
		}
	}
	if err := rows.Err(); err != nil {
		return n, fmt.Errorf("pggraph: %w", err)
	}
	return n, nil
}
