package tokenize

import (
	"bytes"
	"slices"
)

// trie finds keys that begin at a place. The children of a node have
// consecutive numbers, so that a node needs only the number of its first.
type trie struct {
	root  [256]int32 // child of the root by byte, 0 if there is none
	first []int32    // children of node n are first[n] up to first[n+1]
	label []byte     // the byte that leads to a node
	value []int32    // of the key that ends at a node, or -1
}

// newTrie returns the trie of the keys. Of equal keys the last value counts.
// It takes O(k log k) comparisons and memory in the order of the keys' bytes.
func newTrie(keys []string, values []int32) *trie {
	order := make([]int32, len(keys))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(a, b int32) int {
		switch {
		case keys[a] < keys[b]:
			return -1
		case keys[a] > keys[b]:
			return 1
		}
		return 0
	})
	t := &trie{label: []byte{0}, value: []int32{-1}}
	type group struct{ lo, hi, depth int }
	queue := []group{{0, len(order), 0}}
	for n := 0; n < len(queue); n++ {
		g := queue[n]
		t.first = append(t.first, int32(len(t.label)))
		for g.lo < g.hi && len(keys[order[g.lo]]) == g.depth {
			t.value[n] = values[order[g.lo]]
			g.lo++
		}
		for i := g.lo; i < g.hi; {
			c, j := keys[order[i]][g.depth], i
			for j < g.hi && keys[order[j]][g.depth] == c {
				j++
			}
			if n == 0 {
				t.root[c] = int32(len(t.label))
			}
			t.label = append(t.label, c)
			t.value = append(t.value, -1)
			queue = append(queue, group{i, j, g.depth + 1})
			i = j
		}
	}
	t.first = append(t.first, int32(len(t.label)))
	return t
}

// child returns the node that c leads to from n, or 0.
func (t *trie) child(n int32, c byte) int32 {
	if n == 0 {
		return t.root[c]
	}
	lo, hi := t.first[n], t.first[n+1]
	if hi-lo <= 4 {
		for ; lo < hi; lo++ {
			if t.label[lo] == c {
				return lo
			}
		}
		return 0
	}
	if i := bytes.IndexByte(t.label[lo:hi], c); i >= 0 {
		return lo + int32(i)
	}
	return 0
}

// longest returns the value and the length of the longest key that b begins
// with, or -1 and 0.
func (t *trie) longest(b []byte) (value int32, n int) {
	value = -1
	node := int32(0)
	for i, c := range b {
		if node = t.child(node, c); node == 0 {
			break
		}
		if v := t.value[node]; v >= 0 {
			value, n = v, i+1
		}
	}
	return value, n
}

// exact returns the value of the key b, or -1.
func (t *trie) exact(b []byte) int32 {
	node := int32(0)
	for _, c := range b {
		if node = t.child(node, c); node == 0 {
			return -1
		}
	}
	return t.value[node]
}
