package wal

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// sector is what a disk writes whole.
const sector = 512

// openSegment replays the records of a segment from seq on and makes it the
// current one. If it is the last, it may have a torn tail, which is cut off.
func (l *Log) openSegment(s segment, seq uint64, last bool, h Handler) error {
	name := l.path(s.name())
	f, err := l.o.FS.Open(name, true)
	if err != nil {
		return err
	}
	l.f = f
	buf := bufio.NewReaderSize(fileReader(f), 1<<16)
	head, err := readHeader(buf, name, magicLog)
	if err == nil {
		err = head.check(name, l.o.Tag)
	}
	if err == nil && head.seq != s.first {
		err = corrupt(name, 0, "segment %d has the name of %d", head.seq, s.first)
	}
	if err != nil {
		return err
	}
	r := &reader{r: buf, name: name, at: headerSize, next: s.first}
	switch err := l.readRecords(r, seq, h); {
	case err == io.EOF || last && l.torn(r, err):
	case errors.Is(err, io.ErrUnexpectedEOF):
		return corrupt(name, r.at, "file ends in a record")
	default:
		return err
	}
	l.cur, l.next, l.synced = segment{first: s.first, size: r.at}, r.next, r.at
	if !last {
		return nil
	}
	return l.cutTail()
}

// readRecords passes the records from seq on to h until there is an error, at
// best io.EOF.
func (l *Log) readRecords(r *reader, seq uint64, h Handler) error {
	l.ended = r.next == 1 // nothing to mark in a log that holds nothing
	for {
		at := r.at
		rec, payload, err := r.read()
		if err != nil {
			return err
		}
		l.ended = rec.kind == kindEnd
		if rec.kind == kindData && rec.seq >= seq {
			if err := h.Record(payload); err != nil {
				return &CorruptError{File: r.name, Offset: at, Err: err}
			}
		}
	}
}

// cutTail removes what follows the last record and makes the rest last.
func (l *Log) cutTail() error {
	size, err := l.f.Size()
	if err == nil && size > l.cur.size {
		err = l.f.Truncate(l.cur.size)
	}
	if err == nil {
		err = l.f.Sync()
	}
	return err
}

// torn reports whether the record at r.at, which gave err, is one that a crash
// cut short.
func (l *Log) torn(r *reader, err error) bool {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return true
	}
	if !errors.Is(err, errChecksum) {
		return false
	}
	var rest bytes.Buffer
	if _, err := io.Copy(&rest, io.NewSectionReader(l.f, r.at, 1<<62)); err != nil {
		return false // err will do
	}
	return lostSector(rest.Bytes(), r.at) && !wasSynced(rest.Bytes(), r)
}

// lostSector reports whether a sector of b, which starts at the given offset of
// its file, is zero: it never reached the disk. Records are aligned, so that each
// of their sectors has at least 32 bytes of them; a smaller rest was cut.
func lostSector(b []byte, at int64) bool {
	for len(b) > 0 {
		n := min(len(b), sector-int(at%sector))
		if n >= recordSize && len(bytes.Trim(b[:n], "\x00")) == 0 {
			return true
		}
		b, at = b[n:], at+int64(n)
	}
	return false
}

// wasSynced reports whether a later record in b says that the bad one at r.at,
// where b starts, was on disk.
func wasSynced(b []byte, r *reader) bool {
	for i := 1; i+recordSize <= len(b); i++ {
		later, ok := parseRecord(b[i:])
		if ok && later.seq > r.next && later.seq-r.next < uint64(len(b)) && later.synced > uint64(r.at) {
			return true
		}
	}
	return false
}
