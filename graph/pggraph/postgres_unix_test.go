//go:build unix

package pggraph_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
	"github.com/quintet-ai/quintet/graph/pggraph"
)

var links = pggraph.EdgesOptions{Table: []string{"links"}, Weight: "w"}

// manyEdges fills links with so many edges that a batch does not hold them.
const manyEdges = "INSERT INTO links SELECT i, i + 1, 'x', 0.5 FROM generate_series(1, 25000) i"

func edgesAreRead(t *testing.T, c *pgx.Conn, _ string) {
	run(t, c, "INSERT INTO links VALUES (1, 2, 'a', 0.5), (2, 3, 'b', NULL), (2, 3, 'b', 4)")
	numbers, err := graph.FromEdges(t.Context(), pggraph.Edges[int](t.Context(), c, links), graph.BuilderOptions{})
	require.NoError(t, err)
	w, ok := numbers.Weight(1, 2)
	require.True(t, ok)
	require.Equal(t, 0.5, w)
	w, _ = numbers.Weight(3, 2)
	require.Equal(t, 5.0, w, "NULL counts 1")

	o := pggraph.EdgesOptions{Table: []string{"public", "links"}, From: "label", To: "target"}
	texts, err := graph.FromEdges(t.Context(), pggraph.Edges[string](t.Context(), c, o), graph.BuilderOptions{Directed: true})
	require.NoError(t, err)
	require.True(t, texts.HasEdge("a", "2"))

	run(t, c, manyEdges)
	many, err := graph.FromEdges(t.Context(), pggraph.Edges[int64](t.Context(), c, links), graph.BuilderOptions{})
	require.NoError(t, err)
	require.Equal(t, 25_000, many.Size())
}

func scoresAreWritten(t *testing.T, c *pgx.Conn, _ string) {
	b := graph.NewBuilder[int64](graph.BuilderOptions{})
	b.AddEdge(7, 9, 1)
	g, err := b.Build()
	require.NoError(t, err)
	for range 2 {
		o := pggraph.ScoresOptions{Table: []string{"ranks"}, Replace: true}
		n, err := pggraph.WriteScores(t.Context(), c, g, []float64{0.25, 0.75}, o)
		require.NoError(t, err)
		require.Equal(t, int64(2), n)
	}
	rows, err := c.Query(t.Context(), "SELECT node, score FROM ranks ORDER BY node")
	require.NoError(t, err)
	type row struct {
		Node  int64
		Score float64
	}
	got, err := pgx.CollectRows(rows, pgx.RowToStructByPos[row])
	require.NoError(t, err)
	require.Equal(t, []row{{7, 0.25}, {9, 0.75}}, got)
}

func namesAreQuoted(t *testing.T, c *pgx.Conn, _ string) {
	run(t, c, `CREATE TEMP TABLE "a""; DROP TABLE links; --" ("from x" bigint, "select" bigint);
		INSERT INTO "a""; DROP TABLE links; --" VALUES (1, 2)`)
	odd := `a"; DROP TABLE links; --`
	o := pggraph.EdgesOptions{Table: []string{odd}, From: "from x", To: "select"}
	g, err := graph.FromEdges(t.Context(), pggraph.Edges[int](t.Context(), c, o), graph.BuilderOptions{})
	require.NoError(t, err)
	require.Equal(t, 1, g.Size())
	o = pggraph.EdgesOptions{Table: []string{"links"}, From: `source" FROM links; DROP TABLE links; --`}
	_, err = graph.FromEdges(t.Context(), pggraph.Edges[int](t.Context(), c, o), graph.BuilderOptions{})
	require.ErrorContains(t, err, "does not exist")
	run(t, c, "SELECT source FROM links")
}

func badRows(t *testing.T, c *pgx.Conn, _ string) {
	run(t, c, "INSERT INTO links VALUES (1, NULL, 'a', 1)")
	_, err := graph.FromEdges(t.Context(), pggraph.Edges[int](t.Context(), c, links), graph.BuilderOptions{})
	require.ErrorIs(t, err, quintet.ErrInput)
	run(t, c, "DELETE FROM links; INSERT INTO links VALUES (1, 2, 'a', 'NaN')")
	_, err = graph.FromEdges(t.Context(), pggraph.Edges[int](t.Context(), c, links), graph.BuilderOptions{})
	require.ErrorIs(t, err, quintet.ErrInput)
	words := pggraph.EdgesOptions{Table: []string{"links"}, From: "label"}
	_, err = graph.FromEdges(t.Context(), pggraph.Edges[int](t.Context(), c, words), graph.BuilderOptions{})
	require.ErrorContains(t, err, "invalid input syntax")
}

func earlyEnd(t *testing.T, c *pgx.Conn, _ string) {
	run(t, c, manyEdges)
	n := 0
	for _, err := range pggraph.Edges[int](t.Context(), c, links) {
		require.NoError(t, err)
		if n++; n == 15_000 {
			break
		}
	}
	run(t, c, "DELETE FROM links")
}

func cancelled(t *testing.T, c *pgx.Conn, _ string) {
	run(t, c, manyEdges)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n := 0
	var failed error
	for _, err := range pggraph.Edges[int](ctx, c, links) {
		failed = err
		if n++; n == 5 {
			cancel()
		}
	}
	require.ErrorIs(t, failed, context.Canceled)
	require.Less(t, n, 25_000)
	_, err := pggraph.WriteScores(ctx, c, new(graph.Graph[int]), nil, pggraph.ScoresOptions{Table: []string{"ranks"}})
	require.Error(t, err)
}

func killed(t *testing.T, c *pgx.Conn, where string) {
	run(t, c, manyEdges)
	other, n := connect(t, where), 0
	var failed error
	for _, err := range pggraph.Edges[int](t.Context(), c, links) {
		failed = err
		if n++; n == 1 {
			_, err := other.Exec(t.Context(), "SELECT pg_terminate_backend($1)", c.PgConn().PID())
			require.NoError(t, err)
		}
	}
	require.ErrorContains(t, failed, "pggraph: ")
	require.Less(t, n, 25_000)
}

func snapshot(t *testing.T, c *pgx.Conn, where string) {
	run(t, c, manyEdges)
	other, n := connect(t, where), 0
	for _, err := range pggraph.Edges[int](t.Context(), c, links) {
		require.NoError(t, err)
		if n++; n == 1 {
			run(t, other, "DELETE FROM links")
		}
	}
	require.Equal(t, 25_000, n)
}

func failedCopy(t *testing.T, c *pgx.Conn, _ string) {
	run(t, c, "ALTER TABLE ranks ADD CHECK (score < 1)")
	b := graph.NewBuilder[int](graph.BuilderOptions{})
	b.AddEdge(1, 2, 1)
	g, err := b.Build()
	require.NoError(t, err)
	_, err = pggraph.WriteScores(t.Context(), c, g, []float64{0.5, 2}, pggraph.ScoresOptions{Table: []string{"ranks"}})
	require.ErrorContains(t, err, "check constraint")
	var left int
	require.NoError(t, c.QueryRow(t.Context(), "SELECT count(*) FROM ranks").Scan(&left))
	require.Zero(t, left)
}

func refused(t *testing.T, c *pgx.Conn, _ string) {
	g := new(graph.Graph[int])
	for _, table := range [][]string{nil, {""}, {"public", ""}} {
		_, err := pggraph.WriteScores(t.Context(), c, g, nil, pggraph.ScoresOptions{Table: table})
		require.ErrorIs(t, err, quintet.ErrOption)
		for _, err := range pggraph.Edges[int](t.Context(), c, pggraph.EdgesOptions{Table: table}) {
			require.ErrorIs(t, err, quintet.ErrOption)
		}
	}
	ranks := pggraph.ScoresOptions{Table: []string{"ranks"}}
	_, err := pggraph.WriteScores(t.Context(), c, g, []float64{1}, ranks)
	require.ErrorIs(t, err, quintet.ErrInput)
	_, err = pggraph.WriteScores[int](t.Context(), c, nil, nil, ranks)
	require.ErrorIs(t, err, quintet.ErrInput)
	for _, err := range pggraph.Edges[int](t.Context(), c, pggraph.EdgesOptions{Table: []string{"links"}, Batch: -1}) {
		require.ErrorIs(t, err, quintet.ErrOption)
	}
	n, err := pggraph.WriteScores(t.Context(), c, g, nil, ranks)
	require.NoError(t, err)
	require.Zero(t, n)
}
