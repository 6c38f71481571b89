package text

import (
	"cmp"
	"context"
)

// The passages of a document: enough of them to tell topics apart, few enough that a
// long one costs little more than its reading.
const (
	passageTokens = 60
	maxPassages   = 256
)

// DocumentTopics finds what an English document is about by parts: its passages, runs
// of whole sentences, are the corpus of [FindTopics]. The defaults of the options are
// those of one document: 3 topics of 5 terms, of the 1,000 that most passages have, in 60
// rounds; MaxShare is 0.7. Topics without terms are left out, and a document of one
// passage, some 60 tokens, has none.
//
// The cost is that of [FindTopics] for at most 256 passages; the errors are its errors.
func DocumentTopics(ctx context.Context, body string, o TopicOptions) ([]Topic, error) {
	sentences, _ := appendSentences(nil, body)
	return documentTopics(ctx, body, AppendTokens(nil, body), sentences, o)
}

func documentTopics(ctx context.Context, body string, tokens []Token, sentences []Sentence, o TopicOptions) ([]Topic, error) {
	o, err := o.ofDocument().withDefaults()
	if err != nil {
		return nil, err
	}
	passages := passagesOf(body, tokens, sentences)
	if len(passages) < 2 {
		return nil, ctx.Err()
	}
	o.MaxDocuments, o.MaxBytes = max(o.MaxDocuments, maxPassages), max(o.MaxBytes, len(body))
	m, err := FindTopics(ctx, passages, o)
	if err != nil {
		return nil, err
	}
	var out []Topic
	for _, t := range m.Topics {
		if len(t.Terms) > 0 {
			out = append(out, t)
		}
	}
	return out, nil
}

// ofDocument fills in the defaults of one document.
func (o TopicOptions) ofDocument() TopicOptions {
	o.Topics = cmp.Or(o.Topics, 3)
	o.Terms = cmp.Or(o.Terms, 5)
	o.Iterations = cmp.Or(o.Iterations, 60)
	o.MaxTerms = cmp.Or(o.MaxTerms, 1000)
	o.MaxShare = cmp.Or(o.MaxShare, 0.7)
	return o
}

// passagesOf cuts a body between sentences, where a passage has its share of tokens.
func passagesOf(body string, tokens []Token, sentences []Sentence) (out []string) {
	share := max(passageTokens, len(tokens)/maxPassages+1)
	start, have, next := 0, 0, 0
	for _, s := range sentences {
		if have == 0 {
			start = s.Start
		}
		for ; next < len(tokens) && tokens[next].Start < s.End; next++ {
			have++
		}
		if have >= share {
			out, have = append(out, body[start:s.End]), 0
		}
	}
	if have > 0 && len(sentences) > 0 {
		out = append(out, body[start:sentences[len(sentences)-1].End])
	}
	return out
}
