package main

import (
	"encoding/csv"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/jonreiter/govader"

	"github.com/quintet-ai/quintet/internal/english"
	"github.com/quintet-ai/quintet/internal/report"
	"github.com/quintet-ai/quintet/text"
	"github.com/quintet-ai/quintet/text/wordvectors"
)

// textAccuracyFigures are on development splits that no embedded model was trained on,
// in percent; correlations are in hundredths.
func textAccuracyFigures() []report.Figure {
	return slices.Concat(grammarFigures(), []report.Figure{
		{Name: "text/sentiment_sst2", Unit: "%", Peer: "govader", Goal: report.AtLeast(80), Measure: sst2},
		keywordFigure("inspec", 28),
		keywordFigure("semeval2017", 34),
		{Name: "text/sts_lexical", Goal: report.AtLeast(73), Measure: similarity(lexical)},
		{Name: "text/sts_blend", Goal: report.AtLeast(73), Measure: similarity(blend)},
		{Name: "text/news_neighbours", Unit: "%", Goal: report.AtLeast(88.5), Measure: noNews},
	})
}

func noNews(*report.Meter) ([]float64, error) { return nil, report.Skip("no AG News among the data") }

// sst2 is the share of the reviews whose score has the right sign.
func sst2(m *report.Meter) ([]float64, error) {
	data, err := textFile("sst2-dev.tsv")
	if err != nil {
		return nil, err
	}
	vader := govader.NewSentimentIntensityAnalyzer()
	all, right, theirs, zeros := 0.0, 0.0, 0.0, 0.0
	for line := range strings.Lines(data) {
		body, label, _ := strings.Cut(strings.TrimSpace(line), "\t")
		positive := label == "1"
		all++
		if s := text.AnalyzeSentiment(body).Score; s != 0 && (s > 0) == positive {
			right++
		}
		switch compound := vader.PolarityScores(body).Compound; {
		case compound == 0:
			zeros++
		case (compound > 0) == positive:
			theirs++
		}
	}
	m.Note("govader %.1f, %.1f with half of its zeros", 100*theirs/all, 100*(theirs+zeros/2)/all)
	return []float64{100 * right / all}, nil
}

// keywordFigure is the F1 of ten keywords by their stems, of the means over documents.
func keywordFigure(set string, goal float64) report.Figure {
	return report.Figure{Name: "text/keywords_" + set, Unit: "%", Goal: report.AtLeast(goal),
		Measure: func(m *report.Meter) ([]float64, error) {
			data, err := textFile("keyphrase-" + set + "-dev.jsonl")
			if err != nil {
				return nil, err
			}
			precision, recall := 0.0, 0.0
			for line := range strings.Lines(data) {
				var d struct {
					Text string
					Keys []string
				}
				if err := json.Unmarshal([]byte(line), &d); err != nil {
					return nil, err
				}
				var found []string
				for _, k := range text.Keywords(d.Text, 10) {
					found = append(found, k.Term)
				}
				p, r := overlap(stemmed(found), stemmed(d.Keys))
				precision, recall = precision+p, recall+r
			}
			n := float64(strings.Count(data, "\n"))
			m.Note("%.0f documents", n)
			return []float64{200 * precision * recall / (precision + recall) / n}, nil
		}}
}

func overlap(found, gold map[string]bool) (precision, recall float64) {
	hits := 0.0
	for s := range found {
		if gold[s] {
			hits++
		}
	}
	return hits / float64(max(1, len(found))), hits / float64(max(1, len(gold)))
}

var keyWord = regexp.MustCompile(`[a-z0-9'-]+`)

func stemmed(phrases []string) map[string]bool {
	out := map[string]bool{}
	for _, p := range phrases {
		words := keyWord.FindAllString(strings.ToLower(p), -1)
		for i, w := range words {
			words[i] = string(english.Stem([]byte(w)))
		}
		out[strings.Join(words, " ")] = true
	}
	return out
}

func lexical() (func(s string) []float32, error) {
	return func(s string) []float32 { return text.Lexical(s, make([]float32, 384)) }, nil
}

func blend() (func(s string) []float32, error) {
	v, err := wordvectors.New(wordvectors.Options{})
	return func(s string) []float32 { return v.Blend(s, nil) }, err
}

// similarity is the rank correlation of cosines with what people say.
func similarity(embedder func() (func(s string) []float32, error)) func(m *report.Meter) ([]float64, error) {
	return func(m *report.Meter) ([]float64, error) {
		data, err := textFile("stsb-en-dev.csv")
		if err != nil {
			return nil, err
		}
		embed, err := embedder()
		if err != nil {
			return nil, err
		}
		rows, err := csv.NewReader(strings.NewReader(data)).ReadAll()
		if err != nil {
			return nil, err
		}
		var ours, people []float64
		for _, row := range rows {
			score, err := strconv.ParseFloat(row[2], 64)
			if err != nil {
				return nil, err
			}
			ours, people = append(ours, text.Cosine(embed(row[0]), embed(row[1]))), append(people, score)
		}
		m.Note("%d pairs", len(rows))
		return []float64{100 * spearman(ours, people)}, nil
	}
}
