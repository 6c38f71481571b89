package main

import (
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/abadojack/whatlanggo"
	"github.com/pemistahl/lingua-go"

	"github.com/quintet-ai/quintet/internal/report"
	"github.com/quintet-ai/quintet/text/language"
)

// languageFigures are on lingua-go's 75 languages.
func languageFigures() []report.Figure {
	const peers = "lingua,whatlanggo"
	return []report.Figure{
		{Name: "text/language_speed", Unit: "/s", Peer: peers, Goal: report.AtLeast(20_000), Parallel: true,
			Measure: languageSpeed},
		{Name: "text/language_heap", Unit: "MB", Peer: "lingua", Goal: report.AtMost(16), Measure: languageHeap},
		{Name: "text/language_sentences", Unit: "%", Peer: peers, Goal: report.AtLeast(94.5),
			Measure: accuracyOn("sentences")},
		{Name: "text/language_pairs", Unit: "%", Peer: peers, Measure: accuracyOn("word-pairs")},
		{Name: "text/language_words", Unit: "%", Peer: peers, Goal: report.AtLeast(68), Measure: accuracyOn("single-words")},
	}
}

// labelledText is a text whose language is known.
type labelledText struct{ code, body string }

// labelledTexts reads every other line of each language: the rest was there to tune
// package language on.
func labelledTexts(kind string) (texts []labelledText, err error) {
	data, err := textFile("langid-" + kind + "-dev.tsv")
	if err != nil {
		return nil, err
	}
	seen := map[string]int{}
	for _, l := range language.Languages() {
		seen[l.Code] = 0
	}
	for line := range strings.Lines(data) {
		code, body, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		n, ok := seen[code]
		if !ok {
			continue
		}
		seen[code]++
		if n%2 == 1 {
			texts = append(texts, labelledText{code, body})
		}
	}
	return texts, nil
}

// linguaDetector loads the tables of all languages, and tells how many MB of the heap
// they take.
var linguaDetector = sync.OnceValues(func() (d lingua.LanguageDetector, heap float64) {
	before := heapMB()
	d = lingua.NewLanguageDetectorBuilder().FromAllLanguages().WithPreloadedLanguageModels().Build()
	return d, heapMB() - before
})

func heapMB() float64 {
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return float64(s.HeapAlloc) / 1e6
}

// linguaCode returns "" for no language.
func linguaCode(s string) string {
	d, _ := linguaDetector()
	l, ok := d.DetectLanguageOf(s)
	if !ok {
		return ""
	}
	return strings.ToLower(l.IsoCode639_1().String())
}

func whatlangCode(s string) string { return whatlanggo.DetectLang(s).Iso6391() }

// linguaEvery is the share of the texts that lingua-go is timed on: it takes some 4 ms
// for a sentence.
const linguaEvery = 10

func languageSpeed(m *report.Meter) ([]float64, error) {
	all, err := labelledTexts("sentences")
	if err != nil {
		return nil, err
	}
	d, err := language.New(language.Options{})
	if err != nil {
		return nil, err
	}
	var some []labelledText
	for i := 0; i < len(all); i += linguaEvery {
		some = append(some, all[i])
	}
	linguaDetector() // not while the clock runs
	return perSecond(m,
		contender{"ours", float64(len(all)), detectAll(all, func(s string) string { return d.Detect(s).Code })},
		contender{"lingua", float64(len(some)), detectAll(some, linguaCode)},
		contender{"whatlanggo", float64(len(some)), detectAll(some, whatlangCode)},
	), nil
}

func detectAll(texts []labelledText, detect func(s string) string) func() {
	return func() {
		for _, t := range texts {
			detect(t.body)
		}
	}
}

func languageHeap(m *report.Meter) ([]float64, error) {
	_, theirs := linguaDetector()
	before := heapMB()
	d, err := language.New(language.Options{})
	ours := max(0, heapMB()-before)
	runtime.KeepAlive(d)
	m.Note("lingua %.0f; our table of 5 MB is read where the program has it", theirs)
	return []float64{ours}, err
}

func accuracyOn(kind string) func(m *report.Meter) ([]float64, error) {
	return func(m *report.Meter) ([]float64, error) {
		all, err := labelledTexts(kind)
		if err != nil {
			return nil, err
		}
		d, err := language.New(language.Options{})
		if err != nil {
			return nil, err
		}
		ours := func(s string) string { return d.Detect(s).Code }
		m.Note("of %d; lingua %.1f, whatlanggo %.1f, %.1f on its own languages", len(all),
			told(all, linguaCode), told(all, whatlangCode), told(whatlangs(all), whatlangCode))
		return []float64{told(all, ours)}, nil
	}
}

// told returns how many percent of texts are told right.
func told(texts []labelledText, detect func(s string) string) float64 {
	right := 0
	for _, t := range texts {
		if detect(t.body) == t.code {
			right++
		}
	}
	return 100 * float64(right) / float64(len(texts))
}

// whatlangs returns the texts in languages that whatlanggo knows.
func whatlangs(texts []labelledText) []labelledText {
	known := map[string]bool{}
	for l := range whatlanggo.Langs {
		known[l.Iso6391()] = true
	}
	return slices.DeleteFunc(slices.Clone(texts), func(t labelledText) bool { return !known[t.code] })
}
