package wal

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"sync"
	"time"

	"github.com/quintet-ai/quintet"
)

// Log is an open directory. Its methods may be called from any goroutine.
//
// A record that could not be written is cut off again, and later ones may
// succeed. After a failed sync nobody knows what is on disk: every Append
// returns that error until [Log.Replace] has written everything anew.
type Log struct {
	dir  string
	o    Options
	lock io.Closer

	mu     sync.Mutex
	old    []segment // before the current one
	cur    segment
	f      File   // of cur
	synced int64  // bytes of cur that are on disk
	next   uint64 // sequence number
	ended  bool   // the last record is the mark of Close
	doubt  uint64 // records past the end of cur that could not be cut off
	failed error  // of a sync
	closed bool
	buf    []byte
	snap   snapshot
	timer  *time.Timer    // runs while records wait for their sync under Every
	ticks  sync.WaitGroup // of the timer
}

type segment struct {
	first uint64
	size  int64
}

// snapshot is the newest one, if its name is not "".
type snapshot struct {
	name string
	size int64
	made time.Time
}

func (s segment) name() string { return fmt.Sprintf("%020d.log", s.first) }

func (l *Log) path(name string) string { return filepath.Join(l.dir, name) }

// Append adds a record for each payload, all with one write and, under Always,
// one sync. After an error none of them counts, but if the sync failed and
// the process ends there, the next Open may find them.
func (l *Log) Append(payloads ...[]byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.ready(); err != nil {
		return err
	}
	buf := l.buf[:0]
	for i, p := range payloads {
		if err := tooLarge(p); err != nil {
			return err
		}
		buf = appendRecord(buf, kindData, l.next+uint64(i), uint64(l.synced), p)
	}
	if l.buf = buf; cap(buf) > 4<<20 {
		l.buf = nil
	}
	if err := l.write(buf, uint64(len(payloads))); err != nil {
		return err
	}
	l.ended = false
	switch l.o.Policy {
	case Always:
		return l.sync()
	case Every:
		l.startTimer()
	}
	return nil
}

// ready makes the log able to take a record.
func (l *Log) ready() error {
	switch {
	case l.closed:
		return quintet.ErrClosed
	case l.failed != nil:
		return fmt.Errorf("log is unusable until the next snapshot: %w", l.failed)
	case l.doubt > 0:
		if err := l.f.Truncate(l.cur.size); err != nil {
			return err
		}
		l.doubt = 0
	}
	if l.cur.size >= l.o.SegmentBytes {
		return l.rotate()
	}
	return nil
}

// write puts n records at the end of the current segment, whole or not at all.
func (l *Log) write(buf []byte, n uint64) error {
	if _, err := l.f.WriteAt(buf, l.cur.size); err != nil {
		if cut := l.f.Truncate(l.cur.size); cut != nil {
			l.doubt = n
			err = errors.Join(err, cut)
		}
		return err
	}
	l.cur.size += int64(len(buf))
	l.next += n
	return nil
}

func (l *Log) sync() error {
	if l.failed != nil || l.synced == l.cur.size {
		return l.failed
	}
	if l.failed = l.f.Sync(); l.failed == nil {
		l.synced = l.cur.size
	}
	return l.failed
}

func (l *Log) startTimer() {
	if l.timer != nil {
		return
	}
	l.ticks.Add(1)
	l.timer = time.AfterFunc(l.o.Interval, func() {
		defer l.ticks.Done()
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.timer = nil; !l.closed {
			_ = l.sync() // kept for the next Append
		}
	})
}

// stopTimer waits for a timer that fired. It is called without mu.
func (l *Log) stopTimer() {
	l.mu.Lock()
	timer := l.timer
	l.mu.Unlock()
	if timer != nil && timer.Stop() {
		l.ticks.Done()
	}
	l.ticks.Wait()
}

// Sync makes all records last.
func (l *Log) Sync() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return quintet.ErrClosed
	}
	return l.sync()
}

// Err returns why Append cannot succeed until the next [Log.Replace], or nil.
func (l *Log) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.failed
}

// Sizes describes the files of a log.
type Sizes struct {
	Log      int64     // bytes of all segments
	Snapshot int64     // bytes of the newest snapshot
	Made     time.Time // when it was written; zero without one
}

// Sizes returns the sizes of the files.
func (l *Log) Sizes() Sizes {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := Sizes{Log: l.cur.size, Snapshot: l.snap.size, Made: l.snap.made}
	for _, old := range l.old {
		s.Log += old.size
	}
	return s
}

// Close marks the end of the log, which lets the next Open tell damage from a
// crash, makes it last whatever the policy, and unlocks the directory. Closing
// twice is harmless.
func (l *Log) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil
	}
	err := l.sync()
	if err == nil && !l.ended && l.ready() == nil && // the mark may be missing, as on a full disk
		l.write(appendRecord(nil, kindEnd, l.next, uint64(l.synced), nil), 1) == nil {
		err = l.sync()
	}
	l.closed = true
	err = errors.Join(err, l.f.Close())
	l.mu.Unlock()
	l.stopTimer()
	return errors.Join(err, l.lock.Close())
}
