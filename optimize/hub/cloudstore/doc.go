// Package cloudstore keeps files in buckets: models, snapshots of vectors, backups,
// arguments and results of jobs that are too large for their queue.
//
//	s, err := cloudstore.Open(ctx, "s3://models?region=eu-west-1", cloudstore.Options{})
//	_, err = s.PutDir(ctx, "encoder/v3", "/models/encoder")
//	_, err = s.FetchDir(ctx, "encoder/v3", dir) // elsewhere
//	m, err := hub.Open(dir)
//
// Buckets are those of gocloud.dev: s3:// and what speaks its protocol, gs://, azblob://,
// file:// and mem://. Credentials come from the environment, as the cloud's own tools
// take them. It is a module of its own, so that nobody else downloads the clients of
// three clouds.
//
// # What is checked
//
// Every object is put with its SHA-256, and nothing is fetched that differs from it or
// from the digest that the caller asks for. A local file gets its name only when it is
// whole, checked and synced. [Store.PutDir] writes a manifest last, the one of package
// hub; [Store.FetchDir] reads it first and fetches what it names, so that a folder that
// was put by half is never taken for a whole one.
//
// # Trouble
//
// Calls are repeated with growing pauses, and a fetch goes on behind the bytes that
// arrived. What stays out of reach is [ErrUnavailable], what is not there [ErrNotFound],
// what may not be seen or written [fs.ErrPermission].
//
// # Limits
//
// Files are put and fetched one after another. A put that breaks off starts anew. A
// process that dies while it fetches leaves a hidden file named .quintet-part behind.
// Objects that others put have no digest, unless the caller knows it: their size is
// checked then, and what the cloud's client checks. Of the clouds only an S3-compatible
// server, files and memory are tested; gs:// and azblob:// are gocloud.dev's.
package cloudstore
