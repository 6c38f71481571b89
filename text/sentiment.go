package text

import "math"

// Sentiment says whether a body speaks well or badly of its matter. All of it is 0
// for an empty body. Numbers are rounded to four decimals.
type Sentiment struct {
	// Score estimates the mean rating that people would give the body, from -1,
	// most negative, to 1. Above 0.05 reads as positive, below -0.05 as
	// negative, between as neutral or mixed. It is 0 if no word says anything.
	Score float64 `json:"score"`

	// Compound is the compound score of VADER, in [-1, 1], which goes into Score.
	// It is there to be compared with other programs; Score is the better
	// estimate. It nears -1 or 1 in long bodies.
	Compound float64 `json:"compound"`

	// Positive, Negative and Neutral are the shares of the body that VADER
	// counts so. Their sum is 1, or 0 in a body without words.
	Positive float64 `json:"positive"`
	Negative float64 `json:"negative"`
	Neutral  float64 `json:"neutral"`

	// Sentences are those of [Sentences], in order.
	Sentences []SentenceSentiment `json:"sentences,omitempty"`
}

// SentenceSentiment is the sentiment of one sentence by itself.
type SentenceSentiment struct {
	Span
	Score    float64 `json:"score"`
	Compound float64 `json:"compound"` // as in [Sentiment]
}

// AnalyzeSentiment scores an English body and each of its sentences.
//
// The score is that of one linear model for all kinds of text. It adds up
//
//   - the scores of VADER (Hutto and Gilbert, ICWSM 2014): a lexicon of rated words,
//     emoticons and emoji, and rules for degree adverbs, negation, "but", capitals,
//     exclamation marks and a few idioms;
//   - learned weights of the words, of pairs of words, of their first letters and
//     of words behind a negation.
//
// The weights were learned from the tweets, reviews and editorials that VADER's
// authors had rated by people. In a body of n sentences the sum of the weights is
// divided by the square root of n, so that a long body needs more than a loud
// sentence.
//
// Words of other languages say nothing, but for emoticons and emoji. The model
// does not see irony, nor whose opinion a text reports, nor of what: a sad story
// well told has a low score.
//
// The cost is O(len(body)).
func AnalyzeSentiment(body string) Sentiment {
	var s sentimentScorer
	return s.sentiment(body, Tokens(body), Sentences(body))
}

// sentimentScorer scores bodies. The zero value is ready; it can be used again.
type sentimentScorer struct {
	cues  *cues
	model *linear

	words []ruleWord      // of the body
	parts []sentimentPart // one a sentence
	out   []SentenceSentiment

	body     string // what follows is of the call that runs
	tokens   []Token
	part     sentimentPart // the sentence that is being read
	features features
	repeat   weighed // the last token and the run of its like
}

// sentiment scores a body whose tokens and sentences are found. The sentences of
// the result are valid until the next call.
func (s *sentimentScorer) sentiment(body string, tokens []Token, sentences []Sentence) Sentiment {
	s.read(body, tokens, sentences)
	s.out = s.out[:0]
	var all sentimentPart
	for i, p := range s.parts {
		v := rate(s.words[all.words:p.words], p.marks)
		s.out = append(s.out, SentenceSentiment{sentences[i].Span, s.score(float64(p.weights), v), round4(v.compound)})
		all.add(p)
	}
	v := rate(s.words, all.marks)
	return Sentiment{
		Score:     s.score(float64(all.weights)*weightShare(len(sentences)), v),
		Compound:  round4(v.compound),
		Positive:  round4(v.positive),
		Negative:  round4(v.negative),
		Neutral:   round4(v.neutral),
		Sentences: s.out,
	}
}

// score makes one score of a sum of weights and the scores of VADER.
func (s *sentimentScorer) score(weights float64, v vader) float64 {
	if weights == 0 && v.compound == 0 {
		return 0
	}
	return round4(max(-1, min(s.model.predict(weights, v)/maxRating, 1)))
}

// round4 hides the last bits, which differ between processors.
func round4(x float64) float64 { return math.Round(x*1e4) / 1e4 }
