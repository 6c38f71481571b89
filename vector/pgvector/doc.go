// Package pgvector keeps vectors in PostgreSQL, as a [vector.Store]:
//
//	store, err := pgvector.Open[string](ctx, pgvector.Options{URL: "postgres:///shop", Dim: 384})
//	err = store.Upsert(ctx, vector.Item[string]{ID: "doc-1", Vector: v, Meta: vector.Meta{"lang": "en"}})
//	hits, err := store.Search(ctx, vector.Query{Vector: q, Filter: vector.Eq("lang", "en")})
//
// A program written for a [vector.Collection] goes on with this one when many processes
// share the items, or when they should be in the same backups and transactions as the
// rest of its data. It is a module of its own, so that nobody else downloads pgx, the
// driver. It needs PostgreSQL with the extension pgvector 0.8 or later.
//
// # The table
//
// [Open] makes it, and what else is missing: the extension, an HNSW index, and if
// the options want them indexes of words and of metadata. That happens in one
// transaction under an advisory lock, so that many processes may start at once. A second
// table tells which of the versioned steps were carried out. A role that may not make
// anything opens with NoMigrate what another has made. The columns are tenant, id, seq
// (the insertion order), embedding, meta (jsonb), types (of the numbers in meta), body
// (the text) and sparse, for statements of the program's own.
//
// # Tenants
//
// A store has the items of one tenant; [Store.Tenant] returns that of another. Every
// statement asks for the tenant by a parameter. They share the indexes: a search walks
// past the items of others, so that a tenant with few of very many items is
// better found by the table's other indexes, which the planner chooses by its
// statistics.
//
// # Safety
//
// All that a caller chose, with names of fields in filters, goes to the server as
// parameters; names of tables are quoted. Numbers of the options that stand in
// statements are checked.
//
// # Limits
//
// Strings in keys, texts, metadata and tenants are UTF-8 without zero bytes. A uint64
// key above the largest int64 is a negative number in the table. Sparse vectors have
// indices below 1,000,000,000 and 16,000 values at most, those that are 0 are not kept,
// and items whose product with the query is 0 are not found. -0 in metadata becomes 0,
// and a time comes back with its offset, without the name of its zone. Vectors of more
// than 2,000 floats, 4,000 with F16, have no index.
//
// Metric, Dim, Quantization and the type of keys are those of the table for ever. M and
// EfConstruction count when the index is made: drop it to have others. Making an
// index of a large table, or its column of words, keeps writers away for that time.
//
// A search that finds fewer than K hits by the index is done once more without it, which
// reads all items of the tenant: one for more items than match takes that long.
//
// The tests run on PostgreSQL 18 and pgvector 0.8 compiled to WebAssembly (PGlite),
// which is one session. Deadlocks and failing disks were not tried. Poolers that give
// each transaction another connection need default_query_exec_mode=cache_describe in
// the URL.
package pgvector
