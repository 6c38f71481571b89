package layout

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// pad adds elements before and after those of each dimension, or takes some away
// where a number is negative. What it adds is a constant, or what numpy's modes of
// the same names say, of what is left after taking away.
type pad struct {
	mode  string
	pads  []int  // before version 11, else an input
	value []byte // likewise
}

func newPad(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := isMovable(n, 0); err != nil {
		return nil, nil, err
	}
	var p pad
	var err error
	if p.mode, err = n.Text("mode", "constant"); err != nil {
		return nil, nil, err
	}
	switch p.mode {
	case "constant", "reflect", "edge", "wrap":
	default:
		return nil, nil, n.Unsupported("mode %q", p.mode)
	}
	if n.Opset >= 11 {
		err = padInputs(n)
	} else {
		err = p.attributes(n)
	}
	return p, []tensor.DType{n.Dtype(0)}, err
}

func padInputs(n *op.Node) error {
	if err := n.Inputs(2, 4); err != nil {
		return err
	}
	if err := n.Typed(1, onnxpb.Int64); err != nil {
		return err
	}
	if n.Has(2) {
		if err := sameType(n, 0, 2); err != nil {
			return err
		}
	}
	if n.Has(3) {
		return isIndex(n, 3)
	}
	return nil
}

func (p *pad) attributes(n *op.Node) (err error) {
	if err := n.Inputs(1, 1); err != nil {
		return err
	}
	if p.pads, err = n.Ints("pads"); err != nil {
		return err
	}
	if p.pads == nil || len(p.pads) > few {
		return n.Unsupported("%d pads", len(p.pads))
	}
	value, err := n.Float("value", 0)
	if err != nil || value == 0 {
		return err
	}
	switch n.Dtype(0) {
	case onnxpb.Float:
		p.value = tensor.Bytes([]float32{value})
	case onnxpb.Double:
		p.value = tensor.Bytes([]float64{float64(value)})
	default:
		return n.Unsupported("value %g for %s", value, n.Dtype(0))
	}
	return nil
}

// amounts returns the numbers to add before and after each of rank dimensions.
func (p pad) amounts(in []*tensor.Tensor) (before, after [tensor.MaxRank]int, err error) {
	var buf [few]int
	var axesBuf [tensor.MaxRank]int
	rank, pads := in[0].Rank(), p.pads
	axes := axesBuf[:0]
	for i := range rank {
		axes = append(axes, i)
	}
	if len(in) > 3 && in[3] != nil {
		var given [tensor.MaxRank]int
		v, err := small(given[:0], in[3], "axes")
		if err != nil {
			return before, after, err
		}
		if axes, err = axesOf(axesBuf[:0], v, rank); err != nil {
			return before, after, err
		}
	}
	if len(in) > 1 {
		if in[1].Len() > few {
			return before, after, fmt.Errorf("%d pads for %s: %w", in[1].Len(), in[0], quintet.ErrInput)
		}
		pads, _ = op.Ints(buf[:0], in[1])
	}
	if len(pads) != 2*len(axes) {
		return before, after, fmt.Errorf("%d pads for %d axes of %s: %w", len(pads), len(axes), in[0], quintet.ErrInput)
	}
	for i, a := range axes {
		before[a], after[a] = pads[i], pads[len(axes)+i]
	}
	return before, after, nil
}

func (p pad) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	x := in[0]
	before, after, err := p.amounts(in)
	if err != nil {
		return err
	}
	var buf [tensor.MaxRank]int
	shape, places, same := append(buf[:0], x.Shape...), 0, true
	for i := range shape {
		shape[i] += before[i] + after[i]
		same = same && before[i] == 0 && after[i] == 0
	}
	value, err := p.constant(in)
	if err != nil {
		return err
	}
	if same {
		return c.Share(out[0], x, x.Shape)
	}
	if err := c.NewShape(out[0], x.Type, shape); err != nil || len(out[0].Data) == 0 {
		return err
	}
	for _, d := range shape {
		places += d
	}
	table, err := op.Scratch[int64](c, places)
	if err != nil {
		return err
	}
	m := source{rank: len(shape)}
	stride := 1
	for i := len(shape) - 1; i >= 0; i-- {
		n := shape[i]
		m.from[i], table = table[:n], table[n:]
		if err := p.places(m.from[i], x.Shape[i], before[i], after[i], stride); err != nil {
			return err
		}
		stride *= x.Shape[i]
	}
	m.copy(out[0], x, value)
	return c.Done()
}

// constant returns the bits of what to fill with.
func (p pad) constant(in []*tensor.Tensor) (uint64, error) {
	b := p.value
	if len(in) > 2 && in[2] != nil {
		if in[2].Len() != 1 {
			return 0, fmt.Errorf("padding with %s: %w", in[2], quintet.ErrInput)
		}
		b = in[2].Data
	}
	switch len(b) {
	case 1:
		return uint64(b[0]), nil
	case 2:
		return uint64(binary.NativeEndian.Uint16(b)), nil
	case 4:
		return uint64(binary.NativeEndian.Uint32(b)), nil
	case 8:
		return binary.NativeEndian.Uint64(b), nil
	}
	return 0, nil
}

// outOf marks a place that no element of the source comes to.
const outOf = math.MinInt64

// places stores in from, for each place of a padded dimension, the offset of its
// element in a source of length n and the given stride, or outOf.
func (p pad) places(from []int64, n, before, after, stride int) error {
	first := max(-before, 0)
	left := n - first - max(-after, 0)
	for i := range from {
		k := i - before // in the source
		switch inside := k >= first && k < first+left; {
		case inside:
		case p.mode == "constant":
			from[i] = outOf
			continue
		case left <= 0:
			return fmt.Errorf("nothing to pad with by %s in a dimension of %d: %w", p.mode, n, quintet.ErrInput)
		case p.mode == "edge":
			k = min(max(k, first), first+left-1)
		case p.mode == "wrap":
			k = first + mod(k-first, left)
		default:
			k = first + reflected(k-first, left)
		}
		from[i] = int64(k * stride)
	}
	return nil
}

// reflected folds k into [0, n) between mirrors on the first and last element.
func reflected(k, n int) int {
	if n == 1 {
		return 0
	}
	k = mod(k, 2*n-2)
	return min(k, 2*n-2-k)
}

// mod is the remainder of a division by n > 0 that is not negative.
func mod(k, n int) int {
	if k %= n; k < 0 {
		k += n
	}
	return k
}

// source says for each place along each dimension of a result where its elements
// come from: the sum of the offsets.
type source struct {
	rank int
	from [tensor.MaxRank][]int64
}

func (m *source) copy(dst, src *tensor.Tensor, value uint64) {
	switch tensor.Size(src.Type) {
	case 1:
		fillFrom(tensor.Of[uint8](dst), tensor.Of[uint8](src), m, uint8(value))
	case 2:
		fillFrom(tensor.Of[uint16](dst), tensor.Of[uint16](src), m, uint16(value))
	case 4:
		fillFrom(tensor.Of[uint32](dst), tensor.Of[uint32](src), m, uint32(value))
	default:
		fillFrom(tensor.Of[uint64](dst), tensor.Of[uint64](src), m, value)
	}
}

func fillFrom[T word](dst, src []T, m *source, value T) {
	row := m.from[m.rank-1]
	head, run := longestRun(row)
	var at [tensor.MaxRank]int
	for ; len(dst) > 0; dst = dst[len(row):] {
		base := int64(0)
		for d, i := range at[:m.rank-1] {
			if f := m.from[d][i]; f == outOf || base == outOf {
				base = outOf
			} else {
				base += f
			}
		}
		if line := dst[:len(row)]; base == outOf {
			fill(line, value)
		} else {
			scattered(line[:head], src, row[:head], base, value)
			if run > 0 {
				copy(line[head:head+run], src[base+row[head]:])
			}
			scattered(line[head+run:], src, row[head+run:], base, value)
		}
		for d := m.rank - 2; d >= 0; d-- {
			if at[d]++; at[d] < len(m.from[d]) {
				break
			}
			at[d] = 0
		}
	}
}

func scattered[T word](dst, src []T, from []int64, base int64, value T) {
	for k, f := range from {
		if f == outOf {
			dst[k] = value
		} else {
			dst[k] = src[base+f]
		}
	}
}

// longestRun returns where the offsets rise by one for longest.
func longestRun(row []int64) (start, n int) {
	for i := 0; i < len(row); {
		k := 1
		for row[i] != outOf && i+k < len(row) && row[i+k] == row[i]+int64(k) {
			k++
		}
		if row[i] != outOf && k > n {
			start, n = i, k
		}
		i += k
	}
	return start, n
}
