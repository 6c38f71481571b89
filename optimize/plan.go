package optimize

import (
	"cmp"
	"slices"
)

// planner decides which inputs run together. All lengths that it is given are
// padded ones.
type planner struct {
	table     BatchTable
	maxItems  int
	maxLength int // bound of items times length
	workers   int
}

// pick returns the positions of those of the waiting inputs that should run
// together, the first of them always among them. busy is how many of the other
// workers have something to do.
//
// Of all sets that hold the first input and some of the next shorter ones than
// its longest, it takes the one that speeds its inputs up most: their costs alone
// over the cost of the batch, in which every input is as long as the longest. A
// set that speeds nothing up is never taken. A batch may cost no more than what
// each worker would have to do if the inputs ran alone, half an input for every
// busy worker included: else one worker would toil on a long batch while the
// others are idle. The time is O(inputs * maxItems).
func (p *planner) pick(lengths []int, busy int) []int {
	order := make([]int, len(lengths)) // longest first, then oldest first
	total := 0.0
	for i, n := range lengths {
		order[i] = i
		total += p.table.alone(n)
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(lengths[b], lengths[a]) })
	share := (total + total/float64(len(lengths))*float64(busy)/2) / float64(p.workers)

	first := slices.Index(order, 0)
	costs := make([]float64, min(p.maxItems, len(lengths))+1)
	bestFrom, bestItems, bestSpeed := first, 1, 1.0
	for from := 0; from <= first; from++ {
		if from > 0 && lengths[order[from]] == lengths[order[from-1]] && from < first {
			continue // the same longest with fewer to choose from
		}
		items, speed := p.best(lengths, order, from, first, costs, share)
		if speed > bestSpeed*(1+1e-9) {
			bestFrom, bestItems, bestSpeed = from, items, speed
		}
	}
	return members(order, bestFrom, bestItems, first)
}

// best returns how many inputs from order[from] on, order[first] included, run
// fastest together, and how much faster than alone that is.
func (p *planner) best(
	lengths, order []int, from, first int, costs []float64, share float64,
) (items int, speed float64) {
	longest := lengths[order[from]]
	p.table.costs(costs, longest)
	items, speed = 1, 1
	sum := p.table.alone(lengths[order[first]]) // of the first input and n-1 others
	next := from
	for n := 2; n < len(costs); n++ {
		if next == first {
			next++
		}
		if next == len(order) || n*longest > p.maxLength || costs[n] > share {
			break
		}
		sum += p.table.alone(lengths[order[next]])
		next++
		if s := sum / costs[n]; s > speed*(1+1e-9) {
			items, speed = n, s
		}
	}
	return items, speed
}

// members returns the first input and the items-1 others that come first from
// order[from] on.
func members(order []int, from, items, first int) []int {
	set := []int{order[first]}
	for i := from; len(set) < items; i++ {
		if i != first {
			set = append(set, order[i])
		}
	}
	return set
}

// split returns groups of positions that cover lengths, the dearest first. Groups
// are neighbours in the order of length and have the least summed cost under a
// bound on the cost of one group of several. Of some bounds, from an even share of
// the work of each worker down to no batches at all, it takes the one with which
// the workers are done first. The cost is never above that of running each input
// alone. The time is O(n log n + n * maxItems).
func (p *planner) split(lengths []int) [][]int {
	order := make([]int, len(lengths))
	total := 0.0
	for i, n := range lengths {
		order[i] = i
		total += p.table.alone(n)
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(lengths[b], lengths[a]) })
	share := total / float64(p.workers)
	best := p.partition(lengths, order, share)
	if p.workers > 1 && len(lengths) > 1 {
		for _, bound := range []float64{share / 2, share / 4, 0} {
			if g := p.partition(lengths, order, bound); g.done < best.done*(1-1e-9) {
				best = g
			}
		}
	}
	return best.groups
}

// grouping is a way to run inputs.
type grouping struct {
	groups [][]int
	done   float64 // when the last worker is
}

// partition returns the groups of least summed cost, none of several inputs
// dearer than bound. order has the positions by descending length.
func (p *planner) partition(lengths, order []int, bound float64) grouping {
	// least[i] is the least cost of the i longest, the last group of which
	// has size[i] inputs.
	least, size := make([]float64, len(order)+1), make([]int, len(order)+1)
	costs := make([]float64, min(p.maxItems, len(lengths))+1)
	for i, o := range order {
		longest := lengths[o]
		if i == 0 || longest != lengths[order[i-1]] {
			p.table.costs(costs, longest)
		}
		for n := 1; n < len(costs) && i+n <= len(order); n++ {
			if n > 1 && (n*longest > p.maxLength || costs[n] > bound) {
				break
			}
			if c := least[i] + costs[n]; size[i+n] == 0 || c < least[i+n]*(1-1e-9) {
				least[i+n], size[i+n] = c, n
			}
		}
	}
	type priced struct {
		at   []int
		cost float64
	}
	var all []priced
	for end := len(order); end > 0; end -= size[end] {
		all = append(all, priced{order[end-size[end] : end], least[end] - least[end-size[end]]})
	}
	slices.SortStableFunc(all, func(a, b priced) int { return cmp.Compare(b.cost, a.cost) })
	g := grouping{groups: make([][]int, len(all))}
	free := make([]float64, p.workers) // when each worker is
	for i, group := range all {
		g.groups[i] = group.at
		next := 0
		for w := range free {
			if free[w] < free[next] {
				next = w
			}
		}
		free[next] += group.cost
	}
	g.done = slices.Max(free)
	return g
}
