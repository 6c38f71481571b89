// Package seal encrypts snapshots and backups, so that who finds them reads nothing
// and who changes them is noticed.
//
//	w, err := seal.NewWriter(file, seal.Options{Keys: keys, Context: "vectors/products"})
//	_, err = io.Copy(w, snapshot)
//	err = w.Close() // without it the file is not whole
//
//	r, err := seal.NewReader(file, seal.Options{Keys: keys, Context: "vectors/products"})
//	_, err = io.Copy(restored, r) // an error at any point: use nothing of it
//
// # Form
//
// Each file has a random key of its own, which stands in the header, encrypted with
// AES-256-GCM by one of [Keys] whose ID is beside it. The content follows in chunks of
// 64 KiB, each with AES-256-GCM, a nonce of the chunk's number, and a mark on the last
// one: the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár, CRYPTO 2015). A
// chunk that was changed, moved, repeated or left out is found when it is read, and an
// end that was cut off at the end.
//
//	"QSEAL\x01"  length of the ID, ID  nonce (12)  key of the file (32+16)
//	chunk (65,536+16) … last chunk (1 to 65,536, or 0 of an empty file, +16)
//
// # Rotation
//
// Add a key to Keys and make it Current: new files use it, old ones are still read.
// [Rewrap] moves an old file to the current key by a new header; its content is copied
// as it is. When no file has the old key, remove it. If a key became known, encrypt
// the files anew: who had it may have the key of a file.
//
// # Limits
//
// The length of the content can be seen. A reader gives out chunks before it has seen
// the end: what was read counts only after [io.EOF]. There is no way to read from the
// middle. One of Keys may seal up to 2³² files, for its nonces are random.
package seal
