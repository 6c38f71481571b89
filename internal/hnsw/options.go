package hnsw

import (
	"fmt"

	"github.com/quintet-ai/quintet"
)

// Metric says how vectors are ranked.
type Metric uint8

// The metrics. Cosine is Dot on vectors of norm 1, and the Hamming distance of bit
// vectors is L2 on floats that are 0 or 1.
const (
	// L2 ranks by the squared Euclidean distance.
	L2 Metric = iota

	// Dot ranks by the negated dot product.
	Dot
)

// The bounds of options and ids.
const (
	MaxDim            = 8192
	MaxM              = 128
	MaxEfConstruction = 1 << 16
	MaxID             = 1<<30 - 1
)

// Options configures an [Index]. Dim is required.
type Options struct {
	// Dim is the number of floats of every vector, from 1 to [MaxDim].
	Dim int

	// Metric ranks. Default: L2.
	Metric Metric

	// M is the most links that a node has above the ground level, and half the
	// most that it has there, from 2 to [MaxM]. Default: 16.
	M int

	// EfConstruction is how many candidates a new node chooses its links from,
	// at most [MaxEfConstruction]. Default: 200.
	EfConstruction int

	// Half keeps vectors as 16-bit floats: half the memory. Floats must be in their
	// range, see [FitsHalf].
	Half bool

	// Seed decides, with the id, how many levels a node has.
	Seed uint64
}

func (o Options) withDefaults() (Options, error) {
	if o.M == 0 {
		o.M = 16
	}
	if o.EfConstruction == 0 {
		o.EfConstruction = 200
	}
	switch {
	case o.Dim < 1 || o.Dim > MaxDim:
		return o, fmt.Errorf("hnsw: Dim is %d, want 1 to %d: %w", o.Dim, MaxDim, quintet.ErrOption)
	case o.Metric > Dot:
		return o, fmt.Errorf("hnsw: unknown metric %d: %w", o.Metric, quintet.ErrOption)
	case o.M < 2 || o.M > MaxM:
		return o, fmt.Errorf("hnsw: M is %d, want 2 to %d: %w", o.M, MaxM, quintet.ErrOption)
	case o.EfConstruction < 1 || o.EfConstruction > MaxEfConstruction:
		return o, fmt.Errorf("hnsw: EfConstruction is %d, want 1 to %d: %w",
			o.EfConstruction, MaxEfConstruction, quintet.ErrOption)
	}
	return o, nil
}
