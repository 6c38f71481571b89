package mmap

import (
	"errors"
	"fmt"
	"os"
)

// Pages is a file in memory, for reading.
type Pages struct {
	bytes  []byte
	free   func([]byte)
	mapped bool
}

// Open maps a whole file that is not empty.
func Open(name string) (*Pages, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return Map(f)
}

// Map is Open for a file that is open. It may be closed then.
func Map(f *os.File) (*Pages, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	size := info.Size()
	if !info.Mode().IsRegular() || size == 0 || size != int64(int(size)) {
		return nil, fmt.Errorf("%s is not a file that can be mapped: %w", f.Name(), errors.ErrUnsupported)
	}
	bytes, err := mapFile(f, int(size))
	if err != nil {
		return nil, err
	}
	return &Pages{bytes: bytes, free: unmap, mapped: true}, nil
}

// Of returns pages of memory that free is called with in the end, for tests.
func Of(bytes []byte, free func([]byte)) *Pages { return &Pages{bytes: bytes, free: free} }

// Bytes returns the content. It must not be written to, nor used after Close.
func (p *Pages) Bytes() []byte { return p.bytes }

// Rest tells the system that the pages are not needed for now: what is left to read
// of them, it reads again. They may be in use.
func (p *Pages) Rest() {
	if p.mapped && p.bytes != nil {
		rest(p.bytes)
	}
}

// Close gives the pages back. Closing twice is harmless, and so is nil.
func (p *Pages) Close() {
	if p != nil && p.bytes != nil {
		p.free(p.bytes)
		p.bytes = nil
	}
}
