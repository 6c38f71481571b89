package main

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/jonreiter/govader"
	"gonum.org/v1/gonum/stat"

	"github.com/quintet-ai/quintet/internal/report"
)

// textTestFigures are, in percent, those of models that were trained on the texts at
// hand: tests of the repository train others without some of the texts and print what
// these do there.
func textTestFigures() []report.Figure {
	tweets := testFigure(testedFigure{"sentiment_tweets", "text", "TestEvaluateSentiment",
		"sentiment_tweets r ([0-9.]+)", 87, "govader", govaderTweets})
	return append(nameFigures(), tweets)
}

// testedFigure is a number that a test of a package prints, and what a peer has.
type testedFigure struct {
	name, pkg, test, pattern string
	goal                     float64
	peer                     string
	beside                   func() (float64, error)
}

func testFigure(f testedFigure) report.Figure {
	return report.Figure{Name: "text/" + f.name, Unit: "%", Peer: f.peer, Goal: report.AtLeast(f.goal), Measure: f.measure}
}

func (f testedFigure) measure(m *report.Meter) ([]float64, error) {
	peer, err := f.beside() // before the test, which skips where there is no data
	if err != nil {
		return nil, err
	}
	out, err := testOutput(f.pkg, f.test)
	if err != nil {
		return nil, err
	}
	found := regexp.MustCompile(f.pattern).FindSubmatch(out)
	if found == nil {
		return nil, fmt.Errorf("%s prints nothing like %q", f.test, f.pattern)
	}
	value, err := strconv.ParseFloat(string(found[1]), 64)
	m.Note("trained on the other fifths; %s %.1f", f.peer, peer)
	return []float64{100 * value}, err
}

// govaderTweets is the correlation with the ratings of all tweets, in hundredths.
func govaderTweets() (float64, error) {
	data, err := textFile("vader-tweets.tsv")
	if err != nil {
		return 0, err
	}
	vader := govader.NewSentimentIntensityAnalyzer()
	var scores, ratings []float64
	for line := range strings.Lines(data) {
		fields := strings.SplitN(strings.TrimRight(line, "\r\n"), "\t", 3)
		if len(fields) < 3 {
			continue
		}
		rating, err := strconv.ParseFloat(fields[1], 64)
		if err != nil {
			return 0, err
		}
		ratings = append(ratings, rating)
		scores = append(scores, vader.PolarityScores(fields[2]).Compound)
	}
	return 100 * stat.Correlation(scores, ratings, nil), nil
}

// testOutputs has what tests printed, which run once.
var testOutputs = map[string][]byte{}

// testOutput runs a test of the repository; one that misses its floor is an error.
func testOutput(pkg, test string) ([]byte, error) {
	if out, ok := testOutputs[test]; ok {
		return out, nil
	}
	cmd := exec.Command("go", "test", "-count=1", "-v", "-run", "^"+test+"$", "./"+pkg)
	cmd.Dir = filepath.Join("..", "..")
	out, err := cmd.Output()
	if exit := new(exec.ExitError); errors.As(err, &exit) && len(exit.Stderr)+len(out) > 0 {
		return nil, fmt.Errorf("%s: %w: %s%s", test, err, exit.Stderr, out)
	}
	if err == nil {
		testOutputs[test] = out
	}
	return out, err
}
