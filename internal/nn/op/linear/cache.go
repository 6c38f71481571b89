package linear

import (
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// cached puts keys or values behind those of the past that count, input i. A past
// that is long enough for both is the cache itself where its memory is free.
func (j *job) cached(c *op.Ctx, in []*tensor.Tensor, i int, o operand, total int, first bool, out *tensor.Tensor) (
	operand, error) {
	past, length := input(in, i), 0
	if past != nil {
		s := past.Shape
		if len(s) != 4 || s[0] != j.batch || s[1] != o.heads || s[3] != o.width {
			return o, fmt.Errorf("past of shape %v for %d batches of %d heads of %d: %w", s, j.batch, o.heads, o.width,
				quintet.ErrInput)
		}
		length = s[2]
	}
	for b := range j.batch {
		if j.before(b, first) > length {
			return o, fmt.Errorf("%d keys of %d: %w", j.before(b, first), length, quintet.ErrInput)
		}
	}
	shape := [4]int{j.batch, o.heads, max(length, total), o.width}
	var dst []float32
	var err error
	if out != nil && past != nil {
		if err = c.NewOver(out, in, i, onnxpb.Float, shape[:]); err == nil {
			dst = tensor.Of[float32](out)
		}
	} else {
		dst, err = memory(c, shape[:], out)
	}
	if err != nil {
		return o, err
	}
	whole := apart(dst, o.heads, shape[2], o.width)
	var old operand
	if past != nil {
		old = apart(tensor.Of[float32](past), o.heads, length, o.width)
	}
	j.refill(whole, old, o, first)
	return whole, nil
}

// refill fills a cache: the past that counts, what is new, and zeros.
func (j *job) refill(whole, old, o operand, first bool) {
	if len(whole.x) == 0 {
		return
	}
	inPlace := len(old.x) > 0 && &old.x[0] == &whole.x[0]
	for b := range j.batch {
		past := j.before(b, first) * o.width
		for h := range o.heads {
			to := whole.at(b, h)[:whole.head]
			if past > 0 && !inPlace {
				copy(to[:past], old.at(b, h))
			}
			end := past + o.length*o.width
			o.copyRows(to[past:end], b, h)
			if !inPlace {
				clear(to[end:])
			}
		}
	}
}
