package language_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/text/language"
)

// labelled is a text whose language is known.
type labelled struct{ code, text string }

// labelledTexts reads a development file and splits it, line by line within each
// language: the even lines were there to tune on, the odd ones to measure. Texts
// in languages that cannot be told are left out.
func labelledTexts(tb testing.TB, name string) (tune, measure []labelled) {
	tb.Helper()
	if raceEnabled {
		tb.Skip("a figure needs no race detector")
	}
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "data", "text", "langid-"+name+"-dev.tsv"))
	if err != nil {
		tb.Skipf("no evaluation data: %v", err)
	}
	known := map[string]int{}
	for _, l := range language.Languages() {
		known[l.Code] = 0
	}
	for line := range strings.Lines(string(data)) {
		code, text, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		n, ok := known[code]
		if !ok {
			continue
		}
		if known[code]++; n%2 == 0 {
			tune = append(tune, labelled{code, text})
		} else {
			measure = append(measure, labelled{code, text})
		}
	}
	return tune, measure
}

// accuracy is the share of texts that are told right.
func accuracy(d *language.Detector, texts []labelled) float64 {
	right := 0
	for _, t := range texts {
		if d.Detect(t.text).Code == t.code {
			right++
		}
	}
	return float64(right) / float64(len(texts))
}

func TestEvaluateAccuracy(t *testing.T) {
	d, err := language.New(language.Options{})
	require.NoError(t, err)
	tests := map[string]float64{"single-words": 0.755, "word-pairs": 0.89, "sentences": 0.96}
	for name, floor := range tests {
		t.Run(name, func(t *testing.T) {
			tune, measure := labelledTexts(t, name)
			got := accuracy(d, measure)
			fmt.Printf("%-13s accuracy %.3f on %d texts to measure, %.3f on %d to tune, %.3f on both\n", name, got, len(measure),
				accuracy(d, tune), len(tune), accuracy(d, append(tune, measure...)))
			require.Greater(t, got, floor)
		})
	}
}

// A confidence is right if the mean over texts is the share that is told right.
func TestEvaluateConfidence(t *testing.T) {
	d, err := language.New(language.Options{})
	require.NoError(t, err)
	for _, name := range []string{"single-words", "word-pairs", "sentences"} {
		t.Run(name, func(t *testing.T) {
			_, measure := labelledTexts(t, name)
			mean := 0.0
			for _, text := range measure {
				mean += d.Detect(text.text).Confidence / float64(len(measure))
			}
			right := accuracy(d, measure)
			fmt.Printf("%-13s mean confidence %.3f, accuracy %.3f\n", name, mean, right)
			require.InDelta(t, right, mean, 0.06)
		})
	}
}
