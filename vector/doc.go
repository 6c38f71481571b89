// Package vector stores vectors under keys and finds the nearest ones to a
// query, exactly, with filters over typed metadata.
//
// A [Collection] is safe for concurrent use. It reads items (an ID, a vector,
// optionally metadata and a text) and yields hits, best first. [New] makes one in
// memory, [Open] one that a directory keeps:
//
//	c, err := vector.Open[string]("index", vector.Options{Dim: 384, Metric: vector.Cosine})
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
// # Durability
//
// In a collection of [Open] a change is written to a log before it is visible,
// each call of Upsert or Delete whole or not at all. A process that dies loses
// nothing that was acknowledged. What a loss of power or a crash of the operating
// system can cost, after which the rest is as it was at one moment, depends on
// Options.Sync. The numbers are calls a second, each with one vector of 384
// floats, that one writer and 16 writers made on a small virtual machine:
//
//	SyncAlways   nothing                                     650    5,100
//	SyncEvery    the calls of the last SyncInterval       37,000   36,000
//	SyncNever    the calls since the last snapshot        29,000   39,000
//
// Calls that wait at the same time share one write and one sync. The log grows
// until [Collection.Snapshot] or [Collection.Compact] writes all items to a new
// file, which happens in the background when it is larger than the vectors.
// [Open] reads the newest snapshot and the log after it: 1.5 s of processor time for
// a million vectors of 128 floats.
//
// A directory belongs to one process at a time. All of a file is under checksums.
// A record that a crash cut short goes; any other damage makes Open return a
// [CorruptError] with the file and place, and touch nothing. If the disk is full,
// changes fail and leave no trace, searches go on, and changes succeed again when
// there is room. If a sync fails, changes are refused until a snapshot succeeds.
// [Collection.Backup] and [Collection.Restore] copy a collection.
//
// # Files of others
//
// [ImportJSONL], [ImportNPY], [ImportFvecs] and [ImportCoder] fill any [Store];
// [ExportJSONL], [ExportNPY] and [ExportFvecs] write what [Collection.All] yields.
//
// # Limits
//
// Vectors have 1 to 8,192 floats, all finite. Their norm is at most 9e18; with
// Cosine it may be anything but zero. An item takes its floats, rounded up to
// whole 64 bytes, and about 120 bytes more, besides metadata, text and the
// letters of its ID; memory grows by 128 to 256 KiB at a time.
//
// Sums are made in float32: scores are off by about 1e-7 times the product of
// the norms, and Euclidean distances below 1e-22 are 0. A writer waits for
// running searches, and calls that come after it wait for the writer.
//
// A directory needs room for the vectors twice while a snapshot is written, and
// for a log as large. All items are in memory too. A time in metadata comes back
// from disk with its offset, without the name of its zone. A log that was cut
// exactly between two records by hand cannot be told from a shorter one, nor, if
// the collection was not closed, can damage that left a sector of the last record
// zero be told from a crash. Checksums find accidents, not forgeries. Where files
// cannot be locked, as in a browser, Open returns [quintet.ErrUnsupported].
package vector
