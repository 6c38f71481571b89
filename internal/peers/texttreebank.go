package main

import (
	"strings"

	"github.com/jdkato/prose/v2"

	"github.com/quintet-ai/quintet/internal/report"
	"github.com/quintet-ai/quintet/text"
)

// goldText is a text of a treebank with its words.
type goldText struct {
	body  string
	tags  map[text.Span]string // by the place of the word
	count int                  // of all words, those written otherwise than body has them too
}

// treebank reads the documents of the development split of UD English-EWT, or each
// sentence for itself. Edit, unless it is nil, is made to bodies and words. Sentences
// are joined with spaces, paragraphs with blank lines.
func treebank(edit *strings.Replacer, bySentence bool) ([]goldText, error) {
	data, err := textFile("ud-ewt-dev.conllu")
	if err != nil {
		return nil, err
	}
	if edit == nil {
		edit = strings.NewReplacer()
	}
	return goldTexts(edit.Replace(data), bySentence), nil
}

// goldTexts reads CoNLL-U.
func goldTexts(data string, bySentence bool) (docs []goldText) {
	var d *goldText
	gap, at := "", 0
	for line := range strings.Lines(data) {
		line = strings.TrimRight(line, "\n")
		body, isText := strings.CutPrefix(line, "# text = ")
		if isText && bySentence || strings.HasPrefix(line, "# newdoc") && !bySentence {
			docs = append(docs, goldText{tags: map[text.Span]string{}})
			d, gap = &docs[len(docs)-1], ""
		}
		switch {
		case isText:
			at = len(d.body) + len(gap)
			d.body += gap + strings.TrimSpace(body)
			gap = " "
		case strings.HasPrefix(line, "# newpar") && d != nil && d.body != "":
			gap = "\n\n"
		case line != "" && line[0] != '#':
			at = d.word(strings.Split(line, "\t"), at)
		}
	}
	return docs
}

// word takes a line of a word that stands at or one byte behind a place, and returns
// the place behind it.
func (d *goldText) word(fields []string, at int) int {
	if strings.ContainsAny(fields[0], "-.") {
		return at // the whole of a contraction, or an empty node
	}
	d.count++
	form := fields[1]
	found := strings.Index(d.body[at:], form)
	if found < 0 || found > 1 {
		return at
	}
	at += found
	d.tags[text.Span{Start: at, End: at + len(form)}] = fields[4]
	return at + len(form)
}

// taggedPlace is a word that was found.
type taggedPlace struct {
	text.Span
	tag string
}

// grammarScores returns, in percent, the F1 of words and how many of all words are found
// with their tag.
func grammarScores(docs []goldText, tag func(body string) ([]taggedPlace, error)) (f1, tags float64, err error) {
	gold, found, hits, right := 0, 0, 0, 0
	for _, d := range docs {
		words, err := tag(d.body)
		if err != nil {
			return 0, 0, err
		}
		gold, found = gold+d.count, found+len(words)
		for _, w := range words {
			want, ok := d.tags[w.Span]
			if ok {
				hits++
			}
			if ok && want == w.tag {
				right++
			}
		}
	}
	return 200 * float64(hits) / float64(gold+found), 100 * float64(right) / float64(gold), nil
}

func ourTags(body string) (out []taggedPlace, err error) {
	for _, w := range text.Tags(body) {
		out = append(out, taggedPlace{w.Span, w.Tag.String()})
	}
	return out, nil
}

// proseEdit is what prose does to a text before it reads it.
var proseEdit = strings.NewReplacer("\u201c", `"`, "\u201d", `"`, "\u2018", "'", "\u2019", "'", "&rsquo;", "'")

// proseTags finds prose's words where they stand in a body: it tells their text only.
func proseTags(body string) (out []taggedPlace, err error) {
	d, err := prose.NewDocument(body, tagOnly()...)
	if err != nil {
		return nil, err
	}
	at := 0
	for _, t := range d.Tokens() {
		found := strings.Index(body[at:], t.Text)
		if found < 0 {
			out = append(out, taggedPlace{tag: t.Tag}) // counted, and nowhere
			continue
		}
		at += found + len(t.Text)
		out = append(out, taggedPlace{text.Span{Start: at - len(t.Text), End: at}, t.Tag})
	}
	return out, nil
}

// grammarFigures compare words and tags from the bare text. Prose gets the sentences of
// the treebank one by one, since it gives all repeats of a word in a text one tag.
func grammarFigures() []report.Figure {
	figure := func(name string, goal float64, pick func(f1, tags float64) float64) report.Figure {
		return report.Figure{Name: name, Unit: "%", Peer: "prose", Goal: report.AtLeast(goal),
			Measure: func(m *report.Meter) ([]float64, error) {
				docs, err := treebank(nil, false)
				if err != nil {
					return nil, err
				}
				sentences, err := treebank(proseEdit, true)
				if err != nil {
					return nil, err
				}
				f1, tags, err := grammarScores(docs, ourTags)
				if err != nil {
					return nil, err
				}
				peerF1, peerTags, err := grammarScores(sentences, proseTags)
				m.Note("prose, given the sentences, %.1f", pick(peerF1, peerTags))
				return []float64{pick(f1, tags)}, err
			}}
	}
	return []report.Figure{
		figure("text/words_f1", 98.5, func(f1, _ float64) float64 { return f1 }),
		figure("text/tags_xpos", 92, func(_, tags float64) float64 { return tags }),
	}
}
