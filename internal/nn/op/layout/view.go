package layout

import (
	"unsafe"

	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/nn/vec"
)

// word is an element that is moved and not looked at.
type word interface {
	uint8 | uint16 | uint32 | uint64
}

// maxView is enough for Tile, which needs two dimensions for each of a tensor's.
const maxView = 2 * tensor.MaxRank

// view says which elements to copy where. With indices i over the lengths n of
// the dimensions, element dst + Σ i·dims.dst becomes element src + Σ i·dims.src.
type view struct {
	rank     int
	dst, src int
	dims     [maxView]dim
}

// dim is a dimension of a view. A stride of 0 in the source repeats, a negative
// one goes backwards.
type dim struct{ n, dst, src int }

// add appends an inner dimension, or makes the last one longer if the new one
// just goes on where an element of that ends.
func (v *view) add(n, dst, src int) {
	switch last := v.rank - 1; {
	case n == 1:
	case last >= 0 && v.dims[last].dst == n*dst && v.dims[last].src == n*src:
		v.dims[last] = dim{v.dims[last].n * n, dst, src}
	default:
		v.dims[v.rank] = dim{n, dst, src}
		v.rank++
	}
}

// count is the number of elements to copy.
func (v *view) count() int {
	n := 1
	for _, d := range v.dims[:v.rank] {
		n *= d.n
	}
	return n
}

// straight reports whether the view copies one run of elements.
func (v *view) straight() bool {
	return v.rank == 0 || v.rank == 1 && v.dims[0].dst == 1 && v.dims[0].src == 1
}

// isPlane reports whether the two inner dimensions are a matrix to transpose.
func (v *view) isPlane() bool {
	if v.rank < 2 {
		return false
	}
	c, r := v.dims[v.rank-2], v.dims[v.rank-1]
	return c.src == 1 && r.dst == 1 && r.src >= c.n && c.dst >= r.n
}

// turn brings the dimension that lies densest in the source beside the one that
// lies densest in the destination.
func (v *view) turn() {
	last := v.rank - 1
	if last < 1 || v.dims[last].src == 1 {
		return
	}
	for d := last - 1; d >= 0; d-- {
		if v.dims[d].src == 1 && v.dims[d].n > 1 {
			dense := v.dims[d]
			copy(v.dims[d:last-1], v.dims[d+1:last])
			v.dims[last-1] = dense
			return
		}
	}
}

// bigCopy is from how many bytes on a copy is split among threads.
const bigCopy = 1 << 20

// copy moves the elements of src to dst, which have the same type.
func (v *view) copy(c *op.Ctx, dst, src *tensor.Tensor) error {
	if len(dst.Data) == 0 || v.count() == 0 {
		return nil
	}
	size := tensor.Size(src.Type)
	if v.straight() {
		n := v.count() * size
		copy(dst.Data[v.dst*size:v.dst*size+n], src.Data[v.src*size:])
		return nil
	}
	v.turn()
	if c.Threads() > 1 && len(dst.Data) >= bigCopy {
		v.split(c, dst, src)
		return c.Done()
	}
	v.walk(dst, src)
	return c.Done()
}

// split divides the outermost dimension of v among threads.
func (v *view) split(c *op.Ctx, dst, src *tensor.Tensor) {
	w := *v
	c.Split(w.dims[0].n, 1, func(lo, hi, _ int) {
		part := w
		part.dst += lo * w.dims[0].dst
		part.src += lo * w.dims[0].src
		part.dims[0].n = hi - lo
		part.walk(dst, src)
	})
}

func (v *view) walk(dst, src *tensor.Tensor) {
	switch tensor.Size(src.Type) {
	case 1:
		walk(tensor.Of[uint8](dst), tensor.Of[uint8](src), v, 0, v.dst, v.src)
	case 2:
		walk(tensor.Of[uint16](dst), tensor.Of[uint16](src), v, 0, v.dst, v.src)
	case 4:
		walk(tensor.Of[uint32](dst), tensor.Of[uint32](src), v, 0, v.dst, v.src)
	default:
		walk(tensor.Of[uint64](dst), tensor.Of[uint64](src), v, 0, v.dst, v.src)
	}
}

// walk copies dimensions d and below, beginning at the elements i and j.
func walk[T word](dst, src []T, v *view, d, i, j int) {
	here := v.dims[d]
	switch {
	case d == v.rank-1:
		line(dst[i:], src, here.n, here.dst, j, here.src)
		return
	case d == v.rank-2 && v.isPlane():
		transpose(dst[i:], here.dst, src[j:], v.dims[d+1].src, v.dims[d+1].n, here.n)
		return
	case d == v.rank-2:
		in := v.dims[d+1]
		for range here.n {
			line(dst[i:], src, in.n, in.dst, j, in.src)
			i, j = i+here.dst, j+here.src
		}
		return
	}
	for range here.n {
		walk(dst, src, v, d+1, i, j)
		i, j = i+here.dst, j+here.src
	}
}

// line is dst[k*ldd] = src[j+k*lds] for k below n.
func line[T word](dst, src []T, n, ldd, j, lds int) {
	switch {
	case ldd == 1 && lds == 1:
		copy(dst[:n], src[j:])
	case ldd == 1 && lds == 0:
		fill(dst[:n], src[j])
	case ldd == 1:
		for k := range dst[:n] {
			dst[k] = src[j]
			j += lds
		}
	default:
		for k := range n {
			dst[k*ldd] = src[j]
			j += lds
		}
	}
}

// fill sets all of dst to x.
func fill[T word](dst []T, x T) {
	if x == 0 {
		clear(dst)
		return
	}
	for i := range dst {
		dst[i] = x
	}
}

// transpose is dst[c*ldd+r] = src[r*lds+c] for r below rows and c below cols.
func transpose[T word](dst []T, ldd int, src []T, lds, rows, cols int) {
	switch unsafe.Sizeof(*new(T)) {
	case 1:
		TransposeBytes(as[byte](dst), ldd, as[byte](src), lds, rows, cols)
		return
	case 4:
		vec.Transpose(as[float32](dst), ldd, as[float32](src), lds, rows, cols)
		return
	}
	const tile = 16 // of both: the lines of the cache that a tile touches stay there
	for r0 := 0; r0 < rows; r0 += tile {
		r1 := min(r0+tile, rows)
		for c0 := 0; c0 < cols; c0 += tile {
			for c := c0; c < min(c0+tile, cols); c++ {
				to := dst[c*ldd+r0 : c*ldd+r1]
				from := r0*lds + c
				for k := range to {
					to[k] = src[from]
					from += lds
				}
			}
		}
	}
}

// as looks at words as another type of the same size, for kernels that only move
// them.
func as[D, S any](x []S) []D {
	return unsafe.Slice((*D)(unsafe.Pointer(unsafe.SliceData(x))), len(x))
}
