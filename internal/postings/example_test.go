package postings_test

import (
	"fmt"
	"log"

	"github.com/quintet-ai/quintet/internal/english"
	"github.com/quintet-ai/quintet/internal/postings"
)

func Example() {
	ix, err := postings.New(postings.Options{})
	if err != nil {
		log.Fatal(err)
	}
	var a english.Analyzer
	var tokens []english.Token
	analyze := func(s string) (terms []postings.Term) {
		tokens = a.Append(tokens[:0], s)
		for _, t := range tokens {
			terms = append(terms, postings.Term{ID: t.Hash, Weight: 1})
		}
		return terms
	}
	texts := []string{"The quick brown fox", "Foxes are quick; foxes jump", "A lazy dog"}
	for id, s := range texts {
		ix.Add(uint32(id), analyze(s))
	}
	var s postings.Searcher
	for _, h := range ix.Search(nil, analyze("jumping fox"), 10, nil, &s) {
		fmt.Printf("%.2f %s\n", h.Score, texts[h.ID])
	}
	// Output:
	// 1.45 Foxes are quick; foxes jump
	// 0.47 The quick brown fox
}
