package nn

import (
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
)

// Piece is a piece of memory for tests: where it is put, and between which requests
// it is in use.
type Piece struct{ Size, Start, End, Offset int }

// Lay lays out pieces.
func Lay(list []Piece) (placed []Piece, total int) {
	pieces := make([]piece, len(list))
	for i, p := range list {
		pieces[i] = piece{size: p.Size, start: p.Start, end: p.End}
	}
	l := lay(pieces)
	for _, p := range l.pieces {
		placed = append(placed, Piece{p.size, p.start, p.end, p.offset})
	}
	return placed, l.total
}

// MaxPieces is how many requests are planned.
const MaxPieces = maxPieces

// Memory is the memory of runs, each of which Begin and End enclose.
type Memory struct {
	m    memory
	plan *placement
}

// NewMemory returns memory with a limit in bytes.
func NewMemory(limit int) *Memory { return &Memory{m: memory{limit: limit}} }

// Begin starts a run by the plan that the last made, if it made one.
func (m *Memory) Begin() { m.m.start(m.plan) }

// End ends a run and reports whether it went by the plan.
func (m *Memory) End() (planned bool) {
	planned = m.m.plan != nil
	if l := m.m.finish(); l != nil {
		m.plan = l
	}
	return planned
}

// Get implements op.Memory.
func (m *Memory) Get(n int) ([]byte, *tensor.Buffer, error) { return m.m.Get(n) }

// Put implements op.Memory.
func (m *Memory) Put(b *tensor.Buffer) { m.m.Put(b) }

// NewTeam returns the threads of a run and what ends them.
func NewTeam(threads int) (op.Team, func()) {
	t := teamOf(threads)
	return t.asTeam(), t.close
}
