package main

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"

	"github.com/quintet-ai/quintet/internal/report"
)

// textTestFigures are, in percent, those of models that were trained on the texts at hand: tests of
// the repository train others without some of the texts and print what these do there.
func textTestFigures() []report.Figure {
	const (
		names   = ", a fifth: .*? PER\\+LOC ([0-9.]+)"
		persons = ", a fifth: PER ([0-9.]+)"
	)
	return []report.Figure{
		testFigure("entities_uner", "text/models/train", "TestEvaluateNames", "UNER-EWT"+names, 58,
			"a fifth of the dev split by a model of the rest; prose 33.8 on the test split"),
		testFigure("entities_wnut", "text/models/train", "TestEvaluateNames", "WNUT17"+names, 30,
			"a fifth of the train split by a model of the rest; prose 20.3 on the test split"),
		testFigure("persons_uner", "text/models/train", "TestEvaluateNames", "UNER-EWT"+persons, 38.9,
			"as above; the goal is prose on the test split"),
		testFigure("persons_wnut", "text/models/train", "TestEvaluateNames", "WNUT17"+persons, 30.4,
			"as above; the goal is prose on the test split"),
		testFigure("sentiment_tweets", "text", "TestEvaluateSentiment", "sentiment_tweets r ([0-9.]+)", 87,
			"fifths by models of the rest; govader 87.3, all at once"),
	}
}

// testFigure is a number that a test of a package prints.
func testFigure(name, pkg, test, pattern string, goal float64, note string) report.Figure {
	measure := func(m *report.Meter) ([]float64, error) {
		if _, err := textFile("uner-ewt-dev.iob2"); err != nil {
			return nil, err // the test would skip
		}
		out, err := testOutput(pkg, test)
		if err != nil {
			return nil, err
		}
		found := regexp.MustCompile(pattern).FindSubmatch(out)
		if found == nil {
			return nil, fmt.Errorf("%s prints nothing like %q", test, pattern)
		}
		value, err := strconv.ParseFloat(string(found[1]), 64)
		m.Note("%s", note)
		return []float64{100 * value}, err
	}
	return report.Figure{Name: "text/" + name, Unit: "%", Goal: report.AtLeast(goal), Measure: measure}
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
