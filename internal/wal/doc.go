// Package wal keeps the changes of a store in a directory: an append-only log of
// records, cut into segments, and snapshots that make the older part of the log
// unnecessary.
//
//	log, err := wal.Open(dir, wal.Options{Tag: tag}, wal.Handler{Block: load, Record: apply})
//	err = log.Append(payload) // durable as Options.Sync says
//	err = log.Checkpoint(seq, write)
//	err = log.Close()
//
// # Files
//
// A directory holds "lock", segments called after the sequence number of their
// first record, as in 00000000000000000001.log, and snapshots called after that
// of the first record they do not hold, as in 00000000000000000042.snap. Files
// ending in .tmp are unfinished and go at the next Open. Numbers are
// little-endian, checksums CRC-32C. Every file has a header of 64 bytes,
//
//	magic [8]byte | version u32 | checksum u32 | sequence u64 | Unix ns i64 | tag [16]byte | 0 [16]byte
//
// whose checksum is over the rest, followed by records, each a header of 32 bytes
// and a payload that is filled up with bytes 255 to a multiple of 32. So no header
// of a record lies in two sectors of a disk, of which one could get lost:
//
//	length u32 | kind u32 | sequence u64 | synced u64 | payload checksum u32 | header checksum u32 | payload
//
// Kind is 0 for data and 1 for the end of a snapshot or of a log that was closed.
// Synced says how much of the file was known to be on disk when the record was
// written. Sequence numbers have no gaps; those of a snapshot's records count from
// 1. Files are made under another name, synced, renamed, and their directory is
// synced, so that a header is never half there.
//
// Version 1 is read too. It has the same frames; what is in them may differ, which
// is the store's concern.
//
// # Damage
//
// What a crash can leave behind is repaired, all else is a [CorruptError]: in
// the last segment a record that the file ends in, and one with whole sectors
// missing (zero) that no later record says was synced. Such a tail is cut off. A
// complete record with a wrong checksum is corruption, even the last.
//
// # Limits
//
// A record has at most 1 GiB. Memory is allocated as bytes arrive, never as a
// length field says. A log that was cut exactly between two records cannot be
// told from one to which less was written.
package wal
