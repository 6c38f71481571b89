package rediscache

import (
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// TierOptions configures [NewTier]. The zero value works for keys and values that fmt and
// gob can write.
type TierOptions[K comparable, V any] struct {
	// Prefix stands before every key. Two tiers of one server with values of other
	// types, or made by another model, need another prefix.
	Prefix string

	// Key writes a key. Default: fmt.Sprint.
	Key func(K) string

	// Encode writes a value. Default: encoding/gob.
	Encode func(V) ([]byte, error)

	// Decode reads what Encode wrote. It must not keep the bytes, and must expect any:
	// others may write to the server.
	Decode func([]byte) (V, error)

	// MaxValue is the most bytes of a value. Default: 1 MiB.
	MaxValue int
}

func (o TierOptions[K, V]) withDefaults() (TierOptions[K, V], error) {
	switch {
	case (o.Encode == nil) != (o.Decode == nil):
		return o, fmt.Errorf("rediscache: Encode and Decode belong together: %w", quintet.ErrOption)
	case o.MaxValue < 0:
		return o, fmt.Errorf("rediscache: MaxValue is %d: %w", o.MaxValue, quintet.ErrOption)
	}
	if o.Key == nil {
		o.Key = func(k K) string { return fmt.Sprint(k) }
	}
	if o.Encode == nil {
		o.Encode, o.Decode = encode[V], decode[V]
	}
	if o.MaxValue == 0 {
		o.MaxValue = 1 << 20
	}
	return o, nil
}

func encode[V any](v V) ([]byte, error) {
	var b bytes.Buffer
	err := gob.NewEncoder(&b).Encode(&v)
	return b.Bytes(), err
}

func decode[V any](b []byte) (v V, err error) {
	err = gob.NewDecoder(bytes.NewReader(b)).Decode(&v)
	return v, err
}

// Tier is a second level of caches, which may be those of many processes.
type Tier[K comparable, V any] struct {
	client *Client
	opt    TierOptions[K, V]
}

var _ optimize.Tier[string, int] = (*Tier[string, int])(nil)

// NewTier returns a second level on a server. Options that make no sense are
// [quintet.ErrOption].
func NewTier[K comparable, V any](c *Client, o TierOptions[K, V]) (*Tier[K, V], error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if c == nil {
		return nil, fmt.Errorf("rediscache: no client: %w", quintet.ErrOption)
	}
	return &Tier[K, V]{c, o}, nil
}

func (t *Tier[K, V]) key(k K) string { return t.opt.Prefix + t.opt.Key(k) }

// Load implements [optimize.Tier]: one round trip for the value and the time it has
// left. A value that is too long or cannot be decoded is an error, which a cache counts
// and takes for a miss.
func (t *Tier[K, V]) Load(ctx context.Context, k K) (v V, left time.Duration, ok bool, err error) {
	var value *redis.StringCmd
	var ttl *redis.DurationCmd
	key := t.key(k)
	err = t.client.do(ctx, func(ctx context.Context) error {
		_, err := t.client.redis.Pipelined(ctx, func(p redis.Pipeliner) error {
			value, ttl = p.GetRange(ctx, key, 0, int64(t.opt.MaxValue)), p.PTTL(ctx, key)
			return nil
		})
		return err
	})
	if err != nil {
		return v, 0, false, err
	}
	b, err := value.Bytes()
	if err != nil || ttl.Val() == -2 { // no such key
		return v, 0, false, err
	}
	if len(b) > t.opt.MaxValue {
		return v, 0, false, fmt.Errorf("rediscache: value of %q is longer than %d bytes: %w", key, t.opt.MaxValue, quintet.ErrInput)
	}
	if v, err = t.opt.Decode(b); err != nil {
		return v, 0, false, fmt.Errorf("rediscache: value of %q: %w", key, errors.Join(quintet.ErrInput, err))
	}
	return v, max(0, ttl.Val()), true, nil
}

// Store implements [optimize.Tier]. A value longer than MaxValue is [quintet.ErrInput].
func (t *Tier[K, V]) Store(ctx context.Context, k K, v V, ttl time.Duration) error {
	b, err := t.opt.Encode(v)
	if err != nil {
		return fmt.Errorf("rediscache: %w", errors.Join(quintet.ErrInput, err))
	}
	if len(b) == 0 || len(b) > t.opt.MaxValue {
		return fmt.Errorf("rediscache: value has %d bytes, want 1 to %d: %w", len(b), t.opt.MaxValue, quintet.ErrInput)
	}
	return t.client.do(ctx, func(ctx context.Context) error {
		return t.client.redis.Set(ctx, t.key(k), b, ttl).Err()
	})
}

// Delete implements [optimize.Tier].
func (t *Tier[K, V]) Delete(ctx context.Context, k K) error {
	return t.client.do(ctx, func(ctx context.Context) error { return t.client.redis.Del(ctx, t.key(k)).Err() })
}
