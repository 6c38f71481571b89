package vector

import (
	"cmp"
	"fmt"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/hnsw"
	"github.com/quintet-ai/quintet/optimize"
)

// MaxDim is the largest dimension of a collection.
const MaxDim = 8192

// Options configures a [Collection]. Dim is required.
type Options struct {
	// Dim is the number of floats of every vector, from 1 to [MaxDim].
	Dim int

	// Metric says what near means. Default: Cosine.
	Metric Metric

	// Index says how the nearest vectors are found. Default: Auto.
	Index IndexKind

	// M is how many links a vector has in a graph: up to 2·M in its lowest
	// level. More find more in data of many dimensions and take memory, 8·M
	// bytes an item. From 2 to 128. Default: 16.
	M int

	// EfConstruction is how many candidates a new vector chooses its links
	// from: more make a better graph more slowly. At most 65,536. Default: 200.
	EfConstruction int

	// EfSearch is how many candidates a search by a graph keeps: more find more
	// of the nearest, more slowly. At most 65,536. Default: 64.
	EfSearch int

	// Quantization says how vectors are kept, and whether a graph has codes to walk
	// by. Default: None.
	Quantization Quantization

	// Mapped keeps the vectors of a graph in the file of the newest snapshot, which
	// is mapped into memory, and only links and codes in memory that the system
	// cannot take away: SQ8 or Binary goes well with it. In memory too are vectors
	// that came since that snapshot, at most 256 KiB of those before them, and all
	// between a compaction and the next snapshot. It is for collections of [Open];
	// others, flat ones, and systems that cannot map files, such as Windows, have all
	// vectors in memory. Nobody may write to the file meanwhile; see the package's
	// limits.
	Mapped bool

	// Seed decides how many levels of a graph each vector is in.
	Seed uint64

	// TextIndex keeps an index of the words of the items' texts, for queries
	// with a Text. It takes about 5 bytes a word, is made anew when a directory
	// is opened, and adds some 60 µs to an Upsert of a hundred words.
	TextIndex bool

	// MaxItems bounds the number of items; Upsert refuses what exceeds it.
	// Default: 536,870,912, which is also the most.
	MaxItems int

	// Sync says when a change is durable in a collection of [Open], and
	// SyncInterval how long after the call at the latest with SyncEvery.
	// Default: SyncAlways, and 100 ms.
	Sync         SyncPolicy
	SyncInterval time.Duration

	// SnapshotBytes is the size of the log at which a collection of [Open]
	// writes a snapshot in the background; negative is never. Default: the
	// bytes of the vectors, at least 4 MiB.
	SnapshotBytes int64

	// Runtime says over how many workers a scan, a batch and the building of a
	// graph are spread. Default: optimize.Default().
	Runtime *optimize.Runtime

	walkAlways bool // for tests: use a graph where a scan is faster
}

// maxItems leaves half of the numbers of nodes to those that were replaced.
const maxItems = 1 << 29

func (o Options) withDefaults() (Options, error) {
	switch {
	case o.Dim < 1 || o.Dim > MaxDim:
		return o, fmt.Errorf("vector: Dim is %d, want 1 to %d: %w", o.Dim, MaxDim, quintet.ErrOption)
	case !o.Metric.known():
		return o, fmt.Errorf("vector: unknown %v: %w", o.Metric, quintet.ErrOption)
	case o.MaxItems < 0 || o.MaxItems > maxItems:
		return o, fmt.Errorf("vector: MaxItems is %d, limit %d: %w", o.MaxItems, maxItems, quintet.ErrOption)
	case o.Sync < SyncAlways || o.Sync > SyncNever:
		return o, fmt.Errorf("vector: unknown %v: %w", o.Sync, quintet.ErrOption)
	case o.SyncInterval < 0:
		return o, fmt.Errorf("vector: SyncInterval is %v: %w", o.SyncInterval, quintet.ErrOption)
	}
	if err := o.checkGraph(); err != nil {
		return o, err
	}
	o.M = cmp.Or(o.M, 16)
	o.EfConstruction = cmp.Or(o.EfConstruction, 200)
	o.EfSearch = cmp.Or(o.EfSearch, 64)
	if o.SyncInterval == 0 {
		o.SyncInterval = 100 * time.Millisecond
	}
	if o.MaxItems == 0 {
		o.MaxItems = maxItems
	}
	if o.Runtime == nil {
		o.Runtime = optimize.Default()
	}
	return o, nil
}

// maxEf bounds EfConstruction, EfSearch and Ef.
const maxEf = hnsw.MaxEfConstruction

func (o Options) checkGraph() error {
	switch {
	case o.Index < Auto || o.Index > HNSW:
		return fmt.Errorf("vector: unknown %v: %w", o.Index, quintet.ErrOption)
	case o.Quantization < None || o.Quantization > Binary:
		return fmt.Errorf("vector: unknown %v: %w", o.Quantization, quintet.ErrOption)
	case o.M < 0 || o.M == 1 || o.M > hnsw.MaxM:
		return fmt.Errorf("vector: M is %d, want 2 to %d: %w", o.M, hnsw.MaxM, quintet.ErrOption)
	case o.EfConstruction < 0 || o.EfConstruction > maxEf:
		return fmt.Errorf("vector: EfConstruction is %d, want 1 to %d: %w", o.EfConstruction, maxEf, quintet.ErrOption)
	case o.EfSearch < 0 || o.EfSearch > maxEf:
		return fmt.Errorf("vector: EfSearch is %d, want 1 to %d: %w", o.EfSearch, maxEf, quintet.ErrOption)
	}
	return nil
}
