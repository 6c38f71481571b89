package main

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"html"

	"github.com/quintet-ai/quintet/optimize"
)

const (
	width    = 1200 // of the picture, in pixels
	rowLabel = 190  // left of the bars
	rowPitch = 22
)

// timeline draws a run: a row for each operator, a bar for each step, from left to
// right in the order of time. Hovering over a bar tells the step.
func timeline(got optimize.Inspection) []byte {
	rows := map[string]int{}
	end := 1.0
	at := 0.0
	starts := make([]float64, len(got.Steps))
	for i, s := range got.Steps {
		if _, ok := rows[s.Op]; !ok {
			rows[s.Op] = len(rows)
		}
		starts[i] = at // best times of single steps, one behind the other
		at += float64(s.Took)
		end = max(end, at)
	}
	height := rowPitch*len(rows) + 40
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">`, width, height)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="white"/>`+"\n", width, height)
	for op, row := range rows {
		y := row*rowPitch + 10
		fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="end">%s</text>`, rowLabel-8, y+13, html.EscapeString(op))
		fmt.Fprintf(&b, `<line x1="%d" x2="%d" y1="%d" y2="%d" stroke="#eee"/>`+"\n", rowLabel, width-10, y+18, y+18)
	}
	scale := float64(width-rowLabel-10) / end
	for i, s := range got.Steps {
		fmt.Fprintf(&b, `<rect x="%.2f" y="%d" width="%.2f" height="16" fill="%s" stroke="white" stroke-width="0.5"><title>%s %s %s µs</title></rect>`+"\n",
			rowLabel+starts[i]*scale, rows[s.Op]*rowPitch+10, max(float64(s.Took)*scale, 0.5), colour(s.Op),
			html.EscapeString(s.Op), html.EscapeString(s.Node), micros(s.Took))
	}
	fmt.Fprintf(&b, `<text x="%d" y="%d">0</text><text x="%d" y="%d" text-anchor="end">%.2f ms</text></svg>`+"\n",
		rowLabel, height-8, width-10, height-8, end/1e6)
	return b.Bytes()
}

// colour gives every operator its own.
func colour(op string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(op)) // never fails
	return fmt.Sprintf("hsl(%d 60%% 55%%)", h.Sum32()%360)
}
