package wal_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/wal"
	"github.com/quintet-ai/quintet/internal/wal/faultfs"
)

const dir = "store"

// store is a list of strings kept in a log: the least there is to recover.
type store struct {
	log   *wal.Log
	items []string
}

func openStore(fs wal.FS, o wal.Options) (*store, error) {
	s := &store{}
	add := func(b []byte) error { s.items = append(s.items, string(b)); return nil }
	o.FS = fs
	log, err := wal.Open(dir, o, wal.Handler{Reset: func() { s.items = nil }, Block: add, Record: add})
	s.log = log
	return s, err
}

func mustOpen(t testing.TB, fs wal.FS, o wal.Options) *store {
	t.Helper()
	s, err := openStore(fs, o)
	require.NoError(t, err)
	return s
}

func (s *store) add(items ...string) error {
	payloads := make([][]byte, len(items))
	for i, it := range items {
		payloads[i] = []byte(it)
	}
	err := s.log.Append(payloads...)
	if err == nil {
		s.items = append(s.items, items...)
	}
	return err
}

func (s *store) blocks(add func([]byte) error) error {
	for _, it := range s.items {
		if err := add([]byte(it)); err != nil {
			return err
		}
	}
	return nil
}

func (s *store) checkpoint() error {
	seq, err := s.log.Rotate()
	if err != nil {
		return err
	}
	return s.log.Checkpoint(seq, s.blocks)
}

// names returns the files that end so.
func names(fs *faultfs.FS, suffix string) []string {
	all := slices.Sorted(maps.Keys(fs.Files()))
	return slices.DeleteFunc(all, func(name string) bool { return !strings.HasSuffix(name, suffix) })
}

func long(c byte) string { return strings.Repeat(string(c), 700) }
