package main

import (
	"bufio"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// sample is a sentence with a label for each word.
type sample struct {
	words  []string
	labels []string
}

// samples reads a file of the data.
func (m *maker) samples(file string, word, label int) ([]sample, error) {
	f, err := os.Open(filepath.Join(m.data, file))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if filepath.Ext(file) != ".gz" {
		return readColumns(f, word, label)
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	return readColumns(z, word, label)
}

// readColumns reads sentences, one word a line, blank lines between, with the word
// and its label in columns. Comments, contractions as a whole and empty nodes are left
// out.
func readColumns(r io.Reader, word, label int) ([]sample, error) {
	var out []sample
	var s sample
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := strings.TrimRight(lines.Text(), " \t\r")
		switch {
		case line == "":
			if len(s.words) > 0 {
				out = append(out, s)
			}
			s = sample{}
			continue
		case strings.HasPrefix(line, "# "):
			continue
		}
		f := strings.Split(line, "\t")
		if word > 0 && strings.ContainsAny(f[0], "-.") || len(f) <= label {
			continue
		}
		s.words, s.labels = append(s.words, f[word]), append(s.labels, f[label])
	}
	if len(s.words) > 0 {
		out = append(out, s)
	}
	return out, lines.Err()
}
