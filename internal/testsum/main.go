// Command testsum reads the output of go test -json on standard input and prints
// what a reader wants: the output of every failed test and package, every skip
// with its reason, a line a package, and at the end the totals of all tests,
// subtests included. It exits with 1 if anything failed or no test ran.
//
//	go test -json ./... | go run ./internal/testsum
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// event is one line of go test -json, see go doc cmd/test2json.
type event struct {
	Action, Package, ImportPath, Test, Output string
	Elapsed                                   float64
}

// summary is what the events add up to.
type summary struct {
	passed, failed, skipped int
	output                  map[string]*strings.Builder // by package and test, until it ends
	broken                  bool                        // a package failed, perhaps without a test of its own
}

func main() {
	s := summary{output: map[string]*strings.Builder{}}
	if err := s.read(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "testsum:", err)
		os.Exit(1)
	}
	fmt.Printf("\n%d passed, %d failed, %d skipped\n", s.passed, s.failed, s.skipped)
	if s.failed > 0 || s.broken || s.passed == 0 {
		os.Exit(1)
	}
}

// read prints as it goes, so that a run that hangs shows where.
func (s *summary) read(r io.Reader, w io.Writer) error {
	in := bufio.NewReader(r)
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 0 {
			var e event
			if json.Unmarshal(line, &e) == nil {
				s.add(e, w)
			} else {
				fmt.Fprintf(w, "%s", line) // not ours, but nothing is hidden
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (s *summary) add(e event, w io.Writer) {
	pkg := cmp.Or(e.Package, e.ImportPath)
	key := pkg + "\x00" + e.Test
	switch e.Action {
	case "output", "build-output":
		if s.output[key] == nil {
			s.output[key] = new(strings.Builder)
		}
		s.output[key].WriteString(e.Output)
		return
	case "build-fail":
		s.broken = true
		fmt.Fprint(w, s.text(key))
		return
	case "pass", "fail", "skip":
	default:
		return
	}
	if e.Test == "" {
		s.endPackage(e, w, key)
		return
	}
	switch e.Action {
	case "pass":
		s.passed++
	case "fail":
		s.failed++
		fmt.Fprintf(w, "FAIL  %s %s\n%s", pkg, e.Test, s.text(key))
	case "skip":
		s.skipped++
		fmt.Fprintf(w, "skip  %s %s: %s\n", pkg, e.Test, reason(s.text(key)))
	}
	delete(s.output, key)
}

func (s *summary) endPackage(e event, w io.Writer, key string) {
	text := s.text(key)
	switch {
	case e.Action == "fail":
		s.broken = true
		fmt.Fprintf(w, "FAIL  %s %.1fs\n%s%s", e.Package, e.Elapsed, text, s.unfinished(e.Package))
	case strings.Contains(text, "[no test files]"):
	default:
		fmt.Fprintf(w, "ok    %s %.1fs\n", e.Package, e.Elapsed)
	}
	delete(s.output, key)
}

// unfinished returns the output of tests that had begun when their package died,
// of a panic or a timeout.
func (s *summary) unfinished(pkg string) string {
	var keys []string
	for key := range s.output {
		if strings.HasPrefix(key, pkg+"\x00") && key != pkg+"\x00" {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	var b strings.Builder
	for _, key := range keys {
		b.WriteString(s.text(key))
	}
	return b.String()
}

func (s *summary) text(key string) string {
	if b := s.output[key]; b != nil {
		return b.String()
	}
	return ""
}

// reason returns what a test said before it skipped, without go test's frame.
func reason(output string) string {
	var said []string
	for line := range strings.Lines(output) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "===") && !strings.HasPrefix(line, "---") {
			said = append(said, line)
		}
	}
	return cmp.Or(strings.Join(said, " "), "no reason given")
}
