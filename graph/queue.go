package graph

// queue is a heap of nodes, the least key first and equal keys by node. Four
// children to a node need half the levels of two, and they share a cache line.
type queue []queued

type queued struct {
	key  float64
	node int32
}

func (a queued) before(b queued) bool { return a.key < b.key || a.key == b.key && a.node < b.node }

func (q *queue) push(key float64, node int32) {
	item := queued{key, node}
	h := append(*q, item)
	i := len(h) - 1
	for i > 0 {
		above := (i - 1) / 4
		if !item.before(h[above]) {
			break
		}
		h[i] = h[above]
		i = above
	}
	h[i] = item
	*q = h
}

// pop removes the least item of a queue that is not empty.
func (q *queue) pop() queued {
	h := *q
	top, last := h[0], h[len(h)-1]
	h = h[:len(h)-1]
	*q = h
	if len(h) == 0 {
		return top
	}
	i := 0
	for {
		child := 4*i + 1
		if child >= len(h) {
			break
		}
		least := child
		for j := child + 1; j < min(child+4, len(h)); j++ {
			if h[j].before(h[least]) {
				least = j
			}
		}
		if !h[least].before(last) {
			break
		}
		h[i] = h[least]
		i = least
	}
	h[i] = last
	return top
}
