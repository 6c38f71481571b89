package main

import (
	"strings"

	"github.com/jdkato/prose/v2"

	"github.com/quintet-ai/quintet/internal/report"
	"github.com/quintet-ai/quintet/text"
)

// namedSpan is a name in a text.
type namedSpan struct {
	text.Span
	kind string // "PER" or "LOC"
}

// namedText is a sentence, its words with spaces between, and its names.
type namedText struct {
	body  string
	names map[namedSpan]bool
}

// nameKinds maps the kinds of the corpora and of prose; others do not count.
var nameKinds = map[string]string{
	"PER": "PER", "person": "PER", "PERSON": "PER", "LOC": "LOC", "location": "LOC", "GPE": "LOC",
}

// namedTexts reads the columns of words and of labels in the manner of B-PER.
func namedTexts(data string, word, label int) (out []namedText) {
	var t namedText
	var last namedSpan // the name that may go on
	for line := range strings.Lines(data + "\n\n") {
		line = strings.TrimRight(line, " \t\r\n")
		f := strings.Split(line, "\t")
		switch {
		case line == "" && t.body != "":
			out, t, last = append(out, t), namedText{}, namedSpan{}
			continue
		case len(f) <= max(word, label):
			continue
		case t.body == "":
			t.names = map[namedSpan]bool{}
		default:
			t.body += " "
		}
		next := namedSpan{Span: text.Span{Start: len(t.body)}}
		t.body += f[word]
		prefix, kind, _ := strings.Cut(f[label], "-")
		next.kind, next.End = nameKinds[kind], len(t.body)
		if prefix == "I" && next.kind != "" && next.kind == last.kind {
			delete(t.names, last)
			next.Start = last.Start
		}
		if last = next; next.kind != "" {
			t.names[next] = true
		}
	}
	return out
}

// proseNames finds prose's names where they stand in a body: it tells their text only.
func proseNames(body string) (map[namedSpan]bool, error) {
	d, err := prose.NewDocument(body, prose.UsingModel(proseModel()), prose.WithSegmentation(false))
	if err != nil {
		return nil, err
	}
	out, at := map[namedSpan]bool{}, 0
	for _, e := range d.Entities() {
		if found := strings.Index(body[at:], e.Text); found >= 0 {
			at += found + len(e.Text)
			out[namedSpan{text.Span{Start: at - len(e.Text), End: at}, nameKinds[e.Label]}] = true
		}
	}
	return out, nil
}

// proseF1 is the F1 of prose's exact names of some kinds, in percent.
func proseF1(texts []namedText, kinds string) (float64, error) {
	hits, all := 0, 0
	for _, t := range texts {
		found, err := proseNames(t.body)
		if err != nil {
			return 0, err
		}
		for n := range t.names {
			if strings.Contains(kinds, n.kind) {
				all++
			}
		}
		for n := range found {
			if n.kind == "" || !strings.Contains(kinds, n.kind) {
				continue
			}
			if all++; t.names[n] {
				hits++
			}
		}
	}
	return 200 * float64(hits) / float64(max(1, all)), nil
}

// nameFigures are what the test of the models finds in the last fifth of each corpus,
// beside what prose finds there.
func nameFigures() []report.Figure {
	var out []report.Figure
	for _, c := range []struct {
		name, title, file string
		word, label       int
		goal, prose       float64 // the second, prose on the test split, is the goal for people
	}{
		{"uner", "UNER-EWT", "uner-ewt-dev.iob2", 1, 2, 58, 38.9},
		{"wnut", "WNUT17", "wnut17-train.conll", 0, 1, 30, 30.4},
	} {
		beside := func(kinds string) func() (float64, error) {
			return func() (float64, error) {
				data, err := textFile(c.file)
				if err != nil {
					return 0, err
				}
				texts := namedTexts(data, c.word, c.label)
				return proseF1(texts[4*len(texts)/5:], kinds)
			}
		}
		out = append(out,
			testFigure(testedFigure{"entities_" + c.name, "text/models/train", "TestEvaluateNames",
				c.title + ", a fifth: .*? PER\\+LOC ([0-9.]+)", c.goal, "prose", beside("PER LOC")}),
			testFigure(testedFigure{"persons_" + c.name, "text/models/train", "TestEvaluateNames",
				c.title + ", a fifth: PER ([0-9.]+)", c.prose, "prose", beside("PER")}))
	}
	return out
}
