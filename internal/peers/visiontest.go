package main

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strconv"

	"github.com/quintet-ai/quintet/internal/report"
)

// visionTestFigures are numbers that tests of package vision print.
func visionTestFigures() (out []report.Figure) {
	const lines = "TestEvaluateReaderOnRenderedLines"
	of := func(set string) string { return `(?s)=== RUN +` + lines + `/` + set + `\n.*?wrong: ([0-9.]+) %` }
	for _, t := range []struct {
		name, unit, test, pattern string
		goal                      report.Goal
	}{
		{"objects_persons", "", "TestEvaluateObjectsOfCenterNet", `: ([0-9]+) of [0-9]+ persons`, report.AtLeast(46)},
		{"objects_others", "", "TestEvaluateObjectsOfCenterNet", `face, ([0-9]+) other objects`, report.AtMost(11)},
		{"objects_right", "", "TestEvaluateObjectsInPhotographs", `: ([0-9]+) objects right`, report.AtLeast(18)},
		{"objects_wrong", "", "TestEvaluateObjectsInPhotographs", `right, ([0-9]+) wrong`, report.AtMost(2)},
		{"reader_pictures", "%", "TestEvaluateReaderOnPrintedText", `wrong: ([0-9.]+) %`, report.AtLeast(99.5)},
		{"reader_clean_go", "%", lines, of("clean,_Go_fonts"), report.AtLeast(99.5)},
		{"reader_clean_debian", "%", lines, of("clean,_Debian_fonts"), report.AtLeast(99.5)},
		{"reader_hard_go", "%", lines, of("hard,_Go_fonts"), report.AtLeast(97)},
		{"reader_hard_debian", "%", lines, of("hard,_Debian_fonts"), report.AtLeast(97)},
	} {
		out = append(out, report.Figure{Name: "vision/" + t.name, Unit: t.unit, Goal: t.goal,
			Measure: func(*report.Meter) ([]float64, error) { return printedNumber(t.test, t.pattern) }})
	}
	return out
}

// printedNumber runs a test of package vision, unless it has run, and finds a number
// in what it prints. Without data or models such tests skip.
func printedNumber(test, pattern string) ([]float64, error) {
	if err := os.Setenv("QUINTET_READER_ALL", "yes"); err != nil { // not a fourth of the lines
		return nil, err
	}
	out, err := testOutput("vision", test)
	if err != nil {
		return nil, err
	}
	if found := regexp.MustCompile(pattern).FindSubmatch(out); found != nil {
		v, err := strconv.ParseFloat(string(found[1]), 64)
		return []float64{v}, err
	}
	if bytes.Contains(out, []byte("--- SKIP")) {
		return nil, report.Skip(test + " skips")
	}
	return nil, fmt.Errorf("%s prints nothing like %q", test, pattern)
}
