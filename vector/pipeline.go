package vector

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// PipelineOptions configures a [Pipeline]. The zero value is good.
type PipelineOptions struct {
	// MaxBatch is how many queries of a RunBatch or Stream may be searched
	// together. More is faster on large collections, but a Stream waits until
	// it has as many inputs. Default: 1.
	MaxBatch int

	// Runtime runs the searches. Default: optimize.Default().
	Runtime *optimize.Runtime
}

func (o PipelineOptions) withDefaults() (PipelineOptions, error) {
	if o.MaxBatch < 0 {
		return o, fmt.Errorf("vector: MaxBatch is %d: %w", o.MaxBatch, quintet.ErrOption)
	}
	if o.MaxBatch == 0 {
		o.MaxBatch = 1
	}
	return o, nil
}

// Pipeline turns queries into hits. It is safe for concurrent use.
type Pipeline[K Key] struct {
	store Store[K]
	eng   *optimize.Engine[Query, []Hit[K]]
}

var _ quintet.Pipeline[Query, []Hit[int]] = (*Pipeline[int])(nil)

// NewPipeline returns a pipeline that asks store, which stays open when the
// pipeline is closed, or an error wrapping [quintet.ErrOption].
func NewPipeline[K Key](store Store[K], o PipelineOptions) (*Pipeline[K], error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if store == nil {
		return nil, fmt.Errorf("vector: nil store: %w", quintet.ErrOption)
	}
	p := &Pipeline[K]{store: store}
	if o.MaxBatch == 1 {
		p.eng = optimize.NewEngine(o.Runtime, "vector", p.step)
	} else {
		p.eng = optimize.NewBatchEngine(o.Runtime, "vector", o.MaxBatch, p.stepBatch)
	}
	return p, nil
}

// Run searches once.
func (p *Pipeline[K]) Run(ctx context.Context, q Query) ([]Hit[K], error) { return p.eng.Run(ctx, q) }

// RunBatch answers every query, in order.
func (p *Pipeline[K]) RunBatch(ctx context.Context, qs []Query) ([][]Hit[K], error) {
	return p.eng.RunBatch(ctx, qs)
}

// Stream answers queries as they are pulled.
func (p *Pipeline[K]) Stream(ctx context.Context, qs iter.Seq[Query]) iter.Seq2[[]Hit[K], error] {
	return p.eng.Stream(ctx, qs)
}

// Close waits for running searches. The store stays open.
func (p *Pipeline[K]) Close() error { return p.eng.Close() }

func (p *Pipeline[K]) step(ctx context.Context, q Query) ([]Hit[K], error) {
	hits, err := p.store.Search(ctx, q)
	return hits, cause(err)
}

func (p *Pipeline[K]) stepBatch(ctx context.Context, qs []Query) ([][]Hit[K], error) {
	hits, err := p.store.SearchBatch(ctx, qs)
	return hits, cause(err)
}

// cause takes away the place that a store put around the error of a single call:
// the engine puts its own there. Places of items stay, for the engine to deal out.
func cause(err error) error {
	var e *quintet.Error
	if errors.As(err, &e) && e.Index < 0 {
		return e.Err
	}
	return err
}
