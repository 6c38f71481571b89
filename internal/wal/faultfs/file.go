package faultfs

import (
	"bytes"
	"io"
	"io/fs"
	"math/rand/v2"
	"slices"
	"unsafe"

	"github.com/quintet-ai/quintet/internal/mmap"
)

type file struct {
	fs    *FS
	name  string
	inode *inode
}

func (f *file) ReadAt(b []byte, at int64) (int, error) {
	end, err := f.fs.begin("read", f.name)
	defer end()
	if err != nil {
		return 0, err
	}
	return bytes.NewReader(f.inode.data).ReadAt(b, at)
}

// Map implements [wal.Mapper] with a copy. Who uses it after it was closed finds bytes
// 255, which are no numbers.
func (f *file) Map() (*mmap.Pages, error) {
	end, err := f.fs.begin("map", f.name)
	defer end()
	if err != nil {
		return nil, err
	}
	room := make([]byte, len(f.inode.data)+64)
	skip := -int(uintptr(unsafe.Pointer(&room[0]))) & 63
	pages := room[skip : skip+len(f.inode.data)]
	copy(pages, f.inode.data)
	return mmap.Of(pages, func(b []byte) {
		for i := range b {
			b[i] = 0xff
		}
	}), nil
}

// WriteAt writes what there is space for.
func (f *file) WriteAt(b []byte, at int64) (int, error) {
	end, err := f.fs.begin("write", f.name)
	defer end()
	if err != nil {
		return 0, err
	}
	n := len(b)
	if f.fs.full {
		n = int(min(int64(n), f.fs.space))
		f.fs.space -= int64(n)
	}
	if grow := int(at) + n - len(f.inode.data); grow > 0 {
		f.inode.data = append(f.inode.data, make([]byte, grow)...)
	}
	copy(f.inode.data[at:], b[:n])
	if n < len(b) {
		return n, &fs.PathError{Op: "write", Path: f.name, Err: enospc}
	}
	return n, nil
}

func (f *file) Size() (int64, error) {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	return int64(len(f.inode.data)), nil
}

func (f *file) Truncate(size int64) error {
	end, err := f.fs.begin("truncate", f.name)
	defer end()
	if err != nil {
		return err
	}
	if int(size) > len(f.inode.data) {
		return io.ErrShortWrite
	}
	f.inode.data = f.inode.data[:size]
	return nil
}

func (f *file) Sync() error {
	end, err := f.fs.begin("sync", f.name)
	defer end()
	if err == nil {
		f.inode.synced = slices.Clone(f.inode.data)
	}
	return err
}

func (f *file) Close() error { return nil }

// Cut is a power failure. It returns what a machine may find when it starts
// again: the synced names, or all, with the synced bytes and, sector by sector,
// any of the others; those that were lost are zero.
func (s *FS) Cut(rng *rand.Rand) *FS {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := s.synced
	if rng.IntN(2) == 0 {
		names = s.names
	}
	files := map[string][]byte{}
	for name, n := range names {
		files[name] = n.afterCut(rng)
	}
	return With(files)
}

func (n *inode) afterCut(rng *rand.Rand) []byte {
	const sector = 512
	size := len(n.synced)
	if len(n.data) != size {
		size = min(size, len(n.data)) + rng.IntN(max(size, len(n.data))-min(size, len(n.data))+1)
	}
	out := make([]byte, size)
	copy(out, n.synced)
	for at := 0; at < size; at += sector {
		if end := min(at+sector, size, len(n.data)); at < end && rng.IntN(2) == 0 {
			copy(out[at:end], n.data[at:end])
		}
	}
	return out
}
