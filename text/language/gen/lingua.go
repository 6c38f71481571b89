package main

import (
	"archive/zip"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/quintet-ai/quintet/text/language/internal/ngram"
)

// The module with the tables, and what the go command says of its content.
const (
	module    = "github.com/pemistahl/lingua-go@v1.4.0"
	moduleSum = "h1:ifYhthrlW7iO4icdubwlduYnmwU37V1sbNrwhKBR4rM="
)

// download returns the folder of the module's tables in the module cache.
func download() (string, error) {
	cmd := exec.Command("go", "mod", "download", "-json", module)
	cmd.Dir = os.TempDir() // not this module: it does not need lingua-go
	cmd.Env = append(os.Environ(), "GOWORK=off")
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w", module, err)
	}
	var got struct{ Dir, Sum string }
	if err := json.Unmarshal(out, &got); err != nil {
		return "", err
	}
	if got.Sum != moduleSum {
		return "", fmt.Errorf("%s has the sum %s, want %s", module, got.Sum, moduleSum)
	}
	return filepath.Join(got.Dir, "language-models"), nil
}

// gram is an n-gram of a table. Its chance is that of its last letter after the
// others.
type gram struct {
	letters []rune
	chance  float64
}

var orders = []string{1: "uni", 2: "bi", 3: "tri", 4: "quadri", 5: "five"}

// readGrams reads the n-grams of a language, in the order of the table.
func readGrams(dir, language string, order int) ([]gram, error) {
	path := filepath.Join(dir, language, orders[order]+"grams.pb.bin.zip")
	z, err := zip.OpenReader(path)
	if err != nil {
		return nil, err
	}
	defer z.Close()
	if len(z.File) != 1 {
		return nil, fmt.Errorf("%s: %d files, want 1", path, len(z.File))
	}
	f, err := z.File[0].Open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		return nil, err
	}
	grams, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return grams, nil
}

var errProto = errors.New("not a language model of lingua-go")

// parse reads a message of lingua-go: its field 4, repeated, is a set of n-grams
// (field 2, repeated) with the same chance (field 1).
func parse(data []byte) (grams []gram, err error) {
	for len(data) > 0 {
		var set []byte
		field := 0
		if field, set, data, err = next(data); err != nil {
			return nil, err
		}
		if field != 4 {
			continue
		}
		chance := 0.0
		for len(set) > 0 {
			var value []byte
			if field, value, set, err = next(set); err != nil {
				return nil, err
			}
			switch {
			case field == 1 && len(value) == 8:
				chance = math.Float64frombits(binary.LittleEndian.Uint64(value))
			case field == 2:
				grams = append(grams, gram{[]rune(string(value)), chance})
			}
		}
	}
	return grams, nil
}

// next reads one field of a message in the protocol buffers' wire format. A varint
// has no value here: none is needed.
func next(data []byte) (field int, value, rest []byte, err error) {
	tag, n := binary.Uvarint(data)
	if n <= 0 {
		return 0, nil, nil, errProto
	}
	data = data[n:]
	size := uint64(0)
	switch tag & 7 {
	case 0:
		if _, n = binary.Uvarint(data); n <= 0 {
			return 0, nil, nil, errProto
		}
		return int(tag >> 3), nil, data[n:], nil
	case 1:
		size = 8
	case 2:
		if size, n = binary.Uvarint(data); n <= 0 {
			return 0, nil, nil, errProto
		}
		data = data[n:]
	default:
		return 0, nil, nil, errProto
	}
	if size > uint64(len(data)) {
		return 0, nil, nil, errProto
	}
	return int(tag >> 3), data[:size], data[size:], nil
}

// readScript reads the corpora of the languages of a script, in their order.
func readScript(dir string, script ngram.Script) (corpora []*corpus, err error) {
	for _, l := range ngram.Languages() {
		if l.Script != script {
			continue
		}
		var grams []gram
		for order := 1; order <= ngram.MaxOrder; order++ {
			more, err := readGrams(dir, l.Code, order)
			if err != nil {
				return nil, err
			}
			grams = append(grams, more...)
		}
		corpora = append(corpora, newCorpus(grams))
	}
	return corpora, nil
}
