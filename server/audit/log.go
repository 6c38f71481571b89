package audit

import (
	"errors"
	"io"
	"path/filepath"
	"sync"
	"time"

	"github.com/quintet-ai/quintet/internal/wal"
)

// Log writes events to files. It is safe for concurrent use.
type Log struct {
	dir  string
	opt  Options
	lock io.Closer

	disk  sync.Mutex // held while writing; taken before mu
	chain *chain     // where the next batch goes on
	file  wal.File   // nil before the first record of a new file
	size  int64      // of the file
	ready batch      // encoded, not written yet

	mu      sync.Mutex
	pending []Event // the first of them may be in ready
	head    Anchor
	torn    int64  // to be told by the next record
	lost    uint64 // to be told by the next record
	dropped uint64
	err     error // of the last try
	closed  bool

	wake chan struct{}
	quit chan struct{}
	done chan struct{}
}

// Open opens the log in a folder, or begins one. It reads the last file whole: if that
// is not as it was written, the error is a [Fault], and the folder should be kept for
// who looks into it. If another process writes the log, it is [quintet.ErrBusy].
func Open(dir string, o Options) (*Log, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if err := o.files.MkdirAll(dir); err != nil {
		return nil, err
	}
	lock, err := o.files.Lock(filepath.Join(dir, "lock"))
	if err != nil {
		return nil, err
	}
	l := &Log{
		dir: dir, opt: o, lock: lock, chain: newChain(o.Key, Anchor{}),
		wake: make(chan struct{}, 1), quit: make(chan struct{}), done: make(chan struct{}),
	}
	if err := l.resume(); err != nil {
		if l.file != nil {
			err = errors.Join(err, l.file.Close())
		}
		return nil, errors.Join(err, lock.Close())
	}
	l.head = l.chain.at
	go l.loop()
	return l, nil
}

// Audit adds an event. It does not wait for the disk. What is too much, comes after
// Close, or has a time that JSON cannot say, is counted as dropped.
func (l *Log) Audit(e Event) {
	e = clip(e)
	if l.opt.SubjectKey != nil {
		e = anonymize(e, l.opt.SubjectKey)
	}
	_, err := e.At.MarshalJSON()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || err != nil || len(l.pending) >= l.opt.Pending {
		l.lost++
		l.dropped++
		return
	}
	l.pending = append(l.pending, e)
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Head is the last record on disk. Keep it where the log's writer cannot change it:
// with it, [Verify] finds a log that was cut off.
func (l *Log) Head() Anchor {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.head
}

// Stats is the state of a log.
type Stats struct {
	Records uint64 // on disk, since the log was begun
	Pending int    // in memory
	Dropped uint64 // lost since the log was opened
	Err     error  // of the last try to write; nil if it was written
}

// Stats returns the state of the log, for a check of health.
func (l *Log) Stats() Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	return Stats{l.head.Seq, len(l.pending), l.dropped, l.err}
}

// Flush writes what is pending and returns when it is on disk, or why it is not.
func (l *Log) Flush() error {
	l.disk.Lock()
	defer l.disk.Unlock()
	for {
		more, err := l.write()
		if err != nil || !more {
			return err
		}
	}
}

// Close writes what is pending and ends the log. The error says what could not be
// written. Twice is harmless.
func (l *Log) Close() error {
	l.mu.Lock()
	was := l.closed
	l.closed = true
	l.mu.Unlock()
	if was {
		<-l.done
		return nil
	}
	close(l.quit)
	<-l.done
	err := l.Flush()
	l.disk.Lock()
	defer l.disk.Unlock()
	if l.file != nil {
		err = errors.Join(err, l.file.Close())
	}
	return errors.Join(err, l.lock.Close())
}

// loop writes when there is something, and tries again when it could not.
func (l *Log) loop() {
	defer close(l.done)
	for failing := false; ; {
		var again <-chan time.Time
		if failing {
			again = time.After(l.opt.Retry)
		}
		wake := l.wake
		if failing {
			wake = nil // a full disk is not tried for every event
		}
		select {
		case <-l.quit:
			return
		case <-wake:
		case <-again:
		}
		err := l.Flush()
		if was := failing; was != (err != nil) {
			failing = err != nil
			l.tell(err)
		}
	}
}

func (l *Log) tell(err error) {
	s := l.Stats()
	if err != nil {
		l.opt.Logger.Error("audit log cannot be written", "error", err, "pending", s.Pending)
		return
	}
	l.opt.Logger.Info("audit log is written again", "dropped", s.Dropped)
}
