// Command gen builds the model of package language from the n-gram tables of
// lingua-go, unless it is there, and checks its sum:
//
//	go generate ./text/language
//
// It needs the module proxy if the model is missing, and then a minute and 3 GiB.
// The sum holds on amd64; elsewhere logarithms may differ in the last bit.
package main

import (
	"log"

	"github.com/quintet-ai/quintet/internal/listed"
	"github.com/quintet-ai/quintet/text/language/internal/ngram"
)

const (
	file = "model.bin"
	sums = "SHA256SUMS"
)

func main() {
	log.SetFlags(0)
	if err := listed.Keep(file, sums, build); err != nil {
		log.Fatal("gen: ", err)
	}
}

// build makes the model: script by script, all n-grams with their counts, a
// smoothed language model, and of that the weights that matter.
func build() ([]byte, error) {
	dir, err := download()
	if err != nil {
		return nil, err
	}
	var entries []ngram.Entry
	for script := ngram.Latin; script <= ngram.Devanagari; script++ {
		corpora, err := readScript(dir, script)
		if err != nil {
			return nil, err
		}
		m := newModel(corpora)
		kept := prune(m)
		log.Printf("script %d: %d languages, %d n-grams, %d kept", script, len(corpora), len(m.keys), len(kept))
		entries = append(entries, kept...)
	}
	han, err := ideographs(dir)
	if err != nil {
		return nil, err
	}
	entries = append(entries, han...)
	data, left := ngram.Pack(entries)
	weights := 0
	for _, e := range entries {
		weights += len(e.Weights)
	}
	log.Printf("%d keys, %d weights, %d keys left out, %d bytes", len(entries), weights, left, len(data))
	return data, nil
}
