// Command train makes the English models that package text embeds: the lexicon, the
// tagger, the recogniser of names and the irregular lemmas. Run it with go generate in
// the folder of package text:
//
//	go run ./models/train [-data FOLDER] [-to FOLDER] [-packages FOLDER] [-cv]
//
// A file that is there is left alone if it has the sum that SHA256SUMS lists, and is
// an error if not. One that is not there is made: the same bytes on every machine,
// in a few minutes. That needs the treebanks in the folder of -data and npm, or the
// packages in the folder of -packages.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"os"
	"path/filepath"

	"github.com/quintet-ai/quintet/internal/perceptron"
	"github.com/quintet-ai/quintet/internal/perceptron/english"
)

func main() {
	log.SetFlags(0)
	var m maker
	flag.StringVar(&m.data, "data", "../../shared/data/text", "the folder of the treebanks")
	flag.StringVar(&m.to, "to", "models", "the folder to write to")
	flag.StringVar(&m.packages.dir, "packages", "", "a folder with the npm packages; default: they are fetched")
	update := flag.Bool("update", false, "write SHA256SUMS anew")
	cv := flag.Bool("cv", false, "print cross-validated figures of the names and write nothing")
	flag.Parse()
	run := func() error { return m.make(*update) }
	if *cv {
		run = m.crossValidate
	}
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

// The files, in the order in which they are made: each can need those before it.
const (
	lexiconFile = "lexicon.bin"
	lemmaFile   = "lemmas.txt"
	tagFile     = "tags.bin"
	nameFile    = "names.bin"
)

// maker makes the models.
type maker struct {
	data, to string
	packages store
}

// make writes what is missing and checks what is there.
func (m *maker) make(update bool) error {
	if m.packages.dir == "" {
		dir, err := os.MkdirTemp("", "packages")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		m.packages.dir = dir
	}
	listed, err := readSums(filepath.Join(m.to, sumsFile))
	if err != nil {
		return err
	}
	made := sums{}
	for _, part := range []struct {
		name string
		make func() ([]byte, error)
	}{{lexiconFile, m.lexicon}, {lemmaFile, m.lemmas}, {tagFile, m.tags}, {nameFile, m.names}} {
		path := filepath.Join(m.to, part.name)
		data, err := os.ReadFile(path)
		missing := errors.Is(err, fs.ErrNotExist)
		if missing {
			data, err = part.make()
		}
		if err != nil {
			return err
		}
		made[part.name] = sumOf(data)
		if made[part.name] != listed[part.name] && !update {
			return fmt.Errorf("%s has not the listed sum (made now: %t): remove it, or run with -update", path, missing)
		}
		if missing {
			if err := os.WriteFile(path, data, 0o666); err != nil {
				return err
			}
		}
	}
	if !update {
		return nil
	}
	return made.write(filepath.Join(m.to, sumsFile))
}

func (m *maker) lexicon() ([]byte, error) { return makeLexicon(m.packages) }

func (m *maker) lemmas() ([]byte, error) { return makeLemmas(m.packages) }

// tags trains the tagger; its labels are the tags of the treebank in order.
func (m *maker) tags() ([]byte, error) {
	x, err := m.loadLexicon()
	if err != nil {
		return nil, err
	}
	samples, err := m.samples("ud-ewt-train-slim.tsv.gz", 0, 2)
	if err != nil {
		return nil, err
	}
	return trainTags(samples, x), nil
}

func (m *maker) names() ([]byte, error) {
	t, sets, err := m.nameSets()
	if err != nil {
		return nil, err
	}
	return trainNames(append(sets[0], sets[1]...), t), nil
}

// nameSets returns the sentences of UNER and of WNUT with their names.
func (m *maker) nameSets() (t tools, sets [2][]labelled, err error) {
	if t.lexicon, err = m.loadLexicon(); err != nil {
		return t, sets, err
	}
	data, err := os.ReadFile(filepath.Join(m.to, tagFile))
	if err != nil {
		return t, sets, err
	}
	if t.tags, err = perceptron.Load(data, tagCount); err != nil {
		return t, sets, err
	}
	uner, err := m.samples("uner-ewt-dev.iob2", 1, 2)
	if err != nil {
		return t, sets, err
	}
	wnut, err := m.samples("wnut17-train.conll", 0, 1)
	if err != nil {
		return t, sets, err
	}
	return t, [2][]labelled{labelNames(uner), labelNames(wnut)}, nil
}

func (m *maker) loadLexicon() (*english.Lexicon, error) {
	data, err := os.ReadFile(filepath.Join(m.to, lexiconFile))
	if err != nil {
		return nil, err
	}
	return english.LoadLexicon(data)
}
