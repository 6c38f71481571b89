package wal

import (
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/quintet-ai/quintet"
)

const temporary = ".tmp"

// Rotate begins a new segment and returns the sequence number of its first
// record, for [Log.Checkpoint].
func (l *Log) Rotate() (uint64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.ready(); err != nil {
		return 0, err
	}
	if l.cur.size > headerSize {
		if err := l.rotate(); err != nil {
			return 0, err
		}
	}
	return l.next, nil
}

// rotate syncs the current segment: only the last one may have a torn tail.
func (l *Log) rotate() error {
	if err := l.sync(); err != nil {
		return err
	}
	f, err := l.createSegment(l.next)
	if err != nil {
		return err
	}
	_ = l.f.Close() // all of it is synced
	l.old = append(l.old, l.cur)
	l.cur, l.f, l.synced = segment{first: l.next, size: headerSize}, f, headerSize
	return nil
}

// createSegment makes an empty segment that lasts, and opens it. If it may be
// there after an error, the log has failed: another segment must not go on past
// its first record.
func (l *Log) createSegment(first uint64) (File, error) {
	name := segment{first: first}.name()
	h := header{magic: magicLog, seq: first, made: time.Now(), tag: l.o.Tag}
	_, err := l.create(name, func(w io.Writer) (int64, error) {
		n, err := w.Write(h.bytes())
		return int64(n), err
	})
	if err != nil {
		return nil, err
	}
	there, err := l.publish(name)
	if !there {
		return nil, err
	}
	var f File
	if err == nil {
		f, err = l.o.FS.Open(l.path(name), true)
	}
	l.failed = err
	return f, err
}

// create writes and syncs a file under a temporary name.
func (l *Log) create(name string, write func(io.Writer) (int64, error)) (size int64, err error) {
	f, err := l.o.FS.Create(l.path(name + temporary))
	if err != nil {
		return 0, err
	}
	size, err = write(io.NewOffsetWriter(f, 0))
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		_ = l.o.FS.Remove(l.path(name + temporary)) // else the next Open does
		return 0, err
	}
	return size, nil
}

// publish gives a file that create made its name, for good. If it could not, the
// file may be there all the same.
func (l *Log) publish(name string) (there bool, err error) {
	if err := l.o.FS.Rename(l.path(name+temporary), l.path(name)); err != nil {
		_ = l.o.FS.Remove(l.path(name + temporary))
		return false, err
	}
	return true, l.o.FS.SyncDir(l.dir)
}

// Checkpoint writes a snapshot of everything below seq, which is from
// [Log.Rotate], and frees what it makes unnecessary. The blocks may hold effects
// of later records: these are replayed on top.
func (l *Log) Checkpoint(seq uint64, blocks Blocks) error {
	if l.hasSnapshot(seq) {
		return nil
	}
	s, err := l.createSnapshot(seq, blocks)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		err = quintet.ErrClosed
	}
	if err == nil {
		err = l.sync() // what the blocks hold must not get lost from the log
	}
	if err != nil {
		_ = l.o.FS.Remove(l.path(s.name + temporary))
		return err
	}
	if _, err := l.publish(s.name); err != nil {
		return err
	}
	l.adopt(s, seq)
	return nil
}

// Replace writes a snapshot that takes the place of all records, and begins a
// new segment; that mends a log which failed. No Append may run meanwhile. Once
// the snapshot lasts there is no error: if the new segment cannot be made, the
// next Append returns why.
func (l *Log) Replace(blocks Blocks) error {
	seq, err := l.nextSnapshot()
	if err != nil {
		return err
	}
	s, err := l.createSnapshot(seq, blocks)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if there, err := l.publish(s.name); err != nil {
		if there {
			l.failed = err // no record may follow that the snapshot may hide
		}
		return err
	}
	if l.cur.first == seq && l.failed == nil && l.doubt == 0 { // it is empty
		l.adopt(s, seq)
		return nil
	}
	l.adopt(s, seq)
	l.next, l.doubt = seq, 0
	f, err := l.createSegment(seq)
	if l.failed = err; err != nil {
		return nil
	}
	_ = l.f.Close()         // what it may lack is in the snapshot
	if l.cur.first != seq { // else the new segment took its name
		l.old = append(l.old, l.cur)
	}
	l.cur, l.f, l.synced = segment{first: seq, size: headerSize}, f, headerSize
	l.adopt(s, seq)
	return nil
}

// nextSnapshot returns a number above all records, on disk or not, for which
// there is no snapshot: replacing a file could end with neither.
func (l *Log) nextSnapshot() (uint64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return 0, quintet.ErrClosed
	}
	seq := l.next + l.doubt
	if l.snap.name == snapshotName(seq) {
		seq++
	}
	return seq, nil
}

func (l *Log) hasSnapshot(seq uint64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.snap.name == snapshotName(seq)
}

func (l *Log) createSnapshot(seq uint64, blocks Blocks) (s snapshot, err error) {
	s = snapshot{name: snapshotName(seq), made: time.Now()}
	h := header{magic: magicSnapshot, seq: seq, made: s.made, tag: l.o.Tag}
	s.size, err = l.create(s.name, func(w io.Writer) (int64, error) { return writeSnapshot(w, h, blocks) })
	return s, err
}

func snapshotName(seq uint64) string { return fmt.Sprintf("%020d.snap", seq) }

// adopt makes s the newest snapshot and removes what is older. What cannot be
// removed does no harm and goes at the next Open.
func (l *Log) adopt(s snapshot, seq uint64) {
	if l.snap.name != "" && l.snap.name != s.name {
		_ = l.o.FS.Remove(l.path(l.snap.name))
	}
	l.snap = s
	for len(l.old) > 0 && l.endOfOldest() <= seq {
		_ = l.o.FS.Remove(l.path(l.old[0].name()))
		l.old = l.old[1:]
	}
}

// endOfOldest returns the number after the last record of the oldest segment,
// which is not the current one.
func (l *Log) endOfOldest() uint64 {
	switch len(l.old) {
	case 0:
		return math.MaxUint64
	case 1:
		return l.cur.first
	}
	return l.old[1].first
}
