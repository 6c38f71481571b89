// Package faultfs is a file system in memory for tests of what writes to disk:
// its operations can be made to fail, its space can run out, and its power can
// fail, which keeps what was synced and any part of the rest.
//
//	fs := faultfs.New()
//	log, err := wal.Open("dir", wal.Options{FS: fs}, handler)
//	fs.Cut(rng) // as if the machine had lost power
//
// # Limits
//
// Directories are not checked; a file that is open stays usable when its name
// goes.
package faultfs

import (
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"syscall"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/wal"
)

// FS implements [wal.FS]. It is safe for concurrent use.
type FS struct {
	mu     sync.Mutex
	names  map[string]*inode
	synced map[string]*inode // the names that a power failure leaves
	locked map[string]bool
	fail   func(op, name string) error
	space  int64 // bytes that may still be written, if limited
	full   bool  // space is limited
}

var _ wal.FS = (*FS)(nil)

type inode struct{ data, synced []byte }

// New returns an empty file system.
func New() *FS {
	return &FS{names: map[string]*inode{}, synced: map[string]*inode{}, locked: map[string]bool{}}
}

// Fail makes f decide which operations fail: mkdir, readdir, open, create,
// rename, remove, syncdir, lock, read, map, write, truncate, sync. Nil ends it.
func (s *FS) Fail(f func(op, name string) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = f
}

// Space limits the bytes that may be written from now on; negative is no limit.
func (s *FS) Space(n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.space, s.full = n, n >= 0
}

// begin locks s and asks whether an operation fails.
func (s *FS) begin(op, name string) (end func(), err error) {
	s.mu.Lock()
	if s.fail != nil {
		if err := s.fail(op, name); err != nil {
			err = &fs.PathError{Op: op, Path: name, Err: err}
			return s.mu.Unlock, err
		}
	}
	return s.mu.Unlock, nil
}

// Files returns a copy of all files.
func (s *FS) Files() map[string][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	files := map[string][]byte{}
	for name, n := range s.names {
		files[name] = slices.Clone(n.data)
	}
	return files
}

// With returns a file system that holds copies of the given files, synced.
func With(files map[string][]byte) *FS {
	s := New()
	for name, data := range files {
		s.names[name] = &inode{data: slices.Clone(data), synced: slices.Clone(data)}
	}
	s.synced = maps.Clone(s.names)
	return s
}

// MkdirAll implements [wal.FS].
func (s *FS) MkdirAll(dir string) error {
	end, err := s.begin("mkdir", dir)
	defer end()
	return err
}

// ReadDir implements [wal.FS].
func (s *FS) ReadDir(dir string) (names []string, err error) {
	end, err := s.begin("readdir", dir)
	defer end()
	for name := range s.names {
		if filepath.Dir(name) == filepath.Clean(dir) {
			names = append(names, filepath.Base(name))
		}
	}
	slices.Sort(names)
	return names, err
}

// Open implements [wal.FS].
func (s *FS) Open(name string, _ bool) (wal.File, error) {
	end, err := s.begin("open", name)
	defer end()
	if err != nil {
		return nil, err
	}
	n, ok := s.names[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return &file{fs: s, name: name, inode: n}, nil
}

// Create implements [wal.FS].
func (s *FS) Create(name string) (wal.File, error) {
	end, err := s.begin("create", name)
	defer end()
	if err != nil {
		return nil, err
	}
	n := &inode{}
	s.names[name] = n
	return &file{fs: s, name: name, inode: n}, nil
}

// Rename implements [wal.FS].
func (s *FS) Rename(from, to string) error {
	end, err := s.begin("rename", from)
	defer end()
	if n, ok := s.names[from]; err == nil && ok {
		delete(s.names, from)
		s.names[to] = n
	} else if err == nil {
		err = &fs.PathError{Op: "rename", Path: from, Err: fs.ErrNotExist}
	}
	return err
}

// Remove implements [wal.FS].
func (s *FS) Remove(name string) error {
	end, err := s.begin("remove", name)
	defer end()
	if _, ok := s.names[name]; err == nil && ok {
		delete(s.names, name)
	} else if err == nil {
		err = &fs.PathError{Op: "remove", Path: name, Err: fs.ErrNotExist}
	}
	return err
}

// SyncDir implements [wal.FS].
func (s *FS) SyncDir(dir string) error {
	end, err := s.begin("syncdir", dir)
	defer end()
	if err == nil {
		s.synced = maps.Clone(s.names)
	}
	return err
}

// Lock implements [wal.FS].
func (s *FS) Lock(name string) (io.Closer, error) {
	end, err := s.begin("lock", name)
	defer end()
	if err != nil {
		return nil, err
	}
	if s.locked[name] {
		return nil, fmt.Errorf("%s is locked: %w", name, quintet.ErrBusy)
	}
	s.locked[name] = true
	return &lock{fs: s, name: name}, nil
}

type lock struct {
	fs   *FS
	name string
}

func (l *lock) Close() error {
	l.fs.mu.Lock()
	defer l.fs.mu.Unlock()
	delete(l.fs.locked, l.name)
	return nil
}

// enospc is what a full disk says.
const enospc = syscall.ENOSPC
