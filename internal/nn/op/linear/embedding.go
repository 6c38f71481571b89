package linear

import (
	"fmt"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/nn/vec"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// embedding is the op EmbedLayerNormalization of com.microsoft: the sum of the rows
// of two or three tables, normalised.
type embedding struct{ epsilon float32 }

// The inputs of EmbedLayerNormalization.
const (
	embedIDs = iota
	embedSegments
	embedWord
	embedPlace
	embedSegment
	embedGamma
	embedBeta
	embedMask
	embedPositions
)

func newEmbedding(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(1, 9); err != nil {
		return nil, nil, err
	}
	if err := n.Typed(embedIDs, onnxpb.Int32); err != nil {
		return nil, nil, err
	}
	for _, i := range []int{embedWord, embedPlace, embedGamma, embedBeta} {
		if err := n.Typed(i, onnxpb.Float); err != nil {
			return nil, nil, err
		}
	}
	for _, i := range []int{embedSegments, embedMask, embedPositions} {
		if n.Has(i) && n.Dtype(i) != onnxpb.Int32 {
			return nil, nil, n.Unsupported("input %d of %s", i, n.Dtype(i))
		}
	}
	if n.Has(embedSegments) {
		if err := n.Typed(embedSegment, onnxpb.Float); err != nil {
			return nil, nil, err
		}
	}
	r := reader{n: n}
	o := embedding{r.float("epsilon", 1e-12)}
	if r.int("mask_index_type", 0) != 0 && r.err == nil {
		r.err = n.Unsupported("a mask_index_type other than 0")
	}
	return o, []tensor.DType{onnxpb.Float, onnxpb.Int32, onnxpb.Float}, r.err
}

// table is what rows are looked up in.
type table struct {
	x    []float32
	rows int
	ids  []int32 // nil: the place in the sequence
	same int     // ids repeat after so many; 0: never
}

// row returns the row for element i of a sequence of the given length.
func (t *table) row(i, length, width int) ([]float32, error) {
	id := i % max(length, 1)
	if t.ids != nil {
		if t.same > 0 {
			i %= t.same
		}
		id = int(t.ids[i])
	}
	if id < 0 || id >= t.rows {
		return nil, fmt.Errorf("row %d of %d: %w", id, t.rows, quintet.ErrInput)
	}
	return t.x[id*width : (id+1)*width], nil
}

func (o embedding) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	ids := in[embedIDs]
	var tables [3]table
	width, err := embedTables(&tables, in)
	if err != nil {
		return err
	}
	if err := c.New(out[0], onnxpb.Float, ids.Shape[0], ids.Shape[1], width); err != nil {
		return err
	}
	if err := countMask(c, ids.Shape, input(in, embedMask), input(out, 1)); err != nil {
		return err
	}
	var sums []float32
	if sum := input(out, 2); sum != nil {
		if err := c.New(sum, onnxpb.Float, ids.Shape[0], ids.Shape[1], width); err != nil {
			return err
		}
		sums = tensor.Of[float32](sum)
	}
	gamma, beta := tensor.Of[float32](in[embedGamma]), tensor.Of[float32](in[embedBeta])
	dst := tensor.Of[float32](out[0])
	for i := 0; width > 0 && i < len(dst)/width; i++ {
		row := dst[i*width : (i+1)*width]
		clear(row)
		for t := range tables {
			if tables[t].x == nil {
				continue
			}
			x, err := tables[t].row(i, ids.Shape[1], width)
			if err != nil {
				return err
			}
			vec.Add(row, row, x)
		}
		if sums != nil {
			copy(sums[i*width:], row)
		}
		vec.LayerNorm(row, row, gamma, beta, o.epsilon)
	}
	return nil
}

// embedTables checks the inputs and returns the width of a row.
func embedTables(to *[3]table, in []*tensor.Tensor) (width int, err error) {
	ids := in[embedIDs]
	if len(ids.Shape) != 2 {
		return 0, fmt.Errorf("ids of shape %v: %w", ids.Shape, quintet.ErrInput)
	}
	index := [3]*tensor.Tensor{ids, input(in, embedPositions), input(in, embedSegments)}
	for i, x := range [3]*tensor.Tensor{in[embedWord], in[embedPlace], input(in, embedSegment)} {
		if i == 2 && index[2] == nil {
			break
		}
		if i == 0 && len(x.Shape) == 2 {
			width = x.Shape[1]
		}
		if len(x.Shape) != 2 || x.Shape[1] != width {
			return 0, fmt.Errorf("table of shape %v for rows of %d: %w", x.Shape, width, quintet.ErrInput)
		}
		t := &to[i]
		if t.x, t.rows = tensor.Of[float32](x), x.Shape[0]; t.x == nil {
			t.x = []float32{}
		}
		if p := index[i]; p != nil {
			if i == 1 && len(p.Shape) == 2 && p.Shape[0] == 1 && p.Shape[1] == ids.Shape[1] {
				t.same = ids.Shape[1]
			} else if !slices.Equal(p.Shape, ids.Shape) {
				return 0, fmt.Errorf("indices of shape %v beside ids of %v: %w", p.Shape, ids.Shape, quintet.ErrInput)
			}
			t.ids = tensor.Of[int32](p)
		}
	}
	for _, i := range [2]int{embedGamma, embedBeta} {
		if !slices.Equal(in[i].Shape, []int{width}) {
			return 0, fmt.Errorf("input %d of shape %v for rows of %d: %w", i, in[i].Shape, width, quintet.ErrInput)
		}
	}
	return width, nil
}

// countMask makes out the number of ones in each row of a mask; 0 without one.
func countMask(c *op.Ctx, shape []int, mask, out *tensor.Tensor) error {
	if mask != nil && !slices.Equal(mask.Shape, shape) {
		return fmt.Errorf("mask of shape %v beside ids of %v: %w", mask.Shape, slices.Clone(shape), quintet.ErrInput)
	}
	if out == nil {
		return nil
	}
	if err := c.New(out, onnxpb.Int32, shape[0]); err != nil {
		return err
	}
	counts := tensor.Of[int32](out)
	clear(counts)
	if mask == nil {
		return nil
	}
	for i, m := range tensor.Of[int32](mask) {
		if m == 1 {
			counts[i/shape[1]]++
		}
	}
	return nil
}
