//go:build !unix

package graph

import "os"

// mapFile reads the file, since this system's files are not mapped.
func mapFile(name string) (data []byte, unmap func() error, err error) {
	data, err = os.ReadFile(name)
	return data, func() error { return nil }, err
}
