package jobs

import (
	"container/heap"
	"context"
	"time"
)

// job is what a queue keeps of a job. All fields are guarded by the queue's mutex.
type job struct {
	Info
	ready   time.Time          // since when it may start
	cancel  context.CancelFunc // while it runs
	asked   bool               // to be canceled, while it runs
	gone    bool               // forgotten, perhaps while it runs
	expires time.Time          // when a final one is forgotten
	turn    int                // how often it was lined up
	at      int                // place in the heap that it is in, -1 if in none
}

// waiting holds the jobs that may start, in the order in which they became ready, for
// each priority. Jobs that have left the state Queued are skipped when they come up.
type waiting struct {
	lines  [Critical - Low + 1]line
	n      int // jobs that wait
	starts int
}

// line is a queue with room at the front.
type line struct {
	jobs []place
	head int
}

// place is a job in a line. It is void when the job has left the state Queued, even
// if it has another place since.
type place struct {
	*job
	turn int
}

func (l *line) push(j *job) {
	if l.head > 32 && l.head > len(l.jobs)/2 {
		n := copy(l.jobs, l.jobs[l.head:])
		clear(l.jobs[n:])
		l.jobs, l.head = l.jobs[:n], 0
	}
	j.turn++
	l.jobs = append(l.jobs, place{j, j.turn})
}

// first returns the job at the front, nil if there is none.
func (l *line) first() *job {
	for ; l.head < len(l.jobs); l.drop() {
		if p := l.jobs[l.head]; p.State == Queued && p.turn == p.job.turn {
			return p.job
		}
	}
	return nil
}

func (l *line) drop() {
	l.jobs[l.head] = place{}
	l.head++
}

func (w *waiting) push(j *job) {
	w.lines[j.Priority-Low].push(j)
	w.n++
}

// pop takes the job that starts next: every tenth time the one that is ready longest,
// otherwise the first of the highest priority. It is nil if none waits.
func (w *waiting) pop() *job {
	var next *line
	w.starts++
	for p := range w.lines {
		l := &w.lines[len(w.lines)-1-p]
		if j := l.first(); j != nil && (next == nil || w.starts%10 == 0 && j.ready.Before(next.first().ready)) {
			next = l
		}
	}
	if next == nil {
		w.starts--
		return nil
	}
	j := next.first()
	next.drop()
	w.n--
	return j
}

// oldest returns since when the job that waits longest has been ready.
func (w *waiting) oldest() (t time.Time) {
	for i := range w.lines {
		if j := w.lines[i].first(); j != nil && (t.IsZero() || j.ready.Before(t)) {
			t = j.ready
		}
	}
	return t
}

// timeline is a heap of jobs by a time.
type timeline struct {
	jobs []*job
	when func(*job) time.Time
}

func (t *timeline) Len() int           { return len(t.jobs) }
func (t *timeline) Less(a, b int) bool { return t.when(t.jobs[a]).Before(t.when(t.jobs[b])) }

func (t *timeline) Swap(a, b int) {
	t.jobs[a], t.jobs[b] = t.jobs[b], t.jobs[a]
	t.jobs[a].at, t.jobs[b].at = a, b
}

// Push implements [heap.Interface].
func (t *timeline) Push(x any) {
	j := x.(*job)
	j.at = len(t.jobs)
	t.jobs = append(t.jobs, j)
}

// Pop implements [heap.Interface].
func (t *timeline) Pop() any {
	last := len(t.jobs) - 1
	j := t.jobs[last]
	t.jobs[last] = nil
	t.jobs = t.jobs[:last]
	j.at = -1
	return j
}

func (t *timeline) add(j *job) { heap.Push(t, j) }

func (t *timeline) remove(j *job) {
	if j.at >= 0 {
		heap.Remove(t, j.at)
	}
}

// due takes the first job if its time has come.
func (t *timeline) due(now time.Time) *job {
	if len(t.jobs) == 0 || t.when(t.jobs[0]).After(now) {
		return nil
	}
	return heap.Pop(t).(*job)
}
