// Package pggraph reads the edges of graphs from PostgreSQL and writes scores of nodes
// back:
//
//	db, err := pgx.Connect(ctx, "postgres:///shop") // or pgxpool.New
//	edges := pggraph.Edges[int64](ctx, db, pggraph.EdgesOptions{Table: []string{"links"}})
//	g, err := graph.FromEdges(ctx, edges, graph.BuilderOptions{})
//	ranks, err := graph.PageRank(ctx, g, graph.PageRankOptions{})
//	n, err := pggraph.WriteScores(ctx, db, g, ranks.Values, pggraph.ScoresOptions{Table: []string{"ranks"}})
//
// The database stores, the algorithms run in memory on a snapshot. It is a module of
// its own, so that nobody else downloads pgx.
//
// Names of tables and columns are quoted, never pasted: one with a quote in it names a
// table that does not exist. What is to be selected with joins or conditions belongs
// in a view of the database.
//
// # Limits
//
// Nodes are int, int64 or text. Weights are float32, scores float64. Tables are not
// created.
package pggraph
