//go:build unix

package graph

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"github.com/quintet-ai/quintet"
)

// mapFile maps a whole file for reading. Close gives the pages back.
func mapFile(name string) (data []byte, unmap func() error, err error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, nil, err
	}
	size := info.Size()
	if !info.Mode().IsRegular() || size == 0 || size != int64(int(size)) {
		return nil, nil, fmt.Errorf("%s is no file of a graph: %w", name, quintet.ErrInput)
	}
	data, err = unix.Mmap(int(file.Fd()), 0, int(size), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil, nil, &os.PathError{Op: "mmap", Path: name, Err: err}
	}
	return data, func() error { return unix.Munmap(data) }, nil
}
