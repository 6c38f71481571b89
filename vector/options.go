package vector

import (
	"fmt"
	"math"
	"time"

	"github.com/quintet-ai/quintet"
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

	// MaxItems bounds the number of items; Upsert refuses what exceeds it.
	// Default: 2,147,483,647, which is also the most.
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

	// Runtime says over how many workers a search of a large collection is
	// spread. Default: optimize.Default().
	Runtime *optimize.Runtime
}

func (o Options) withDefaults() (Options, error) {
	switch {
	case o.Dim < 1 || o.Dim > MaxDim:
		return o, fmt.Errorf("vector: Dim is %d, want 1 to %d: %w", o.Dim, MaxDim, quintet.ErrOption)
	case o.Metric < Cosine || o.Metric > L2:
		return o, fmt.Errorf("vector: unknown %v: %w", o.Metric, quintet.ErrOption)
	case o.MaxItems < 0 || o.MaxItems > math.MaxInt32:
		return o, fmt.Errorf("vector: MaxItems is %d, limit %d: %w", o.MaxItems, math.MaxInt32, quintet.ErrOption)
	case o.Sync < SyncAlways || o.Sync > SyncNever:
		return o, fmt.Errorf("vector: unknown %v: %w", o.Sync, quintet.ErrOption)
	case o.SyncInterval < 0:
		return o, fmt.Errorf("vector: SyncInterval is %v: %w", o.SyncInterval, quintet.ErrOption)
	}
	if o.SyncInterval == 0 {
		o.SyncInterval = 100 * time.Millisecond
	}
	if o.MaxItems == 0 {
		o.MaxItems = math.MaxInt32
	}
	if o.Runtime == nil {
		o.Runtime = optimize.Default()
	}
	return o, nil
}
