//go:build unix

package optimize

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// mapFile maps a whole file that is not empty, for reading.
func mapFile(name string) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() == 0 || info.Size() != int64(int(info.Size())) {
		return nil, errors.New("not a file that can be mapped")
	}
	return unix.Mmap(int(file.Fd()), 0, int(info.Size()), unix.PROT_READ, unix.MAP_PRIVATE)
}

// restPages and unmapFile cannot fail on what mapFile returned.
func restPages(pages []byte) { _ = unix.Madvise(pages, unix.MADV_DONTNEED) }
func unmapFile(pages []byte) { _ = unix.Munmap(pages) }
