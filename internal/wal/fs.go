package wal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/filelock"
	"github.com/quintet-ai/quintet/internal/mmap"
)

// FS is what a log needs of a file system.
type FS interface {
	// MkdirAll makes a directory and its parents, unless they are there.
	MkdirAll(dir string) error

	// ReadDir returns the names of a directory's files.
	ReadDir(dir string) ([]string, error)

	// Open opens a file for reading and, with write, for writing.
	Open(name string, write bool) (File, error)

	// Create makes or empties a file and opens it for writing.
	Create(name string) (File, error)

	// Rename moves a file, perhaps over another.
	Rename(from, to string) error

	// Remove deletes a file.
	Remove(name string) error

	// SyncDir makes the names in a directory last.
	SyncDir(dir string) error

	// Lock makes or opens a file and locks it for this call alone until the
	// result is closed. If it is locked, the error wraps [quintet.ErrBusy].
	Lock(name string) (io.Closer, error)
}

// File is an open file.
type File interface {
	io.ReaderAt
	io.WriterAt
	io.Closer

	// Size returns the length in bytes.
	Size() (int64, error)

	// Truncate changes the length.
	Truncate(size int64) error

	// Sync makes what was written last.
	Sync() error
}

// Mapper is a [File] that can be mapped for reading, as it is now.
type Mapper interface {
	File
	Map() (*mmap.Pages, error)
}

// mapFile returns a file as memory. The error wraps [errors.ErrUnsupported] if that
// cannot be.
func mapFile(f File) (*mmap.Pages, error) {
	if m, ok := f.(Mapper); ok {
		return m.Map()
	}
	return nil, errors.ErrUnsupported
}

// OS is the file system of the operating system. Files are made with mode 0600,
// directories with 0700.
type OS struct{}

var _ FS = OS{}

// MkdirAll implements [FS].
func (OS) MkdirAll(dir string) error { return os.MkdirAll(dir, 0o700) }

// ReadDir implements [FS].
func (OS) ReadDir(dir string) (names []string, err error) {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, err
}

// Open implements [FS].
func (OS) Open(name string, write bool) (File, error) {
	flag := os.O_RDONLY
	if write {
		flag = os.O_RDWR
	}
	return openFile(name, flag)
}

// Create implements [FS].
func (OS) Create(name string) (File, error) {
	return openFile(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC)
}

// Rename implements [FS].
func (OS) Rename(from, to string) error { return os.Rename(from, to) }

// Remove implements [FS].
func (OS) Remove(name string) error { return os.Remove(name) }

// SyncDir implements [FS]. It does nothing where directories cannot be synced.
func (OS) SyncDir(dir string) error { return syncDir(dir) }

// Lock implements [FS]. The file stays: removing it could give two processes a
// lock each, on two files of the same name.
func (OS) Lock(name string) (io.Closer, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	err = filelock.Try(f)
	if errors.Is(err, filelock.ErrLocked) {
		err = fmt.Errorf("%s is locked, the directory is open elsewhere: %w", f.Name(), quintet.ErrBusy)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

type osFile struct{ *os.File }

var _ Mapper = osFile{}

// Map implements [Mapper].
func (f osFile) Map() (*mmap.Pages, error) { return mmap.Map(f.File) }

func openFile(name string, flag int) (File, error) {
	f, err := os.OpenFile(name, flag, 0o600)
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

func (f osFile) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	if !info.Mode().IsRegular() {
		return 0, &fs.PathError{Op: "read", Path: f.Name(), Err: errors.New("not a regular file")}
	}
	return info.Size(), nil
}
