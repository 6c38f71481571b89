package main

import (
	"fmt"
	"io"

	"github.com/quintet-ai/quintet/internal/perceptron/english"
)

// The sizes were chosen on the development data.
const (
	vectorWords    = 150_000 // words of the vectors that may get a cluster
	frequentWords  = 45_000  // of these, the ones that do in any case
	fineClusters   = 1000
	coarseClusters = 60
	rounds         = 8
	surnames       = 12_000
	inhabitants    = 40_000
)

// makeLexicon returns the packed lexicon.
func makeLexicon(s store) ([]byte, error) {
	g, err := readLists(s)
	if err != nil {
		return nil, err
	}
	var v wordVectors
	err = s.open(vectorsPackage, vectorsPath, func(r io.Reader) error {
		v, err = readVectors(r, vectorWords)
		return err
	})
	if err != nil {
		return nil, err
	}
	keys, points := v.chosen(g)
	of, centres := clusters(points, fineClusters, rounds)
	groups, _ := clusters(centres, coarseClusters, rounds)

	d := english.LexiconData{Entries: map[uint32]english.Entry{}}
	for key, lists := range g {
		d.Entries[key] = english.Entry{Lists: lists}
	}
	for i, key := range keys {
		e := d.Entries[key]
		e.Cluster = uint16(of[i] + 1)
		d.Entries[key] = e
	}
	for c, group := range groups {
		d.Coarse[c+1] = uint8(group + 1)
	}
	return d.Pack(), nil
}

// readLists reads the gazetteers.
func readLists(s store) (gazetteer, error) {
	g := gazetteer{}
	err := s.open(namesPackage, "lib/names.js", func(r io.Reader) error { return g.census(r, surnames) })
	if err != nil {
		return nil, fmt.Errorf("names: %w", err)
	}
	data, err := s.bytes(citiesPackage, "cities.pbf")
	if err != nil {
		return nil, err
	}
	if err := g.cities(data, inhabitants); err != nil {
		return nil, err
	}
	for _, pos := range []string{"noun", "verb", "adj", "adv"} {
		if err := s.open(wordNetPackage, "dict/data."+pos, g.wordNet); err != nil {
			return nil, err
		}
	}
	for key, lists := range g {
		if lists == english.Common {
			delete(g, key) // only of use where a name has the same spelling
		}
	}
	return g, nil
}

// chosen returns the hashes and vectors of the frequent words and of those that
// stand in a list of names.
func (v wordVectors) chosen(g gazetteer) (keys []uint32, points []vector) {
	seen := map[uint32]bool{}
	for i, w := range v.words {
		key := english.Hash(w)
		if seen[key] || i >= frequentWords && g[key] == 0 {
			continue
		}
		seen[key] = true
		keys, points = append(keys, key), append(points, v.vectors[i])
	}
	return keys, points
}
