package graph

import (
	"iter"
	"slices"
)

// Partition divides the nodes of a graph into groups, which are numbered from 0
// in the order of their first node. Every node is in one group.
type Partition[K comparable] struct {
	Labels []int32 // the group of each node, by node index
	Sizes  []int   // the number of nodes of each group

	g *Graph[K]
}

// newPartition numbers the groups of labels, in place. Labels are in [0, nodes).
func newPartition[K comparable](g *Graph[K], labels []int32) *Partition[K] {
	p := &Partition[K]{Labels: labels, g: g}
	number := slices.Repeat([]int32{-1}, len(labels))
	for u, old := range labels {
		if number[old] < 0 {
			number[old] = int32(len(p.Sizes))
			p.Sizes = append(p.Sizes, 0)
		}
		labels[u] = number[old]
		p.Sizes[labels[u]]++
	}
	return p
}

// partitionOfRoots is newPartition for labels that are the first node of each group.
func partitionOfRoots[K comparable](g *Graph[K], labels []int32) *Partition[K] {
	p := &Partition[K]{Labels: labels, g: g}
	for u, root := range labels {
		if int(root) == u {
			labels[u] = int32(len(p.Sizes))
			p.Sizes = append(p.Sizes, 1)
			continue
		}
		label := labels[root]
		labels[u] = label
		p.Sizes[label]++
	}
	return p
}

// Count returns the number of groups.
func (p *Partition[K]) Count() int { return len(p.Sizes) }

// Of returns the group of a node, -1 if there is no such node.
func (p *Partition[K]) Of(k K) int {
	if u, ok := p.g.Index(k); ok {
		return int(p.Labels[u])
	}
	return -1
}

// Largest returns the group with the most nodes, the first of equal ones, and -1
// if the graph is empty.
func (p *Partition[K]) Largest() int {
	best := -1
	for i, size := range p.Sizes {
		if best < 0 || size > p.Sizes[best] {
			best = i
		}
	}
	return best
}

// Members yields the nodes of a group by index, in time linear in the number of
// all nodes. A group that does not exist has none.
func (p *Partition[K]) Members(group int) iter.Seq[K] {
	return func(yield func(K) bool) {
		for u, label := range p.Labels {
			if int(label) == group && !yield(p.g.keys[u]) {
				return
			}
		}
	}
}
