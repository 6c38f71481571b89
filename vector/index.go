package vector

import (
	"fmt"

	"github.com/quintet-ai/quintet"
)

// IndexKind says how a collection finds the nearest vectors.
type IndexKind int

// The kinds.
const (
	// Auto is Flat until a graph pays, then HNSW: from about 10,000 vectors of
	// 128 floats on, from more short ones and fewer long ones.
	Auto IndexKind = iota

	// Flat compares the query with every vector. It is exact.
	Flat

	// HNSW walks a graph, which takes a small part of the time and finds most
	// of the nearest. New items are found at once; they are built into the
	// graph in the background.
	HNSW
)

// String returns the name in lower case.
func (k IndexKind) String() string { return nameOf(k, "index", indexKinds()) }

// MarshalText returns the name of a known kind.
func (k IndexKind) MarshalText() ([]byte, error) { return marshalName(k, indexKinds()) }

// UnmarshalText reads a name: auto, flat or hnsw.
func (k *IndexKind) UnmarshalText(name []byte) (err error) {
	*k, err = unmarshalName[IndexKind](name, "index", indexKinds())
	return err
}

func indexKinds() []string { return []string{"auto", "flat", "hnsw"} }

// nameOf returns the name of one of a few numbered options.
func nameOf[T ~int](v T, what string, names []string) string {
	if v >= 0 && int(v) < len(names) {
		return names[v]
	}
	return fmt.Sprintf("%s(%d)", what, int(v))
}

func marshalName[T interface {
	~int
	fmt.Stringer
}](v T, names []string) ([]byte, error) {
	if v < 0 || int(v) >= len(names) {
		return nil, fmt.Errorf("vector: unknown %v: %w", v, quintet.ErrOption)
	}
	return []byte(names[v]), nil
}

func unmarshalName[T ~int](name []byte, what string, names []string) (T, error) {
	for i, known := range names {
		if known == string(name) {
			return T(i), nil
		}
	}
	return 0, fmt.Errorf("vector: unknown %s %q: %w", what, name, quintet.ErrOption)
}
