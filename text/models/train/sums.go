package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
)

const sumsFile = "SHA256SUMS"

// sums are the SHA-256 of files by their names.
type sums map[string]string

func sumOf(data []byte) string { return fmt.Sprintf("%x", sha256.Sum256(data)) }

// readSums reads a list in the format of the command sha256sum; there may be none.
func readSums(path string) (sums, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return sums{}, nil
	}
	s := sums{}
	for line := range strings.Lines(string(data)) {
		if sum, name, ok := strings.Cut(strings.TrimSpace(line), "  "); ok {
			s[name] = sum
		}
	}
	return s, err
}

func (s sums) write(path string) error {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(s)) {
		fmt.Fprintf(&b, "%s  %s\n", s[name], name)
	}
	return os.WriteFile(path, []byte(b.String()), 0o666)
}
