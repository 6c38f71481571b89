package optimize

import "path/filepath"

// sessionKey tells sessions apart.
type sessionKey struct {
	digest string
	place  place
	opt    SessionOptions
}

// place is where the weights of a model are that the digest does not cover. Models
// of the same architecture may differ in them alone. It is zero if there are none.
type place struct {
	path  string      // of the ONNX file, if it is on disk
	files *modelFiles // if it is elsewhere
}

// place is known after read.
func (m Model) place() place {
	m.files.mu.Lock()
	outside := m.files.outside
	m.files.mu.Unlock()
	switch path := m.Path(); {
	case !outside:
		return place{}
	case path == "":
		return place{files: m.files}
	default:
		return place{path: filepath.Clean(path)}
	}
}
