package vision

import "math"

// gridAxis says where the pixels of a picture lie between the cells of a coarser grid
// over the tensor: pixel i is at from[i]+part[i], in cells from the middle of the
// first one, cut at the middle of the last.
type gridAxis struct {
	from []int     // the cell before
	part []float32 // how far the pixel is on the way to the next, 0 to less than 1
}

// newGridAxis returns that of n pixels; the first is at offset pixels from the start of
// the tensor, which is length long and has so many cells, and a pixel of the tensor is
// scale pixels of the picture.
func newGridAxis(n int, offset, scale float64, length, cells int) gridAxis {
	a := gridAxis{make([]int, n), make([]float32, n)}
	perCell := float64(length) / float64(cells)
	for i := range n {
		at := (float64(i)+0.5-offset)/scale/perCell - 0.5
		at = min(max(at, 0), float64(cells-1))
		from := math.Floor(at)
		a.from[i], a.part[i] = int(from), float32(at-from)
	}
	return a
}

// next returns the cell after that of pixel i, or the same if the pixel is in its
// middle.
func (a gridAxis) next(i int) int {
	if a.part[i] == 0 {
		return a.from[i]
	}
	return a.from[i] + 1
}

// nearest returns the cell that pixel i lies in.
func (a gridAxis) nearest(i int) int {
	if a.part[i] >= 0.5 {
		return a.from[i] + 1
	}
	return a.from[i]
}

// axes returns where the pixels of the picture lie in a grid over the tensor.
func (v view) axes(spec TensorSpec, columns, rows int) (x, y gridAxis) {
	return newGridAxis(v.Width, v.OffsetX, v.ScaleX, spec.Width, columns),
		newGridAxis(v.Height, v.OffsetY, v.ScaleY, spec.Height, rows)
}

// mix returns the value at part of the way from a to b.
func mix(a, b, part float32) float32 { return a + (b-a)*part }
