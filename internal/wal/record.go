package wal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/quintet-ai/quintet"
)

// MaxPayload is the most bytes of a record.
const MaxPayload = 1 << 30

const (
	recordSize = 32 // of a record's header

	pad = 0xff // not zero, which is what a lost sector is

	kindData = 0
	kindEnd  = 1
)

// errChecksum is what a crash can lead to, unlike other damage.
var errChecksum = errors.New("wrong checksum")

// record is the header of one.
type record struct {
	length uint32
	kind   uint32
	seq    uint64
	synced uint64
	sum    uint32 // of the payload
}

// appendRecord appends a record to b.
func appendRecord(b []byte, kind uint32, seq, synced uint64, payload []byte) []byte {
	at := len(b)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(payload)))
	b = binary.LittleEndian.AppendUint32(b, kind)
	b = binary.LittleEndian.AppendUint64(b, seq)
	b = binary.LittleEndian.AppendUint64(b, synced)
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(payload, table()))
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(b[at:], table()))
	b = append(b, payload...)
	for range padding(len(payload)) {
		b = append(b, pad)
	}
	return b
}

// padding returns how many bytes fill up a payload.
func padding(length int) int { return -length & (recordSize - 1) }

// parseRecord takes the first bytes of a record and reports whether they are a
// header. Zeros are none.
func parseRecord(b []byte) (r record, ok bool) {
	r = record{
		length: binary.LittleEndian.Uint32(b),
		kind:   binary.LittleEndian.Uint32(b[4:]),
		seq:    binary.LittleEndian.Uint64(b[8:]),
		synced: binary.LittleEndian.Uint64(b[16:]),
		sum:    binary.LittleEndian.Uint32(b[24:]),
	}
	ok = binary.LittleEndian.Uint32(b[28:]) == crc32.Checksum(b[:28], table())
	return r, ok && r.length <= MaxPayload && r.kind <= kindEnd
}

// tooLarge refuses a payload that does not fit a record.
func tooLarge(payload []byte) error {
	if len(payload) > MaxPayload {
		return fmt.Errorf("%d bytes in one record, limit %d: %w", len(payload), MaxPayload, quintet.ErrInput)
	}
	return nil
}

// reader reads the records of a file one after the other.
type reader struct {
	r    io.Reader
	name string
	at   int64  // where the next record starts
	next uint64 // its sequence number
	head [recordSize]byte
	body bytes.Buffer
}

// read returns a record; its payload may be used until the next call. The
// error is io.EOF after the last, io.ErrUnexpectedEOF if the file ends inside a
// record, a [CorruptError] or one of the file system.
func (r *reader) read() (rec record, payload []byte, err error) {
	n, err := io.ReadFull(r.r, r.head[:])
	if err != nil {
		return rec, nil, err
	}
	rec, ok := parseRecord(r.head[:])
	if !ok {
		return rec, nil, corrupt(r.name, r.at, "header of a record: %w", errChecksum)
	}
	r.body.Reset()
	length := int64(rec.length)
	m, err := io.CopyN(&r.body, r.r, length+int64(padding(int(length))))
	payload = r.body.Bytes()[:min(length, m)]
	switch {
	case errors.Is(err, io.EOF):
		return rec, nil, io.ErrUnexpectedEOF
	case err != nil:
		return rec, nil, err
	case rec.sum != crc32.Checksum(payload, table()) || !padded(r.body.Bytes()[length:]):
		return rec, nil, corrupt(r.name, r.at, "record %d: %w", rec.seq, errChecksum)
	case rec.seq != r.next:
		return rec, nil, corrupt(r.name, r.at, "record %d where %d should be", rec.seq, r.next)
	}
	r.at += int64(n) + m
	r.next++
	return rec, payload, nil
}

func padded(b []byte) bool {
	for _, x := range b {
		if x != pad {
			return false
		}
	}
	return true
}
