package wal

import (
	"errors"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Open opens or makes a directory, locks it, passes what it holds to h and
// repairs what a crash left behind. The error is a [CorruptError], a [TagError],
// wraps [quintet.ErrBusy] if the directory is open elsewhere or
// [quintet.ErrUnsupported] for files of another format, or is one of the file
// system. Damaged files stay as they are.
func Open(dir string, o Options, h Handler) (*Log, error) {
	o = o.withDefaults()
	if err := o.FS.MkdirAll(dir); err != nil {
		return nil, err
	}
	_ = o.FS.SyncDir(filepath.Dir(dir)) // makes a new directory last, if the parent can be read
	l := &Log{dir: dir, o: o}
	lock, err := o.FS.Lock(l.path("lock"))
	if err != nil {
		return nil, err
	}
	l.lock = lock
	if err := l.recover(h); err != nil {
		if l.f != nil {
			err = errors.Join(err, l.f.Close())
		}
		return nil, errors.Join(err, lock.Close())
	}
	return l, nil
}

// listing is what a directory holds.
type listing struct {
	segments  []segment // by number
	snapshots []uint64  // newest first
}

func (l *Log) recover(h Handler) error {
	have, err := l.list()
	if err != nil {
		return err
	}
	seq, err := l.load(have, h)
	if err != nil {
		return err
	}
	if err := l.replay(have.segments, seq, h); err != nil {
		return err
	}
	if l.f == nil || l.next < seq { // nothing there, or only what the snapshot holds
		if l.f != nil {
			_ = l.f.Close() // nothing was written to it
			l.old = append(l.old, l.cur)
		}
		l.next = seq
		if l.f, err = l.createSegment(seq); err != nil {
			return err
		}
		l.cur, l.synced, l.ended = segment{first: seq, size: headerSize}, headerSize, true
	}
	l.adopt(l.snap, seq)
	return nil
}

// list reads the directory and removes unfinished files.
func (l *Log) list() (have listing, err error) {
	names, err := l.o.FS.ReadDir(l.dir)
	if err != nil {
		return have, err
	}
	for _, name := range names {
		if strings.HasSuffix(name, temporary) && known(strings.TrimSuffix(name, temporary)) {
			if err := l.o.FS.Remove(l.path(name)); err != nil {
				return have, err
			}
			continue
		}
		if number, ok := strings.CutSuffix(name, ".log"); ok && known(name) {
			first, _ := strconv.ParseUint(number, 10, 64)
			have.segments = append(have.segments, segment{first: first})
		}
		if number, ok := strings.CutSuffix(name, ".snap"); ok && known(name) {
			seq, _ := strconv.ParseUint(number, 10, 64)
			have.snapshots = append(have.snapshots, seq)
		}
	}
	slices.SortFunc(have.segments, func(a, b segment) int { return strings.Compare(a.name(), b.name()) })
	slices.Sort(have.snapshots)
	slices.Reverse(have.snapshots)
	return have, nil
}

// known reports whether a log gives files such names.
func known(name string) bool {
	number, kind, _ := strings.Cut(name, ".")
	seq, err := strconv.ParseUint(number, 10, 64)
	return err == nil && len(number) == 20 && seq > 0 && (kind == "log" || kind == "snap")
}

// load reads the newest snapshot that is good and returns the number of the
// first record after it. An older one counts if the log goes on from there;
// otherwise the error is that of the newest.
func (l *Log) load(have listing, h Handler) (uint64, error) {
	var newest error
	for i, seq := range have.snapshots {
		if i > 0 && (len(have.segments) == 0 || have.segments[0].first > seq) {
			break
		}
		err := l.loadOne(seq, h)
		if err == nil {
			for _, older := range have.snapshots[i+1:] {
				_ = l.o.FS.Remove(l.path(snapshotName(older)))
			}
			return seq, nil
		}
		if newest == nil {
			newest = err
		}
		if !errors.Is(err, ErrCorrupt) {
			return 0, err
		}
		h.Reset()
	}
	if newest != nil {
		return 0, newest
	}
	return 1, nil
}

func (l *Log) loadOne(seq uint64, h Handler) error {
	name := l.path(snapshotName(seq))
	f, err := l.o.FS.Open(name, false)
	if err != nil {
		return err
	}
	defer f.Close()
	size, err := f.Size()
	if err != nil {
		return err
	}
	head, err := readSnapshot(fileReader(f), name, l.o.Tag, h.blocks(f, size))
	if err != nil {
		return err
	}
	if head.seq != seq {
		return corrupt(name, 0, "snapshot %d has the name of %d", head.seq, seq)
	}
	l.snap = snapshot{name: snapshotName(seq), size: size, made: head.made}
	return nil
}

// blocks returns what takes the blocks of a snapshot and their places in its file,
// which is mapped if the handler wants that. They were read and found good before
// they are looked at there: a disk that fails then is an error and no signal.
func (h Handler) blocks(f File, size int64) func(block []byte, at int64) error {
	plain := func(block []byte, _ int64) error { return h.Block(block) }
	if h.Map == nil {
		return plain
	}
	pages, err := mapFile(f)
	if err != nil {
		return plain
	}
	if int64(len(pages.Bytes())) != size {
		pages.Close()
		return plain
	}
	h.Map(pages)
	return func(block []byte, at int64) error {
		end := at + int64(len(block))
		if end > size {
			return errors.New("file has grown")
		}
		return h.Block(pages.Bytes()[at:end:end])
	}
}

// replay reads the segments that have records from seq on. They follow one
// another without a gap.
func (l *Log) replay(segments []segment, seq uint64, h Handler) error {
	for i, s := range segments {
		if i+1 < len(segments) && segments[i+1].first <= seq {
			l.old = append(l.old, s) // for adopt to remove
			continue
		}
		name := l.path(s.name())
		if l.f != nil {
			l.old = append(l.old, l.cur)
			if err := l.f.Close(); err != nil {
				return err
			}
			l.f = nil
		}
		want := l.next
		if want == 0 {
			want = min(s.first, seq)
		}
		if s.first != want {
			return corrupt(name, 0, "records %d to %d are missing", want, s.first-1)
		}
		if err := l.openSegment(s, seq, i+1 == len(segments), h); err != nil {
			return err
		}
	}
	return nil
}
