package vision

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"github.com/quintet-ai/quintet"
)

// ReadTensors reads as many pictures into one tensor, picture by picture, as
// [ReadTensor] does with each, on all processors that Go may use. dst has
// 3*Width*Height elements for each. Together the decoders hold no more than
// Decode.Limits.MaxMemory bytes.
//
// A picture that cannot be read leaves its part of dst undefined and has one
// [quintet.Error] with its index in the joined error; see [quintet.ItemErrors].
func ReadTensors[T TensorElement](ctx context.Context, pictures [][]byte, spec TensorSpec, dst []T) ([]Transform, error) {
	if len(pictures) == 0 {
		return nil, ctx.Err()
	}
	if len(dst)%len(pictures) != 0 {
		return nil, fmt.Errorf("tensor has %d elements for %d pictures: %w", len(dst), len(pictures), quintet.ErrOption)
	}
	each := len(dst) / len(pictures)
	spec, err := spec.check(isBytes[T](), each)
	if err != nil {
		return nil, err
	}
	out, errs := make([]Transform, len(pictures)), make([]error, len(pictures))
	room := newRoom(spec.Decode.Limits.MaxMemory)
	var crew sync.WaitGroup
	next := make(chan int)
	for range min(runtime.GOMAXPROCS(0), len(pictures)) {
		crew.Go(func() {
			for i := range next {
				t, err := readTensor(ctx, pictures[i], spec, room, dst[i*each:(i+1)*each])
				if out[i] = t; err != nil {
					errs[i] = &quintet.Error{Op: "vision.ReadTensors", Index: i, Err: err}
				}
			}
		})
	}
	for i := range pictures {
		next <- i
	}
	close(next)
	crew.Wait()
	return out, errors.Join(errs...)
}

// room is memory that decoders share.
type room struct {
	mu   sync.Mutex
	more sync.Cond
	free int64
}

func newRoom(bytes int64) *room {
	r := &room{free: bytes}
	r.more.L = &r.mu
	return r
}

// take waits until n bytes are free, which are no more than all.
func (r *room) take(n int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.free < n {
		r.more.Wait()
	}
	r.free -= n
}

func (r *room) give(n int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.free += n
	r.more.Broadcast()
}
