package layout_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/nn/op/layout"
	"github.com/quintet-ai/quintet/internal/nn/optest"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

func TestTransposeIsThePermutation(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	shapes := [][]int{{17, 33}, {3, 9, 8}, {2, 8, 17, 3}, {1, 40, 1, 7}}
	for range 30 {
		shapes = append(shapes, randomShape(rng, 6))
	}
	for _, shape := range shapes {
		perm := rng.Perm(len(shape))
		attr := make([]int64, len(perm))
		want := make([]int, len(perm))
		for i, p := range perm {
			attr[i], want[i] = int64(p), shape[p]
		}
		for _, x := range allSizes(shape...) {
			y := run(t, node("Transpose", 1, onnxpb.IntsAttr("perm", attr...)), 13, x)
			same(t, reference(x, want, func(at []int) []int {
				src := make([]int, len(at))
				for i, p := range perm {
					src[p] = at[i]
				}
				return src
			}), y, "%v by %v", x, perm)
		}
	}
}

func TestSliceIsTheLoop(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 80 {
		shape := randomShape(rng, 4)
		var starts, ends, axes, steps []int
		indices := make([][]int, len(shape))
		for i, n := range shape {
			from, to, by := rng.IntN(14)-7, rng.IntN(14)-7, []int{-3, -1, 1, 2}[rng.IntN(4)]
			starts, ends, axes, steps = append(starts, from), append(ends, to), append(axes, i-len(shape)), append(steps, by)
			indices[i] = pythonSlice(from, to, by, n)
		}
		want := make([]int, len(shape))
		for i := range want {
			want[i] = len(indices[i])
		}
		for _, x := range allSizes(shape...) {
			y := run(t, node("Slice", 1), 13, x, toInts(starts), toInts(ends), toInts(axes), toInts(steps))
			same(t, reference(x, want, func(at []int) []int {
				src := make([]int, len(at))
				for i, k := range at {
					src[i] = indices[i][k]
				}
				return src
			}), y, "%v from %v to %v by %v", x, starts, ends, steps)
		}
	}
}

// pythonSlice lists the indices of a Python slice, found by trying all of them.
func pythonSlice(start, end, step, n int) (all []int) {
	if start < 0 {
		start += n
	}
	if end < 0 {
		end += n
	}
	if step > 0 {
		for i := max(start, 0); i < min(end, n); i += step {
			all = append(all, i)
		}
		return all
	}
	for i := min(start, n-1); i > max(end, -1); i += step {
		all = append(all, i)
	}
	return all
}

func TestConcatUndoesSplit(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 50 {
		shape := append([]int{1 + rng.IntN(9)}, randomShape(rng, 3)...)
		axis := rng.IntN(len(shape))
		shape[axis] = 1 + rng.IntN(9)
		a := rng.IntN(shape[axis] + 1)
		sizes := []int{a, 0, shape[axis] - a}
		at := onnxpb.IntAttr("axis", int64(axis-len(shape)))
		for _, x := range allSizes(shape...) {
			parts, err := optest.Run(layout.Table, node("Split", 3, at), 13, x, toInts(sizes))
			require.NoError(t, err)
			first := slices.Clone(shape)
			first[axis] = a
			same(t, reference(x, first, func(at []int) []int { return at }), parts[0])
			same(t, x, run(t, node("Concat", 1, at), 13, parts...))
		}
	}
}

func TestGatherTakesRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for range 50 {
		shape := append([]int{1 + rng.IntN(5)}, randomShape(rng, 3)...)
		axis := rng.IntN(len(shape))
		if shape[axis] == 0 {
			continue
		}
		index := make([]int64, 6)
		for i := range index {
			index[i] = int64(rng.IntN(2*shape[axis]) - shape[axis])
		}
		want := slices.Concat(shape[:axis], []int{2, 3}, shape[axis+1:])
		for _, x := range allSizes(shape...) {
			y := run(t, node("Gather", 1, onnxpb.IntAttr("axis", int64(axis))), 13, x, tensor.From(index, 2, 3))
			same(t, reference(x, want, func(at []int) []int {
				k := int(index[at[axis]*3+at[axis+1]])
				return slices.Concat(at[:axis], []int{(k + shape[axis]) % shape[axis]}, at[axis+2:])
			}), y)
		}
	}
}

func TestGatherElementsAndScatterElementsAreInverse(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	for range 30 {
		shape := append([]int{1 + rng.IntN(5)}, randomShape(rng, 3)...)
		axis := rng.IntN(len(shape))
		index := counting[int64](shape...)
		perm := rng.Perm(shape[axis])
		for i := range index.Len() {
			inner := 1
			for _, d := range shape[axis+1:] {
				inner *= d
			}
			tensor.Of[int64](index)[i] = int64(perm[i/inner%shape[axis]])
		}
		attr := onnxpb.IntAttr("axis", int64(axis))
		for _, x := range allSizes(shape...) {
			y := run(t, node("GatherElements", 1, attr), 13, x, index)
			same(t, reference(x, shape, func(at []int) []int {
				src := slices.Clone(at)
				src[axis] = perm[at[axis]]
				return src
			}), y)
			empty, err := tensor.New(x.Type, shape...)
			require.NoError(t, err)
			same(t, x, run(t, node("ScatterElements", 1, attr), 16, empty, index, y))
		}
	}
}

func TestExpandAndTileRepeat(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	for range 30 {
		shape := randomShape(rng, 4)
		times, tiled, wide := make([]int, len(shape)), make([]int, len(shape)), make([]int, len(shape))
		for i, n := range shape {
			times[i] = rng.IntN(4)
			tiled[i], wide[i] = n*times[i], n
			if n == 1 {
				wide[i] = 1 + rng.IntN(9)
			}
		}
		for _, x := range allSizes(shape...) {
			same(t, reference(x, tiled, func(at []int) []int {
				src := slices.Clone(at)
				for i, n := range shape {
					src[i] %= n
				}
				return src
			}), run(t, node("Tile", 1), 13, x, toInts(times)))
			same(t, reference(x, append([]int{2}, wide...), func(at []int) []int {
				src := slices.Clone(at[1:])
				for i, n := range shape {
					src[i] %= n
				}
				return src
			}), run(t, node("Expand", 1), 13, x, toInts(append([]int{2}, wide...))))
		}
	}
}

func TestPadIsTheRuleForEachPlace(t *testing.T) {
	rules := map[string]func(k, n int) int{
		"constant": func(k, n int) int { return -1 },
		"edge":     func(k, n int) int { return min(max(k, 0), n-1) },
		"wrap":     func(k, n int) int { return ((k % n) + n) % n },
		"reflect": func(k, n int) int {
			for n > 1 && (k < 0 || k >= n) {
				if k < 0 {
					k = -k
				} else {
					k = 2*(n-1) - k
				}
			}
			return min(max(k, 0), n-1)
		},
	}
	rng := rand.New(rand.NewPCG(13, 14))
	for mode, rule := range rules {
		for range 30 {
			rank := 1 + rng.IntN(4)
			shape, pads, want := make([]int, rank), make([]int, 2*rank), make([]int, rank)
			for i := range shape {
				shape[i] = 3 + rng.IntN(4)
				pads[i], pads[rank+i] = rng.IntN(6)-1, rng.IntN(6)-1
				want[i] = shape[i] + pads[i] + pads[rank+i]
			}
			for _, x := range allSizes(shape...) {
				y := run(t, node("Pad", 1, onnxpb.TextAttr("mode", mode)), 19, x, toInts(pads))
				same(t, reference(x, want, func(at []int) []int {
					src := slices.Clone(at)
					for i, n := range shape {
						first, left := max(0, -pads[i]), n-max(0, -pads[i])-max(0, -pads[rank+i])
						k := at[i] - pads[i] - first
						if k < 0 || k >= left {
							if k = rule(k, left); k < 0 {
								return nil
							}
						}
						src[i] = first + k
					}
					return src
				}), y, "%s %v by %v", mode, x, pads)
			}
		}
	}
}

func TestTopKSortsStably(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 16))
	for range 80 {
		n, k := 1+rng.IntN(20), 0
		k = rng.IntN(n + 1)
		line := make([]float32, n)
		order := make([]int64, n)
		for i := range line {
			line[i], order[i] = float32(rng.IntN(7)), int64(i)
		}
		largest := int64(rng.IntN(2))
		sort.SliceStable(order, func(i, j int) bool {
			a, b := line[order[i]], line[order[j]]
			return largest == 1 && a > b || largest == 0 && a < b
		})
		out, err := optest.Run(layout.Table, node("TopK", 2, onnxpb.IntAttr("largest", largest)), 11,
			tensor.From(line, n), ints(int64(k)))
		require.NoError(t, err)
		require.Equal(t, order[:k], append([]int64{}, tensor.Of[int64](out[1])...), "%v", line)
		for i, j := range order[:k] {
			require.Equal(t, line[j], tensor.Of[float32](out[0])[i])
		}
	}
}

func TestDepthToSpaceUndoesSpaceToDepth(t *testing.T) {
	block := onnxpb.IntAttr("blocksize", 3)
	for _, x := range allSizes(2, 4, 6, 9) {
		deep := run(t, node("SpaceToDepth", 1, block), 13, x)
		require.Equal(t, []int{2, 36, 2, 3}, deep.Shape)
		same(t, x, run(t, node("DepthToSpace", 1, block), 13, deep), fmt.Sprint(x))
	}
}

func TestTransposeBytesIsTheLoop(t *testing.T) {
	rng := rand.New(rand.NewPCG(17, 18))
	for rows := range 20 {
		for cols := range 20 {
			ldd, lds := rows+rng.IntN(3), cols+rng.IntN(3)
			src := make([]byte, max(0, (rows-1)*lds+cols))
			for i := range src {
				src[i] = byte(rng.Uint32())
			}
			dst := make([]byte, max(0, (cols-1)*ldd+rows))
			layout.TransposeBytes(dst, ldd, src, lds, rows, cols)
			for r := range rows {
				for c := range cols {
					require.Equal(t, src[r*lds+c], dst[c*ldd+r], "%d x %d", rows, cols)
				}
			}
		}
	}
}
