//go:build !unix

package optimize

import "errors"

// mapFile says that this system's files are read instead.
func mapFile(string) ([]byte, error) { return nil, errors.ErrUnsupported }

func restPages([]byte) {}
func unmapFile([]byte) {}
