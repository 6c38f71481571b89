// Package vector stores vectors under keys and finds the nearest ones to a
// query, exactly, with filters over typed metadata.
//
// A [Collection] lives in memory and is safe for concurrent use. It reads items
// (an ID, a vector, optionally metadata and a text) and yields hits, best first:
//
//	c, err := vector.New[string](vector.Options{Dim: 384, Metric: vector.Cosine})
//	err = c.Upsert(ctx, vector.Item[string]{ID: "doc-1", Vector: v, Meta: vector.Meta{"lang": "en"}})
//	hits, err := c.Search(ctx, vector.Query{Vector: q, K: 10, Filter: vector.Eq("lang", "en")})
//
// [NewPipeline] makes any [Store] a [quintet.Pipeline] from queries to hits.
//
// # How it searches
//
// Every query is compared with every vector, by AVX2 or NEON code where the
// processor has it. That is bound by how fast memory can be read: one core takes
// about 10 ms for 100,000 vectors of 384 floats. A collection of more than about
// 2 MB is spread over the workers of its runtime, and [Collection.SearchBatch]
// reads the vectors once for many queries. A filter is asked only about vectors
// that would be among the best, so it costs little unless it passes almost
// nothing.
//
// # Order
//
// Items have the order in which their IDs were first added. It decides between
// hits that are equally near and is the order of [Collection.All]. Results do not
// depend on the number of workers or on what else is in a batch.
//
// # Limits
//
// Vectors have 1 to 8,192 floats, all finite. Their norm is at most 9e18; with
// Cosine it may be anything but zero. An item takes its floats, rounded up to
// whole 64 bytes, and about 120 bytes more, besides metadata, text and the
// letters of its ID; memory grows by 128 to 256 KiB at a time.
//
// Sums are made in float32: scores are off by about 1e-7 times the product of
// the norms, and Euclidean distances below 1e-22 are 0. Nothing is written to
// disk. A writer waits for running searches, and calls that come after it wait
// for the writer.
package vector
