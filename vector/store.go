package vector

import "context"

// Store holds vectors somewhere: in memory, as a [Collection], or on a server.
// Implementations are safe for concurrent use; their errors are those described
// at the methods of [Collection].
type Store[K Key] interface {
	// Upsert adds items and replaces those whose IDs are there: all or none.
	Upsert(ctx context.Context, items ...Item[K]) error

	// Delete removes items and returns how many were there.
	Delete(ctx context.Context, ids ...K) (int, error)

	// Get returns an item and whether it is there.
	Get(ctx context.Context, id K) (Item[K], bool, error)

	// Search returns the nearest items, best first.
	Search(ctx context.Context, q Query) ([]Hit[K], error)

	// SearchBatch answers as many queries, in their order. A failing query
	// has no hits and one [quintet.Error] with its index.
	SearchBatch(ctx context.Context, qs []Query) ([][]Hit[K], error)

	// Stats describes the store.
	Stats(ctx context.Context) (Stats, error)

	// Close waits for running calls; later ones return [quintet.ErrClosed].
	Close() error
}
