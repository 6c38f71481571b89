package nn

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/quintet-ai/quintet/internal/nn/op"
)

// teamOf returns the threads of a run, nil for one.
func teamOf(threads int) *team {
	if threads < 2 {
		return nil
	}
	return &team{size: min(threads, 2*runtime.NumCPU())}
}

// asTeam is t as an operator knows it.
func (t *team) asTeam() op.Team {
	if t == nil {
		return nil
	}
	return t
}

// team is the threads that help a run with its large steps. They are goroutines
// that start with the first task, spin for a moment after each, and then sleep.
// One run at a time has them; a run that finds them busy works alone, which is not
// slower than waiting.
type team struct {
	size int

	busy    sync.Mutex
	workers []*worker
	closed  bool
	done    sync.WaitGroup
}

// task is the parts of one call of Do. Whoever is free takes the next part.
type task struct {
	f     func(part, worker int)
	parts int32
	next  atomic.Int32 // the next part that nobody has taken
	left  atomic.Int32 // parts that are not finished
	fault atomic.Pointer[any]
	done  chan struct{} // gets one value when no part is left
}

// work does parts until none is left.
func (t *task) work(worker int) {
	for {
		part := t.next.Add(1) - 1
		if part >= t.parts {
			return
		}
		t.do(int(part), worker)
	}
}

// do does one part. A panic waits for the caller's goroutine, which can handle it.
func (t *task) do(part, worker int) {
	defer func() {
		if r := recover(); r != nil {
			t.fault.CompareAndSwap(nil, &r)
		}
		if t.left.Add(-1) == 0 {
			t.done <- struct{}{}
		}
	}()
	t.f(part, worker)
}

// end passes on a panic of any part.
func (t *task) end() {
	if r := t.fault.Load(); r != nil {
		panic(*r)
	}
}

// worker is one goroutine of a team.
type worker struct {
	task   atomic.Pointer[task]
	asleep atomic.Bool
	wake   chan struct{}
}

// patience is how long a worker looks for a task before it sleeps, and a caller for
// the end of one: longer than what is left of the other's last part and the steps
// between two large ones take, and some times what waking up costs.
const patience = 250 * time.Microsecond

// spin asks done until it says yes or patience is at its end.
func spin(done func() bool) bool {
	start := time.Now()
	for {
		for range 64 {
			if done() {
				return true
			}
		}
		if time.Since(start) > patience {
			return false
		}
	}
}

// Size implements op.Team.
func (t *team) Size() int { return t.size }

// Do implements op.Team.
func (t *team) Do(parts int, f func(part, worker int)) {
	if parts < 1 {
		return
	}
	job := &task{f: f, parts: int32(parts), done: make(chan struct{}, 1)}
	job.left.Store(int32(parts))
	if !t.busy.TryLock() {
		job.work(0)
		job.end()
		return
	}
	defer t.busy.Unlock()
	t.start()
	for _, w := range t.workers[:min(len(t.workers), parts-1)] {
		w.task.Store(job)
		if w.asleep.CompareAndSwap(true, false) {
			w.wake <- struct{}{}
		}
	}
	job.work(0)
	spin(func() bool { return job.left.Load() == 0 })
	<-job.done // a worker that waits for this very processor gets it
	for _, w := range t.workers {
		w.task.CompareAndSwap(job, nil) // one that has not even woken need not
	}
	job.end()
}

// start makes the workers. The caller holds busy.
func (t *team) start() {
	if t.closed || t.workers != nil {
		return
	}
	for i := 1; i < t.size; i++ {
		w := &worker{wake: make(chan struct{}, 1)}
		t.workers = append(t.workers, w)
		t.done.Add(1)
		go func() {
			defer t.done.Done()
			w.loop(i)
		}()
	}
}

// loop works until wake is closed.
func (w *worker) loop(id int) {
	for {
		job := w.next()
		if job == nil {
			return
		}
		job.work(id)
	}
}

// next waits for a task; nil says that the team is closed.
func (w *worker) next() *task {
	for {
		if spin(func() bool { return w.task.Load() != nil }) {
			if job := w.task.Swap(nil); job != nil {
				return job
			}
			continue
		}
		w.asleep.Store(true)
		if job := w.task.Swap(nil); job != nil { // it came in between
			if !w.asleep.CompareAndSwap(true, false) {
				<-w.wake
			}
			return job
		}
		if _, ok := <-w.wake; !ok {
			return nil
		}
	}
}

// close ends the goroutines. A run that still has them goes on, alone after that.
func (t *team) close() {
	if t == nil {
		return
	}
	t.busy.Lock()
	defer t.busy.Unlock()
	if t.closed {
		return
	}
	t.closed = true
	for _, w := range t.workers {
		close(w.wake)
	}
	t.workers = nil
	t.done.Wait()
}
