package graph

import (
	"cmp"
	"context"
	"slices"
)

// rank gives the layers their first order: nodes that hang together stand together.
func (y *layers) rank(order []int32) {
	deepest := int32(-1)
	for _, layer := range y.layer {
		deepest = max(deepest, layer)
	}
	y.rows = make([][]int32, deepest+1)
	seen := make([]bool, len(y.layer))
	var stack []int32
	for _, root := range order {
		for stack = append(stack[:0], root); len(stack) > 0; {
			u := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if seen[u] {
				continue
			}
			seen[u] = true
			y.rows[y.layer[u]] = append(y.rows[y.layer[u]], u)
			stack = append(stack, y.up[u]...)
			stack = append(stack, y.down[u]...)
		}
	}
}

// sort orders the layers by barycentres and keeps the order with the fewest
// crossings, the first of equal ones.
func (y *layers) sort(ctx context.Context, sweeps int) error {
	place := make([]int32, len(y.layer))
	for _, row := range y.rows {
		enumerate(place, row)
	}
	mean := make([]float64, len(y.layer))
	best, fewest := y.clone(), y.crossings(place)
	for sweep := 0; sweep < sweeps && fewest > 0; sweep++ {
		for i := range y.rows {
			if err := ctx.Err(); err != nil {
				return err
			}
			row, near := y.rows[i], y.up
			if sweep%2 == 1 {
				row, near = y.rows[len(y.rows)-1-i], y.down
			}
			arrange(row, near, place, mean)
		}
		if n := y.crossings(place); n < fewest {
			best, fewest = y.clone(), n
		}
	}
	y.rows = best
	return ctx.Err()
}

func (y *layers) clone() [][]int32 {
	rows := make([][]int32, len(y.rows))
	for i, row := range y.rows {
		rows[i] = slices.Clone(row)
	}
	return rows
}

func enumerate(place, row []int32) {
	for i, u := range row {
		place[u] = int32(i)
	}
}

// arrange sorts a layer by the mean places of neighbours; a node without any stays
// where it is.
func arrange(row []int32, near [][]int32, place []int32, mean []float64) {
	var loose []int32
	for i, u := range row {
		sum := 0
		for _, v := range near[u] {
			sum += int(place[v])
		}
		if len(near[u]) == 0 {
			loose = append(loose, int32(i))
			continue
		}
		mean[u] = float64(sum) / float64(len(near[u]))
	}
	bound := make([]int32, 0, len(row)-len(loose))
	fixed := slices.Clone(row)
	for _, u := range row {
		if len(near[u]) > 0 {
			bound = append(bound, u)
		}
	}
	slices.SortStableFunc(bound, func(u, v int32) int { return cmp.Compare(mean[u], mean[v]) })
	for i := range row {
		if len(loose) > 0 && int(loose[0]) == i {
			row[i], loose = fixed[i], loose[1:]
			continue
		}
		row[i], bound = bound[0], bound[1:]
	}
	enumerate(place, row)
}

// crossings counts the pairs of edges that cross.
func (y *layers) crossings(place []int32) (n int64) {
	var ends []int32
	for i := range len(y.rows) - 1 {
		ends = ends[:0]
		for _, u := range y.rows[i] {
			at := len(ends)
			for _, v := range y.down[u] {
				ends = append(ends, place[v])
			}
			slices.Sort(ends[at:])
		}
		n += inversions(ends, len(y.rows[i+1]))
	}
	return n
}

// inversions counts the pairs in which the first number, of 0 to n-1, is the larger.
func inversions(numbers []int32, n int) (count int64) {
	tree := make([]int32, n+1) // of Fenwick: how many numbers were seen
	for i, x := range numbers {
		notAbove := 0
		for j := int(x) + 1; j > 0; j &= j - 1 {
			notAbove += int(tree[j])
		}
		count += int64(i - notAbove)
		for j := int(x) + 1; j <= n; j += j & -j {
			tree[j]++
		}
	}
	return count
}

// coordinates places the nodes of each layer, in their order and 1 apart at least,
// near the mean of their neighbours; bends pull most, so that edges are straight.
func (y *layers) coordinates(ctx context.Context) ([]float64, error) {
	const rounds = 12
	x := make([]float64, len(y.layer))
	for _, row := range y.rows {
		for i, u := range row {
			x[u] = float64(i) - float64(len(row)-1)/2
		}
	}
	nodes := int32(0)
	for _, chain := range y.chains {
		nodes += int32(len(chain))
	}
	nodes = int32(len(y.layer)) - nodes
	both := make([][]int32, len(y.layer))
	for u := range both {
		both[u] = slices.Concat(y.up[u], y.down[u])
	}
	for round := range rounds {
		for i := range y.rows {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			row, near := y.rows[i], y.up
			if round%2 == 1 {
				row, near = y.rows[len(y.rows)-1-i], y.down
			}
			if round >= rounds-4 {
				near = both
			}
			align(row, near, x, nodes)
		}
	}
	return x, nil
}

// run is part of a layer whose nodes touch: the mean and weight of where its first
// node would go, and its length.
type run struct {
	mean, weight float64
	n            int
}

// align moves the nodes of a layer as near to the mean of their neighbours as their
// order lets them: a regression under the condition that x less the place does not
// fall, by the pooling of neighbours that violate it.
func align(row []int32, near [][]int32, x []float64, nodes int32) {
	var runs []run
	for i, u := range row {
		r := run{x[u] - float64(i), 0.01, 1}
		if len(near[u]) > 0 {
			sum, weight := 0.0, 0.0
			for _, v := range near[u] {
				w := 1.0
				if u >= nodes && v >= nodes {
					w = 8
				}
				sum, weight = sum+float64(w*x[v]), weight+w
			}
			r.mean, r.weight = sum/weight-float64(i), weight
		}
		for len(runs) > 0 && runs[len(runs)-1].mean > r.mean {
			last := runs[len(runs)-1]
			weight := last.weight + r.weight
			r.mean = (float64(last.mean*last.weight) + float64(r.mean*r.weight)) / weight
			r.weight, r.n = weight, r.n+last.n
			runs = runs[:len(runs)-1]
		}
		runs = append(runs, r)
	}
	i := 0
	for _, r := range runs {
		for range r.n {
			x[row[i]] = r.mean + float64(i)
			i++
		}
	}
}
