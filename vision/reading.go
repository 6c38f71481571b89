package vision

import (
	"image"
	"math"
	"strings"
)

// Reading is the text of a picture.
type Reading struct {
	// Text has the text of all lines. Those that stand side by side in one row are
	// joined by a space, rows by a newline.
	Text string `json:"text"`

	// Lines are in the order in which they are read: along their common direction,
	// column by column where there are columns of running text, else row by row.
	Lines []TextLine `json:"lines,omitempty"`
}

// TextLine is a line of text, or the part of one up to a wide gap. Positions are as
// in [Face].
type TextLine struct {
	Text    string          `json:"text"`    // its words, joined by spaces; never empty
	Score   float64         `json:"score"`   // mean probability of its characters, 0 to 1
	Corners [4]Point        `json:"corners"` // around the line, clockwise from where its text begins at the top
	Box     image.Rectangle `json:"box"`     // around the corners, cut at the picture's edge
	Words   []TextWord      `json:"words"`   // as they are read
}

// TextWord is a part of a line between two spaces. Where it begins and ends is told
// from the columns in which the model saw its characters, so within about half a
// character.
type TextWord struct {
	Text    string          `json:"text"`    // without a space
	Score   float64         `json:"score"`   // mean probability of its characters, 0 to 1
	Corners [4]Point        `json:"corners"` // as those of the line, and as high
	Box     image.Rectangle `json:"box"`     // around the corners, cut at the picture's edge
}

// readLine is a line with its place in the picture, counted from its corner.
type readLine struct {
	frame lineFrame
	words []wordSpan
}

// reading makes the result of lines in a picture of the given bounds.
func reading(lines []readLine, bounds image.Rectangle) Reading {
	frames := make([]lineFrame, len(lines))
	for i, l := range lines {
		frames[i] = l.frame
	}
	var r Reading
	var rows []string
	for _, row := range readingRows(frames) {
		var parts []string
		for _, i := range row {
			line := lines[i].result(bounds)
			r.Lines = append(r.Lines, line)
			parts = append(parts, line.Text)
		}
		rows = append(rows, strings.Join(parts, " "))
	}
	r.Text = strings.Join(rows, "\n")
	return r
}

func (l readLine) result(bounds image.Rectangle) TextLine {
	line := TextLine{Score: l.score()}
	line.Corners, line.Box = l.frame.within(bounds)
	texts := make([]string, len(l.words))
	for i, w := range l.words {
		word := TextWord{Text: w.text, Score: w.score}
		word.Corners, word.Box = l.frame.part(w.from, w.to).within(bounds)
		line.Words = append(line.Words, word)
		texts[i] = w.text
	}
	line.Text = strings.Join(texts, " ")
	return line
}

// score is the mean of the characters, 0 if there are none.
func (l readLine) score() float64 {
	sum, n := 0.0, 0
	for _, w := range l.words {
		sum += w.score * float64(w.characters)
		n += w.characters
	}
	return sum / float64(max(n, 1))
}

// within returns the corners of a frame in a picture of the given bounds, and the box
// around them.
func (f lineFrame) within(bounds image.Rectangle) ([4]Point, image.Rectangle) {
	corners := f.corners()
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for i, c := range corners {
		c.X = min(max(c.X, 0), float64(bounds.Dx())) + float64(bounds.Min.X)
		c.Y = min(max(c.Y, 0), float64(bounds.Dy())) + float64(bounds.Min.Y)
		corners[i] = c
		x0, y0, x1, y1 = min(x0, c.X), min(y0, c.Y), max(x1, c.X), max(y1, c.Y)
	}
	box := image.Rect(int(math.Floor(x0)), int(math.Floor(y0)), int(math.Ceil(x1)), int(math.Ceil(y1)))
	return corners, box
}
