package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/quintet-ai/quintet/internal/report"
)

// textFigures are those of package text and its sub-packages. Those of languages are
// last: lingua-go's tables stay on the heap and make each collection after them dear.
func textFigures() []report.Figure {
	return slices.Concat(
		textSpeedFigures(),
		textDocumentFigures(),
		attackFigures(),
		textAccuracyFigures(),
		textTestFigures(),
		languageFigures(),
	)
}

// textFile reads a file of the evaluation data, or says that it is not there.
func textFile(name string) (string, error) {
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "data", "text", name))
	if errors.Is(err, fs.ErrNotExist) {
		return "", report.Skip("no " + name)
	}
	return string(data), err
}

// contender does a task on a part of a text, over and over.
type contender struct {
	name string
	size float64 // what one call of work gets through, in the figure's unit
	work func()
}

// perSecond returns by round what the first contender gets through in a second, and
// notes the others beside it.
func perSecond(m *report.Meter, all ...contender) []float64 {
	bodies := make([]func(n int), len(all))
	for i, c := range all {
		bodies[i] = func(n int) {
			for range n {
				c.work()
			}
		}
	}
	var notes []string
	var ours []float64
	for i, times := range m.Times(bodies...) {
		for j, ns := range times {
			times[j] = all[i].size / ns * 1e9
		}
		if i == 0 {
			ours = times
			continue
		}
		notes = append(notes, fmt.Sprintf("%s %.3g", all[i].name, middle(times)))
	}
	m.Note("%s", strings.Join(notes, ", "))
	return ours
}

// megabytes is the size of texts for a figure in MB/s.
func megabytes(texts ...string) float64 { return float64(len(strings.Join(texts, ""))) / 1e6 }

// mixed is the English that services see: mostly ASCII, with an abbreviation, numbers,
// addresses, curly quotes and an emoji.
const mixed = `Prof. Anna Lindqvist took over the harbour office in 2021, and the ferries have run on time ever since. At
5.45 every morning she walks the 1,400-metre quay; at night she reads the day's log. “Nobody thanks you,” she says,
“but nobody's late either.” The timetable is at https://example.org/ferries?season=winter, and it is free to copy.

In March the fog came. Was it the cold current, or the new dam? Nobody could say... until a deckhand, Tom Reyes,
saw the same thing 60 km up the coast! Complaints? Write to quay@example.org or tell @ferrywatch. ⛴️ #onthewater
`

// treebankParts are the texts of the development split of UD English-EWT, in parts of
// about 600 bytes.
func treebankParts() ([]string, error) {
	docs, err := treebank(nil, false)
	if err != nil {
		return nil, err
	}
	var parts []string
	for _, d := range docs {
		for body := d.body; body != ""; {
			end := len(body)
			if end > 700 {
				end = 600 + strings.IndexAny(body[600:]+" ", " \n")
			}
			parts, body = append(parts, body[:end]), strings.TrimSpace(body[end:])
		}
	}
	return slices.DeleteFunc(parts, func(s string) bool { return len(s) < 500 }), nil
}
