package audit

import (
	"errors"
	"path/filepath"
	"slices"
)

// batch is what is written at once. It is made once, so that trying again writes the
// same bytes at the same place.
type batch struct {
	bytes  []byte
	events int
	lost   uint64
	end    Anchor
}

// batchEvents bounds the events that are written at once.
const batchEvents = 1024

// write writes a batch and reports whether there was one. The caller holds disk.
func (l *Log) write() (wrote bool, err error) {
	if l.ready.events == 0 {
		l.encode()
	}
	if l.ready.events == 0 {
		return false, nil
	}
	err = l.put(l.ready.bytes)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err = err; err != nil {
		return false, err
	}
	l.pending = slices.Delete(l.pending, 0, l.ready.events)
	l.head, l.torn, l.lost = l.ready.end, 0, l.lost-l.ready.lost
	l.ready = batch{}
	return true, nil
}

// encode makes the next batch.
func (l *Log) encode() {
	l.mu.Lock()
	events := slices.Clone(l.pending[:min(len(l.pending), batchEvents)])
	torn, lost := l.torn, l.lost
	l.mu.Unlock()
	b := batch{events: len(events), lost: lost}
	for i, e := range events {
		r := Record{Event: e}
		if i == 0 {
			r.Torn, r.Dropped = torn, lost
		}
		var err error
		if b.bytes, err = l.chain.append(b.bytes, r); err != nil {
			panic(err) // Audit takes no event without a form in JSON
		}
	}
	b.end = l.chain.at
	l.ready = b
}

// put writes at the end of the file, or of the next one if this is long enough.
func (l *Log) put(b []byte) error {
	if l.file != nil && l.size > 0 && l.size+int64(len(b)) > l.opt.MaxBytes {
		if err := l.file.Close(); err != nil {
			l.opt.Logger.Warn("file of the audit log", "error", err) // it was synced
		}
		l.file, l.size = nil, 0
	}
	if l.file == nil {
		if err := l.begin(); err != nil {
			return err
		}
	}
	if _, err := l.file.WriteAt(b, l.size); err != nil {
		return err
	}
	if !l.opt.NoSync {
		if err := l.file.Sync(); err != nil {
			return err
		}
	}
	l.size += int64(len(b))
	return nil
}

// begin makes the file for the batch that is ready.
func (l *Log) begin() error {
	first := l.ready.end.Seq - uint64(l.ready.events) + 1
	f, err := l.opt.files.Create(filepath.Join(l.dir, fileName(first)))
	if err != nil {
		return err
	}
	if err := l.opt.files.SyncDir(l.dir); err != nil {
		return errors.Join(err, f.Close())
	}
	l.file, l.size = f, 0
	return nil
}
