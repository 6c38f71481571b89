//go:build unix

package mmap

import (
	"os"

	"golang.org/x/sys/unix"
)

func mapFile(f *os.File, size int) ([]byte, error) {
	bytes, err := unix.Mmap(int(f.Fd()), 0, size, unix.PROT_READ, unix.MAP_PRIVATE)
	if err != nil {
		return nil, &os.PathError{Op: "mmap", Path: f.Name(), Err: err}
	}
	return bytes, nil
}

// rest and unmap cannot fail on what mapFile returned.
func rest(bytes []byte)  { _ = unix.Madvise(bytes, unix.MADV_DONTNEED) }
func unmap(bytes []byte) { _ = unix.Munmap(bytes) }
