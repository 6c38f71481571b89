// Package listed keeps generated files that are too costly to make each time: a file
// that is there is checked against its listed sum, one that is missing is built.
package listed

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Keep sees to it that the file of that name has the sum that the file sums lists, in
// the format of the command sha256sum. It builds the file if it is missing. If sums is
// missing, a new file was asked for, and its sum is written. Nothing is written over a
// file that does not have its sum.
func Keep(name, sums string, build func() ([]byte, error)) error {
	data, err := os.ReadFile(name)
	missing := errors.Is(err, fs.ErrNotExist)
	if missing {
		data, err = build()
	}
	if err != nil {
		return err
	}
	sum := fmt.Appendf(nil, "%x  %s\n", sha256.Sum256(data), name)
	want, err := os.ReadFile(sums)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = os.WriteFile(sums, sum, 0o644)
	case err == nil && !bytes.Equal(sum, want):
		err = fmt.Errorf("%s is not the listed one", name)
	}
	if err != nil || !missing {
		return err
	}
	return os.WriteFile(name, data, 0o644)
}
