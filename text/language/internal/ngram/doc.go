// Package ngram is what the language detector and the generator of its model agree
// on: the languages, which letters are read as which symbols, the keys of n-grams
// and the packed table of their weights.
package ngram
