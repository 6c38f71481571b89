package main

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"unicode/utf8"
)

//go:embed samples
var samples embed.FS

// maxFile bounds what is read of one file.
const maxFile = 64 << 20

// A file is an input with its content.
type file struct {
	name string
	data []byte
}

// load reads the named files, or the samples if there are none.
func load(names []string) ([]file, error) {
	var files []file
	if len(names) == 0 {
		entries, err := fs.ReadDir(samples, "samples")
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			data, err := samples.ReadFile(path.Join("samples", e.Name()))
			if err != nil {
				return nil, err
			}
			files = append(files, file{e.Name(), data})
		}
		return files, nil
	}
	for _, name := range names {
		data, err := readBounded(name)
		if err != nil {
			return nil, err
		}
		files = append(files, file{filepath.Base(name), data})
	}
	return files, nil
}

func readBounded(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = fmt.Errorf("%s: more than %d MiB", name, maxFile>>20)
	}
	return data, err
}

// errEmpty refuses a file in which there is nothing to read.
var errEmpty = errors.New("the file is empty")

// isText tells a text by its content, never by its name: UTF-8 without NUL, which
// every binary format has near its beginning.
func isText(data []byte) bool { return utf8.Valid(data) && bytes.IndexByte(data, 0) < 0 }
