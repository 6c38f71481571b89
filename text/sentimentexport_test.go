package text

// ScoreSentiment returns a scorer with memory of its own. The sentences of its
// results are valid until the next call.
func ScoreSentiment() func(body string, tokens []Token, sentences []Sentence) Sentiment {
	return new(sentimentScorer).sentiment
}
