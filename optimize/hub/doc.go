// Package hub brings models to the local disk and opens them there: directories
// in the Hugging Face layout, filled by verified downloads.
//
//	dir, err := hub.Fetch(ctx, "owner/name", hub.FetchOptions{
//		Revision: "0123456789abcdef0123456789abcdef01234567",
//		SHA256:   map[string]string{"onnx/model.onnx": "…"},
//	})
//	m, err := hub.Open(dir) // an optimize.Model
//
// Nothing here touches the network but [Fetch], and that only for files that are
// not on disk yet. A model on disk that came from elsewhere needs no hub:
// [optimize.OpenModel] is enough.
//
// # What is checked
//
// A file gets its name in the model's directory only when it is whole: its SHA-256
// is that of FetchOptions.SHA256 or of the manifest, or else the one that the
// server states, and it is synced to disk first. The manifest, [ManifestName],
// keeps name, size and digest of each file and the commit they belong to, so that
// files fetched later are those that were meant. Without a digest in
// FetchOptions.SHA256 the first fetch trusts the server.
//
// # Interruptions
//
// Bytes that arrived stay in the directory's folder .quintet until their file is
// complete; the next Fetch goes on behind them if the server still has the same
// file. Two processes, or goroutines, that fetch the same model take turns, and
// the second finds the work done. The lock is the operating system's and ends
// with its process.
//
// # Limits
//
// Files are fetched one after another. The directory of a model must be on a
// local disk, or one whose locks and renames work like a local one's. Only systems
// with flock or LockFileEx can fetch; others get [quintet.ErrUnsupported].
package hub
