// Package hnsw finds the nearest neighbours of a vector among many, approximately,
// in a hierarchical navigable small world graph (Malkov and Yashunin, arXiv
// 1603.09320):
//
//	ix, err := hnsw.New(hnsw.Options{Dim: 384, Metric: hnsw.Dot})
//	ix.Put(id, v)                            // for many; searches rank them one by one
//	ix.Link(ids, runtime.NumCPU())           // and now walk the graph to them
//	hits = ix.Search(hits[:0], q, 10, 64, nil, &searcher)
//
// # How it is made
//
// Ids are dense numbers and index everything: vectors padded to whole cache lines,
// links in rows of fixed length, both in chunks that never move, so that searches
// need no lock beside writers. A walk marks what it has met with the number of the
// walk, keeps its candidates in one sorted array of integers, and ranks the new
// links of a node in one call of a kernel that prefetches the rows to come.
//
// A node chooses links in different directions, and never gives up the last link
// to another node. Of equal vectors the newest are linked first, and they are at
// most half of a node's choice, so that copies form a chain instead of an island.
//
// # Deleting
//
// A deleted node stays as a stepping stone until [Index.Compact]; the nodes that
// linked to it choose anew from where it led. An update is a new id and a deletion
// of the old one. Compact costs a copy and renumbers by nearness in the graph.
//
// Putting and deleting have a part that takes no time and decides what searches
// find, Show and Hide, and one that can come later, Link and Delete. So a caller can
// make many changes visible at one moment.
//
// # Filters
//
// A search with a set of allowed ids scans the set where that is faster, walks
// past nodes that are not allowed if a fifth or more is, and else looks through them
// to their links, with more candidates than asked for. It returns k hits whenever k
// are allowed.
//
// # Codes
//
// [Index.Quantize] adds a code of 8 bits or of 1 bit a dimension, by which searches
// walk; what they find is ranked by the vectors themselves. By bits, a search keeps
// more candidates than asked for, twice as many with 64 dimensions, and ranks all of
// them again.
//
// # Vectors
//
// Options.Half keeps vectors as 16-bit floats, of which distances err by at most
// 1/2048 of a vector's length. [Index.Replace], and Decoder.Keep, let most vectors be
// memory of a file; whole chunks only, since the last one takes new vectors.
//
// # Limits
//
// Vectors have 1 to 8,192 floats, ids are below 2^30. Memory for a vector is its
// floats, rounded up to 64 bytes, and about 141 bytes for M = 16; it grows by some
// hundred KiB at a time. The caller refuses NaN and infinities: an index takes
// them, stays in one piece, and ranks them anywhere. Recall with Dot is good for
// vectors of like norms; long ones among short ones attract all walks. Codes of
// vectors that are short beside the distance of most from the median are coarse, and
// bits tell vectors apart only if their distance is not small beside that one.
// A crowd of copies larger than ef can hide vectors near it from a search.
// Processors without AVX2 rank one vector after another, and codes and 16-bit floats
// more slowly than float32.
package hnsw
