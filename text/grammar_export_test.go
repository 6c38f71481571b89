package text

// NewGrammar returns a function that finds everything in body with one working memory.
func NewGrammar(body string) func() {
	var g grammar
	tokens, sentences := Tokens(body), Sentences(body)
	return func() { g.read(body, tokens, sentences, wantTags|wantLemmas|wantEntities) }
}
