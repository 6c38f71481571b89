package pggraph

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
)

// ScoresOptions says where scores go.
type ScoresOptions struct {
	// Table is the name of a table that exists, behind that of its schema if
	// need be. It must be given.
	Table []string

	Node  string // column. Default: node
	Score string // column. Default: score

	// Replace deletes all rows of the table before.
	Replace bool
}

// WriteScores writes a score for each node of a graph by COPY, in one transaction, and
// returns how many rows it wrote. Other programs see all of them or none. The scores
// are by node index, as in [graph.Scores].
//
// It returns [quintet.ErrInput] for a nil graph or scores that are not one for each
// node, [quintet.ErrOption] for a table without a name, the error of ctx, or that of
// the database, such as for columns of other types.
func WriteScores[K graph.FileKey](
	ctx context.Context, db DB, g *graph.Graph[K], scores []float64, o ScoresOptions,
) (rows int64, err error) {
	if err := named(o.Table); err != nil {
		return 0, err
	}
	if o.Node == "" {
		o.Node = "node"
	}
	if o.Score == "" {
		o.Score = "score"
	}
	if g == nil {
		return 0, fmt.Errorf("pggraph: nil graph: %w", quintet.ErrInput)
	}
	if len(scores) != g.Order() {
		return 0, fmt.Errorf("pggraph: %d scores for %d nodes: %w", len(scores), g.Order(), quintet.ErrInput)
	}
	if rows, err = write(ctx, db, g, scores, o); err != nil {
		return 0, fmt.Errorf("pggraph: %w", err)
	}
	return rows, nil
}

func write[K graph.FileKey](
	ctx context.Context, db DB, g *graph.Graph[K], scores []float64, o ScoresOptions,
) (rows int64, err error) {
	tx, err := db.BeginTx(ctx, pgx.TxOptions{})
	if err != nil {
		return 0, err
	}
	defer rollback(ctx, tx)
	if o.Replace {
		if _, err := tx.Exec(ctx, "DELETE FROM "+quoted(o.Table...)); err != nil {
			return 0, err
		}
	}
	u := -1
	source := pgx.CopyFromFunc(func() ([]any, error) {
		if u++; u == len(scores) {
			return nil, nil
		}
		key, _ := g.Key(int32(u))
		return []any{key, scores[u]}, nil
	})
	rows, err = tx.CopyFrom(ctx, pgx.Identifier(o.Table), []string{o.Node, o.Score}, source)
	if err != nil {
		return 0, err
	}
	return rows, tx.Commit(ctx)
}
