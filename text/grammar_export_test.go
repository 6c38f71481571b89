package text

import "github.com/quintet-ai/quintet/internal/perceptron/english"

// NewGrammar returns a function that finds everything in body with one working memory.
func NewGrammar(body string) func() {
	var g grammar
	tokens, sentences := Tokens(body), Sentences(body)
	return func() { g.read(body, tokens, sentences, wantTags|wantLemmas|wantEntities) }
}

// ModelWords returns how many words of a body the models read.
func ModelWords(body string) int {
	var g grammar
	g.read(body, Tokens(body), Sentences(body), wantTags|wantEntities)
	return len(g.models)
}

// NaiveTags returns the tags of the words of a body of one sentence, all of them read.
func NaiveTags(body string) (tags []Tag) {
	var s english.Sentence
	s.Reset()
	for _, w := range Words(body) {
		s.Add(firstBytes(w.Of(body)), lexicon())
	}
	s.Close()
	for _, tag := range s.Tag(tagModel()) {
		tags = append(tags, Tag(tag))
	}
	return tags
}
