package onnxpb

import (
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/quintet-ai/quintet"
)

// Open reads a model from disk, with its external data, which must be in files
// in or below the folder of name and not behind a symbolic link that leaves it.
// Model and data together may have maxBytes; 0 means no limit. The memory of the
// model is its own.
func Open(name string, maxBytes int64) (*Model, error) {
	limit, err := limitOf(maxBytes)
	if err != nil {
		return nil, err
	}
	data, err := readFile(name, limit)
	if err != nil {
		return nil, err
	}
	m, err := Read(data)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(filepath.Dir(name))
	if err != nil {
		return nil, err
	}
	defer root.Close()
	if err := m.loadExternal(root.FS(), limit-int64(len(data))); err != nil {
		return nil, err
	}
	return m, nil
}

// readFile reads a whole regular file if it is not longer than limit.
func readFile(name string, limit int64) ([]byte, error) {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no regular file: %w", name, quintet.ErrInput)
	case info.Size() > limit:
		return nil, fmt.Errorf("%s has %d bytes, limit %d: %w", name, info.Size(), limit, quintet.ErrInput)
	}
	return os.ReadFile(name)
}

// limitOf makes 0, which means no limit, a number to compare with.
func limitOf(maxBytes int64) (int64, error) {
	if maxBytes < 0 {
		return 0, fmt.Errorf("negative limit of %d bytes: %w", maxBytes, quintet.ErrOption)
	}
	if maxBytes == 0 {
		return math.MaxInt64, nil
	}
	return maxBytes, nil
}
