package graph

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// team are goroutines that share the phases of one call: the caller's and helpers,
// which start with the first phase of more than one block and end with close.
// Between phases a helper waits for some microseconds before it sleeps, for a search
// has thousands of short phases and none of them would pay for waking it.
type team struct {
	workers int
	spins   int // looks at now before a helper sleeps
	helpers []*helper
	now     atomic.Pointer[phase]
	ended   atomic.Bool
	running sync.WaitGroup
}

type helper struct {
	asleep atomic.Bool
	wake   chan struct{}
}

func newTeam(workers int) *team {
	t := &team{workers: workers}
	if workers <= runtime.GOMAXPROCS(0) {
		t.spins = 1 << 14
	}
	return t
}

// close ends the helpers and waits for them.
func (t *team) close() {
	t.ended.Store(true)
	t.wakeAll()
	t.running.Wait()
}

// wakeAll wakes the helpers that sleep.
func (t *team) wakeAll() {
	for _, h := range t.helpers {
		if h.asleep.CompareAndSwap(true, false) {
			h.wake <- struct{}{}
		}
	}
}

// forBlocks is forBlocks on the goroutines of the team.
func (t *team) forBlocks(ctx context.Context, blocks int, f func(block, worker int)) error {
	if t.workers <= 1 || blocks <= 1 {
		for b := range blocks {
			if err := ctx.Err(); err != nil {
				return err
			}
			f(b, 0)
		}
		return nil
	}
	for len(t.helpers) < min(t.workers, blocks)-1 {
		h := &helper{wake: make(chan struct{}, 1)}
		t.helpers = append(t.helpers, h)
		worker := len(t.helpers)
		t.running.Go(func() { t.help(h, worker) })
	}
	p := &phase{ctx: ctx, blocks: blocks, f: f, left: make(chan struct{}, 1)}
	t.now.Store(p)
	t.wakeAll()
	p.work(0)
	p.close(t.spins)
	if v := p.failure.Load(); v != nil {
		panic(*v)
	}
	if int(p.done.Load()) < blocks {
		return ctx.Err()
	}
	return nil
}

// help takes part in phases until the team ends.
func (t *team) help(h *helper, worker int) {
	var last *phase
	for {
		p := t.await(h, last)
		if p == last {
			return
		}
		if p.enter() {
			p.work(worker)
			p.leave()
		}
		last = p
	}
}

// await returns the next phase, or the last one if the team has ended.
func (t *team) await(h *helper, last *phase) *phase {
	for i := 0; ; i++ {
		if p := t.now.Load(); p != last {
			return p
		}
		if t.ended.Load() {
			return last
		}
		if i < t.spins {
			continue
		}
		i = 0
		h.asleep.Store(true)
		if t.now.Load() != last || t.ended.Load() {
			if h.asleep.CompareAndSwap(true, false) {
				continue
			}
		}
		<-h.wake
	}
}

// phase is one pass over blocks. It closes when its blocks are taken: a helper that
// comes late finds nothing to do, and nobody waits for it.
type phase struct {
	ctx        context.Context
	blocks     int
	f          func(block, worker int)
	next, done atomic.Int64
	failure    atomic.Pointer[any]
	inside     atomic.Int32 // helpers, plus closed
	left       chan struct{}
}

const closed = 1 << 30

func (p *phase) enter() bool {
	for {
		n := p.inside.Load()
		if n >= closed {
			return false
		}
		if p.inside.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

func (p *phase) leave() {
	if p.inside.Add(-1) == closed {
		p.left <- struct{}{}
	}
}

// close waits for the helpers inside.
func (p *phase) close(spins int) {
	if p.inside.Add(closed) == closed {
		return
	}
	for range spins {
		if p.inside.Load() == closed {
			return
		}
	}
	<-p.left
}

func (p *phase) work(worker int) {
	defer func() {
		if v := recover(); v != nil {
			p.failure.CompareAndSwap(nil, &v)
		}
	}()
	for b := int(p.next.Add(1)) - 1; b < p.blocks && p.ctx.Err() == nil; b = int(p.next.Add(1)) - 1 {
		p.f(b, worker)
		p.done.Add(1)
	}
}
