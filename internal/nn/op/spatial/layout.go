package spatial

import (
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
)

// layout is where the channels stand among the dimensions of a tensor.
type layout int

const (
	first layout = iota // N, C, space
	last                // N, space, C
)

// space is the largest number of spatial dimensions of a window.
const space = 3

// picture is the shape of a batch of signals, pictures or volumes.
type picture struct {
	n, c int
	rank int        // spatial dimensions
	size [space]int // of them; those in front that do not exist are 1
}

// picture reads a shape of one to three spatial dimensions.
func (l layout) picture(shape []int) (picture, error) {
	rank := len(shape) - 2
	if rank < 1 || rank > space {
		return picture{}, fmt.Errorf("%d dimensions, %d to %d make sense: %w", len(shape), 3, 2+space, quintet.ErrInput)
	}
	p := picture{n: shape[0], rank: rank, size: [space]int{1, 1, 1}}
	dims := shape[2:]
	if p.c = shape[1]; l == last {
		p.c, dims = shape[len(shape)-1], shape[1:len(shape)-1]
	}
	copy(p.size[space-rank:], dims)
	return p, nil
}

// shape appends the shape of p to dst.
func (l layout) shape(dst []int, p picture) []int {
	dst = append(dst, p.n)
	if l == first {
		dst = append(dst, p.c)
	}
	dst = append(dst, p.size[space-p.rank:]...)
	if l == last {
		dst = append(dst, p.c)
	}
	return dst
}

// area is the number of pixels of one picture.
func (p picture) area() int { return p.size[0] * p.size[1] * p.size[2] }

// newPicture makes out a tensor of the shape of p. The shape is written where it
// ends up, so that it needs no memory of its own.
func (l layout) newPicture(c *op.Ctx, out *tensor.Tensor, typ tensor.DType, p picture) error {
	out.Shape = l.shape(out.Shape[:0], p)
	return c.NewShape(out, typ, out.Shape)
}

// planes reads a shape of any number of spatial dimensions, even none.
func (l layout) planes(shape []int) (n, c, area int, err error) {
	if len(shape) < 2 {
		return 0, 0, 0, fmt.Errorf("%d dimensions, at least 2 make sense: %w", len(shape), quintet.ErrInput)
	}
	n, c, area = shape[0], shape[1], 1
	dims := shape[2:]
	if l == last {
		c, dims = shape[len(shape)-1], shape[1:len(shape)-1]
	}
	for _, d := range dims {
		area *= d
	}
	if n*c == 0 {
		area = 0
	}
	return n, c, area, nil
}

// big is the number of elements from which on work is worth a second thread.
const big = 1 << 18

// parallel reports whether work of the given number of elements is to be split.
func parallel(c *op.Ctx, work int) bool { return work >= big && c.Threads() > 1 }
