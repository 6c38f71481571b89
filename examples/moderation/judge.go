package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/quintet-ai/quintet/internal/terminal"
	"github.com/quintet-ai/quintet/text"
	"github.com/quintet-ai/quintet/text/language"
)

// post is what somebody wants to publish.
type post struct {
	ID    string `json:"id"`
	Text  string `json:"text"`
	Image string `json:"image"`
}

// verdict is what is to be done with it.
type verdict struct {
	ID       string   `json:"id"`
	Decision decision `json:"decision"` // the strictest of the reasons
	Reasons  []reason `json:"reasons,omitempty"`
	Text     string   `json:"text,omitempty"`  // without personal data
	Image    string   `json:"image,omitempty"` // without faces, if there was one
}

// reason is a rule that found something.
type reason struct {
	Rule     string   `json:"rule"`
	Decision decision `json:"decision"`
	Why      string   `json:"why"`
}

func (v *verdict) because(d decision, rule, format string, a ...any) {
	v.Reasons = append(v.Reasons, reason{rule, d, fmt.Sprintf(format, a...)})
	v.Decision = max(v.Decision, d)
}

// judge decides about posts, one after the other.
type judge struct {
	rules
	texts   *text.Pipeline
	copies  *text.DuplicateFinder
	learned *text.LinearClassifier // nil without examples
	words   map[string]decision    // by lemma
	eyes    *eyes
}

func newJudge(ctx context.Context, c command, bar *terminal.Bar) (j *judge, err error) {
	j = &judge{words: map[string]decision{}}
	if j.rules, err = readRules(c.rules); err != nil {
		return nil, err
	}
	for d, words := range map[decision][]string{review: j.ReviewWords, block: j.BlockWords} {
		for _, w := range words {
			for _, l := range text.Lemmas(w) {
				j.words[strings.ToLower(l.Lemma)] = d
			}
		}
	}
	if c.train != "" {
		if j.learned, err = train(ctx, c.train, bar); err != nil {
			return nil, err
		}
	}
	if j.copies, err = text.NewDuplicateFinder(text.DuplicateFinderOptions{Threshold: j.Alike}); err != nil {
		return nil, err
	}
	tongues, err := language.New(language.Options{})
	if err != nil {
		return nil, err
	}
	tasks := text.TaskSentiment | text.TaskLanguage | text.TaskLemmas
	if j.texts, err = text.New(text.Options{Tasks: tasks, Language: tongues}); err != nil {
		return nil, err
	}
	j.eyes, err = newEyes(c, j.Face)
	if err != nil {
		return nil, errors.Join(err, j.texts.Close())
	}
	return j, nil
}

func (j *judge) close() error { return errors.Join(j.texts.Close(), j.eyes.close()) }

// judge decides about a post. An error is not the post's fault.
func (j *judge) judge(ctx context.Context, p post) (verdict, error) {
	v := verdict{ID: p.ID}
	body := p.Text
	if p.Image != "" {
		read, err := j.eyes.look(ctx, p, &v)
		if err != nil {
			return v, err
		}
		if read != "" {
			body = strings.TrimSpace(body + "\n\n" + read)
			if err := private(read, &v); err != nil {
				return v, err
			}
		}
	}
	r, err := j.texts.Run(ctx, text.Document{ID: p.ID, Body: body})
	if err != nil {
		if ctx.Err() != nil {
			return v, ctx.Err()
		}
		v.because(block, "text", "%v", err)
		return v, nil
	}
	j.tone(body, r, &v)
	j.list(body, r.Words, &v)
	j.flood(p.ID, body, &v)
	if j.learned != nil {
		if best := j.learned.Classify(body)[0]; best.Score >= j.Learned && best.Label != allow.String() {
			v.because(decision(slices.Index(decisions, best.Label)), "learned", "like examples of %s, %.2f", best.Label, best.Score)
		}
	}
	return v, j.redact(p.Text, &v)
}

// tone looks at language and sentiment.
func (j *judge) tone(body string, r text.Result, v *verdict) {
	tongue := r.Language
	if len(j.Languages) > 0 && tongue.Confidence >= j.Confidence && !slices.Contains(j.Languages, tongue.Code) {
		v.because(review, "language", "%s, %.2f", tongue.Code, tongue.Confidence)
	}
	if r.Sentiment.Score < j.Negative {
		v.because(review, "sentiment", "%.2f", r.Sentiment.Score)
	}
}

// list looks for the words of the lists, each once.
func (j *judge) list(body string, words []text.TaggedWord, v *verdict) {
	seen := map[string]bool{}
	for _, w := range words {
		lemma := strings.ToLower(w.Lemma)
		d, listed := j.words[lemma]
		if !listed {
			lemma = strings.ToLower(w.Of(body))
			d, listed = j.words[lemma]
		}
		if listed && !seen[lemma] {
			seen[lemma] = true
			v.because(d, "word", "%q", w.Of(body))
		}
	}
}

// flood looks for copies of the post among those before it.
func (j *judge) flood(id, body string, v *verdict) {
	switch n := len(j.copies.Add(id, body)) + 1; {
	case n >= j.BlockAlike:
		v.because(block, "flood", "copy %d of one text", n)
	case n >= j.ReviewAlike:
		v.because(review, "flood", "copy %d of one text", n)
	}
}

// private looks for personal data in the text of a picture, which nobody redacts.
func private(read string, v *verdict) error {
	found, err := text.FindPII(read, text.PIIOptions{})
	if len(found) > 0 {
		v.because(review, "personal data", "%d in the picture", len(found))
	}
	return err
}

// redact takes personal data out of the text.
func (j *judge) redact(body string, v *verdict) error {
	clean, err := text.Redact(body, text.Policy{})
	if err != nil {
		return err
	}
	v.Text = clean.Body
	if n := len(clean.Changes); n > 0 {
		var kinds []string
		for _, c := range clean.Changes {
			kinds = append(kinds, c.Kind.String())
		}
		slices.Sort(kinds)
		d := allow
		if n >= j.Private {
			d = review
		}
		v.because(d, "personal data", "%s", strings.Join(slices.Compact(kinds), ", "))
	}
	return nil
}
