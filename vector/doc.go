// Package vector stores vectors under keys and finds the nearest ones to a query,
// exactly or by a graph, with filters over typed metadata.
//
// A [Collection] is safe for concurrent use. It reads items (an ID, a vector,
// optionally metadata and a text) and yields hits, best first. [New] makes one in
// memory, [Open] one that a directory keeps:
//
//	c, err := vector.Open[string]("index", vector.Options{Dim: 384, Metric: vector.Cosine})
//	err = c.Upsert(ctx, vector.Item[string]{ID: "doc-1", Vector: v, Meta: vector.Meta{"lang": "en"}})
//	hits, err := c.Search(ctx, vector.Query{Vector: q, K: 10, Filter: vector.Eq("lang", "en")})
//
// [NewPipeline] makes any [Store] a [quintet.Pipeline] from queries to hits, [Fanout]
// makes one store of several. [Tenants] keeps a collection for each of many names,
// [MultiCollection] ranks documents of several vectors by max-sim, and the metric
// [Hamming] compares vectors of bits.
//
// # How it searches
//
// A small collection, or one with Options.Index Flat, is scanned: every query is
// compared with every vector, by AVX2 or NEON code where the processor has it. That
// is exact, and bound by how fast memory can be read: one core takes about 10 ms for
// 100,000 vectors of 384 floats. A collection of more than about 2 MB is spread over
// the workers of its runtime, and [Collection.SearchBatch] reads the vectors once
// for many queries. A filter is asked only about vectors that would be among the
// best, so it costs little unless it passes almost nothing.
//
// A larger one gets a graph (HNSW), which a query walks: it meets a small part of
// the vectors and finds most of the nearest. Query.Ef, or Options.EfSearch, trades
// time for recall; Query.Exact scans; [Collection.Recall] measures what is missed. A
// walk never returns fewer than K hits if so many match. It scans instead where that
// is faster: for few items and for large K.
//
// What a filter passes is asked of all items the first time, then remembered and kept
// up to date, for the last 32 filters. If it is a fifth of the items or more, a walk
// goes past the others; it keeps Ef candidates at least, and as many more as it takes
// for share·Ef + 2·K·(1-share) of them to pass. Of fewer, those that pass are scanned
// where that is faster, by SQ8 codes where there are some. Else a walk steps through
// the others to their links, with Ef/√share candidates. With 10 % of 100,000 vectors
// of 128 floats passing, a scan and such a walk take about as long, and the scan finds
// all.
//
// A change is visible when its call returns, whole and at one moment, with a graph
// too. Building the graph comes later, in the background: until then, searches
// compare with new items one by one, so that they are never missed. What was deleted
// or replaced is not found from that moment on; the graph leads around it later, and
// when that is a fifth of it, a compact copy takes its place, with near vectors close
// in memory. [Collection.Compact] waits for all of this.
//
// # Memory
//
// There is one copy of the vectors. With Options.Quantization SQ8 or Binary there are
// codes of a quarter or a 32nd of their size besides, to walk by; new vectors get
// theirs by the middle of those that were there when codes were last made, and all are
// made anew as the collection grows. F16 halves the vectors themselves. With
// Options.Mapped the vectors of a graph are in the file of the snapshot, whose pages
// the system keeps in memory as long as it has some to spare; what a walk by codes
// ranks again, some 30 vectors for SQ8, is all that it reads there. [Collection.Stats]
// tells how much is where. For 30,000 directions of 384 floats, on one core, in bytes a
// vector without keys and metadata, which took about 100 more:
//
//	                   in memory   in the file   Ef 32: recall@10, µs   Ef 64
//	None                   1,681             0       0.998    112       1.000   167
//	None, Mapped             148         1,534       0.998     93       1.000   157
//	SQ8                    2,098             0       0.998     53       1.000    92
//	SQ8, Mapped              565         1,534       0.998     54       1.000    98
//	F16                      911             0       0.998     79       1.000   148
//	F16, Mapped              144           767       0.998     85       1.000   128
//	Binary                 1,745             0       0.999     62       1.000    90
//	Binary, Mapped           212         1,534       0.999     57       1.000   105
//
// Go test -bench Quantization prints all of this. The last four rows are of another
// run, while other programs took most of the machine.
//
// Figures of a busy virtual machine with two cores, in processor time, for 100,000
// vectors of 128 floats that are hard for graphs, L2, default options unless said:
//
//	search                       recall@10    µs a query   with SQ8
//	scan (Query.Exact)               1           7,000         7,000
//	Ef 32                        0.987             111            71
//	Ef 64                        0.996             169            78
//	Ef 128                       0.998             295           145
//	Ef 64, filter passes 50 %    0.987             345           236
//	Ef 64, filter passes 10 %        1             339           258
//	Ef 64, filter passes 1 %         1              85            90
//
//	graph alone, without a collection     0.89 to 0.93 of the time (in turn, medians)
//	building the graph                    46 s of processor time with one worker,
//	                                      43 s over two, in 0.62 of the wall time
//	memory                                655 B a vector, 512 of them its floats
//	20,000 left of 40,000 and compacted   recall 0.982, built fresh 0.972
//
// Go test -bench 'Graph|Overhead|Build|Compacted' prints them.
//
// Beside hnswlib 0.6.2 in C++, compiled for the processor, with M 16 and
// EfConstruction 200 on both sides: medians of rounds in turn, in processor time, for
// 100,000 x 128 (C) and 30,000 x 384 (D). Make report AREA=vector prints them:
//
//	                                             C        D        goal
//	queries a second at recall@10 0.95           1.84x    1.39x    1.4x of hnswlib
//	  0.99                                       1.58x    1.47x    1.4x
//	  0.95, SQ8                                  2.32x    2.51x    2.5x
//	  0.99, SQ8                                  2.78x    2.88x    2.5x
//	building                                     0.54x to 0.65x    0.65x, D 0.8x
//	  wall time of one worker over two                    2.13x    1.8x
//	bytes a vector                                        1,681    1,696
//	  SQ8, Mapped                                           565    600
//	queries a second behind a filter: 1 %        1.5x              0.5x of none
//	  10 %                                       0.40x             0.5x
//	  50 %                                       0.65x             0.5x
//	half deleted and compacted: recall                    1.00x    0.97x of fresh
//	  queries a second                                    1.11x    0.97x
//	allocations a search                                  1        the hits
//	scan of 100,000 x 384: bytes a second                 0.91x    0.8x of reading memory
//	  batch of 32 queries                                 5.16x    3x of single ones
//
// A million vectors of 128 floats took 576 s of processor time to build, beside other
// work; recall@10 is 0.944 with default options at 2,905 queries a second.
//
// # Words and sparse vectors
//
// With Options.TextIndex a collection indexes the words of its items' texts: a query
// with a Text ranks by BM25. English words count by their stems, those that carry
// grammar only not at all; scripts without spaces are indexed by pairs of letters.
//
// An item may have a [Sparse] vector besides, as models of the SPLADE kind make it. It
// goes into an inverted index, and a query with one ranks by the dot product, exactly:
// 0.25 ms of processor time for about 20 dimensions in 20,000 vectors of about 120, a
// 70th of a loop over the vectors (go test -bench Sparse), and in proportion to the
// vectors that share a dimension. A dimension takes about 15 bytes. What a filter
// passes is asked of all items each time.
//
// A query with two or all of Vector, Text and Sparse fuses their rankings.
//
// # Order
//
// Items have the order in which their IDs were first added. It decides between
// hits that are equally near and is the order of [Collection.All]; by a graph, any of
// the items that are as near as the last hit may be missing. Results of a scan do not
// depend on the number of workers or on what else is in a batch. The graph depends on
// the order in which items came and, with several workers, on chance.
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
// file, which happens in the background when it is larger than the vectors, and when
// much was built into the graph, which a snapshot holds. [Open] reads the newest
// snapshot and the log after it: 1.5 s of processor time for a million vectors of 128
// floats. With a graph, which is not built again but for items in the log, that was
// 1.6 s (goal: 2), and 0.14 s for 200,000; metadata of one number adds 1.4 µs an item.
// Another M, EfConstruction or Seed, Flat, or going to F16 or from it, opens the same
// files and builds the graph anew; other codes, and Mapped, take what is there.
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
// whole 64 bytes, and about 120 bytes more, besides metadata, text, sparse vector and
// the letters of its ID; memory grows by 128 to 256 KiB at a time. A graph with M = 16
// takes about 145 bytes an item, SQ8 a byte a dimension, Binary a bit, and compaction
// for some time as much again as all of it, with vectors that are Mapped else: they are
// in memory from a compaction to the snapshot after it.
//
// Sums are made in float32: scores are off by about 1e-7 times the product of
// the norms, and Euclidean distances below 1e-22 are 0. A writer waits for
// running searches, and calls that come after it wait for the writer: at most as
// long as a walk, or a scan where there is one.
//
// A filter that is new each time, such as one with the present time in it, costs a
// pass over the metadata of all items for each search. Recall with Dot is good for
// vectors of like norms. Linking takes some 0.5 ms of a core for an item, and so does
// leading around a deleted one: writers that are faster for long leave ever more to
// be compared one by one. Linking pauses while a snapshot is written. What a
// snapshot holds as F16 stays rounded whatever the options are later.
//
// A file that is Mapped is checked when it is opened, and trusted from then on.
// Whoever writes to it afterwards changes what is found; if it is made shorter, or its
// disk fails, a read there ends the process by a signal. It may be removed. If it is
// larger than the memory that the system has left for it, searches wait for the disk,
// with SQ8 the least. Linking reads many more vectors than a search.
//
// A directory needs room for the vectors twice while a snapshot is written, and
// for a log as large. All items are in memory too, but for vectors that are Mapped. A
// time in metadata comes back from disk with its offset, without the name of its zone.
// A log that was cut exactly between two records by hand cannot be told from a shorter
// one, nor, if the collection was not closed, can damage that left a sector of the last
// record zero be told from a crash. Checksums find accidents, not forgeries. Where files
// cannot be locked, as in a browser, Open returns [quintet.ErrUnsupported].
package vector
