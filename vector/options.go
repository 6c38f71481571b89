package vector

import (
	"fmt"
	"math"

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
	}
	if o.MaxItems == 0 {
		o.MaxItems = math.MaxInt32
	}
	if o.Runtime == nil {
		o.Runtime = optimize.Default()
	}
	return o, nil
}
