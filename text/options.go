package text

import (
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// Options configures a [Pipeline]. The zero value runs every task on the default
// runtime.
type Options struct {
	// Tasks selects the work. Default: all.
	Tasks Task

	// TopKeywords limits Result.Keywords. Default: 10.
	TopKeywords int

	// MaxBytes is the longest body; a longer one gets an error wrapping
	// quintet.ErrInput. Default: 1 MiB.
	MaxBytes int

	// Runtime runs the pipeline. Default: optimize.Default().
	Runtime *optimize.Runtime
}

const defaultMaxBytes = 1 << 20

func (o Options) withDefaults() (Options, error) {
	if unknown := o.Tasks &^ allTasks; unknown != 0 {
		return o, fmt.Errorf("text: unknown bits %#x in Tasks: %w", uint(unknown), quintet.ErrOption)
	}
	if o.TopKeywords < 0 {
		return o, fmt.Errorf("text: TopKeywords is %d: %w", o.TopKeywords, quintet.ErrOption)
	}
	if o.MaxBytes < 0 {
		return o, fmt.Errorf("text: MaxBytes is %d: %w", o.MaxBytes, quintet.ErrOption)
	}
	if o.Tasks == 0 {
		o.Tasks = defaultTasks
	}
	if o.TopKeywords == 0 {
		o.TopKeywords = 10
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = defaultMaxBytes
	}
	return o, nil
}

// EmbedderOptions configures an [Embedder]. The zero value is the lexical
// embedding in 384 dimensions on the default runtime.
type EmbedderOptions struct {
	// Dim is the length of the vectors, from 16 to 65,536. Default: 384.
	Dim int

	// MaxBytes is the longest text; a longer one gets an error wrapping
	// quintet.ErrInput. Default: 1 MiB.
	MaxBytes int

	// Runtime runs the embedder. Default: optimize.Default().
	Runtime *optimize.Runtime
}

const (
	defaultDim = 384
	minDim     = 16
	maxDim     = 1 << 16
)

func (o EmbedderOptions) withDefaults() (EmbedderOptions, error) {
	if o.Dim != 0 && (o.Dim < minDim || o.Dim > maxDim) {
		return o, fmt.Errorf("text: Dim is %d, want %d to %d: %w", o.Dim, minDim, maxDim, quintet.ErrOption)
	}
	if o.MaxBytes < 0 {
		return o, fmt.Errorf("text: MaxBytes is %d: %w", o.MaxBytes, quintet.ErrOption)
	}
	if o.Dim == 0 {
		o.Dim = defaultDim
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = defaultMaxBytes
	}
	return o, nil
}
