package nn

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
)

// align is what the size of every piece of memory is rounded to.
const align = 64

// piece is one request for memory of a run: its size, and the requests between
// which it is in use.
type piece struct {
	size       int
	start, end int // counted in requests; end is the number of requests before it was given back
	offset     int
}

// placement is where the pieces of a run lie in its arena.
type placement struct {
	pieces []piece
	ends   []int // how many pieces are given back between the request before and each
	total  int
}

// lay gives every piece a place such that pieces in use at the same time do not
// overlap: the largest first, each at the lowest place that is free.
func lay(pieces []piece) *placement {
	l := &placement{pieces: slices.Clone(pieces), ends: make([]int, len(pieces))}
	order := make([]int, len(pieces))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(pieces[b].size, pieces[a].size) })
	var placed []piece // by offset
	for _, i := range order {
		p := &l.pieces[i]
		if p.end < len(l.ends) {
			l.ends[p.end]++
		}
		for _, q := range placed {
			if p.offset+p.size <= q.offset {
				break
			}
			if p.start < q.end && q.start < p.end {
				p.offset = max(p.offset, q.offset+q.size)
			}
		}
		at, _ := slices.BinarySearchFunc(placed, p.offset, func(q piece, o int) int { return cmp.Compare(q.offset, o) })
		placed = slices.Insert(placed, at, *p)
		l.total = max(l.total, p.offset+p.size)
	}
	return l
}

// memory gives out the buffers of one run. It implements op.Memory. It belongs to
// a frame and is used again by the frame's next run.
type memory struct {
	limit   int // bytes that a run may hold at once
	held    int
	plan    *placement // nil while recording, or when the run has left the plan
	arena   []byte
	buffers []*tensor.Buffer // used[i] of them are in use, in the order of requests
	pieces  []piece          // recorded by this run
	own     [][]byte         // memory of pieces outside the arena, nil for those inside
	free    [][]byte         // given back, by size
	ended   []int            // as ends of the plan, of this run's pieces by their planned ends
	left    bool             // the run needed something else than was planned
	spare   []int            // of pieces given back, once a run has more than maxPieces
}

// maxPieces is how many requests of a run are recorded. Loops may make any number.
const maxPieces = 2048

// start prepares for a run by the given plan, nil to record one.
func (m *memory) start(plan *placement) {
	m.plan, m.held, m.left = plan, 0, false
	m.pieces, m.own, m.spare = m.pieces[:0], m.own[:0], m.spare[:0]
	if plan != nil && len(m.arena) < plan.total {
		m.arena = tensor.Alloc(plan.total)
	}
	if plan != nil {
		m.free = nil
		m.ended = append(m.ended[:0], plan.ends...)
		clear(m.ended)
	}
}

// bookkeeping is what a piece costs beside its own bytes, so that a loop which
// collects small ones without end meets the limit, too.
const bookkeeping = 256

// Get implements op.Memory.
func (m *memory) Get(bytes int) ([]byte, *tensor.Buffer, error) {
	size := (bytes + align - 1) &^ (align - 1)
	if m.held += size + bookkeeping; m.held > m.limit {
		return nil, nil, fmt.Errorf("the run needs more than %d bytes: %w", m.limit, quintet.ErrInput)
	}
	if n := len(m.spare); n > 0 {
		i := m.spare[n-1]
		m.spare = m.spare[:n-1]
		m.pieces[i].size, m.own[i] = size, m.take(size)
		m.buffers[i].Refs = 1
		return m.own[i][:bytes:size], m.buffers[i], nil
	}
	i := len(m.pieces)
	m.pieces = append(m.pieces, piece{size: size, start: i, end: -1})
	if len(m.buffers) <= i {
		m.buffers = append(m.buffers, &tensor.Buffer{ID: i})
	}
	b := m.buffers[i]
	b.Refs = 1
	if m.plan != nil {
		// A piece that is in use for longer than when the plan was made may lie where
		// this one is to be.
		if i < len(m.plan.pieces) && m.plan.pieces[i].size == size && m.ended[i] == m.plan.ends[i] {
			o := m.plan.pieces[i].offset
			m.own = append(m.own, nil)
			return m.arena[o : o+bytes : o+size], b, nil
		}
		m.plan, m.left = nil, true // what the plan has free may be in use in this run
	}
	data := m.take(size)
	m.own = append(m.own, data)
	return data[:bytes:size], b, nil
}

// take returns size bytes, if it can be from what was given back.
func (m *memory) take(size int) []byte {
	i, _ := slices.BinarySearchFunc(m.free, size, func(b []byte, n int) int { return cmp.Compare(len(b), n) })
	if i < len(m.free) && len(m.free[i]) <= 2*size {
		b := m.free[i]
		m.free = slices.Delete(m.free, i, i+1)
		return b[:size]
	}
	return tensor.Alloc(size)
}

// Put implements op.Memory.
func (m *memory) Put(b *tensor.Buffer) {
	p := &m.pieces[b.ID]
	p.end = len(m.pieces)
	m.held -= p.size + bookkeeping
	if m.plan != nil && m.plan.pieces[b.ID].end < len(m.ended) {
		m.ended[m.plan.pieces[b.ID].end]++
	}
	if data := m.own[b.ID]; data != nil {
		at, _ := slices.BinarySearchFunc(m.free, len(data), func(b []byte, n int) int { return cmp.Compare(len(b), n) })
		m.free = slices.Insert(m.free, at, data)
		m.own[b.ID] = nil
	}
	if len(m.pieces) > maxPieces {
		m.left = true
		m.spare = append(m.spare, b.ID)
	}
}

// finish returns the layout for runs like the one that has ended, nil if that ran
// by a plan or cannot be planned.
func (m *memory) finish() *placement {
	if m.plan != nil || m.left {
		clear(m.own)
		m.free = nil
		return nil
	}
	for i := range m.pieces {
		if m.pieces[i].end < 0 {
			m.pieces[i].end = len(m.pieces) + 1
		}
	}
	m.free = nil
	clear(m.own)
	return lay(m.pieces)
}

// heap is the memory of outputs that leave the program, which the callers then own.
// It implements op.Memory.
type heap struct{ left int }

// Get implements op.Memory.
func (h *heap) Get(bytes int) ([]byte, *tensor.Buffer, error) {
	if bytes > h.left {
		return nil, nil, fmt.Errorf("outputs of the run need more memory than it may take: %w", quintet.ErrInput)
	}
	h.left -= bytes
	return tensor.Alloc(bytes), nil, nil
}

// Put implements op.Memory. There is nothing to take back.
func (*heap) Put(*tensor.Buffer) {}

// bytes is how much memory m keeps between runs.
func (m *memory) bytes() int64 { return int64(len(m.arena)) }
