package main

import (
	"context"
	"errors"
	"iter"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/optimize/rediscache"
	"github.com/quintet-ai/quintet/server/config"
	"github.com/quintet-ai/quintet/text"
)

// dim is the length of the vectors of the embedder, and of those that are stored.
const dim = 384

// cachedEmbedder remembers vectors of texts in memory and, with Redis, for all processes.
type cachedEmbedder struct {
	*text.Embedder
	cache *optimize.Cache[string, []float32]
}

var _ quintet.Pipeline[string, []float32] = cachedEmbedder{}

// newEmbedder returns the embedder of the settings. Redis may be nil.
func newEmbedder(p config.Performance, rt *optimize.Runtime, redis *rediscache.Client) (e cachedEmbedder, err error) {
	if e.Embedder, err = text.NewEmbedder(text.EmbedderOptions{Dim: dim, Runtime: rt}); err != nil || p.CacheEntries == 0 {
		return e, err
	}
	o := optimize.CacheOptions[string, []float32]{Entries: p.CacheEntries, TTL: p.CacheTTL}
	if redis != nil {
		// The prefix names the model: vectors of another one are others.
		o.Tier, err = rediscache.NewTier(redis, rediscache.TierOptions[string, []float32]{Prefix: "quintet:lexical-384:"})
		if err != nil {
			return e, err
		}
	}
	e.cache, err = optimize.NewCache(o)
	return e, err
}

// Run returns the vector of a text.
func (e cachedEmbedder) Run(ctx context.Context, s string) ([]float32, error) {
	if e.cache == nil {
		return e.Embedder.Run(ctx, s)
	}
	v, err := e.cache.Do(ctx, s, func(ctx context.Context) ([]float32, error) { return e.Embedder.Run(ctx, s) })
	if err != nil {
		return nil, err
	}
	return append([]float32(nil), v...), nil // callers own results
}

// RunBatch returns the vector of each text.
func (e cachedEmbedder) RunBatch(ctx context.Context, all []string) ([][]float32, error) {
	out := make([][]float32, len(all))
	var errs []error
	for i, s := range all {
		var err error
		if out[i], err = e.Run(ctx, s); err != nil {
			errs = append(errs, &quintet.Error{Op: "embedder.RunBatch", Index: i, Err: err})
		}
	}
	return out, errors.Join(errs...)
}

// Stream yields the vector of each text.
func (e cachedEmbedder) Stream(ctx context.Context, all iter.Seq[string]) iter.Seq2[[]float32, error] {
	return func(yield func([]float32, error) bool) {
		for s := range all {
			if v, err := e.Run(ctx, s); !yield(v, err) {
				return
			}
		}
	}
}
