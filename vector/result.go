package vector

import "time"

// Hit is a found item. [Collection.Get] returns the rest of it.
type Hit[K Key] struct {
	ID       K       `json:"id"`             // of the item
	Score    float64 `json:"score"`          // higher is nearer, see the [Metric]
	Distance float64 `json:"distance"`       // smaller is nearer, see the [Metric]
	Meta     Meta    `json:"meta,omitempty"` // a copy
}

// Stats describes a store.
type Stats struct {
	// Items is the number of items, Dim that of the floats of each vector.
	Items int `json:"items"`
	Dim   int `json:"dim"`

	// Metric says what near means.
	Metric Metric `json:"metric"`

	// Sparse is the number of items that have a sparse vector.
	Sparse int `json:"sparse,omitempty"`

	// Deleted is the number of vectors that were deleted or replaced and whose
	// memory is not free yet: at most 32 and a quarter of Items in a
	// [Collection], for some time more while its graph is tended.
	Deleted int `json:"deleted"`

	// Bytes is the memory of the vectors, but for MappedBytes of them that are in the
	// file of a snapshot, see Options.Mapped. Those take memory too as far as the
	// system has it to spare.
	Bytes       int64 `json:"bytes"`
	MappedBytes int64 `json:"mapped_bytes,omitempty"`

	// Index is Flat, or HNSW if there is a graph, which has Levels, takes
	// LinkBytes besides the vectors, and does not link Unlinked of them yet:
	// searches compare with these one by one.
	Index     IndexKind `json:"index"`
	Levels    int       `json:"levels,omitempty"`
	LinkBytes int64     `json:"link_bytes,omitempty"`
	Unlinked  int       `json:"unlinked,omitempty"`

	// Quantization says how vectors are kept at the moment, and what codes the graph
	// has. CodeBytes is the memory of those.
	Quantization Quantization `json:"quantization"`
	CodeBytes    int64        `json:"code_bytes,omitempty"`

	// LogBytes is the size of the log on disk, SnapshotBytes that of the
	// newest snapshot, LastSnapshot when it was begun. All are zero in memory.
	LogBytes      int64     `json:"log_bytes,omitempty"`
	SnapshotBytes int64     `json:"snapshot_bytes,omitempty"`
	LastSnapshot  time.Time `json:"last_snapshot,omitzero"`

	// SnapshotError says why the last attempt at a snapshot failed, "" if it
	// did not. The log is complete all the same.
	SnapshotError string `json:"snapshot_error,omitempty"`
}
