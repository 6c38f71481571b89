package vault

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"
)

// Watch calls apply with the variables that [Resolver.Environ] returns, at once and then
// whenever a secret has changed, until ctx ends, and returns nil then. It looks every
// Options.Every, more or less. What cannot be resolved the first time, or applied, is
// the error that Watch returns; later the service keeps what it has, the trouble is
// logged and the change tried again at the next look. It uses the goroutine of the
// caller; apply must not keep the slice.
func (r *Resolver) Watch(ctx context.Context, environ []string, apply func(ctx context.Context, environ []string) error) error {
	last, err := r.update(ctx, environ, nil, apply)
	if err != nil {
		return err
	}
	timer := time.NewTimer(r.pause())
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
		if next, err := r.update(ctx, environ, last, apply); err == nil {
			last = next
		} else if ctx.Err() == nil {
			r.opt.Logger.Warn("vault: secrets not updated", "error", err)
		}
		timer.Reset(r.pause())
	}
}

// pause is Every and up to a tenth more, so that many processes do not come at a time.
func (r *Resolver) pause() time.Duration {
	return r.opt.Every + time.Duration(rand.Int64N(int64(r.opt.Every)/10+1))
}

// update applies the variables if they are not those of the last digest, and returns
// theirs. Only a digest is kept between two looks.
func (r *Resolver) update(ctx context.Context, environ []string, last []byte,
	apply func(context.Context, []string) error) ([]byte, error) {
	now, err := r.Environ(ctx, environ)
	if err != nil {
		return nil, err
	}
	h := sha256.New()
	for _, kv := range now {
		h.Write([]byte(strconv.Itoa(len(kv)) + ":" + kv))
	}
	next := h.Sum(nil)
	if string(next) == string(last) {
		return last, nil
	}
	if err := apply(ctx, now); err != nil {
		return nil, fmt.Errorf("vault: apply: %w", err)
	}
	if last != nil {
		r.opt.Logger.Info("vault: secrets updated")
	}
	return next, nil
}
